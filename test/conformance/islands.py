"""A family of the grid between DequantizeLinear and QuantizeLinear: operators that onnxruntime computes in floats there.

Each input has all bytes, in each channel, and scales and zero points are odd, so that a formula that rounds once more or less
shows.
"""
from __future__ import annotations

import itertools

import numpy as np
from onnx import helper

from extremes import scalings

CHANNELS = 23


def surround(nodes: list, inputs: dict, weights: dict) -> tuple[list, dict, dict]:
    """`nodes` from fa (and fb) to f, with what makes floats of a (and b) and bytes of f."""
    before = [helper.make_node("DequantizeLinear", [n, f"{n}s", f"{n}z"], [f"f{n}"]) for n in inputs]
    return [*before, *nodes, helper.make_node("QuantizeLinear", ["f", "rs", "rz"], ["y"])], inputs, weights


def channel_maps(rng_of) -> list:
    """BatchNormalization, and constants for each channel added, subtracted, multiplied, divided by and as slopes."""
    points = []
    ops = ("BatchNormalization", "Add", "Sub", "Mul", "Div", "PRelu", "Left", "Both")
    for op, kind, relu, seed in itertools.product(ops, [np.uint8, np.int8], [0, 1], range(3)):
        name = f"channelmap_{op.lower()}_{np.dtype(kind).name}_r{relu}_{seed}"
        rng, every = rng_of(name), np.arange(256).astype(np.uint8).view(kind)
        weights = {k: v for k, v in scalings(rng, kind, "Add", exact=False).items() if k[0] != "b"}
        per_channel = rng.standard_normal([CHANNELS, 1]).astype("f")
        result = "g" if relu else "f"
        if op == "BatchNormalization":
            weights.update({n: rng.standard_normal(CHANNELS).astype("f") for n in ("scale", "offset", "mean")})
            weights["variance"] = np.exp(rng.standard_normal(CHANNELS)).astype("f")
            nodes = [helper.make_node(op, ["fa", "scale", "offset", "mean", "variance"], [result], epsilon=1e-3)]
        elif op == "Left":
            weights["c"] = per_channel
            nodes = [helper.make_node("Sub", ["c", "fa"], [result])]
        elif op == "Both":
            weights.update(c=per_channel, d=rng.standard_normal([CHANNELS, 1]).astype("f"))
            nodes = [helper.make_node("Mul", ["fa", "c"], ["h"]), helper.make_node("Add", ["h", "d"], [result])]
        else:
            weights["c"] = per_channel
            nodes = [helper.make_node(op, ["fa", "c"], [result])]
        if relu:
            nodes.append(helper.make_node("Relu", ["g"], ["f"]))
        points.append((name, *surround(nodes, {"a": np.tile(every, (1, CHANNELS, 1))}, weights)))
    return points


def extremes_of_two(rng_of) -> list:
    """Max and Min of all pairs of bytes, with one scale and with three."""
    points = []
    for op, kind, alike in itertools.product(["Max", "Min"], [np.uint8, np.int8], [0, 1]):
        name = f"extremesoftwo_{op.lower()}_{np.dtype(kind).name}_{'alike' if alike else 'apart'}"
        rng, every = rng_of(name), np.arange(256).astype(np.uint8).view(kind)
        weights = scalings(rng, kind, op, exact=False)
        if alike:
            weights.update({f"{n}{k}": weights[f"a{k}"] for n in "br" for k in "sz"})
        nodes = [helper.make_node(op, ["fa", "fb"], ["f"])]
        points.append((name, *surround(nodes, {"a": every.reshape(256, 1), "b": every}, weights)))
    return points


