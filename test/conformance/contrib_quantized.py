"""Families of the contrib grid on integers: quantised operators, and weights quantised in blocks."""
from __future__ import annotations

import itertools

import numpy as np

import grid
from contrib_points import Point, flags, integers, ms
from extremes import scalings
from grid import normal, rng_of


KINDS = {"u8": np.uint8, "i8": np.int8}


def parameters(rng: np.random.RandomState, kind: type, scale: float) -> dict[str, np.ndarray]:
    """A scale and a zero point, odd ones too."""
    middle = 128 if kind is np.uint8 else 0
    return {"s": np.float32(scale * rng.uniform(0.8, 1.2)), "z": kind(middle + rng.randint(-20, 21))}


def quantised_binary() -> list[Point]:
    """QLinearAdd and QLinearMul over types, shapes and which operand is constant, and of all pairs of bytes; QLinearWhere and
    QLinearConcat."""
    points = []
    shapes = {"same": ([3, 40], [3, 40]), "row": ([3, 40], [40]), "scalar": ([3, 40], []), "outer": ([3, 1], [1, 40])}
    for op, (kind, dtype), (shape, (left, right)), constant, seed in itertools.product(
        ["QLinearAdd", "QLinearMul"], KINDS.items(), shapes.items(), [0, 1], range(2)
    ):
        name = f"{op.lower()}_{kind}_{shape}_{'weights' if constant else 'inputs'}_{seed}"
        rng = rng_of(name)
        weights = {f"{n}{k}": v for n in "abc" for k, v in parameters(rng, dtype, 0.02 if op == "QLinearAdd" or n != "c" else 0.03).items()}
        a, b = integers(rng, dtype, *left), integers(rng, dtype, *right)
        inputs = {"a": a}
        (weights if constant else inputs)["b"] = b
        node = ms(op, ["a", "as", "az", "b", "bs", "bz", "cs", "cz"])
        points.append(Point(name, node, inputs, weights))
    for op, (kind, dtype), outer, seed in itertools.product(["QLinearAdd", "QLinearMul"], KINDS.items(), [0, 1], range(6)):
        name = f"{op.lower()}_{kind}_pairs{'_outer' if outer else ''}_{seed}"
        rng, every = rng_of(name), np.arange(256).astype(np.uint8).view(dtype)
        weights = scalings(rng, dtype, op, exact=seed % 2 == 0)
        inputs = {"a": every.reshape(256, 1), "b": every}
        if not outer:
            inputs = {"a": np.repeat(every, 256), "b": np.tile(every, 256)}
        points.append(Point(name, ms(op, ["a", "as", "az", "b", "bs", "bz", "rs", "rz"]), inputs, weights))
    for (kind, dtype), seed in itertools.product(KINDS.items(), range(4)):
        name = f"qlinearwhere_{kind}_{seed}"
        rng = rng_of(name)
        weights = {f"{n}{k}": v for n in "xyz" for k, v in parameters(rng, dtype, 0.02).items()}
        inputs = {"c": rng.randint(0, 2, (4, 40)).astype(bool), "x": integers(rng, dtype, 4, 40), "y": integers(rng, dtype, 40)}
        points.append(Point(name, ms("QLinearWhere", ["c", "x", "xs", "xz", "y", "ys", "yz", "zs", "zz"], "r"), inputs, weights))
        name = f"qlinearconcat_{kind}_{seed}"
        rng = rng_of(name)
        weights = {f"{n}{k}": v for n in "yabc" for k, v in parameters(rng, dtype, 0.02).items()}
        inputs = {n: integers(rng, dtype, *[2, 5, 6][:1], 3 + i, 6) for i, n in enumerate("abc")}
        names = ["ys", "yz"] + [n + k for n in "abc" for k in ("", "s", "z")]
        points.append(Point(name, ms("QLinearConcat", names, axis=1), inputs, weights))
    return points


