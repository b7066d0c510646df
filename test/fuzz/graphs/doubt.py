"""Nodes whose answer onnxruntime's C++ leaves open, whatever it gives: signed integers of 32 and 64 bits that overflow.

They wrap, saturate or give the least number, by operator, vector width and number of elements. That is seen by how large
the sums, products and powers on the way may become in any order: what magnitudes of all operands give, in f64. Narrower
integers are computed in 32 bits and cut, unsigned ones wrap: both are defined, and compared.
"""
from __future__ import annotations

import numpy as np
import onnx

SIGNED = (np.dtype(np.int32), np.dtype(np.int64))


def attribute(node: onnx.NodeProto, name: str, default):
    return next((onnx.helper.get_attribute_value(a) for a in node.attribute if a.name == name), default)


def magnitudes(node: onnx.NodeProto, read: dict[str, np.ndarray]) -> list[np.ndarray]:
    return [np.abs(read[name].astype(np.float64)) for name in node.input if name]


def added(node, read):
    return sum(magnitudes(node, read))


def multiplied(node, read):
    return np.prod(np.broadcast_arrays(*magnitudes(node, read)), axis=0)


def raised(node, read):
    base, exponent = (read[name].astype(np.float64) for name in node.input)
    return np.power(np.abs(base), exponent)


def axes_of(node, read) -> tuple[int, ...] | None:
    """Reduced axes; None for all."""
    axes = attribute(node, "axes", [])
    if len(node.input) > 1 and node.input[1]:
        axes = read[node.input[1]].tolist()
    if not len(axes):
        return () if attribute(node, "noop_with_empty_axes", 0) else None
    return tuple(axes)


def reduced(function):
    """The sum of `function` of the magnitudes of operand 0."""
    return lambda node, read: np.sum(function(magnitudes(node, read)[0]), axis=axes_of(node, read))


def product(node, read):
    # Zeros come last: what is multiplied before them counts.
    return np.prod(np.maximum(magnitudes(node, read)[0], 1), axis=axes_of(node, read))


def cumulated(node, read):
    values, axis = magnitudes(node, read)[0], int(read[node.input[1]].ravel()[0])
    return np.sum(values, axis=axis)


def scattered(node, read):
    """All updates may meet in one place."""
    data, updates = (np.abs(read[node.input[i]].astype(np.float64)) for i in (0, 2))
    how = attribute(node, "reduction", b"none")
    if how == b"add":
        return data + np.sum(updates)
    return np.maximum(data, 1) * np.prod(np.maximum(updates, 1)) if how == b"mul" else data


SUM, SQUARES = reduced(lambda x: x), reduced(np.square)
BOUNDS = {
    "Add": added, "Sub": added, "Sum": added, "Mul": multiplied, "Pow": raised, "ReduceSum": SUM, "ReduceMean": SUM,
    "ReduceL1": SUM, "ReduceLogSum": SUM, "ReduceLogSumExp": reduced(lambda x: 2 * x), "ReduceSumSquare": SQUARES,
    "ReduceL2": SQUARES, "ReduceProd": product, "CumSum": cumulated, "ScatterElements": scattered, "ScatterND": scattered,
}


def overflows(node: onnx.NodeProto, read: dict[str, np.ndarray]) -> bool:
    """Whether a signed integer may have been too large on the way to the node's result."""
    bound = BOUNDS.get(node.op_type)
    if not bound or node.domain or read[node.input[0]].dtype not in SIGNED:
        return False
    limit = float(np.iinfo(read[node.input[0]].dtype).max)
    try:
        with np.errstate(all="ignore"):
            largest = np.asarray(bound(node, read))
    except ValueError:
        return False  # operands that do not broadcast: onnxruntime refuses them
    # Not less: infinity and NaN, too.
    return not bool(np.all(largest < limit))
