"""Small .tflite files: tensors and operators one after the other, and LiteRT's reference kernels on them.

    file = File()
    x = file.input("x", [1, 8], np.int8, 0.1, 3)
    y = file.tensor("y", [1, 8], np.int8, 0.2, -4)
    file.op("ADD", [x, x], [y], schema.AddOptionsT())
    (result,) = run(file.finish(), [array])
"""
import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

TYPES = {
    np.dtype(np.float32): schema.TensorType.FLOAT32,
    np.dtype(np.int32): schema.TensorType.INT32,
    np.dtype(np.uint8): schema.TensorType.UINT8,
    np.dtype(np.int64): schema.TensorType.INT64,
    np.dtype(np.int16): schema.TensorType.INT16,
    np.dtype(np.int8): schema.TensorType.INT8,
}


class File:
    """A model that grows. Results that no operator reads are its outputs."""

    def __init__(self) -> None:
        self.graph = schema.SubGraphT()
        self.graph.tensors, self.graph.operators, self.graph.inputs, self.graph.outputs = [], [], [], []
        self.model = schema.ModelT()
        self.model.version, self.model.description = 3, "mlc"
        self.model.buffers, self.model.operatorCodes = [schema.BufferT()], []
        self.model.subgraphs = [self.graph]
        self.codes = {}

    def tensor(self, name: str, shape, dtype, scale=None, zero=0, data=None, axis: int = 0) -> int:
        """The index of a new tensor; one scale, one for each index of `axis`, or none."""
        t = schema.TensorT()
        t.name, t.shape, t.type, t.buffer = name, np.array(shape, np.int32), TYPES[np.dtype(dtype)], 0
        if scale is not None:
            t.quantization = schema.QuantizationParametersT()
            t.quantization.scale = np.atleast_1d(np.asarray(scale, np.float32))
            zeros = np.broadcast_to(np.asarray(zero, np.int64), t.quantization.scale.shape)
            t.quantization.zeroPoint = np.array(zeros)
            t.quantization.quantizedDimension = axis
        if data is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(data, dtype).tobytes(), np.uint8)
            t.buffer = len(self.model.buffers)
            self.model.buffers.append(buffer)
        self.graph.tensors.append(t)
        return len(self.graph.tensors) - 1

    def input(self, name: str, shape, dtype, scale=None, zero=0) -> int:
        self.graph.inputs.append(self.tensor(name, shape, dtype, scale, zero))
        return self.graph.inputs[-1]

    def const(self, data, scale=None, zero=0, axis: int = 0) -> int:
        data = np.asarray(data)
        return self.tensor(f"c{len(self.graph.tensors)}", data.shape, data.dtype, scale, zero, data, axis)

    def op(self, kind: str, inputs, outputs, options=None, version: int = 1) -> int:
        """Operator `kind` of the schema's BuiltinOperator; its first result."""
        if (kind, version) not in self.codes:
            code = schema.OperatorCodeT()
            code.builtinCode = getattr(schema.BuiltinOperator, kind)
            code.deprecatedBuiltinCode = min(code.builtinCode, 127)
            code.version = version
            self.codes[kind, version] = len(self.model.operatorCodes)
            self.model.operatorCodes.append(code)
        op = schema.OperatorT()
        op.opcodeIndex, op.inputs, op.outputs = self.codes[kind, version], list(inputs), list(outputs)
        if options is not None:
            op.builtinOptionsType = getattr(schema.BuiltinOptions, type(options).__name__[:-1])
            op.builtinOptions = options
        self.graph.operators.append(op)
        return op.outputs[0]

    def finish(self) -> bytes:
        read = {i for op in self.graph.operators for i in op.inputs}
        self.graph.outputs = [i for op in self.graph.operators for i in op.outputs if i not in read]
        builder = flatbuffers.Builder(1024)
        builder.Finish(self.model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def options(kind: str, **fields):
    """An options table of the schema: options("Conv2D", strideW=1)."""
    table = getattr(schema, kind + "OptionsT")()
    for name, value in fields.items():
        assert hasattr(table, name), f"{kind} has no {name}"
        setattr(table, name, value)
    return table


def interpreter(content: bytes, keep_all: bool = False) -> Interpreter:
    """Reference kernels, with no delegate."""
    made = Interpreter(model_content=content, experimental_op_resolver_type=OpResolverType.BUILTIN_REF,
                       experimental_preserve_all_tensors=keep_all, num_threads=1)
    made.allocate_tensors()
    return made


def run(content: bytes, inputs) -> list[np.ndarray]:
    """The outputs of the reference kernels."""
    made = interpreter(content)
    for detail, value in zip(made.get_input_details(), inputs):
        made.set_tensor(detail["index"], value)
    made.invoke()
    return [made.get_tensor(detail["index"]) for detail in made.get_output_details()]
