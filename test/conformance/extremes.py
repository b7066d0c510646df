"""Families of the grid where formulas overflow, sum over nothing or decide ties: large numbers, empty operands, all bytes."""
from __future__ import annotations

import itertools

import numpy as np
from onnx import helper

ML = {"domain": "ai.onnx.ml"}


def single(name: str, op: str, inputs: dict, outputs: str = "y", weights: dict | None = None, **attributes) -> tuple:
    names = [*inputs, *(weights or {})]
    return name, [helper.make_node(op, names, outputs.split(), **attributes)], inputs, weights or {}


def narrow_sums(rng_of) -> list:
    """Sums that pass the range of 16 bits, where what follows brings them back; a threshold that they do not have."""
    rng, points = rng_of("narrow_sums"), []
    near = np.float16([0.93, -0.93, 0.9297, 0.9307, 0, 2])
    points.append(single("narrowsums_shrink", "Shrink", {"x": near}, lambd=0.93))
    for op, axes in itertools.product(("L2", "LogSum", "LogSumExp"), [[1], [0, 2], [0, 1, 2]]):
        x = rng.uniform(200, 900, [3, 40, 5]) if op != "LogSumExp" else rng.uniform(5, 12, [3, 40, 5])
        x = x * 40 if op == "LogSum" else x
        name = f"narrowsums_reduce{op.lower()}_{''.join(map(str, axes))}"
        points.append(single(name, f"Reduce{op}", {"x": x.astype(np.float16)}, axes=axes))
    return points


def functions(rng_of) -> list:
    """Functions of several steps over all magnitudes of their type: none overflows before its result does.

    Of f16 the answers are f32's, rounded once, as onnxruntime computes it.
    """
    points = []
    large = np.exp2(np.arange(-20, 16, 0.5))
    magnitudes = {"float16": large, "float32": np.concatenate([large, np.exp2(np.arange(16, 126, 2.5))])}
    both = ["Asinh", "Softsign", "HardSwish", "Gelu", "Mish", "Elu", "Selu", "Celu", "Sigmoid", "Softplus"]
    for op, (kind, size) in itertools.product(["Acosh", *both], magnitudes.items()):
        x = 1 + size if op == "Acosh" else np.concatenate([size, -size])
        points.append((*single(f"function_{op.lower()}_{kind}", op, {"x": x.astype(kind)}), 20))
    for op, (kind, most) in itertools.product(["Sinh", "Cosh"], [("float16", 11.7), ("float32", 88)]):
        points.append(single(f"function_{op.lower()}_{kind}", op, {"x": np.linspace(-most, most, 99).astype(kind)}))
    near = 1 - np.exp2(-np.arange(1, 11, 0.25))
    points.append(single("function_atanh_float32", "Atanh", {"x": np.concatenate([near, -near]).astype("f")}))
    return points


def ends(rng_of) -> list:
    """Functions at zeros of both signs, infinities, NaN and subnormal numbers, and of angles up to where floats are a turn apart."""
    rng, points = rng_of("ends"), []
    special = np.float32([0, -0.0, 1, -1, 2, -3, 0.5, 1e-40, np.inf, -np.inf, np.nan])
    a, b = (grid.reshape(-1) for grid in np.meshgrid(special, special))
    points.append(single("ends_pow", "Pow", {"x": a, "z": b}))
    for op in ("Sinh", "Cosh", "Tanh", "Exp", "Log", "Sqrt", "Sigmoid", "Erf", "Sin", "Cos", "Atan", "Softsign", "Reciprocal"):
        points.append(single(f"ends_{op.lower()}", op, {"x": special}))
    angles = np.exp2(np.arange(-20, 27.9, 0.05)) * np.where(rng.randint(0, 2, 958), 1, -1)
    for op in ("Sin", "Cos", "Tan"):
        points.append(single(f"ends_{op.lower()}_angles", op, {"x": angles.astype("f")}))
    points.append(single("ends_log_subnormal", "Log", {"x": np.ldexp(np.float32(1.3), -np.arange(120, 149)).astype("f")}))
    for kind, places in ((np.float32, 29), (np.float64, 52)):
        dividend = np.concatenate([np.exp2(rng.uniform(0, places, 200)), np.arange(1, 99)])
        divisor = np.concatenate([rng.uniform(0.5, 1.5, 200), np.full(98, 0.1)])
        inputs = {"x": (dividend * rng.choice([-1, 1], 298)).astype(kind), "z": divisor.astype(kind)}
        points.append(single(f"ends_fmod_{np.dtype(kind).name}", "Mod", inputs, fmod=1))
    rows = np.float32([[-np.inf] * 3, [np.inf, 1, 2], [-np.inf, 1, 2], [np.inf, -np.inf, 0], [np.nan, 1, np.inf], [-1, 1, 2]])
    for axis in (0, 1):
        points.append(single(f"ends_reducelogsumexp_{axis}", "ReduceLogSumExp", {"x": rows if axis else rows.T.copy()}, axes=[axis]))
    return points


