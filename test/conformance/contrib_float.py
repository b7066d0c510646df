"""Families of the contrib grid on floats: fused operators, normalisations, and what moves and compares."""
from __future__ import annotations

import itertools

import numpy as np
from onnx import helper

import grid
from contrib_points import DOMAIN, LAYOUT, Point, flags, gelu, integers, ms, sigmoid
from grid import normal, rng_of


# ---- Fused operators ----


def fused_convolutions() -> list[Point]:
    """FusedConv over activation x bias x residual x group, and its kin on channels that come last."""
    activations = [None, ("Relu", []), ("Tanh", []), ("Sigmoid", []), ("LeakyRelu", [0.1]), ("Clip", [-0.5, 0.75]),
                   ("HardSigmoid", [0.3, 0.4])]
    points = []
    for activation, bias, residual, group in itertools.product(activations, [0, 1], [0, 1], [1, 2]):
        kind = activation[0].lower() if activation else "none"
        name = f"fusedconv_{kind}_g{group}_{flags('bz', (bias, residual))}"
        rng = rng_of(name)
        weights = {"w": normal(rng, 6, 4 // group, 3, 3)}
        if bias:
            weights["b"] = normal(rng, 6)
        inputs = {"x": normal(rng, 2, 4, 7, 6)}
        names = ["x", "w", "b" if bias else ""]
        if residual:
            inputs["z"] = normal(rng, 2, 6, 4, 3)
            names.append("z")
        extra = {"activation": activation[0]} if activation else {}
        if activation and activation[1]:
            extra["activation_params"] = activation[1]
        node = ms("FusedConv", names, group=group, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], **extra)
        points.append(Point(name, node, inputs, weights))
    return points


def nhwc() -> list[Point]:
    """Convolution and pooling with channels last: what the same operators give between two transpositions."""
    points = []
    for op, domain in [("NhwcConv", DOMAIN), ("NhwcFusedConv", DOMAIN), ("Conv", LAYOUT), ("MaxPool", LAYOUT),
                       ("AveragePool", LAYOUT), ("GlobalAveragePool", LAYOUT)]:
        name = f"nhwc_{op.lower()}"
        rng = rng_of(name)
        x = normal(rng, 2, 7, 6, 4)
        first = np.ascontiguousarray(x.transpose(0, 3, 1, 2))
        weights, extra, z = {}, {}, None
        if "Conv" in op:
            weights = {"w": normal(rng, 6, 4, 3, 3), "b": normal(rng, 6)}
            extra = {"pads": [1, 0, 1, 0], "kernel_shape": [3, 3]}
        elif not op.startswith("Global"):
            extra = {"kernel_shape": [3, 2], "strides": [2, 1]}
        plain = op.replace("Nhwc", "").replace("Fused", "")
        node = helper.make_node(plain, ["x", *weights], ["y"], **extra)
        y = grid.build(name, [node], {"x": first}, weights)[1][0].transpose(0, 2, 3, 1)
        inputs = {"x": x}
        if op == "NhwcFusedConv":
            z = normal(rng, *y.shape)
            inputs["z"], extra["activation"] = z, "Relu"
            y = np.maximum(y + z, 0)
        names = ["x", *weights, *(["z"] if z is not None else [])]
        points.append(Point(name, ms(op, names, domain=domain, **extra), inputs, weights, answers=[np.ascontiguousarray(y)]))
    for kind, ceil, pad in itertools.product([np.int8, np.uint8], [0, 1], [0, 1]):
        name = f"nhwcmaxpool_{np.dtype(kind).name}_c{ceil}_p{pad}"
        node = ms("NhwcMaxPool", ["x"], kernel_shape=[3, 2], strides=[2, 3], pads=[pad, 0, pad, pad], ceil_mode=ceil)
        points.append(Point(name, node, {"x": integers(rng_of(name), kind, 2, 8, 9, 5)}))
    return points


def fused_products() -> list[Point]:
    """FusedMatMul over transpositions, ranks and alpha; FusedGemm over activations."""
    points = []
    for a, b, batch_a, batch_b in itertools.product([0, 1], repeat=4):
        name = f"fusedmatmul_{a}{b}_batch{batch_a}{batch_b}"
        rng = rng_of(name)
        left, right = [2, 3, 5, 6], [2, 3, 6, 4]
        if a:
            left[2:] = left[:1:-1]
        if b:
            right[2:] = right[:1:-1]
        if batch_a:
            left = [left[2], left[0], left[1], left[3]]
        if batch_b:
            right = [right[2], right[0], right[1], right[3]]
        node = ms("FusedMatMul", ["x", "w"], transA=a, transB=b, transBatchA=batch_a, transBatchB=batch_b, alpha=0.25)
        points.append(Point(name, node, {"x": normal(rng, *left), "w": normal(rng, *right)}))
    for op, (left, right), a, b in itertools.product(
        ["FusedMatMul", "TransposeMatMul"], [([6], [6, 4]), ([5, 6], [6]), ([6], [6]), ([3, 5, 6], [6, 4])], [0, 1], [0, 1]
    ):
        # onnxruntime reads a transposed matrix before a vector as if it were not transposed.
        if a and (len(left), len(right)) == (2, 1):
            continue
        left, right = list(left), list(right)
        if a and len(left) > 1:
            left[-2:] = left[:-3:-1]
        if b and len(right) > 1:
            right[-2:] = right[:-3:-1]
        name = f"{op.lower()}_{'x'.join(map(str, left))}_{'x'.join(map(str, right))}_{a}{b}"
        rng = rng_of(name)
        points.append(Point(name, ms(op, ["x", "w"], transA=a, transB=b), {"x": normal(rng, *left)},
                            {"w": normal(rng, *right)}))
    activations = {"Relu": {}, "LeakyRelu": {"activation_alpha": 0.2}, "Elu": {"activation_alpha": 0.7},
                   "HardSigmoid": {"activation_alpha": 0.3, "activation_beta": 0.4}, "Sigmoid": {}, "Softplus": {},
                   "Softsign": {}, "Tanh": {}, "ThresholdedRelu": {"activation_alpha": 0.5},
                   "Selu": {"activation_alpha": 1.6, "activation_gamma": 1.1}}
    for (activation, extra), bias in itertools.product(activations.items(), [0, 1]):
        name = f"fusedgemm_{activation.lower()}_{flags('c', (bias,))}"
        rng = rng_of(name)
        weights = {"b": normal(rng, 7, 6)}
        if bias:
            weights["c"] = normal(rng, 7)
        node = ms("FusedGemm", ["x", *weights], transB=1, alpha=0.5, beta=1.5, activation=activation, **extra)
        points.append(Point(name, node, {"x": normal(rng, 5, 6)}, weights))
    return points


def biased() -> list[Point]:
    """Gelu in its forms, and sums with biases."""
    rng = rng_of("biased")
    x, b, skip = normal(rng, 2, 5, 14) * 2, normal(rng, 14), normal(rng, 2, 5, 14)
    half = np.split(x + b, 2, axis=-1)
    soft = np.exp((x + b).reshape(2, -1) - (x + b).max())
    points = [
        Point("gelu", ms("Gelu", ["x"]), {"x": x}),
        Point("biasgelu", ms("BiasGelu", ["x", "b"]), {"x": x}, {"b": b}),
        Point("fastgelu", ms("FastGelu", ["x"]), {"x": x}),
        Point("fastgelu_bias", ms("FastGelu", ["x", "b"]), {"x": x}, {"b": b}),
        Point("quickgelu", ms("QuickGelu", ["x"]), {"x": x}),
        Point("quickgelu_alpha", ms("QuickGelu", ["x"], alpha=0.5), {"x": x}),
        Point("biassplitgelu", ms("BiasSplitGelu", ["x", "b"]), {"x": x}, {"b": b},
              answers=[(half[0] * gelu(half[1])).astype("f")]),
        Point("biasadd", ms("BiasAdd", ["x", "b", "s"]), {"x": x, "s": skip}, {"b": b}, answers=[x + b + skip]),
        Point("biasdropout", ms("BiasDropout", ["x", "b", "s"]), {"x": x, "s": skip}, {"b": b}, answers=[x + b + skip]),
        Point("biassoftmax", ms("BiasSoftmax", ["x", "b"], axis=1, is_inner_broadcast=1), {"x": x}, {"b": b},
              answers=[(soft / soft.sum(-1, keepdims=True)).reshape(x.shape).astype("f")]),
    ]
    return points


# ---- Normalisations ----


def gates() -> list[Point]:
    """SwiGLU over its attributes, of two tensors and of the halves of one; half of the values are beyond the limit."""
    points = []
    for kind, packed, limit, alpha, beta, rounds in itertools.product(
        ["f", "f2"], [0, 1], [0, 2.5], [1, 1.702], [0, 1], [0, 1]
    ):
        name = f"swiglu_{np.dtype(kind).name}_{flags('plabr', (packed, limit, alpha != 1, beta, rounds))}"
        rng = rng_of(name)
        gate, linear = (4 * normal(rng, 3, 5, 7).astype(kind) for _ in range(2))
        g, l = gate.astype("d"), linear.astype("d")
        if limit:
            g, l = np.minimum(g, limit), np.clip(l, -limit, limit)
        swish = g * sigmoid(np.float32(alpha) * g)
        if rounds:
            swish = swish.astype(kind).astype("d")
        inputs = {"x": np.concatenate([gate, linear], -1)} if packed else {"x": gate, "z": linear}
        node = ms("SwiGLU", list(inputs), limit=float(limit), activation_alpha=float(alpha), activation_beta=float(beta),
                  round_activation=rounds)
        points.append(Point(name, node, inputs, answers=[(swish * (l + beta)).astype(kind)]))
    return points


def layers() -> list[Point]:
    """SkipLayerNormalization and its kin over optional operands, shapes of skip, types and further outputs."""
    points = []
    for simple, beta, bias, skip, half, total in itertools.product([0, 1], [0, 1], [0, 1], [3, 2, 1], [0, 1], [0, 1]):
        if simple and (beta or skip != 3) or half and skip == 2:
            continue
        op = "SkipSimplifiedLayerNormalization" if simple else "SkipLayerNormalization"
        kind = np.float16 if half else np.float32
        name = f"{op.lower()}_{flags('bias', (bias,))}_{flags('beta', (beta,))}_skip{skip}_{np.dtype(kind).name}" + (
            "_sum" if total else "")
        rng = rng_of(name)
        x = normal(rng, 2, 5, 9).astype(kind)
        s = normal(rng, *{3: (2, 5, 9), 2: (5, 9), 1: (1, 5, 9)}[skip]).astype(kind)
        weights = {"gamma": normal(rng, 9).astype(kind)}
        names = ["x", "s", "gamma"]
        if not simple:
            names.append("beta" if beta else "")
            if beta:
                weights["beta"] = normal(rng, 9).astype(kind)
        if bias:
            weights["bias"] = normal(rng, 9).astype(kind)
            names.append("bias")
        outputs = ["y", "", "", "sum"] if total else "y"
        points.append(Point(name, ms(op, names, outputs, epsilon=1e-5), {"x": x, "s": s}, weights))
    for axis, domain in itertools.product([-1, 1], ["", DOMAIN]):
        name = f"simplifiedlayernormalization_axis{axis}_{'ms' if domain else 'onnx'}"
        rng = rng_of(name)
        x, scale = normal(rng, 2, 5, 9), normal(rng, *([9] if axis == -1 else [5, 9]))
        axes = (2,) if axis == -1 else (1, 2)
        y = x / np.sqrt((x.astype("d") ** 2).mean(axes, keepdims=True) + 1e-6) * scale
        node = ms("SimplifiedLayerNormalization", ["x", "g"], domain=domain, axis=axis, epsilon=1e-6, stash_type=1)
        points.append(Point(name, node, {"x": x}, {"g": scale}, answers=[y.astype("f")] if domain else None))
    return points


def embeddings() -> list[Point]:
    """EmbedLayerNormalization and its quantised form over segments, mask, positions and the sum."""
    points = []
    for segments, mask, positions, total in itertools.product([0, 1], repeat=4):
        name = f"embedlayernormalization_{flags('smpt', (segments, mask, positions, total))}"
        rng = rng_of(name)
        weights = {"word": normal(rng, 11, 6), "pos": normal(rng, 8, 6), "seg": normal(rng, 2, 6),
                   "gamma": normal(rng, 6), "beta": normal(rng, 6)}
        inputs = {"ids": rng.randint(0, 11, (2, 5)).astype(np.int32)}
        names = ["ids", "", "word", "pos", "", "gamma", "beta", "", ""]
        if segments:
            inputs["sid"], names[1], names[4] = rng.randint(0, 2, (2, 5)).astype(np.int32), "sid", "seg"
        else:
            del weights["seg"]
        if mask:
            inputs["mask"], names[7] = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], np.int32), "mask"
        if positions:
            inputs["pid"], names[8] = rng.randint(0, 8, (2, 5)).astype(np.int32), "pid"
        while not names[-1]:
            names.pop()
        outputs = ["y", "index", "total"] if total else ["y", "index"]
        points.append(Point(name, ms("EmbedLayerNormalization", names, outputs), inputs, weights))
    for segments in [0, 1]:
        points.append(quantized_embedding(segments))
    return points


