"""ONNX networks as PyTorch modules, for engines that take nothing else: float networks of one input, with static shapes.

What depends on constants and shapes alone is computed while importing, by ONNX's reference implementation; the rest becomes
calls of PyTorch, recorded while the network runs once.
"""
from __future__ import annotations

from typing import Callable

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

Tensor = torch.Tensor
Attributes = dict


class Unsupported(Exception):
    """A node that has no row in the table below."""


def split_pads(pads: list[int]) -> tuple[list[int], list[int]]:
    """Symmetric padding of a window, and what F.pad has to add before."""
    half = len(pads) // 2
    begin, end = pads[:half], pads[half:]
    if begin == end:
        return begin, []
    return [0] * half, [p for pair in zip(reversed(begin), reversed(end)) for p in pair]


def convolution(x: Tensor, w: Tensor, b: Tensor | None = None, *, a: Attributes) -> Tensor:
    rank = w.dim() - 2
    pads, before = split_pads(a.get("pads", [0] * 2 * rank))
    x = F.pad(x, before) if before else x
    strides, dilations = a.get("strides", [1] * rank), a.get("dilations", [1] * rank)
    return F.conv2d(x, w, b, strides, pads, dilations, a.get("group", 1))


def max_pool(x: Tensor, *, a: Attributes) -> Tensor:
    pads, before = split_pads(a.get("pads", [0] * 4))
    x = F.pad(x, before, value=float("-inf")) if before else x
    return F.max_pool2d(x, a["kernel_shape"], a["strides"], pads, ceil_mode=bool(a.get("ceil_mode", 0)))


def sums_of(x: Tensor, count: int, axis: int) -> Tensor:
    """Sums of `count` neighbours along an axis; ExecuTorch has no pooling in three dimensions."""
    length = x.shape[axis] - count + 1
    return sum((x.narrow(axis, i, length) for i in range(1, count)), x.narrow(axis, 0, length))


def average_pool(x: Tensor, *, a: Attributes) -> Tensor:
    pads, before = split_pads(a.get("pads", [0] * 4))
    if before:
        raise Unsupported("AveragePool with unequal pads")
    ceil, count = bool(a.get("ceil_mode", 0)), bool(a.get("count_include_pad", 0))
    size = a["kernel_shape"]
    if len(size) == 3 and size[1:] == [1, 1] and not any(pads) and set(a["strides"]) == {1}:
        return sums_of(x, size[0], 2) / size[0]
    if len(size) != 2:
        raise Unsupported(f"AveragePool of a window of {len(size)} dimensions")
    return F.avg_pool2d(x, size, a["strides"], pads, ceil, count)


def gemm(x: Tensor, w: Tensor, c: Tensor | None = None, *, a: Attributes) -> Tensor:
    if a.get("alpha", 1) != 1 or a.get("beta", 1) != 1 or a.get("transA", 0):
        raise Unsupported("Gemm with factors or a transposed input")
    return F.linear(x, w if a.get("transB", 0) else w.t().contiguous(), c)


def normalization(x: Tensor, scale: Tensor, b: Tensor, mean: Tensor, variance: Tensor, *, a: Attributes) -> Tensor:
    return F.batch_norm(x, mean, variance, scale, b, eps=a.get("epsilon", 1e-5))


def clip(x: Tensor, low: float | None = None, high: float | None = None, *, a: Attributes) -> Tensor:
    return torch.clamp(x, low, high)


def cut(x: Tensor, starts: list, ends: list, axes: list, steps: list | None = None, *, a: Attributes) -> Tensor:
    if set(steps or [1]) != {1}:
        raise Unsupported("Slice with steps")
    for start, end, axis in zip(starts, ends, axes):
        size = x.shape[axis]
        start, end = (min(max(v + size if v < 0 else v, 0), size) for v in (start, end))
        x = x.narrow(axis, start, end - start)
    return x


def pad(x: Tensor, pads: list, value: float | None = None, *, a: Attributes) -> Tensor:
    rank = len(pads) // 2
    pairs = [p for i in reversed(range(rank)) for p in (pads[i], pads[i + rank])]
    return F.pad(x, pairs, value=value or 0.0)


def reshape(x: Tensor, shape: list, *, a: Attributes) -> Tensor:
    return x.reshape([x.shape[i] if size == 0 else size for i, size in enumerate(shape)])


def gather(x: Tensor, index: Tensor, *, a: Attributes) -> Tensor:
    if index.dim() != 1:
        raise Unsupported("Gather with an index that is no vector")
    return torch.index_select(x, a.get("axis", 0), index)


