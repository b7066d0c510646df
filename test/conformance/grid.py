"""A grid of small models over the attributes where ONNX's own suite is thin, with onnxruntime's answers.

ONNX tests convolution with six cases and grouped convolution with none. Each family below is a product of attribute
values; a point is skipped only where onnxruntime itself refuses it. Weights are initializers, as exporters write them.
"""
from __future__ import annotations

import itertools
import zlib

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

import detection
import extremes
import islands
from cases import Case

OPSET = 17
Points = list[tuple[str, list[onnx.NodeProto], dict[str, np.ndarray], dict[str, np.ndarray]]]


def rng_of(name: str) -> np.random.RandomState:
    return np.random.RandomState(zlib.crc32(name.encode()))


def normal(rng: np.random.RandomState, *shape: int) -> np.ndarray:
    return rng.standard_normal(shape).astype("f")


def spatial(rank: int) -> list[int]:
    """A small image whose sides differ, so that a swap shows."""
    return [11, 9, 7][:rank]


# group kind: (input channels, output channels, groups)
CHANNELS = {"dense": (5, 7, 1), "groups": (6, 8, 2), "depthwise": (6, 6, 6), "multiplier": (4, 12, 4), "wide": (32, 48, 1)}
PADS = {
    "valid": {},
    "pad": lambda rank: {"pads": [1] * 2 * rank},
    "uneven": lambda rank: {"pads": [0, 2, 1][:rank] + [2, 1, 0][:rank]},
    "upper": {"auto_pad": "SAME_UPPER"},
    "lower": {"auto_pad": "SAME_LOWER"},
}


def padding(kind: str, rank: int) -> dict:
    chosen = PADS[kind]
    return chosen(rank) if callable(chosen) else chosen


