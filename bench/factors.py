"""The plain way to factorise layers, for bench/quantize: truncated singular values of the weights, and nothing repaired.

Each layer becomes what a report of `mlc factorize` says, of the same kind and ranks, by the weights alone: without samples, and
without what comes before it. The products stand in the float model, which computes what the smaller layers would.
"""
from __future__ import annotations

import json

import numpy as np
import onnx
from onnx import numpy_helper


def low_rank(matrix: np.ndarray, rank: int) -> np.ndarray:
    """The nearest matrix of that rank; of several matrices each by itself."""
    u, s, v = np.linalg.svd(matrix.astype(np.float64), full_matrices=False)
    return (u[..., :rank] * s[..., None, :rank]) @ v[..., :rank, :]


def factorized(weights: np.ndarray, kind: str, ranks: list[int]) -> np.ndarray:
    """Weights, rows first, as a product of that kind."""
    rows, channels = weights.shape[:2]
    if kind == "low-rank":
        return low_rank(weights.reshape(rows, -1), ranks[0]).reshape(weights.shape)
    if kind == "spatial":
        columns = weights.transpose(1, 2, 0, 3)  # c, y, o, x
        whole = low_rank(columns.reshape(channels * weights.shape[2], -1), ranks[0])
        return whole.reshape(columns.shape).transpose(2, 0, 1, 3)
    if kind == "depthwise":
        each = weights.reshape(rows, channels, -1).transpose(1, 0, 2)
        return low_rank(each, ranks[0]).transpose(1, 0, 2).reshape(weights.shape)
    # Tucker: on to the leading singular vectors of both sides.
    flat = weights.reshape(rows, channels, -1).astype(np.float64)
    first = np.linalg.svd(flat.transpose(1, 0, 2).reshape(channels, -1), full_matrices=False)[0][:, : ranks[0]]
    last = np.linalg.svd(flat.reshape(rows, -1), full_matrices=False)[0][:, : ranks[1]]
    return np.einsum("op,rp,rct,cq,dq->odt", last, last, flat, first, first, optimize=True).reshape(weights.shape)


def factorize_plainly(source: str, report: str, target: str) -> None:
    model = onnx.load(source)
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    nodes = {name: node for node in model.graph.node for name in (node.name, *node.output) if name}
    with open(report) as file:
        layers = json.load(file)["layers"]
    for layer in layers:
        if "kind" not in layer:
            continue
        node = nodes[layer["name"]]
        tensor = constants[node.input[1]]
        weights = numpy_helper.to_array(tensor)
        is_first = node.op_type == "Conv" or any(item.name == "transB" and item.i for item in node.attribute)
        made = factorized(weights if is_first else weights.T, layer["kind"], layer["ranks"]).astype(np.float32)
        tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(made if is_first else made.T), tensor.name))
    onnx.save(model, target)