def later_opsets(rng_of) -> list:
    """What opset 17 does not have: periods of what negative pads leave, the first GroupNormalization, statistics of f64."""
    rng, points = rng_of("later_opsets"), []
    for i, pads in enumerate(([2, -1], [-1, 2], [-2, 9], [9, -2], [0, -2], [-1, -3], [7, 8])):
        point = single(f"pad_wrap_{i}", "Pad", {"x": rng.standard_normal([2, 6]).astype("f")},
                       weights={"pads": np.int64([0, pads[0], 1, pads[1]])}, mode="wrap")
        points.append((*point, 19))
    weights = {n: rng.standard_normal(2).astype("f") for n in "sb"}
    x = {"x": rng.standard_normal([2, 4, 3, 3]).astype("f")}
    points.append((*single("groupnormalization_18", "GroupNormalization", x, weights=weights, num_groups=2), 18))
    weights = {n: rng.standard_normal(5) for n in "sb"}
    points.append(single("layernormalization_float64", "LayerNormalization", {"x": rng.standard_normal([3, 5])}, "y m d", weights))
    return points


def repeated(rng_of) -> list:
    """Einsum where a label is 1 in one term and more in another; Loop with scan outputs that takes no step."""
    rng, points = rng_of("repeated"), []
    for i, (equation, *shapes) in enumerate([
            ("ij,jk->ik", [3, 1], [4, 5]), ("ij,jk->ik", [3, 4], [1, 5]), ("bij,bjk->bik", [1, 3, 4], [6, 4, 5]), ("ij,ij->i", [3, 1], [1, 4]),
            ("i,i,i->i", [1], [4], [1]), ("...i,...i->i", [3, 4], [1, 4]), ("...i,...->i", [3, 1, 4], [1, 2]), ("ij,jk", [3, 1], [4, 1])]):
        inputs = {f"x{n}": rng.standard_normal(shape).astype("f") for n, shape in enumerate(shapes)}
        points.append(single(f"repeated_einsum_{i}", "Einsum", inputs, equation=equation))
    value = helper.make_tensor_value_info
    body = helper.make_graph(
        [helper.make_node("Add", ["a", "x"], ["b"]), helper.make_node("Less", ["i", "most"], ["d"]), helper.make_node("Neg", ["b"], ["s"])], "body",
        [value("i", 7, []), value("c", 9, []), value("a", 1, [3])], [value("d", 9, []), value("b", 1, [3]), value("s", 1, [3])])
    inputs = {"x": rng.standard_normal(3).astype("f")}
    for name, limit, go in (("limit", 0, True), ("condition", 5, False), ("both", -1, False)):
        weights = {"n": np.int64(limit), "go": np.bool_(go), "most": np.int64(9)}
        points.append((f"repeated_loop_{name}", [helper.make_node("Loop", ["n", "go", "x"], ["y", "z"], body=body)], inputs, weights))
    return points