def convolutions() -> Points:
    """Conv over group x kernel x stride x dilation x pad x rank, every second one without a bias."""
    kernels = {1: [[1], [3], [4]], 2: [[1, 1], [3, 3], [1, 5], [4, 2]], 3: [[1, 1, 1], [3, 2, 3]]}
    points = []
    for rank, group in itertools.product([1, 2, 3], CHANNELS):
        for kernel, stride, dilation, pad in itertools.product(kernels[rank], [1, 2], [1, 2], PADS):
            if dilation > 1 and pad in ("upper", "lower") or group == "wide" and (rank == 3 or dilation > 1):
                continue
            size = "x".join(map(str, kernel))
            name = f"conv{rank}d_{group}_k{size}_s{stride}_d{dilation}_{pad}"
            rng, (inputs, outputs, groups) = rng_of(name), CHANNELS[group]
            weights = {"w": normal(rng, outputs, inputs // groups, *kernel)}
            if len(points) % 2:
                weights["b"] = normal(rng, outputs)
            node = helper.make_node("Conv", ["x", *weights], ["y"], group=groups, kernel_shape=kernel,
                                    strides=[stride] * rank, dilations=[dilation] * rank, **padding(pad, rank))
            points.append((name, [node], {"x": normal(rng, 2, inputs, *spatial(rank))}, weights))
    return points


def transposed() -> Points:
    """ConvTranspose over group x kernel x stride x dilation x output padding."""
    points = []
    for group, kernel, stride, dilation, extra in itertools.product(
        ["dense", "groups", "depthwise"], [[1, 1], [3, 3], [2, 4]], [1, 2, 3], [1, 2], [0, 1]
    ):
        if extra >= max(stride, dilation):
            continue
        name = f"convtranspose_{group}_k{kernel[0]}x{kernel[1]}_s{stride}_d{dilation}_o{extra}"
        rng, (inputs, outputs, groups) = rng_of(name), CHANNELS[group]
        weights = {"w": normal(rng, inputs, outputs // groups, *kernel), "b": normal(rng, outputs)}
        node = helper.make_node("ConvTranspose", ["x", "w", "b"], ["y"], group=groups, strides=[stride] * 2,
                                dilations=[dilation] * 2, output_padding=[extra] * 2, pads=[0, 1, 0, 0])
        points.append((name, [node], {"x": normal(rng, 1, inputs, 5, 4)}, weights))
    return points


def pools() -> Points:
    """MaxPool and AveragePool over rank x kernel x stride x pad x ceil_mode x count_include_pad."""
    points = []
    for op, rank, kernel, stride, pad, ceil, count in itertools.product(
        ["MaxPool", "AveragePool"], [1, 2, 3], [2, 3], [1, 2, 3], PADS, [0, 1], [0, 1]
    ):
        if op == "MaxPool" and count or ceil and pad in ("upper", "lower") or pad == "uneven" and kernel == 2:
            continue
        name = f"{op.lower()}{rank}d_k{kernel}_s{stride}_{pad}_c{ceil}" + ("_count" if count else "")
        extra = {"count_include_pad": 1} if count else {}
        node = helper.make_node(op, ["x"], ["y"], kernel_shape=[kernel] * rank, strides=[stride] * rank,
                                ceil_mode=ceil, **extra, **padding(pad, rank))
        points.append((name, [node], {"x": normal(rng_of(name), 2, 3, *spatial(rank))}, {}))
    return points


def products() -> Points:
    """Gemm over transposes, scales and kinds of bias; MatMul over ranks and broadcasts."""
    points = []
    biases = {"none": None, "scalar": (), "row": (7,), "column": (5, 1), "full": (5, 7)}
    for trans_a, trans_b, scaled, bias in itertools.product([0, 1], [0, 1], [0, 1], biases):
        name = f"gemm_{trans_a}{trans_b}_{'scaled' if scaled else 'plain'}_{bias}"
        rng = rng_of(name)
        weights = {"b": normal(rng, *([7, 6] if trans_b else [6, 7]))}
        if biases[bias] is not None:
            weights["c"] = normal(rng, *biases[bias])
        factors = {"alpha": 0.5, "beta": 1.5} if scaled else {}
        node = helper.make_node("Gemm", ["x", *weights], ["y"], transA=trans_a, transB=trans_b, **factors)
        points.append((name, [node], {"x": normal(rng, *([6, 5] if trans_a else [5, 6]))}, weights))
    shapes = [([6], [6]), ([6], [6, 4]), ([5, 6], [6]), ([1, 6], [6, 1]), ([17, 33], [33, 19]), ([3, 5, 6], [6, 4]),
              ([5, 6], [3, 6, 4]), ([2, 1, 5, 6], [3, 6, 4]), ([2, 3, 1, 64], [2, 3, 64, 40]), ([1, 128], [128, 100])]
    for (a, b), constant in itertools.product(shapes, [0, 1]):
        name = f"matmul_{'x'.join(map(str, a))}_{'x'.join(map(str, b))}_{'weights' if constant else 'inputs'}"
        rng = rng_of(name)
        left, right = {"x": normal(rng, *a)}, {"w": normal(rng, *b)}
        node = helper.make_node("MatMul", ["x", "w"], ["y"])
        points.append((name, [node], left if constant else {**left, **right}, right if constant else {}))
    return points


def recurrent() -> Points:
    """RNN, GRU and LSTM over direction x bias x initial state (x linear_before_reset, peepholes)."""
    gates, points = {"RNN": 1, "GRU": 3, "LSTM": 4}, []
    for op, direction, bias, state, special in itertools.product(
        gates, ["forward", "reverse", "bidirectional"], [0, 1], [0, 1], [0, 1]
    ):
        if special and (op == "RNN" or op == "LSTM" and not state):
            continue
        name = f"{op.lower()}_{direction}_b{bias}_h{state}" + ("_special" if special else "")
        rng, ways, hidden, size = rng_of(name), 2 if direction == "bidirectional" else 1, 5, 4
        rows = gates[op] * hidden
        weights = {"w": normal(rng, ways, rows, size), "r": normal(rng, ways, rows, hidden)}
        names = ["x", "w", "r", "", "", ""]
        if bias:
            weights["b"], names[3] = normal(rng, ways, 2 * rows), "b"
        inputs = {"x": normal(rng, 6, 2, size)}
        if state:
            inputs["h"], names[5] = normal(rng, ways, 2, hidden), "h"
        if op == "LSTM" and state:
            inputs["c"] = normal(rng, ways, 2, hidden)
            names.append("c")
        if op == "LSTM" and special:
            weights["p"] = normal(rng, ways, 3 * hidden)
            names.append("p")
        extra = {"linear_before_reset": 1} if op == "GRU" and special else {}
        outputs = ["y", "yh", "yc"] if op == "LSTM" else ["y", "yh"]
        node = helper.make_node(op, names, outputs, hidden_size=hidden, direction=direction, **extra)
        points.append((name, [node], inputs, weights))
    return points


def quantised() -> Points:
    """QLinearConv and QLinearMatMul over signedness, scales per tensor or channel, groups, zero points."""
    points = []
    for group, x_type, per_channel, kernel, stride in itertools.product(
        CHANNELS, [np.uint8, np.int8], [0, 1], [1, 3], [1, 2]
    ):
        name = f"qlinearconv_{group}_{np.dtype(x_type).name}_{'channel' if per_channel else 'tensor'}_k{kernel}_s{stride}"
        rng, (inputs, outputs, groups) = rng_of(name), CHANNELS[group]
        bounds = np.iinfo(x_type)
        scales = [outputs] if per_channel else []
        taps = inputs // groups * kernel * kernel
        weights = {
            "xs": np.float32(0.02), "xz": x_type(rng.randint(bounds.min, bounds.max)),
            "w": rng.randint(-127, 128, [outputs, inputs // groups, kernel, kernel]).astype(np.int8),
            "ws": rng.uniform(0.005, 0.02, scales).astype("f"), "wz": np.zeros(scales, np.int8),
            "ys": np.float32(0.03 * np.sqrt(taps)), "yz": x_type(rng.randint(bounds.min, bounds.max)),
            "b": rng.randint(-3000, 3000, [outputs]).astype(np.int32),
        }
        node = helper.make_node("QLinearConv", ["x", *weights], ["y"], group=groups, kernel_shape=[kernel] * 2,
                                strides=[stride] * 2, pads=[kernel // 2] * 4)
        x = rng.randint(bounds.min, bounds.max + 1, [2, inputs, 9, 7]).astype(x_type)
        points.append((name, [node], {"x": x}, weights))
    return points + quantised_products()


def quantised_products() -> Points:
    points = []
    for x_type, w_type, depth in itertools.product([np.uint8, np.int8], [np.uint8, np.int8], [3, 32, 200]):
        name = f"qlinearmatmul_{np.dtype(x_type).name}_{np.dtype(w_type).name}_{depth}"
        rng, x_bounds, w_bounds = rng_of(name), np.iinfo(x_type), np.iinfo(w_type)
        x_zero, w_zero = ((b.min + b.max) // 2 + rng.randint(-9, 10) for b in (x_bounds, w_bounds))
        weights = {
            "xs": np.float32(0.02), "xz": x_type(x_zero),
            "w": rng.randint(w_bounds.min, w_bounds.max + 1, [depth, 9]).astype(w_type),
            "ws": np.float32(0.01), "wz": w_type(w_zero),
            "ys": np.float32(0.02 * np.sqrt(depth)), "yz": x_type(rng.randint(x_bounds.min, x_bounds.max)),
        }
        node = helper.make_node("QLinearMatMul", ["x", *weights], ["y"])
        x = rng.randint(x_bounds.min, x_bounds.max + 1, [5, depth]).astype(x_type)
        points.append((name, [node], {"x": x}, weights))
    return points


def averages() -> Points:
    """1x1 convolutions in front of averages, which change places where that saves products."""
    points = []
    for bias, (inputs, outputs, groups), count, pad, ceil, stride in itertools.product(
        [0, 1], [(32, 48, 1), (8, 24, 2)], [0, 1], [0, 1], [0, 1], [1, 2]
    ):
        name = f"average_{outputs}_b{bias}_c{count}_p{pad}_ceil{ceil}_s{stride}"
        rng = rng_of(name)
        weights = {"w": normal(rng, outputs, inputs // groups, 1, 1)}
        if bias:
            weights["b"] = normal(rng, outputs)
        nodes = [
            helper.make_node("Conv", ["x", *weights], ["v"], group=groups, kernel_shape=[1, 1]),
            helper.make_node("AveragePool", ["v"], ["y"], kernel_shape=[2, 3], strides=[stride, stride], ceil_mode=ceil,
                             count_include_pad=count, pads=[pad, pad, 0, pad]),
        ]
        points.append((name, nodes, {"x": normal(rng, 2, inputs, 11, 10)}, weights))
    return points


FAMILIES = (convolutions, transposed, pools, products, recurrent, quantised, averages)


def options(exact: bool) -> onnxruntime.SessionOptions:
    """With `exact`, onnxruntime adds no products of bytes in 16 bits, which saturate, where an x86 CPU has no VNNI."""
    chosen = onnxruntime.SessionOptions()
    chosen.log_severity_level = 4
    chosen.intra_op_num_threads = 1
    if exact:
        chosen.add_session_config_entry("session.x64quantprecision", "1")
    return chosen


def reference(model: onnx.ModelProto, inputs: dict[str, np.ndarray]) -> list[np.ndarray] | None:
    """onnxruntime's outputs; nothing where it knows no such model."""
    for exact in True, False:  # of some operators it has no kernel for what exactness makes of them
        try:
            session = onnxruntime.InferenceSession(
                model.SerializeToString(), options(exact), providers=["CPUExecutionProvider"]
            )
            return session.run(None, inputs)
        except Exception:  # its exceptions share no base class; how many points remain is pinned by expected_grid.json
            continue
    return None


def results(nodes: list) -> list[str]:
    """What no node reads."""
    read = {name for n in nodes for name in n.input}
    return [o for n in nodes for o in n.output if o and o not in read]


def with_types(model: onnx.ModelProto, outputs: list[np.ndarray]) -> onnx.ModelProto:
    """Declares the outputs' types and shapes, which the inputs alone may not tell."""
    del model.graph.output[:]
    for name, value in zip(results(model.graph.node), outputs):
        kind = helper.np_dtype_to_tensor_dtype(value.dtype)
        model.graph.output.append(helper.make_tensor_value_info(name, kind, value.shape))
    return model


def build(
    name: str, nodes: list, inputs: dict, weights: dict, domains: tuple = (), answers: list | None = None,
    opset: int = OPSET
) -> tuple[onnx.ModelProto, list] | None:
    """The model, which imports `domains` too, and its answers: those given, or onnxruntime's."""
    infos = [helper.make_tensor_value_info(k, helper.np_dtype_to_tensor_dtype(v.dtype), v.shape) for k, v in inputs.items()]
    outputs = [helper.make_empty_tensor_value_info(o) for o in results(nodes)]
    constants = [numpy_helper.from_array(np.asarray(v), k) for k, v in weights.items()]
    graph = helper.make_graph(nodes, name, infos, outputs, constants)
    versions = [helper.make_opsetid(domain, 3 if domain == "ai.onnx.ml" else 1) for domain in domains]
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset), *versions], ir_version=8)
    answers = reference(model, inputs) if answers is None else answers
    return (with_types(model, answers), answers) if answers is not None else None


def collect() -> list[Case]:
    """Every point of the grid that onnxruntime runs, sorted by name."""
    cases = []
    points = [(f, p) for f in FAMILIES for p in f()] + [
        (f, p) for f in (*detection.FAMILIES, *extremes.FAMILIES, *islands.FAMILIES) for p in f(rng_of)]
    for family, (name, nodes, inputs, weights, *opset) in points:
        domains = tuple({n.domain for n in nodes if n.domain})
        made = build(name, nodes, inputs, weights, domains, None, *opset)
        if made:
            cases.append(Case(name, family.__name__, nodes[0].op_type, made[0], list(inputs.values()), made[1]))
    return sorted(cases, key=lambda case: case.name)