def quantized_embedding(segments: int) -> Point:
    name = f"qembedlayernormalization_{flags('s', (segments,))}"
    rng = rng_of(name)
    tables = {"word": (11, 6), "pos": (8, 6), "seg": (2, 6), "gamma": (6,), "beta": (6,)}
    if not segments:
        del tables["seg"]
    weights, names = {}, {}
    for key, shape in tables.items():
        weights[key] = integers(rng, np.uint8, *shape)
        weights[key + "s"] = np.float32(rng.uniform(0.01, 0.03))
        weights[key + "z"] = np.uint8(rng.randint(100, 150))
    names = ["ids", "sid" if segments else "", "word", "pos", "seg" if segments else "", "gamma", "beta", ""]
    for suffix in "sz":
        names += [key + suffix if key in tables else "" for key in ("word", "pos", "seg", "gamma", "beta")]
    inputs = {"ids": rng.randint(0, 11, (2, 5)).astype(np.int32)}
    if segments:
        inputs["sid"] = rng.randint(0, 2, (2, 5)).astype(np.int32)
    return Point(name, ms("QEmbedLayerNormalization", names, ["y", "index"]), inputs, weights)


def groups() -> list[Point]:
    """GroupNorm and SkipGroupNorm over layout and activation; onnxruntime has them for GPUs alone."""
    points = []
    for last, activation, skip in itertools.product([0, 1], [0, 1], [None, "full", "channel"]):
        name = f"{'skip' if skip else ''}groupnorm_{'last' if last else 'first'}_a{activation}" + (f"_{skip}" if skip else "")
        rng = rng_of(name)
        x, gamma, beta, bias = normal(rng, 2, 6, 5, 4), normal(rng, 6), normal(rng, 6), normal(rng, 6)
        s = normal(rng, 2, 6, 5, 4) if skip == "full" else normal(rng, 2, 6)
        total = x if not skip else x + s.reshape(2, 6, *s.shape[2:], *([] if skip == "full" else [1, 1])) + bias.reshape(6, 1, 1)
        grouped = total.reshape(2, 3, -1).astype("d")
        centred = grouped - grouped.mean(-1, keepdims=True)
        y = (centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5)).reshape(x.shape)
        y = y * gamma.reshape(6, 1, 1) + beta.reshape(6, 1, 1)
        y = (y * sigmoid(y) if activation else y).astype("f")
        move = (lambda v: np.ascontiguousarray(v.transpose(0, 2, 3, 1))) if last else (lambda v: v)
        inputs, weights = {"x": move(x)}, {"g": gamma, "b": beta}
        names, outputs, answers = ["x", "g", "b"], ["y"], [move(y)]
        if skip:
            inputs["s"], weights["bias"] = move(s) if skip == "full" else s, bias
            names, outputs, answers = [*names, "s", "bias"], ["y", "sum"], [*answers, move(total.astype("f"))]
        node = ms("SkipGroupNorm" if skip else "GroupNorm", names, outputs, groups=3, activation=activation,
                  channels_last=last, epsilon=1e-5)
        points.append(Point(name, node, inputs, weights, answers=answers))
    return points