def long_transforms(rng_of) -> list:
    """DFT and STFT whose matrix is too large for one."""
    rng, points = rng_of("long_transforms"), []
    for name, shape, length, attributes in [
            ("real", [2, 4096, 1], None, {}), ("complex", [1, 4096, 2], None, {}), ("one_side", [1, 8192, 1], None, {"onesided": 1}),
            ("padded", [1, 3000, 1], 8192, {}), ("cut", [1, 9000, 2], 8192, {}), ("inverse", [1, 4096, 2], None, {"inverse": 1})]:
        weights = {"n": np.int64(length)} if length else {}
        points.append(single(f"long_dft_{name}", "DFT", {"x": rng.standard_normal(shape).astype("f")}, weights=weights, axis=1, **attributes))
    weights = {"step": np.int64(1024), "w": np.hanning(4096).astype("f")}
    points.append(single("long_stft", "STFT", {"x": rng.standard_normal([1, 8192, 1]).astype("f")}, weights=weights))
    return points


def nothing(rng_of) -> list:
    """Products over an inner dimension of 0: zeros, or the bias. Reductions of no elements."""
    rng, points = rng_of("nothing"), []
    for a, b in [([2, 0], [0, 3]), ([4, 2, 0], [0, 3]), ([4, 2, 0], [4, 0, 3]), ([0], [0, 3]), ([2, 0], [0]), ([0], [0])]:
        for constant in (0, 1):
            x, w = {"x": np.zeros(a, "f")}, {"w": np.zeros(b, "f")}
            name = f"nothing_matmul_{'x'.join(map(str, a))}_{'x'.join(map(str, b))}_{constant}"
            points.append(single(name, "MatMul", x if constant else {**x, **w}, weights=w if constant else {}))
    for bias, flags in itertools.product([[], [3], [2, 1], [2, 3]], [{}, {"transA": 1, "transB": 1}]):
        shapes = ([0, 2], [3, 0]) if flags else ([2, 0], [0, 3])
        inputs = {"x": np.zeros(shapes[0], "f"), "w": np.zeros(shapes[1], "f"), "c": rng.standard_normal(bias).astype("f")}
        name = f"nothing_gemm_{'x'.join(map(str, bias))}_{len(flags)}"
        points.append(single(name, "Gemm", inputs, alpha=0.5, beta=2.0, **flags))
    for equation, *shapes in [("ij,jk->ik", [2, 0], [0, 3]), ("bij,bjk->bik", [4, 2, 0], [4, 0, 3]), ("ij->i", [2, 0]),
                              ("ij,ij->", [2, 0], [2, 0])]:  # onnxruntime divides by zero in ij,kj->ki
        inputs = {f"x{i}": np.zeros(shape, "f") for i, shape in enumerate(shapes)}
        points.append(single(f"nothing_einsum_{equation.replace('->', '_').replace(',', '_')}", "Einsum", inputs, equation=equation))
    points.append(single("nothing_matmulinteger", "MatMulInteger", {"x": np.zeros([2, 0], np.uint8), "w": np.zeros([0, 3], np.int8)}))
    inputs = {"x": np.zeros([2, 0, 4, 5], "f"), "w": np.zeros([3, 0, 1, 3], "f"), "b": rng.standard_normal(3).astype("f")}
    points.append(single("nothing_conv", "Conv", inputs))
    ops = ("Mean", "Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare")
    for op, kind in [*itertools.product(ops, [np.float32, np.int32]), ("Mean", np.float16), ("Mean", np.int64)]:
        name = f"nothing_reduce{op.lower()}_{np.dtype(kind).name}"
        points.append(single(name, f"Reduce{op}", {"x": np.zeros([3, 0, 2], kind)}, axes=[1]))
    return points


