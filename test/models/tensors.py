"""Tensors: element types, quantised values, sparse and external storage."""

import numpy as np
from onnx import TensorProto, helper

from build import (BF16, BOOL, F16, F32, F64, I32, I64, U8, Files, const, graph, model, node, random, simple, valid, value,
                   weights)


def _stored_as(name, tensor):
    """x * w, where w is stored in another type and cast to f32."""
    return simple(name, [node("Cast", "w", "wf", to=F32), node("MatMul", "x wf", "y")],
                  [value("x", [1, 4])], [value("y", [1, 3])], [tensor])


def _computed_in(name, dtype, array):
    """Everything in one type: y = relu(x * w)."""
    return simple(name, [node("MatMul", "x w", "m"), node("Relu", "m", "y")],
                  [value("x", [1, 4], dtype)], [value("y", [1, 3], dtype)], [const("w", array)])


@valid
def weights_f16():
    """Weights stored in f16 and cast to f32: folded into f32 constants."""
    return _stored_as("weights_f16", const("w", random("w", 4, 3, dtype=np.float16)))


@valid
def weights_bf16():
    """Weights stored in bf16 (raw, two bytes each) and cast to f32."""
    upper_half = (random("w", 4, 3).view(np.uint32) >> 16).astype("<u2")  # exact: 7 bits are enough for these
    return _stored_as("weights_bf16", helper.make_tensor("w", BF16, [4, 3], upper_half.tobytes(), raw=True))


@valid
def weights_f64():
    """Weights stored in f64 and cast to f32."""
    return _stored_as("weights_f64", const("w", random("w", 4, 3, dtype=np.float64)))


@valid
def weights_typed_fields():
    """Weights in the typed fields instead of raw bytes: float_data, f16 bits in int32_data, int64_data."""
    half = random("h", 3, dtype=np.float16)
    return simple("weights_typed_fields", [
        node("Cast", "h", "hf", to=F32), node("Cast", "i", "if", to=F32), node("Sum", "x f hf if", "y")],
        [value("x", [3])], [value("y", [3])],
        [helper.make_tensor("f", F32, [3], [0.5, -1.0, 2.0]), helper.make_tensor("h", F16, [3], half),
         helper.make_tensor("i", I64, [3], [1, -2, 3])])


@valid
def compute_f16():
    """A model whose inputs, outputs and arithmetic are f16."""
    return _computed_in("compute_f16", F16, random("w", 4, 3, dtype=np.float16))


@valid
def compute_f64():
    """A model whose inputs, outputs and arithmetic are f64."""
    return _computed_in("compute_f64", F64, random("w", 4, 3, dtype=np.float64))


@valid
def io_types():
    """int64 indices in, bool and uint8 out: the header's types are those of the model."""
    return simple("io_types", [
        node("Gather", "table i", "g"), node("Greater", "g zero", "above"), node("Cast", "above", "byte", to=U8)],
        [value("i", [5], I64)], [value("above", [5], BOOL), value("byte", [5], U8)],
        [weights("table", 7), const("zero", 0, np.float32)])


@valid
def sparse_initializer():
    """A matrix as sparse_initializer in both of ONNX's index forms: linear, and one row of coordinates an element."""
    def sparse(name, indices, shape):
        values = const(name, [0.5, -1.0, 2.0], np.float32)
        return helper.make_sparse_tensor(values, const(f"{name}_indices", indices, np.int64), shape)
    body = graph("sparse_initializer", [node("MatMul", "x a", "m"), node("MatMul", "m b", "y")],
                 [value("x", [1, 4])], [value("y", [1, 4])],
                 sparse_initializer=[sparse("a", [1, 6, 15], [4, 4]), sparse("b", [[0, 3], [2, 1], [3, 0]], [4, 4])])
    return model(body)


def _per_channel(name, array):
    """(int8 weights, scales, zero points) of each output channel."""
    scales = np.abs(array).reshape(len(array), -1).max(axis=1) / np.float32(127)
    steps = np.rint(array / scales.reshape(-1, *[1] * (array.ndim - 1))).astype(np.int8)
    return [const(f"{name}_q", steps), const(f"{name}_s", scales.astype(np.float32)),
            const(f"{name}_z", np.zeros(len(array), np.int8))]


