"""ONNX models of one kernel each, with weights, for bench/shape."""
from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Graph:
    """Nodes in a row: each takes the last one's result."""

    def __init__(self, shape: list[int]):
        self.shape, self.last = list(shape), "x"
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)]
        self.random = np.random.RandomState(1)

    def add(self, kind: str, *others: str, shape: list[int] | None = None, **attributes) -> str:
        result = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, [self.last, *others], [result], **attributes))
        self.last, self.shape = result, list(shape or self.shape)
        return result

    def constant(self, shape: list[int]) -> str:
        name = f"c{len(self.constants)}"
        values = self.random.standard_normal(shape).astype("f4")
        self.constants.append(numpy_helper.from_array(values, name))
        return name

    def bytes(self, shape: list[int]) -> str:
        name = f"c{len(self.constants)}"
        values = self.random.randint(-127, 128, shape).astype("i1")
        self.constants.append(numpy_helper.from_array(values, name))
        return name

    def number(self, value: float, kind: str) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.array(value, kind), name))
        return name

    def input(self, name: str, shape: list[int]) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        return name

    def model(self) -> onnx.ModelProto:
        result = helper.make_tensor_value_info(self.last, TensorProto.FLOAT, self.shape)
        graph = helper.make_graph(self.nodes, "shape", self.inputs, [result], self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


def windows(graph: Graph, kernel: int, stride: int, channels: int) -> dict:
    """Attributes of a sliding window padded by half of it, and the shape of its result."""
    size = (graph.shape[2] + 2 * (kernel // 2) - kernel) // stride + 1
    pads = [kernel // 2] * 4
    shape = [1, channels, size, size]
    return {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "pads": pads, "shape": shape}


def convolution(graph: Graph, case: dict) -> None:
    channels, groups, kernel = case["out"], case.get("groups", 1), case["kernel"]
    weights = graph.constant([channels, case["in"] // groups, kernel, kernel])
    attributes = windows(graph, kernel, case.get("stride", 1), channels)
    graph.add("Conv", weights, graph.constant([channels]), group=groups, **attributes)


def quantized_convolution(graph: Graph, case: dict) -> None:
    """Bytes, made of floats and made floats again at the edges."""
    channels, kernel = case["out"], case["kernel"]
    attributes = windows(graph, kernel, case.get("stride", 1), channels)
    shape = attributes.pop("shape")
    scale, zero = graph.number(0.05, "f4"), graph.number(128, "u1")
    graph.add("QuantizeLinear", scale, zero)
    weights = graph.bytes([channels, case["in"], kernel, kernel])
    graph.add(
        "QLinearConv", scale, zero, weights, graph.number(0.01, "f4"), graph.number(0, "i1"), scale, zero,
        shape=shape, **attributes,
    )
    graph.add("DequantizeLinear", scale, zero)


def fully_connected(graph: Graph, case: dict) -> None:
    graph.add("Gemm", graph.constant([case["in"], case["out"]]), graph.constant([case["out"]]), shape=[1, case["out"]])


def pool(kind: str):
    def add(graph: Graph, case: dict) -> None:
        graph.add(kind, **windows(graph, case["kernel"], case["stride"], case["in"]))

    return add


def global_pool(graph: Graph, case: dict) -> None:
    graph.add("GlobalAveragePool", shape=[1, case["in"], 1, 1])


def silu(graph: Graph) -> None:
    value = graph.last
    graph.add("Sigmoid")
    graph.add("Mul", value)


def residual(graph: Graph) -> None:
    graph.add("Add", graph.input("residual", graph.shape))
    graph.add("Relu")


KERNELS = {
    "convolution": convolution,
    "quantised convolution": quantized_convolution,
    "fully connected": fully_connected,
    "max pool": pool("MaxPool"),
    "average pool": pool("AveragePool"),
    "global pool": global_pool,
}
EPILOGUES = {
    "none": lambda graph: None,
    "relu": lambda graph: graph.add("Relu"),
    "silu": silu,
    "hardswish": lambda graph: graph.add("HardSwish"),
    "gelu": lambda graph: graph.add("Gelu"),
    "residual": residual,
}


def build(case: dict, epilogue: str) -> onnx.ModelProto:
    """The kernel that a row of shape.json describes."""
    size = case.get("size")
    graph = Graph([1, case["in"], size, size] if size else [1, case["in"]])
    KERNELS[case["kind"]](graph, case)
    EPILOGUES[epilogue](graph)
    return graph.model()