def integers(rng_of) -> list:
    """Reductions whose steps are integers; keys that are no numbers; parameters of what has no range."""
    rng, points = rng_of("integers"), []
    for kind, axes in itertools.product([np.int32, np.int64], [[1], [0, 2], [2]]):
        x = rng.randint(-9, 10, [3, 4, 5]).astype(kind)
        x[1] = -2  # several of the largest
        name = f"reducelogsumexp_{np.dtype(kind).name}_{''.join(map(str, axes))}"
        points.append(single(name, "ReduceLogSumExp", {"x": x}, axes=axes))
    holes = np.float32([1, np.nan, 2, 5, -0.0, np.inf])
    keys = [float(v) for v in (1, np.nan, 0, np.inf)]
    points.append(single("ml_labelencoder_nan", "LabelEncoder", {"x": holes}, keys_floats=keys, values_int64s=[10, 20, 30, 40],
                         default_int64=-7, **ML))
    for name, x in {"zero": np.zeros(4), "one_zero": np.zeros([1, 1]), "negative": [-3.5, -1, -2], "positive": [1, 2, 7.25],
                    "tie": [-0.5, 254.5], "tiny": [1e-39, -1e-39]}.items():
        points.append(single(f"dynamicquantizelinear_{name}", "DynamicQuantizeLinear", {"x": np.asarray(x, "f")}, "y s z"))
    for seed in range(8):
        x = rng.uniform(-1, 1, 300) * 2.0 ** rng.randint(-9, 9) + rng.uniform(-0.5, 0.5)
        points.append(single(f"dynamicquantizelinear_{seed}", "DynamicQuantizeLinear", {"x": x.astype("f")}, "y s z"))
    return points


def scalings(rng: np.random.RandomState, kind: type, op: str, exact: bool) -> dict[str, np.ndarray]:
    """Scales and zero points of a, b and r; exact ones make ties of every second sum."""
    bounds = np.iinfo(kind)
    if exact:
        scales = [np.float32(rng.randint(1, 40) * 2.0 ** -6) for _ in "ab"] + [np.float32(2.0 ** -4)]
    else:
        scales = [np.float32(2.0 ** rng.uniform(-8, 0)) for _ in "ab"]
        scales.append(np.float32(sum(scales) * 2.0 ** rng.uniform(-1.5, 1)))
    if op.endswith("Mul"):
        scales[2] = np.float32(scales[0] * scales[1] * rng.uniform(30, 90))
    found = {}
    for name, scale in zip("abr", scales):
        found.update({f"{name}s": scale, f"{name}z": kind(rng.randint(bounds.min, bounds.max + 1))})
    return found


def byte_pairs(rng_of) -> list:
    """Sums, differences and products of all pairs of bytes, as operators between DequantizeLinear and QuantizeLinear.

    onnxruntime makes one operator of some and computes the rest in floats; each has its own rounding.
    """
    points = []
    layouts = ("same", "outer", "constant")
    for op, kind, relu, layout, seed in itertools.product(["Add", "Sub", "Mul"], [np.uint8, np.int8], [0, 1], layouts, range(4)):
        name = f"bytepairs_{op.lower()}_{np.dtype(kind).name}_r{relu}_{layout}_{seed}"
        rng, every = rng_of(name), np.arange(256).astype(np.uint8).view(kind)
        weights = scalings(rng, kind, op, exact=seed % 2 == 0)
        inputs = {"a": np.repeat(every, 256), "b": np.tile(every, 256)}
        if layout == "outer":
            inputs = {"a": every.reshape(256, 1), "b": every}
        elif layout == "constant":
            weights["ab"[seed // 2]] = inputs.pop("ab"[seed // 2])
        nodes = [helper.make_node("DequantizeLinear", [n, f"{n}s", f"{n}z"], [f"f{n}"]) for n in "ab"]
        nodes.append(helper.make_node(op, ["fa", "fb"], ["f"]))
        if relu:
            nodes.append(helper.make_node("Relu", ["f"], ["g"]))
        nodes.append(helper.make_node("QuantizeLinear", ["g" if relu else "f", "rs", "rz"], ["y"]))
        points.append((name, nodes, inputs, weights))
    return points


FAMILIES = (functions, ends, later_opsets, repeated, long_transforms, narrow_sums, nothing, integers, byte_pairs)