def normalize_across(x: Tensor, *, a: Attributes) -> Tensor:
    size = a["size"]
    padded = F.pad(x * x, [0, 0, 0, 0, (size - 1) // 2, size // 2])
    scale = a.get("bias", 1.0) + a.get("alpha", 1e-4) / size * sums_of(padded, size, 1)
    return x * scale ** -a.get("beta", 0.75)


# Operator -> (inputs and attributes -> result).
OPERATORS: dict[str, Callable[..., Tensor]] = {
    "Add": lambda x, y, a: x + y,
    "AveragePool": average_pool,
    "BatchNormalization": normalization,
    "Clip": clip,
    "Concat": lambda *xs, a: torch.cat(xs, a["axis"]),
    "Conv": convolution,
    "Div": lambda x, y, a: x / y,
    "Flatten": lambda x, a: torch.flatten(x, a.get("axis", 1)),
    "Gather": gather,
    "Gemm": gemm,
    "GlobalAveragePool": lambda x, a: F.adaptive_avg_pool2d(x, 1),
    "HardSigmoid": lambda x, a: torch.clamp(x * a.get("alpha", 0.2) + a.get("beta", 0.5), 0.0, 1.0),
    "HardSwish": lambda x, a: F.hardswish(x),
    "Identity": lambda x, a: x,
    "LRN": normalize_across,
    "MaxPool": max_pool,
    "Mul": lambda x, y, a: x * y,
    "Pad": pad,
    "Pow": lambda x, y, a: x ** y,
    "Relu": lambda x, a: torch.relu(x),
    "Reshape": reshape,
    "Sigmoid": lambda x, a: torch.sigmoid(x),
    "Slice": cut,
    "Softmax": lambda x, a: torch.softmax(x, a.get("axis", -1)),
    "Squeeze": lambda x, axes, a: torch.squeeze(x, tuple(axes)),
    "Transpose": lambda x, a: x.permute(a["perm"]),
}


# Their constants are numbers of the program, not tensors.
HOST = {"Clip", "Pad", "Reshape", "Slice", "Squeeze"}


class Network(torch.nn.Module):
    """Steps in order; each takes values of earlier ones and constants by name, and lists of numbers as they are."""

    def __init__(self, input_name: str, output_name: str):
        super().__init__()
        self.input_name, self.output_name = input_name, output_name
        self.steps: list[tuple[Callable[..., Tensor], list, Attributes, str]] = []
        self.constants: dict[str, str] = {}

    def add_constant(self, name: str, value: np.ndarray) -> None:
        if name not in self.constants:
            self.constants[name] = f"constant{len(self.constants)}"
            self.register_buffer(self.constants[name], torch.from_numpy(np.array(value)))

    def apply_step(self, step: tuple, values: dict[str, Tensor]) -> Tensor:
        operator, inputs, attributes, _ = step
        return operator(*[self.operand(name, values) for name in inputs], a=attributes)

    def operand(self, name: str | float | list, values: dict[str, Tensor]) -> Tensor | float | list | None:
        if not isinstance(name, str):
            return name
        if not name:
            return None
        return values[name] if name in values else getattr(self, self.constants[name])

    def forward(self, x: Tensor) -> Tensor:
        values = {self.input_name: x}
        for step in self.steps:
            values[step[3]] = self.apply_step(step, values)
        return values[self.output_name]


class Importer:
    def __init__(self, model: onnx.ModelProto, x: Tensor):
        self.model = model
        self.constants = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
        name = next(v.name for v in model.graph.input if v.name not in self.constants)
        self.network = Network(name, model.graph.output[0].name)
        self.values = {name: x}
        self.run(model.graph)

    def run(self, graph: onnx.GraphProto) -> None:
        self.constants |= {t.name: numpy_helper.to_array(t) for t in graph.initializer}
        for node in graph.node:
            self.add(node)

    def add(self, node: onnx.NodeProto) -> None:
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        if node.op_type == "If":
            self.take_branch(node, attributes)
        elif node.op_type == "Shape" and node.input[0] in self.values:
            shape = list(self.values[node.input[0]].shape)
            self.constants[node.output[0]] = np.array(shape[attributes.get("start", 0) : attributes.get("end")], "i8")
        elif all(name in self.constants for name in node.input if name):
            self.fold(node)
        else:
            self.record(node, attributes)

    def take_branch(self, node: onnx.NodeProto, attributes: Attributes) -> None:
        branch = attributes["then_branch" if self.constants[node.input[0]] else "else_branch"]
        self.run(branch)
        for inner, outer in zip(branch.output, node.output):
            self.add(helper.make_node("Identity", [inner.name], [outer]))

    def fold(self, node: onnx.NodeProto) -> None:
        feeds = {name: self.constants[name] for name in node.input if name}
        inputs = [onnx.ValueInfoProto(name=name) for name in feeds]
        graph = helper.make_graph([node], "one", inputs, [onnx.ValueInfoProto(name=name) for name in node.output])
        model = helper.make_model(graph, opset_imports=self.model.opset_import)
        for name, value in zip(node.output, ReferenceEvaluator(model).run(None, feeds)):
            self.constants[name] = np.asarray(value)

    def record(self, node: onnx.NodeProto, attributes: Attributes) -> None:
        if node.op_type not in OPERATORS:
            raise Unsupported(node.op_type)
        inputs: list = list(node.input)
        for i, name in enumerate(inputs):
            if name in self.constants and node.op_type in HOST:
                inputs[i] = self.constants[name].tolist()
            elif name in self.constants:
                self.network.add_constant(name, self.constants[name])
        step = (OPERATORS[node.op_type], inputs, attributes, node.output[0])
        self.network.steps.append(step)
        self.values[node.output[0]] = self.network.apply_step(step, self.values)


def load(path: str, x: np.ndarray) -> Network:
    """The network in a file, for inputs shaped as `x`."""
    with torch.no_grad():
        return Importer(onnx.load(path), torch.from_numpy(x)).network.eval()