def quantised_unary() -> list[Point]:
    """QLinearSigmoid and QLinearLeakyRelu on every byte, QLinearSoftmax over axes and opsets."""
    points = []
    for (kind, dtype), op, seed in itertools.product(KINDS.items(), ["QLinearSigmoid", "QLinearLeakyRelu"], range(4)):
        name = f"{op.lower()}_{kind}_{seed}"
        rng, every = rng_of(name), np.arange(256).astype(np.uint8).view(dtype).reshape(4, 64)
        weights = {f"x{k}": v for k, v in parameters(rng, dtype, 0.04).items()}
        low = np.iinfo(dtype).min
        weights.update(ys=np.float32(1 / 256), yz=dtype(low)) if op == "QLinearSigmoid" else weights.update(
            {f"y{k}": v for k, v in parameters(rng, dtype, 0.03).items()})
        extra = {"alpha": 0.1} if op == "QLinearLeakyRelu" else {}
        points.append(Point(name, ms(op, ["x", "xs", "xz", "ys", "yz"], **extra), {"x": every}, weights))
    for (kind, dtype), axis, opset, shape in itertools.product(
        KINDS.items(), [-1, 1, 2], [11, 13], [[2, 3, 5], [4, 7, 33], [1, 6, 200]]
    ):
        name = f"qlinearsoftmax_{kind}_a{axis}_o{opset}_{'x'.join(map(str, shape))}"
        rng = rng_of(name)
        weights = {f"x{k}": v for k, v in parameters(rng, dtype, 0.05).items()}
        weights.update(ys=np.float32(1 / 256), yz=dtype(np.iinfo(dtype).min))
        node = ms("QLinearSoftmax", ["x", "xs", "xz", "ys", "yz"], axis=axis, opset=opset)
        points.append(Point(name, node, {"x": integers(rng, dtype, *shape)}, weights))
    return points