def reductions(rng_of) -> list:
    """ReduceMax, ReduceMin, ReduceSum and ReduceMean of bytes over neighbouring and other dimensions."""
    points = []
    ops = ("ReduceMax", "ReduceMin", "ReduceSum", "ReduceMean")
    for op, kind, axes, keep in itertools.product(ops, [np.uint8, np.int8], [[1], [0, 2], [2]], [0, 1]):
        name = f"storedreduction_{op.lower()}_{np.dtype(kind).name}_{''.join(map(str, axes))}_k{keep}"
        rng = rng_of(name)
        bounds = np.iinfo(kind)
        weights = {k: v for k, v in scalings(rng, kind, op, exact=False).items() if k[0] != "b"}
        x = rng.randint(bounds.min, bounds.max + 1, [3, 17, 5]).astype(kind)
        attributes = {"keepdims": keep}
        names = ["fa"]
        if op == "ReduceSum":
            weights["axes"] = np.int64(axes)
            names.append("axes")
        else:
            attributes["axes"] = axes
        points.append((name, *surround([helper.make_node(op, names, ["f"], **attributes)], {"a": x}, weights)))
    return points


def scaled_averages(rng_of) -> list:
    """Averages of what is divided or multiplied by a number, as behind a HardSwish in parts."""
    points = []
    ops = ("GlobalAveragePool", "AveragePool", "ReduceMean")
    for op, kind, by, seed in itertools.product(ops, [np.uint8, np.int8], ["Div", "Mul"], range(2)):
        name = f"scaledaverage_{op.lower()}_{np.dtype(kind).name}_{by.lower()}_{seed}"
        rng = rng_of(name)
        bounds = np.iinfo(kind)
        weights = {k: v for k, v in scalings(rng, kind, "Add", exact=False).items() if k[0] != "b"}
        weights["c"] = np.float32(rng.uniform(0.3, 3))
        weights["rs"] = np.float32(weights["as"] / 2)
        attributes = {"AveragePool": {"kernel_shape": [3, 2], "strides": [1, 2]}, "ReduceMean": {"axes": [1, 3]}}.get(op, {})
        nodes = [helper.make_node(by, ["fa", "c"], ["g"]), helper.make_node(op, ["g"], ["f"], **attributes)]
        x = rng.randint(bounds.min, bounds.max + 1, [2, 9, 7, 6]).astype(kind)
        points.append((name, *surround(nodes, {"a": x}, weights)))
    return points


def stored_transposed(rng_of) -> list:
    """ConvTranspose of bytes: strides, dilations, groups, a scale for the tensor or for each output channel, a bias or none."""
    points = []
    for kind, stride, dilation, group, each in itertools.product([np.uint8, np.int8], [1, 2, 3], [1, 2], [1, 2], [0, 1]):
        name = f"storedtransposed_{np.dtype(kind).name}_s{stride}_d{dilation}_g{group}_{'channels' if each else 'tensor'}"
        rng = rng_of(name)
        bounds = np.iinfo(kind)
        weights = {"as": np.float32(0.021), "az": kind(rng.randint(bounds.min, bounds.max + 1)),
                   "rs": np.float32(0.37), "rz": kind((int(bounds.min) + int(bounds.max)) // 2)}
        outputs = 3
        weights["w"] = rng.randint(-127, 128, [4, outputs, 3, 2]).astype(np.int8)
        size = [outputs] if each else []
        weights["ws"] = rng.uniform(0.005, 0.02, size).astype("f")
        weights["wz"] = np.zeros(size, np.int8)
        axis = {"axis": 1} if each else {}
        nodes = [helper.make_node("DequantizeLinear", ["w", "ws", "wz"], ["fw"], **axis)]
        operands = ["fa", "fw"]
        if dilation == 1:
            weights["c"] = rng.randint(-900, 900, outputs * group).astype(np.int32)
            weights["cs"] = np.float32(weights["as"] * np.tile(weights["ws"], group) if each else weights["as"] * weights["ws"])
            nodes.append(helper.make_node("DequantizeLinear", ["c", "cs"], ["fc"], **({"axis": 0} if each else {})))
            operands.append("fc")
        nodes.append(helper.make_node("ConvTranspose", operands, ["f"], strides=[stride, 2], dilations=[1, dilation], group=group,
                                      pads=[1, 0, 1, 1], kernel_shape=[3, 2]))
        x = rng.randint(bounds.min, bounds.max + 1, [2, 4, 7, 5]).astype(kind)
        points.append((name, *surround(nodes, {"a": x}, weights)))
    return points


FAMILIES = (channel_maps, extremes_of_two, reductions, scaled_averages, stored_transposed)
