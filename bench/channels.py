"""The plain way to remove channels, for bench/quantize: filters of least L1 norm, and nothing repaired.

As many of each group go as in a report of `mlc prune --pattern=channels`, by the sum of magnitudes over the layers that give them
(Li et al., Pruning Filters for Efficient ConvNets, 2017). They are made zero, which computes what the smaller model would.
"""
from __future__ import annotations

import json

import numpy as np
import onnx
from onnx import numpy_helper


class Weights:
    """Constants of a model, seen by the rows of its layers."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.constants = {tensor.name: tensor for tensor in model.graph.initializer}
        self.nodes = {name: node for node in model.graph.node for name in (node.name, *node.output) if name}
        self.readers = {name: node for node in model.graph.node for name in node.input}

    def set_zero(self, name: str, axis: int, gone: np.ndarray) -> None:
        array = numpy_helper.to_array(self.constants[name]).copy()
        np.moveaxis(array, axis, 0)[gone] = 0
        self.constants[name].CopyFrom(numpy_helper.from_array(array, name))

    @staticmethod
    def axis(node: onnx.NodeProto) -> int:
        """Of the rows of a layer's weights."""
        is_first = node.op_type == "Conv" or any(item.name == "transB" and item.i for item in node.attribute)
        return 0 if is_first else 1

    def norms(self, node: onnx.NodeProto) -> np.ndarray:
        """By row."""
        rows = np.moveaxis(numpy_helper.to_array(self.constants[node.input[1]]), self.axis(node), 0)
        return np.abs(rows).reshape(len(rows), -1).sum(1)

    def drop(self, node: onnx.NodeProto, gone: np.ndarray) -> None:
        """Rows, their biases, and what a BatchNormalization behind them adds."""
        self.set_zero(node.input[1], self.axis(node), gone)
        biases = list(node.input[2:3])
        behind = self.readers.get(node.output[0])
        if behind is not None and behind.op_type == "BatchNormalization":
            biases += behind.input[1:3]
        elif behind is not None and behind.op_type == "Add":
            biases += [name for name in behind.input if name in self.constants]
        for name in biases:
            if numpy_helper.to_array(self.constants[name]).shape == gone.shape:
                self.set_zero(name, 0, gone)


def prune_by_magnitude(source: str, report: str, target: str) -> None:
    model = onnx.load(source)
    weights = Weights(model)
    with open(report) as file:
        groups = json.load(file)["groups"]
    for group in groups:
        norms = np.zeros(group["channels"])
        layers = [(weights.nodes[layer["name"]], np.array(layer["outputs"])) for layer in group["layers"]]
        for node, channels in layers:
            np.add.at(norms, channels[channels >= 0], weights.norms(node)[channels >= 0])
        count = group["channels"] - len(group["left"])
        gone = np.zeros(group["channels"], bool)
        gone[np.argsort(norms, kind="stable")[:count]] = True
        for node, channels in layers:
            weights.drop(node, (channels >= 0) & gone[channels])
    onnx.save(model, target)