@valid
def qdq_conv():
    """A convolution between DequantizeLinear and QuantizeLinear, int8 weights per channel, uint8 activations, int32
    bias: integers all the way."""
    kernel = _per_channel("w", random("w", 4, 2, 3, 3))
    scales = np.frombuffer(kernel[1].raw_data, np.float32)
    return simple("qdq_conv", [
        node("QuantizeLinear", "x xs xz", "xq"), node("DequantizeLinear", "xq xs xz", "xd"),
        node("DequantizeLinear", "w_q w_s w_z", "wd", axis=0), node("DequantizeLinear", "b bs bz", "bd", axis=0),
        node("Conv", "xd wd bd", "c", pads=[1, 1, 1, 1]), node("Relu", "c", "r"),
        node("QuantizeLinear", "r ys yz", "yq"), node("DequantizeLinear", "yq ys yz", "y")],
        [value("x", [1, 2, 5, 5])], [value("y", [1, 4, 5, 5])],
        [*kernel, const("xs", 1 / 64, np.float32), const("xz", 128, np.uint8), const("b", [100, -200, 0, 50], np.int32),
         const("bs", scales / np.float32(64)), const("bz", np.zeros(4, np.int32)),
         const("ys", 1 / 16, np.float32), const("yz", 3, np.uint8)])


@valid
def qlinear_conv():
    """QLinearConv with uint8 input and output and weights per channel: the operator form of the same arithmetic."""
    return simple("qlinear_conv", [node("QLinearConv", "x xs xz w_q w_s w_z ys yz b", "y", pads=[1, 1, 1, 1])],
                  [value("x", [1, 2, 5, 5], U8)], [value("y", [1, 4, 5, 5], U8)],
                  [*_per_channel("w", random("w", 4, 2, 3, 3)), const("xs", 1 / 64, np.float32),
                   const("xz", 128, np.uint8), const("ys", 1 / 16, np.float32), const("yz", 128, np.uint8),
                   const("b", [100, -200, 0, 50], np.int32)])


@valid
def qdq_gemm():
    """A quantised fully connected layer, per tensor, int8 on both sides."""
    return simple("qdq_gemm", [
        node("QuantizeLinear", "x xs xz", "xq"), node("DequantizeLinear", "xq xs xz", "xd"),
        node("DequantizeLinear", "w ws wz", "wd"), node("Gemm", "xd wd", "g", transB=1),
        node("QuantizeLinear", "g ys yz", "yq"), node("DequantizeLinear", "yq ys yz", "y")],
        [value("x", [1, 8])], [value("y", [1, 4])],
        [const("w", np.rint(random("w", 4, 8) * 127).astype(np.int8)), const("ws", 1 / 127, np.float32),
         const("wz", 0, np.int8), const("xs", 1 / 32, np.float32), const("xz", -5, np.int8),
         const("ys", 1 / 16, np.float32), const("yz", 2, np.int8)])


@valid
def weights_int4():
    """Weights of 4 bits, two to a byte and an odd number of them: signed per row, unsigned with a zero point, and cast."""
    signed = helper.make_tensor("w", TensorProto.INT4, [3, 5], [i - 8 for i in range(15)])
    unsigned = helper.make_tensor("b", TensorProto.UINT4, [3], [15, 0, 9])
    return simple("weights_int4", [
        node("DequantizeLinear", "w ws", "wd", axis=0), node("DequantizeLinear", "b bs bz", "bd"),
        node("Cast", "b", "c", to=F32), node("Gemm", "x wd bd", "g", transB=1), node("Mul", "g c", "y")],
        [value("x", [2, 5])], [value("y", [2, 3])],
        [signed, const("ws", [0.5, 0.25, 0.125], np.float32), unsigned, const("bs", 0.5, np.float32),
         helper.make_tensor("bz", TensorProto.UINT4, [], [7])], opset=25)


@valid
def padded_pads():
    """Pads that are a table with another around it, as an exporter writes them for SpaceToBatch."""
    return simple("padded_pads", [
        node("Pad", "table around", "wide"), node("Transpose", "wide", "turned", perm=[1, 0]), node("Reshape", "turned flat", "pads"),
        node("Pad", "x pads", "y")],
        [value("x", [2, 3])], [value("y", [2, 6])],
        [const("table", [[1, 2]], np.int64), const("around", [1, 0, 0, 0], np.int64), const("flat", [-1], np.int64)])


