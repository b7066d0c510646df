"""A quantised .tflite file as ONNX in QDQ form: the same integers, scales and zero points, one operator after the other.

    model = convert(content)              # an onnx.ModelProto; ValueError names what has no converter

Tensors keep TFLite's layout, channels last; operators that ONNX has channels first for stand between transpositions. What ONNX
does not say, the arithmetic of the result, is mlc's --arithmetic=tflite.
"""
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from onnx import ModelProto, TensorProto, checker, helper, numpy_helper

OPSET = 21
NAMES = {value: name for name, value in vars(schema.BuiltinOperator).items() if not name.startswith("_")}
DTYPES = {schema.TensorType.FLOAT32: np.float32, schema.TensorType.INT32: np.int32, schema.TensorType.UINT8: np.uint8,
          schema.TensorType.INT64: np.int64, schema.TensorType.INT16: np.int16, schema.TensorType.INT8: np.int8,
          schema.TensorType.BOOL: np.bool_}
SAME = schema.Padding.SAME
Activation = schema.ActivationFunctionType


def _channels_first(rank: int) -> list[int]:
    return [0, rank - 1, *range(1, rank - 1)]


def _channels_last(rank: int) -> list[int]:
    return [0, *range(2, rank), 1]


class Converter:
    """A subgraph: stored tensors are t0, t1 ..., the numbers they stand for f0, f1 ..."""

    def __init__(self, model) -> None:
        self.model, self.graph = model, model.subgraphs[0]
        self.nodes, self.constants, self.known = [], [], {}

    # What there is -------------------------------------------------------------------------------------------------------------

    def tensor(self, i: int):
        return self.graph.tensors[i]

    def shape(self, i: int) -> list[int]:
        shape = self.tensor(i).shape
        return [] if shape is None else [int(d) for d in shape]

    def dtype(self, i: int):
        return np.dtype(DTYPES[self.tensor(i).type])

    def data(self, i: int):
        """The constant, or None."""
        data = self.model.buffers[self.tensor(i).buffer].data
        if data is None or len(data) == 0:
            return None
        return np.frombuffer(bytes(data), self.dtype(i)).reshape(self.shape(i))

    def is_quantised(self, i: int) -> bool:
        q = self.tensor(i).quantization
        return q is not None and q.scale is not None and len(q.scale) > 0

    def scales(self, i: int) -> np.ndarray:
        return np.asarray(self.tensor(i).quantization.scale, np.float32)

    def zeros(self, i: int) -> np.ndarray:
        return np.asarray(self.tensor(i).quantization.zeroPoint).astype(self.dtype(i))

    # What is made --------------------------------------------------------------------------------------------------------------

    def const(self, array, dtype=None) -> str:
        self.constants.append(numpy_helper.from_array(np.array(array, dtype), f"c{len(self.constants)}"))
        return self.constants[-1].name

    def node(self, kind: str, inputs: list[str], name: str = "", **attributes) -> str:
        name = name or f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name + "_" + kind, **attributes))
        return name

    def dequantized(self, stored: str, scale, zero, axis: int) -> str:
        one = len(scale) == 1
        parameters = [self.const(scale[0] if one else scale), self.const(zero[0] if one else zero)]
        return self.node("DequantizeLinear", [stored, *parameters], **({} if one else {"axis": axis}))

    def stored(self, i: int) -> str:
        if i not in self.known:
            data = self.data(i)
            self.known[i] = f"t{i}" if data is None else self.const(data)
        return self.known[i]

    def number(self, i: int) -> str:
        """The tensor as floats."""
        key = ("f", i)
        if not self.is_quantised(i) or self.dtype(i) == np.float32:
            return self.stored(i)
        if key not in self.known:
            axis = int(self.tensor(i).quantization.quantizedDimension)
            self.known[key] = self.dequantized(self.stored(i), self.scales(i), self.zeros(i), axis)
        return self.known[key]

    def end(self, v: str, i: int) -> None:
        """Result `i` of an operator is the number `v`."""
        if self.is_quantised(i) and self.dtype(i) != np.float32:
            parameters = [self.const(self.scales(i)[0]), self.const(self.zeros(i)[0])]
            self.node("QuantizeLinear", [v, *parameters], f"t{i}")
        else:
            self.node("Identity", [v], f"t{i}")

    def activated(self, v: str, function: int) -> str:
        if function == Activation.RELU:
            return self.node("Relu", [v])
        limits = {Activation.RELU6: (0, 6), Activation.RELU_N1_TO_1: (-1, 1)}
        if function in limits:
            return self.node("Clip", [v, *(self.const(x, np.float32) for x in limits[function])])
        if function != Activation.NONE:
            raise ValueError(f"activation {function}")
        return v

    def transposed(self, v: str, order: list[int]) -> str:
        return self.node("Transpose", [v], perm=order)

    def reshaped(self, v: str, shape) -> str:
        return self.node("Reshape", [v, self.const(shape, np.int64)])

    def window(self, options, i: int, o: int, kernel: list[int], dilations: list[int]) -> dict:
        """Strides, pads and dilations of a window over height and width."""
        strides = [options.strideH, options.strideW]
        begin, end = [], []
        for d in range(2):
            reach = (kernel[d] - 1) * dilations[d] + 1
            room = (self.shape(o)[1 + d] - 1) * strides[d] + reach - self.shape(i)[1 + d]
            total = max(room, 0) if options.padding == SAME else 0
            begin.append(total // 2)
            end.append(total - total // 2)
        return {"strides": strides, "pads": begin + end, "dilations": dilations, "kernel_shape": kernel}

    def channel_weights(self, i: int, order, shape, axis: int) -> str:
        """Constant weights in ONNX' order, with scales along `axis` of it."""
        data = self.data(i)
        if data is None:
            raise ValueError("weights are computed")
        data = np.ascontiguousarray(data.transpose(order).reshape(shape))
        return self.dequantized(self.const(data), self.scales(i), self.zeros(i), axis)

    def bias(self, op, at: int, unit) -> list[str]:
        if len(op.inputs) <= at or op.inputs[at] < 0:
            return []
        i = int(op.inputs[at])
        zero = np.zeros(len(unit), np.int32)
        data = self.data(i)
        if data is not None and data.dtype == np.int64:  # of 16-bit activations
            if np.abs(data).max() >= 2**31:
                raise ValueError("a bias of 64 bits")
            return [self.dequantized(self.const(data.astype(np.int32)), unit, zero, 0)]
        return [self.dequantized(self.stored(i), unit, zero, 0)]

    def unit(self, x: int, w: int) -> np.ndarray:
        """What a sum of products is in units of."""
        return (self.scales(x)[0] * self.scales(w)).astype(np.float32)

    # Operators -----------------------------------------------------------------------------------------------------------------

    def conv_2d(self, op) -> None:
        x, w, o = int(op.inputs[0]), int(op.inputs[1]), int(op.outputs[0])
        options, (filters, kh, kw, depth) = op.builtinOptions, self.shape(w)
        window = self.window(options, x, o, [kh, kw], [options.dilationHFactor, options.dilationWFactor])
        weights = self.channel_weights(w, [0, 3, 1, 2], [filters, depth, kh, kw], 0)
        v = self.transposed(self.number(x), _channels_first(4))
        v = self.node("Conv", [v, weights, *self.bias(op, 2, self.unit(x, w))], group=self.shape(x)[3] // depth, **window)
        self.end(self.activated(self.transposed(v, _channels_last(4)), options.fusedActivationFunction), o)

    def depthwise_conv_2d(self, op) -> None:
        x, w, o = int(op.inputs[0]), int(op.inputs[1]), int(op.outputs[0])
        options, (_, kh, kw, filters) = op.builtinOptions, self.shape(w)
        window = self.window(options, x, o, [kh, kw], [options.dilationHFactor, options.dilationWFactor])
        weights = self.channel_weights(w, [3, 0, 1, 2], [filters, 1, kh, kw], 0)
        v = self.transposed(self.number(x), _channels_first(4))
        v = self.node("Conv", [v, weights, *self.bias(op, 2, self.unit(x, w))], group=self.shape(x)[3], **window)
        self.end(self.activated(self.transposed(v, _channels_last(4)), options.fusedActivationFunction), o)

    def transpose_conv(self, op) -> None:
        w, x, o = int(op.inputs[1]), int(op.inputs[2]), int(op.outputs[0])
        options, (filters, kh, kw, depth) = op.builtinOptions, self.shape(w)
        strides, begin, end = [options.strideH, options.strideW], [], []
        for d, kernel in enumerate([kh, kw]):
            full = (self.shape(x)[1 + d] - 1) * strides[d] + kernel
            cut = full - self.shape(o)[1 + d]
            before = max(cut, 0) // 2 if options.padding == SAME else 0
            begin.append(before)
            end.append(cut - before)
        extra = [max(-e, 0) for e in end]
        weights = self.channel_weights(w, [3, 0, 1, 2], [depth, filters, kh, kw], 1)
        v = self.transposed(self.number(x), _channels_first(4))
        v = self.node("ConvTranspose", [v, weights, *self.bias(op, 3, self.unit(x, w))], strides=strides,
                      pads=begin + [max(e, 0) for e in end], output_padding=extra, kernel_shape=[kh, kw])
        self.end(self.activated(self.transposed(v, _channels_last(4)), options.fusedActivationFunction), o)

    def fully_connected(self, op) -> None:
        x, w, o = int(op.inputs[0]), int(op.inputs[1]), int(op.outputs[0])
        units, depth = self.shape(w)
        weights = self.channel_weights(w, [0, 1], [units, depth], 0)
        v = self.reshaped(self.number(x), [-1, depth])
        v = self.node("Gemm", [v, weights, *self.bias(op, 2, self.unit(x, w))], transB=1)
        v = self.reshaped(v, self.shape(o))
        self.end(self.activated(v, op.builtinOptions.fusedActivationFunction), o)

    def batch_matmul(self, op) -> None:
        sides = []
        for i, flips in zip(op.inputs, (op.builtinOptions.adjX, op.builtinOptions.adjY)):
            rank = len(self.shape(i))
            v = self.number(int(i))
            sides.append(self.transposed(v, [*range(rank - 2), rank - 1, rank - 2]) if flips else v)
        self.end(self.node("MatMul", sides), int(op.outputs[0]))

    def pool(self, op, kind: str, **attributes) -> None:
        x, o, options = int(op.inputs[0]), int(op.outputs[0]), op.builtinOptions
        window = self.window(options, x, o, [options.filterHeight, options.filterWidth], [1, 1])
        v = self.node(kind, [self.transposed(self.number(x), _channels_first(4))], **window, **attributes)
        self.end(self.activated(self.transposed(v, _channels_last(4)), options.fusedActivationFunction), o)

    def average_pool_2d(self, op) -> None:
        self.pool(op, "AveragePool", count_include_pad=0)

    def max_pool_2d(self, op) -> None:
        self.pool(op, "MaxPool")

    def binary(self, op, kind: str) -> None:
        v = self.node(kind, [self.number(int(i)) for i in op.inputs])
        function = getattr(op.builtinOptions, "fusedActivationFunction", Activation.NONE)
        self.end(self.activated(v, function), int(op.outputs[0]))

    def unary(self, op, kind: str, **attributes) -> None:
        self.end(self.node(kind, [self.number(int(op.inputs[0]))], **attributes), int(op.outputs[0]))

    def softmax(self, op) -> None:
        v = self.number(int(op.inputs[0]))
        if op.builtinOptions.beta != 1:
            v = self.node("Mul", [v, self.const(op.builtinOptions.beta, np.float32)])
        self.end(self.node("Softmax", [v], axis=-1), int(op.outputs[0]))

    def leaky_relu(self, op) -> None:
        self.unary(op, "LeakyRelu", alpha=float(op.builtinOptions.alpha))

    def relu6(self, op) -> None:
        self.end(self.activated(self.number(int(op.inputs[0])), Activation.RELU6), int(op.outputs[0]))

    def relu_n1_to_1(self, op) -> None:
        self.end(self.activated(self.number(int(op.inputs[0])), Activation.RELU_N1_TO_1), int(op.outputs[0]))

    def gelu(self, op) -> None:
        self.unary(op, "Gelu", approximate="tanh" if op.builtinOptions.approximate else "none")

    def rsqrt(self, op) -> None:
        v = self.node("Sqrt", [self.number(int(op.inputs[0]))])
        self.end(self.node("Reciprocal", [v]), int(op.outputs[0]))

    def square(self, op) -> None:
        v = self.number(int(op.inputs[0]))
        self.end(self.node("Mul", [v, v]), int(op.outputs[0]))

    def squared_difference(self, op) -> None:
        v = self.node("Sub", [self.number(int(i)) for i in op.inputs])
        self.end(self.node("Mul", [v, v]), int(op.outputs[0]))

    def prelu(self, op) -> None:
        self.end(self.node("PRelu", [self.number(int(i)) for i in op.inputs]), int(op.outputs[0]))

    def reduce(self, op, kind: str) -> None:
        axes = self.const(np.atleast_1d(self.data(int(op.inputs[1]))), np.int64)
        v = self.node(kind, [self.number(int(op.inputs[0])), axes], keepdims=int(op.builtinOptions.keepDims))
        self.end(v, int(op.outputs[0]))

    def concatenation(self, op) -> None:
        v = self.node("Concat", [self.number(int(i)) for i in op.inputs], axis=int(op.builtinOptions.axis))
        self.end(self.activated(v, op.builtinOptions.fusedActivationFunction), int(op.outputs[0]))

    def pad(self, op) -> None:
        pads = self.const(self.data(int(op.inputs[1])).T.reshape(-1), np.int64)
        value = [self.number(int(op.inputs[2]))] if len(op.inputs) > 2 else []
        self.end(self.node("Pad", [self.number(int(op.inputs[0])), pads, *value]), int(op.outputs[0]))

    def mirror_pad(self, op) -> None:
        if op.builtinOptions.mode != schema.MirrorPadMode.REFLECT:
            raise ValueError("MIRROR_PAD is symmetric")
        pads = self.const(self.data(int(op.inputs[1])).T.reshape(-1), np.int64)
        self.end(self.node("Pad", [self.number(int(op.inputs[0])), pads], mode="reflect"), int(op.outputs[0]))

    def reshape(self, op) -> None:
        o = int(op.outputs[0])
        self.end(self.reshaped(self.number(int(op.inputs[0])), self.shape(o)), o)

    def transpose(self, op) -> None:
        order = [int(d) for d in self.data(int(op.inputs[1]))]
        self.end(self.transposed(self.number(int(op.inputs[0])), order), int(op.outputs[0]))

    def strided_slice(self, op) -> None:
        x, o, options = int(op.inputs[0]), int(op.outputs[0]), op.builtinOptions
        begin, end, step = (self.data(int(i)).astype(np.int64).copy() for i in op.inputs[1:4])
        if options.ellipsisMask or options.newAxisMask:
            raise ValueError("STRIDED_SLICE with an ellipsis or a new axis")
        for d, size in enumerate(self.shape(x)):
            bit = 1 << d
            if options.shrinkAxisMask & bit:
                at = begin[d] % size
                begin[d], end[d], step[d] = at, at + 1, 1
                continue
            if options.beginMask & bit:
                begin[d] = 0 if step[d] > 0 else size - 1
            if options.endMask & bit:
                end[d] = size if step[d] > 0 else -size - 1
        parameters = [self.const(v, np.int64) for v in (begin, end, np.arange(len(begin)), step)]
        self.end(self.reshaped(self.node("Slice", [self.number(x), *parameters]), self.shape(o)), o)

    def resize(self, op, nearest: bool) -> None:
        x, o, options = int(op.inputs[0]), int(op.outputs[0]), op.builtinOptions
        mode = "align_corners" if options.alignCorners else "half_pixel" if options.halfPixelCenters else "asymmetric"
        how = {"mode": "nearest", "nearest_mode": "round_prefer_ceil" if options.alignCorners else "floor"} if nearest else {"mode": "linear"}
        if nearest and options.halfPixelCenters:
            mode, how["nearest_mode"] = "half_pixel", "round_prefer_ceil"
        size = [self.shape(o)[d] for d in _channels_first(4)]
        v = self.transposed(self.number(x), _channels_first(4))
        v = self.node("Resize", [v, "", "", self.const(size, np.int64)], coordinate_transformation_mode=mode, **how)
        self.end(self.transposed(v, _channels_last(4)), o)

    def split(self, op) -> None:
        axis = int(self.data(int(op.inputs[0])))
        sizes = self.const([self.shape(int(o))[axis] for o in op.outputs], np.int64)
        names = [f"v{len(self.nodes)}_{k}" for k in range(len(op.outputs))]
        self.nodes.append(helper.make_node("Split", [self.number(int(op.inputs[1])), sizes], names, names[0], axis=axis))
        for name, o in zip(names, op.outputs):
            self.end(name, int(o))

    def pack(self, op) -> None:
        axis = self.const([op.builtinOptions.axis], np.int64)
        parts = [self.node("Unsqueeze", [self.number(int(i)), axis]) for i in op.inputs]
        self.end(self.node("Concat", parts, axis=int(op.builtinOptions.axis)), int(op.outputs[0]))

    def quantize(self, op) -> None:
        self.end(self.number(int(op.inputs[0])), int(op.outputs[0]))

    CONVERTERS = {
        "ABS": lambda self, op: self.unary(op, "Abs"),
        "ADD": lambda self, op: self.binary(op, "Add"),
        "AVERAGE_POOL_2D": average_pool_2d,
        "BATCH_MATMUL": batch_matmul,
        "CONCATENATION": concatenation,
        "CONV_2D": conv_2d,
        "DEPTHWISE_CONV_2D": depthwise_conv_2d,
        "DEQUANTIZE": quantize,
        "DIV": lambda self, op: self.binary(op, "Div"),
        "ELU": lambda self, op: self.unary(op, "Elu"),
        "EXP": lambda self, op: self.unary(op, "Exp"),
        "EXPAND_DIMS": reshape,
        "FULLY_CONNECTED": fully_connected,
        "GELU": gelu,
        "HARD_SWISH": lambda self, op: self.unary(op, "HardSwish"),
        "LEAKY_RELU": leaky_relu,
        "LOG": lambda self, op: self.unary(op, "Log"),
        "LOGISTIC": lambda self, op: self.unary(op, "Sigmoid"),
        "LOG_SOFTMAX": lambda self, op: self.unary(op, "LogSoftmax", axis=-1),
        "MAXIMUM": lambda self, op: self.binary(op, "Max"),
        "MAX_POOL_2D": max_pool_2d,
        "MEAN": lambda self, op: self.reduce(op, "ReduceMean"),
        "MINIMUM": lambda self, op: self.binary(op, "Min"),
        "MIRROR_PAD": mirror_pad,
        "MUL": lambda self, op: self.binary(op, "Mul"),
        "NEG": lambda self, op: self.unary(op, "Neg"),
        "PACK": pack,
        "PAD": pad,
        "PADV2": pad,
        "PRELU": prelu,
        "QUANTIZE": quantize,
        "REDUCE_MAX": lambda self, op: self.reduce(op, "ReduceMax"),
        "REDUCE_MIN": lambda self, op: self.reduce(op, "ReduceMin"),
        "RELU": lambda self, op: self.unary(op, "Relu"),
        "RELU6": relu6,
        "RELU_N1_TO_1": relu_n1_to_1,
        "RESHAPE": reshape,
        "RESIZE_BILINEAR": lambda self, op: self.resize(op, nearest=False),
        "RESIZE_NEAREST_NEIGHBOR": lambda self, op: self.resize(op, nearest=True),
        "RSQRT": rsqrt,
        "SOFTMAX": softmax,
        "SPLIT": split,
        "SQRT": lambda self, op: self.unary(op, "Sqrt"),
        "SQUARE": square,
        "SQUARED_DIFFERENCE": squared_difference,
        "SQUEEZE": reshape,
        "STRIDED_SLICE": strided_slice,
        "SUB": lambda self, op: self.binary(op, "Sub"),
        "SUM": lambda self, op: self.reduce(op, "ReduceSum"),
        "TANH": lambda self, op: self.unary(op, "Tanh"),
        "TRANSPOSE": transpose,
        "TRANSPOSE_CONV": transpose_conv,
    }

    def convert(self, keep: list[int]) -> ModelProto:
        for op in self.graph.operators:
            code = self.model.operatorCodes[op.opcodeIndex]
            name = NAMES[max(code.builtinCode, code.deprecatedBuiltinCode)]
            if name not in self.CONVERTERS:
                raise ValueError(f"operator {name}")
            self.CONVERTERS[name](self, op)
        info = lambda i: helper.make_tensor_value_info(f"t{i}", helper.np_dtype_to_tensor_dtype(self.dtype(i)), self.shape(i))
        outputs = dict.fromkeys([*(int(i) for i in self.graph.outputs), *keep])
        graph = helper.make_graph(self.nodes, "tflite", [info(int(i)) for i in self.graph.inputs], [info(i) for i in outputs], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)
        checker.check_model(model)
        return model


def convert(content: bytes, keep_all: bool = False) -> ModelProto:
    """`keep_all`: every result of an operator is an output, too."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(content, 0))
    keep = [int(o) for op in model.subgraphs[0].operators for o in op.outputs] if keep_all else []
    return Converter(model).convert(keep)