# ---- Movement and small arithmetic ----


def tensors() -> list[Point]:
    """Forms of standard operators from before they were standard, and small arithmetic."""
    rng = rng_of("tensors")
    x, image, theta = normal(rng, 3, 5), normal(rng, 1, 2, 5, 6), rng.uniform(-1.2, 1.2, (1, 4, 3, 2)).astype("f")
    a, b = normal(rng, 4, 2), normal(rng, 4, 2)
    product = (a[:, 0] + 1j * a[:, 1]) * (b[:, 0] + 1j * b[:, 1])
    conjugate = (a[:, 0] + 1j * a[:, 1]) * (b[:, 0] - 1j * b[:, 1])
    pair = lambda v: np.stack([v.real, v.imag], -1).astype("f")  # noqa: E731
    bytes_ = integers(rng, np.int8, 3, 5)
    points = [
        Point("expanddims", ms("ExpandDims", ["x", "a"]), {"x": x}, {"a": np.array(-2, np.int32)}),
        Point("pad_constant", ms("Pad", ["x", "p", "v"]), {"x": x}, {"p": np.array([1, 0, 0, 2]), "v": np.array([0.5], "f")}),
        Point("pad_reflect", ms("Pad", ["x", "p"], mode="reflect"), {"x": x}, {"p": np.array([1, 0, 1, 2])}),
        Point("range", ms("Range", ["a", "b"]), {}, {"a": np.array([2], np.int32), "b": np.array([7], np.int32)}),
        Point("range_step", ms("Range", ["a", "b", "c"]), {},
              {"a": np.float32(1), "b": np.float32(3), "c": np.float32(0.5)}),
        Point("gathernd", ms("GatherND", ["x", "i"]), {"x": x, "i": np.array([[0, 1], [2, 4]])}),
        Point("trilu", ms("Trilu", ["x"], upper=0), {"x": x}),
        Point("trilu_k", ms("Trilu", ["x", "k"]), {"x": x}, {"k": np.array([1])}),
        Point("isallfinite", ms("IsAllFinite", ["x"]), {"x": x}, answers=[np.array(True)]),
        Point("isallfinite_nan", ms("IsAllFinite", ["x"]), {"x": np.where(x > 1, np.nan, x).astype("f")},
              answers=[np.array(not (x > 1).any())]),
        Point("complexmul", ms("ComplexMul", ["a", "b"]), {"a": a, "b": b}, answers=[pair(product)]),
        Point("complexmulconj", ms("ComplexMulConj", ["a", "b"]), {"a": a, "b": b}, answers=[pair(conjugate)]),
        Point("torchembedding", ms("TorchEmbedding", ["x", "i"]), {"i": np.array([[2, 0], [1, 1]])}, {"x": x},
              answers=[x[np.array([[2, 0], [1, 1]])]]),
        Point("reducesuminteger", ms("ReduceSumInteger", ["x"], axes=[1], keepdims=1), {"x": bytes_},
              answers=[bytes_.astype(np.int32).sum(1, keepdims=True, dtype=np.int32)]),
        Point("mulinteger", ms("MulInteger", ["x", "z", "x", "z"]), {"x": bytes_}, {"z": np.int8(3)},
              answers=[(bytes_.astype(np.int32) - 3) ** 2]),
        Point("convtransposewithdynamicpads", ms("ConvTransposeWithDynamicPads", ["x", "w", "p", "b"], strides=[2, 2]),
              {"x": image}, {"w": normal(rng, 2, 3, 3, 3), "p": np.array([1, 0, 1, 1]), "b": normal(rng, 3)}),
    ]
    for mode, padding, aligned in itertools.product(["bilinear", "nearest", "bicubic"], ["zeros", "border", "reflection"], [0, 1]):
        node = ms("GridSample", ["x", "g"], mode=mode, padding_mode=padding, align_corners=aligned)
        points.append(Point(f"gridsample_{mode}_{padding}_{aligned}", node, {"x": image, "g": theta}))
    for size, batch in itertools.product([1, 2, 3, 5, 9], [[], [2, 3]]):
        square = normal(rng, *batch, size, size) + 0.5 * np.eye(size, dtype="f")[rng.permutation(size)]
        points.append(Point(f"inverse_{size}_{len(batch)}", ms("Inverse", ["x"]), {"x": square}))
    for metric, kind in itertools.product(["euclidean", "sqeuclidean"], ["f", "d"]):
        points.append(Point(f"cdist_{metric}_{kind}", ms("CDist", ["a", "b"], metric=metric),
                            {"a": normal(rng, 4, 7).astype(kind), "b": normal(rng, 6, 7).astype(kind)}))
    return points