@valid
def negative_scales():
    """Scales below zero, as blocks have whose largest weight is the least integer: of a product's weights, of a convolution's
    between bytes, and of what a maximum is taken."""
    blocks = helper.make_tensor("w1", TensorProto.INT4, [32, 6], [i * 7 % 16 - 8 for i in range(192)])
    constants = {"s1": (random("s1", 2, 6) + 0.1) / 8, "s2": [0.01, -0.02, 0.005, -0.0075, 0.0125], "si": 0.02, "sn": -0.02, "sr": 0.0625}
    nodes = [node("DequantizeLinear", "w1 s1", "d1", axis=0, block_size=16), node("MatMul", "x d1", "y"),
             node("DequantizeLinear", "i si zi", "di"), node("DequantizeLinear", "w2 s2 z2", "d2", axis=0),
             node("Conv", "di d2", "c"), node("Relu", "c", "r"), node("QuantizeLinear", "r sr zr", "q"),
             node("DequantizeLinear", "i sn zi", "dn"), node("MaxPool", "dn", "m", kernel_shape=[2, 2]),
             node("QuantizeLinear", "m sr zr", "n")]
    return simple("negative_scales", nodes, [value("x", [3, 32]), value("i", [1, 4, 5, 5], U8)],
                  [value("y", [3, 6]), value("q", [1, 5, 3, 3], U8), value("n", [1, 4, 4, 4], U8)],
                  [blocks, *(const(k, v, np.float32) for k, v in constants.items()), const("z2", np.zeros(5), np.int8),
                   const("w2", np.rint(random("w2", 5, 4, 3, 3) * 100), np.int8), const("zi", 121, np.uint8),
                   const("zr", 5, np.uint8)], opset=21)


def external(name, location, length=48, offset=None):
    """x * w with w's bytes in the file `location`."""
    tensor = TensorProto(name="w", data_type=F32, dims=[4, 3], data_location=TensorProto.EXTERNAL)
    fields = {"location": location, "offset": offset, "length": length}
    for key, field in fields.items():
        if field is not None:
            tensor.external_data.add(key=key, value=str(field))
    return simple(name, [node("MatMul", "x w", "y")], [value("x", [1, 4])], [value("y", [1, 3])], [tensor])


@valid
def external_data():
    """Weights in a file beside the model, at an offset; found from any working folder."""
    data = b"\xff" * 16 + random("w", 4, 3).astype("<f4").tobytes()
    return Files(external("external_data", "external_data.bin", offset=16), {"external_data.bin": data})


@valid
def integer_functions():
    """Means of integers are cut towards zero, powers with a real exponent are exact, Shrink compares reals."""
    return simple("integer_functions", [
        node("ReduceMean", "i", "mean", axes=[1], keepdims=0), node("ReduceLogSumExp", "i", "lse", axes=[1], keepdims=0),
        node("ReduceL2", "i", "norm", axes=[1], keepdims=0), node("Pow", "n e", "power"), node("Pow", "n h", "root"),
        node("Shrink", "u", "near", lambd=-0.25, bias=0.5), node("Shrink", "i", "far", lambd=1.5, bias=0.5)],
        [value("i", [4, 3], I32), value("n", [5], I32), value("u", [3], U8)],
        [value("mean", [4], I32), value("lse", [4], I32), value("norm", [4], I32), value("power", [5], I32),
         value("root", [5], I32), value("near", [3], U8), value("far", [4, 3], I32)],
        [const("e", 5, np.float32), const("h", 0.5, np.float32)])


@valid
def without_elements():
    """Tensors without elements through what moves elements, and a sum over nothing."""
    return simple("without_elements", [
        node("Transpose", "x", "t", perm=[1, 0]), node("Reshape", "x shape", "r", allowzero=1), node("Gather", "y none", "g"),
        node("Compress", "y never", "c", axis=0), node("Concat", "y c", "joined", axis=0),
        node("SpaceToDepth", "z", "s", blocksize=2), node("ReduceSum", "x one", "sum", keepdims=0)],
        [value("x", [3, 0]), value("y", [2, 4]), value("z", [1, 4, 0, 0])],
        [value("t", [0, 3]), value("r", [0, 5]), value("g", [0, 4]), value("joined", [2, 4]),
         value("s", [1, 16, 0, 0]), value("sum", [3])],
        [const("shape", [0, 5], np.int64), const("none", [], np.int64), const("never", [False, False]),
         const("one", [1], np.int64)])