def quantised_windows() -> list[Point]:
    """QLinearAveragePool over window, pads, ceil_mode, layout; global averages; QLinearConv with channels last."""
    points = []
    for (kind, dtype), rank, kernel, stride, pad, ceil, count, last in itertools.product(
        KINDS.items(), [1, 2, 3], [2, 3], [1, 2], [0, 1], [0, 1], [0, 1], [0, 1]
    ):
        if rank != 2 and (stride == 1 or last) or rank == 3 and (count or kernel == 3) or count and not pad:
            continue
        name = f"qlinearaveragepool{rank}d_{kind}_k{kernel}_s{stride}_p{pad}_c{ceil}" + ("_count" if count else "") + (
            "_last" if last else "")
        rng = rng_of(name)
        weights = {f"{n}{k}": v for n in "xy" for k, v in parameters(rng, dtype, 0.02).items()}
        if len(points) % 2:
            weights["ys"] = weights["xs"]
        size = grid.spatial(rank)
        shape = [2, *size, 3] if last else [2, 3, *size]
        node = ms("QLinearAveragePool", ["x", "xs", "xz", "ys", "yz"], kernel_shape=[kernel] * rank, strides=[stride] * rank,
                  pads=[pad] * 2 * rank, ceil_mode=ceil, count_include_pad=count, channels_last=last)
        points.append(Point(name, node, {"x": integers(rng, dtype, *shape)}, weights))
    for (kind, dtype), last, rank in itertools.product(KINDS.items(), [0, 1], [1, 2, 3]):
        name = f"qlinearglobalaveragepool{rank}d_{kind}_{'last' if last else 'first'}"
        rng = rng_of(name)
        weights = {f"{n}{k}": v for n in "xy" for k, v in parameters(rng, dtype, 0.02).items()}
        shape = [2, *grid.spatial(rank), 7] if last else [2, 7, *grid.spatial(rank)]
        points.append(Point(name, ms("QLinearGlobalAveragePool", ["x", "xs", "xz", "ys", "yz"], channels_last=last),
                            {"x": integers(rng, dtype, *shape)}, weights))
    for (kind, dtype), keep in itertools.product(KINDS.items(), [0, 1]):
        points.append(reduced_mean(kind, dtype, keep))
    for (kind, dtype), group in itertools.product(KINDS.items(), [1, 2]):
        name = f"qlinearconv_last_{kind}_g{group}"
        rng = rng_of(name)
        weights = {**{f"x{k}": v for k, v in parameters(rng, dtype, 0.02).items()},
                   "w": integers(rng, np.int8, 6, 4 // group, 3, 3), "ws": rng.uniform(0.005, 0.02, 6).astype("f"),
                   "wz": np.zeros(6, np.int8), **{f"y{k}": v for k, v in parameters(rng, dtype, 0.2).items()},
                   "b": rng.randint(-3000, 3000, 6).astype(np.int32)}
        node = ms("QLinearConv", ["x", *weights], group=group, channels_last=1, pads=[1, 0, 1, 1], kernel_shape=[3, 3])
        points.append(Point(name, node, {"x": integers(rng, dtype, 2, 9, 7, 4)}, weights))
    return points


def reduced_mean(kind: str, dtype: type, keep: int) -> Point:
    """QLinearReduceMean, which onnxruntime has no more: by its definition."""
    name = f"qlinearreducemean_{kind}_k{keep}"
    rng = rng_of(name)
    weights = {f"{n}{k}": v for n in "xy" for k, v in parameters(rng, dtype, 0.02).items()}
    x = integers(rng, dtype, 3, 5, 7)
    mean = ((x.astype("d") - float(weights["xz"])) * weights["xs"]).mean((0, 2), keepdims=bool(keep))
    bounds = np.iinfo(dtype)
    y = (np.rint(mean / weights["ys"]) + float(weights["yz"])).clip(bounds.min, bounds.max).astype(dtype)
    node = ms("QLinearReduceMean", ["x", "xs", "xz", "ys", "yz"], axes=[0, -1], keepdims=keep)
    return Point(name, node, {"x": x}, weights, answers=[y])


def quantised_products() -> list[Point]:
    """QGemm, DynamicQuantizeMatMul, MatMulIntegerToFloat and MatMulInteger16 over types, parameters and biases."""
    points = []
    for (kind, dtype), (w_kind, w_type), columns, bias, stored, trans in itertools.product(
        KINDS.items(), KINDS.items(), [0, 1], [0, 1], [0, 1], [0, 1]
    ):
        if kind == "i8" and w_kind == "u8" or trans and columns:
            continue
        name = f"qgemm_{kind}_{w_kind}_{'columns' if columns else 'tensor'}_{flags('byt', (bias, stored, trans))}"
        rng = rng_of(name)
        weights = {"as": np.float32(0.02), "az": parameters(rng, dtype, 1)["z"],
                   "b": integers(rng, w_type, *([9, 17] if trans else [17, 9])),
                   "bs": rng.uniform(0.005, 0.02, [9] if columns else []).astype("f"),
                   "bz": np.full([9] if columns else [], 128 if w_kind == "u8" else 0, w_type)}
        names = ["a", *weights, "", "", ""]
        if bias:
            weights["c"], names[6] = rng.randint(-3000, 3000, 9).astype(np.int32), "c"
        if stored:
            weights.update({f"y{k}": v for k, v in parameters(rng, dtype, 0.08).items()})
            names[7:] = ["ys", "yz"]
        while not names[-1]:
            names.pop()
        points.append(Point(name, ms("QGemm", names, transB=trans), {"a": integers(rng, dtype, 5, 17)}, weights))
    for (w_kind, w_type), columns, zero, bias, shape in itertools.product(
        KINDS.items(), [0, 1], [0, 1], [0, 1], [[5, 17], [2, 3, 17]]
    ):
        name = f"dynamicquantizematmul_{w_kind}_{'columns' if columns else 'tensor'}_{flags('zb', (zero, bias))}_{len(shape)}d"
        rng = rng_of(name)
        weights = {"b": integers(rng, w_type, 17, 9), "bs": rng.uniform(0.005, 0.02, [9] if columns else []).astype("f")}
        names = ["a", "b", "bs", "", ""]
        if zero:
            weights["bz"], names[3] = rng.randint(1, 100, [9] if columns else []).astype(w_type), "bz"
        if bias:
            weights["c"], names[4] = normal(rng, 9), "c"
        while not names[-1]:
            names.pop()
        points.append(Point(name, ms("DynamicQuantizeMatMul", names), {"a": normal(rng, *shape)}, weights))
    for (kind, dtype), (w_kind, w_type), columns, zero, bias in itertools.product(
        KINDS.items(), KINDS.items(), [0, 1], [0, 1, 2], [0, 1]
    ):
        if kind == "i8" and w_kind == "u8":
            continue
        name = f"matmulintegertofloat_{kind}_{w_kind}_{'columns' if columns else 'tensor'}_z{zero}_b{bias}"
        rng = rng_of(name)
        inputs = {"a": integers(rng, dtype, 5, 17)}
        weights = {"b": integers(rng, w_type, 17, 9), "bs": rng.uniform(0.005, 0.02, [9] if columns else []).astype("f")}
        (inputs if zero == 2 else weights)["as"] = np.array(0.03, "f")
        names = ["a", "b", "as", "bs", "", "", ""]
        if zero:
            (inputs if zero == 2 else weights)["az"] = np.array(parameters(rng, dtype, 1)["z"])
            weights["bz"] = rng.randint(1, 100, [9] if columns else []).astype(w_type)
            names[4:6] = ["az", "bz"]
        if bias:
            weights["c"], names[6] = normal(rng, 9), "c"
        while not names[-1]:
            names.pop()
        points.append(Point(name, ms("MatMulIntegerToFloat", names), inputs, weights))
    rng = rng_of("matmulinteger16")
    a, b = rng.randint(-900, 900, (3, 7)).astype(np.int16), rng.randint(-900, 900, (7, 5)).astype(np.int16)
    points.append(Point("matmulinteger16", ms("MatMulInteger16", ["a", "b"]), {"a": a}, {"b": b}))
    return points


def quantised_recurrent() -> list[Point]:
    """DynamicQuantizeLSTM over direction, type of weights, scales a row, bias, state, lengths and peepholes. Sequences that
    end apart share the scale of their states in another order than in onnxruntime, so that lengths come with one of them."""
    points = []
    for direction, (kind, dtype), rows, bias, state, lengths, peepholes in itertools.product(
        ["forward", "reverse", "bidirectional"], KINDS.items(), [0, 1], [0, 1], [0, 1], [0, 1], [0, 1]
    ):
        if lengths and not state or peepholes and not bias or rows and not bias:
            continue
        name = f"dynamicquantizelstm_{direction}_{kind}_{flags('rbslp', (rows, bias, state, lengths, peepholes))}"
        rng, ways, hidden, size, steps, batch = rng_of(name), 2 if direction == "bidirectional" else 1, 6, 5, 4, 1 if lengths else 3
        shape = [ways, 4 * hidden] if rows else [ways]
        zero = 128 if kind == "u8" else 0
        weights = {"w": integers(rng, dtype, ways, size, 4 * hidden), "r": integers(rng, dtype, ways, hidden, 4 * hidden)}
        for n in "wr":
            weights[n + "s"] = rng.uniform(0.004, 0.008, shape).astype("f")
            weights[n + "z"] = np.full(shape, zero, dtype)
        inputs, names = {"x": normal(rng, steps, batch, size)}, ["x", "w", "r"] + [""] * 5 + ["ws", "wz", "rs", "rz"]
        if bias:
            weights["b"], names[3] = normal(rng, ways, 8 * hidden), "b"
        if lengths:
            inputs["n"], names[4] = np.array([3], np.int32), "n"
        if state:
            inputs.update(h=rng.uniform(-1, 1, (ways, batch, hidden)).astype("f"), c=normal(rng, ways, batch, hidden))
            names[5:7] = ["h", "c"]
        if peepholes:
            weights["p"], names[7] = normal(rng, ways, 3 * hidden), "p"
        node = ms("DynamicQuantizeLSTM", names, ["y", "yh", "yc"], hidden_size=hidden, direction=direction)
        points.append(Point(name, node, inputs, weights))
    return points


# ---- Weights in blocks ----




def blocks() -> list[Point]:
    """MatMulNBits over bits x block x zero points x depth x groups x bias x type; MatMulBnb4; GatherBlockQuantized."""
    points = []
    for bits, block, zero, depth, group, bias, half in itertools.product(
        [2, 4, 8], [16, 32], ["none", "packed", "floats"], [32, 40], [0, 1], [0, 1], [0, 1]
    ):
        if group and (bits != 4 or bias) or half and (zero == "floats" or bits != 4) or zero == "floats" and bits == 8 or (
            group and zero == "packed"):
            continue
        name = f"matmulnbits_{bits}_{block}_{zero}_k{depth}_{flags('gbh', (group, bias, half))}"
        rng, n = rng_of(name), 7
        kind = np.float16 if half else np.float32
        count = -(-depth // block)
        weights = {"b": integers(rng, np.uint8, n, count, block * bits // 8),
                   "s": rng.uniform(0.01, 0.05, [n, count] if len(points) % 2 else [n * count]).astype(kind)}
        names = ["a", "b", "s", "", "", ""]
        if zero == "packed":
            weights["z"], names[3] = integers(rng, np.uint8, *([n, -(-count * bits // 8)] if len(points) % 2 else [n * -(-count * bits // 8)])), "z"
        if zero == "floats":
            weights["z"], names[3] = rng.uniform(0, 2**bits, [n, count]).astype(kind), "z"
        if group:
            weights["g"], names[4] = (np.arange(depth) // block).astype(np.int32)[rng.permutation(depth)], "g"
        if bias:
            weights["c"], names[5] = normal(rng, n).astype(kind), "c"
        while not names[-1]:
            names.pop()
        node = ms("MatMulNBits", names, K=depth, N=n, bits=bits, block_size=block)
        points.append(Point(name, node, {"a": normal(rng, 2, 3, depth).astype(kind)}, weights))
    for kind, block, depth in itertools.product([0, 1], [16, 64], [32, 33]):
        name = f"matmulbnb4_{kind}_{block}_k{depth}"
        rng, n = rng_of(name), 5
        weights = {"b": integers(rng, np.uint8, -(-n * depth // 2)),
                   "m": rng.uniform(0.5, 2, -(-n * depth // block)).astype("f")}
        node = ms("MatMulBnb4", ["a", "b", "m"], K=depth, N=n, block_size=block, quant_type=kind)
        points.append(Point(name, node, {"a": normal(rng, 3, depth)}, weights))
    return points + gathered_blocks()


def gathered_blocks() -> list[Point]:
    points = []
    for bits, zero, index in itertools.product([4, 8], [0, 1], [np.int32, np.int64]):
        name = f"gatherblockquantized_{bits}_z{zero}_{np.dtype(index).name}"
        rng = rng_of(name)
        weights = {"d": integers(rng, np.uint8, 9, 48 * bits // 8), "s": rng.uniform(0.01, 0.05, [9, 3]).astype("f")}
        names = ["d", "i", "s"]
        if zero:
            weights["z"] = integers(rng, np.uint8, 9, -(-3 * bits // 8))
            names.append("z")
        node = ms("GatherBlockQuantized", names, bits=bits, block_size=16, gather_axis=0, quantize_axis=1)
        points.append(Point(name, node, {"i": rng.randint(-9, 9, (2, 3)).astype(index)}, weights))
    return points
