"""Families of the contrib grid on attention: Attention, MultiHeadAttention, GroupQueryAttention, RotaryEmbedding."""
from __future__ import annotations

import itertools

import numpy as np

from contrib_points import Point, flags, integers, ms
from grid import normal, rng_of


MASKS = {
    "none": lambda rng, b, s, t: None,
    "lengths": lambda rng, b, s, t: np.array([t - 1, t], np.int32)[:b],
    "ends": lambda rng, b, s, t: np.array([t, t - 1][:b] + [1, 0][:b], np.int32),
    "packed": lambda rng, b, s, t: np.array([t - 1, t] + [0, t, 2 * t] + [0, t, 2 * t], np.int32),
    "keys": lambda rng, b, s, t: np.array([[1] * (t - 1) + [0], [0] + [1] * (t - 1)], np.int32)[:b],
    # Each query sees a key: of scores that all have -10000 added little is left in f32.
    "pairs": lambda rng, b, s, t: np.maximum(rng.randint(0, 2, (b, s, t)), np.arange(t) == 0).astype(np.int32),
    "dummy": lambda rng, b, s, t: np.ones((b, 1), np.int32),
}


def attentions() -> list[Point]:
    """Attention over mask x direction x past x sizes, attention bias and scale."""
    points = []
    for mask, one_way, past, wide in itertools.product(MASKS, [0, 1], [0, 3], [0, 1]):
        if wide and past or mask == "packed" and past:
            continue
        name = f"attention_{mask}_u{one_way}_p{past}" + ("_wide" if wide else "")
        rng, b, s, heads, size = rng_of(name), 2, 5, 3, 4
        hidden, v_hidden = heads * size, heads * (6 if wide else size)
        weights = {"w": normal(rng, 7, 2 * hidden + v_hidden), "b": normal(rng, 2 * hidden + v_hidden)}
        inputs, names = {"x": normal(rng, b, s, 7)}, ["x", "w", "b", "", "", ""]
        value = MASKS[mask](rng, b, s, s + past)
        if value is not None:
            inputs["m"], names[3] = value, "m"
        if past:
            inputs["past"], names[4] = normal(rng, 2, b, heads, past, size), "past"
        if len(points) % 3 == 0 and not past:
            inputs["bias"], names[5] = normal(rng, [b, 1][one_way], heads, s, s + past), "bias"
        while not names[-1]:
            names.pop()
        extra = {"qkv_hidden_sizes": [hidden, hidden, v_hidden]} if wide else {}
        if len(points) % 4 == 1:
            extra["scale"] = 0.3
        if len(points) % 5 == 2:
            extra["mask_filter_value"] = -3.0
        node = ms("Attention", names, ["y", "present"] if past else "y", num_heads=heads, unidirectional=one_way, **extra)
        points.append(Point(name, node, inputs, weights))
    for per_column, mask, one_way, past in itertools.product([0, 1], ["none", "lengths", "keys"], [0, 1], [0, 2]):
        points.append(quantized_attention(per_column, mask, one_way, past))
    return points


def quantized_attention(per_column: int, mask: str, one_way: int, past: int) -> Point:
    name = f"qattention_{'column' if per_column else 'tensor'}_{mask}_u{one_way}_p{past}"
    rng, b, s, heads, size = rng_of(name), 2, 4, 2, 3
    width = 3 * heads * size
    weights = {"w": integers(rng, np.int8, 7, width), "b": normal(rng, width), "xs": np.float32(0.02),
               "ws": rng.uniform(0.005, 0.01, [width] if per_column else []).astype("f"),
               "xz": np.uint8(120), "wz": np.zeros([width] if per_column else [], np.int8)}
    inputs = {"x": integers(rng, np.uint8, b, s, 7)}
    names = ["x", "w", "b", "xs", "ws", "", "xz", "wz", ""]
    value = MASKS[mask](rng, b, s, s + past)
    if value is not None:
        inputs["m"], names[5] = value, "m"
    if past:
        inputs["past"], names[8] = normal(rng, 2, b, heads, past, size), "past"
    else:
        names.pop()
    node = ms("QAttention", names, ["y", "present"] if past else "y", num_heads=heads, unidirectional=one_way)
    return Point(name, node, inputs, weights)


def head_attentions() -> list[Point]:
    """MultiHeadAttention over forms of keys x mask x direction x past x bias, and the scores as a further output."""
    points = []
    for form, mask, one_way, past, bias in itertools.product(
        ["self", "cross", "heads"], ["none", "lengths", "keys", "pairs"], [0, 1], [0, 2], [0, 1]
    ):
        if form == "heads" and (past or bias) or form != "self" and past and bias:
            continue
        name = f"multiheadattention_{form}_{mask}_u{one_way}_p{past}_b{bias}"
        rng, b, s, heads, size, v_size = rng_of(name), 2, 4, 3, 5, 6 if form == "cross" and not past else 5
        length = s if form == "self" else 7
        total = length + past
        inputs = {"q": normal(rng, b, s, heads * size)}
        if form == "heads":
            inputs.update(k=normal(rng, b, heads, length, size), v=normal(rng, b, heads, length, v_size))
        else:
            inputs.update(k=normal(rng, b, length, heads * size), v=normal(rng, b, length, heads * v_size))
        names, weights = ["q", "k", "v", "", "", "", "", ""], {}
        if bias:
            weights["b"], names[3] = normal(rng, heads * (2 * size + v_size)), "b"
        value = MASKS[mask](rng, b, s, total)
        if value is not None:
            inputs["m"], names[4] = value, "m"
        if len(points) % 3 == 0:
            inputs["bias"], names[5] = normal(rng, 1, [1, heads][one_way], s, total), "bias"
        if past:
            inputs.update(pk=normal(rng, b, heads, past, size), pv=normal(rng, b, heads, past, v_size))
            names[6:] = ["pk", "pv"]
        while not names[-1]:
            names.pop()
        outputs = ["y", "present_k", "present_v"] if past else ["y"]
        points.append(Point(name, ms("MultiHeadAttention", names, outputs, num_heads=heads, unidirectional=one_way),
                            inputs, weights))
    return points + packed_heads() + decoder_heads()


def softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def plain_attention(q: np.ndarray, k: np.ndarray, v: np.ndarray) -> np.ndarray:
    """[B, N, S, H] each, to [B, S, N * H]."""
    y = softmax(q @ k.swapaxes(2, 3) / np.sqrt(q.shape[-1])) @ v
    return np.ascontiguousarray(y.transpose(0, 2, 1, 3)).reshape(y.shape[0], y.shape[2], -1).astype("f")


def packed_heads() -> list[Point]:
    """The packed forms, which onnxruntime has for GPUs alone."""
    rng = rng_of("packed_heads")
    qkv = normal(rng, 2, 4, 3, 3, 5)
    parts = [qkv[:, :, :, i].transpose(0, 2, 1, 3) for i in range(3)]
    q, kv = normal(rng, 2, 4, 15), normal(rng, 2, 6, 3, 2, 5)
    heads = [q.reshape(2, 4, 3, 5).transpose(0, 2, 1, 3)] + [kv[:, :, :, i].transpose(0, 2, 1, 3) for i in range(2)]
    return [
        Point("multiheadattention_packed_qkv", ms("MultiHeadAttention", ["q"], num_heads=3), {"q": qkv},
              answers=[plain_attention(*parts)]),
        Point("multiheadattention_packed_kv", ms("MultiHeadAttention", ["q", "k"], num_heads=3), {"q": q, "k": kv},
              answers=[plain_attention(*heads)]),
    ]


def decoder_heads() -> list[Point]:
    """DecoderMaskedMultiHeadAttention: one query over keys of an encoder, or over a past, which onnxruntime has in one
    buffer with the present alone."""
    points = []
    for cross, mask, bias in itertools.product([0, 1], [0, 1], [0, 1]):
        if cross and bias or mask and not cross:
            continue
        name = f"decodermaskedmultiheadattention_{flags('cmb', (cross, mask, bias))}"
        rng, b, heads, size, past = rng_of(name), 2, 3, 4, 5
        inputs, weights, answers = {"q": normal(rng, b, 1, heads * size)}, {}, None
        names = ["q", "k", "v", *[""] * 8]
        if cross:
            inputs.update(k=normal(rng, b, heads, past, size), v=normal(rng, b, heads, past, size))
        else:
            inputs.update({n: normal(rng, b, 1, heads * size) for n in "kv"})
            inputs.update({n: normal(rng, b, heads, past, size) for n in ("pk", "pv")})
            names[5:7] = ["pk", "pv"]
        if mask:
            inputs["m"], names[3] = MASKS["keys"](rng, b, 1, past), "m"
        if bias:
            weights["b"], names[10] = normal(rng, 3 * heads * size), "b"
        if not cross:
            parts = np.split(weights["b"], 3) if bias else [0, 0, 0]
            q, k, v = ((inputs[n] + p).reshape(b, 1, heads, size).transpose(0, 2, 1, 3) for n, p in zip("qkv", parts))
            k, v = np.concatenate([inputs["pk"], k], 2), np.concatenate([inputs["pv"], v], 2)
            answers = [plain_attention(q, k, v), k, v]
        while not names[-1]:
            names.pop()
        outputs = ["y"] if cross else ["y", "present_k", "present_v"]
        node = ms("DecoderMaskedMultiHeadAttention", names, outputs, num_heads=heads)
        points.append(Point(name, node, inputs, weights, answers=answers))
    return points


def rotations() -> list[Point]:
    """RotaryEmbedding over layout x pairing x positions x parts of a head x type."""
    points = []
    for rank, inner, one, part, half in itertools.product([3, 4], [0, 1], [0, 1], [0, 1], [0, 1]):
        kind = np.float16 if half else np.float32
        name = f"rotaryembedding_{rank}d_i{inner}_{'offset' if one else 'each'}_{'part' if part else 'all'}_{np.dtype(kind).name}"
        rng, b, s, heads, size = rng_of(name), 2, 3, 3, 8
        turned = size // 2 if part else size
        angles = rng.uniform(-3, 3, (16, turned // 2))
        weights = {"c": np.cos(angles).astype(kind), "s": np.sin(angles).astype(kind)}
        shape = [b, s, heads * size] if rank == 3 else [b, heads, s, size]
        positions = np.array([4], np.int64) if one else rng.randint(0, 16, (b, s)).astype(np.int64)
        extra = {"num_heads": heads, "rotary_embedding_dim": turned} if part else {}
        node = ms("RotaryEmbedding", ["x", "p", "c", "s"], interleaved=inner, **extra)
        points.append(Point(name, node, {"x": normal(rng, *shape).astype(kind), "p": positions}, weights))
    return points


def group_queries() -> list[Point]:
    """GroupQueryAttention over phase x packing x rotary x window x cap x sink, one option apart from the others at a time."""
    options: list[dict] = [
        {}, {"packed": 1}, {"rotary": 1}, {"rotary": 1, "inner": 1}, {"rotary": 1, "positions": 1}, {"window": 3},
        {"cap": 1.5}, {"smooth": 1}, {"sink": 1}, {"bias": 1}, {"scale": 0.2}, {"packed": 1, "rotary": 1, "window": 2},
        {"bias": 1, "cap": 2.0}, {"sink": 1, "window": 2}, {"known": 1}, {"known": 1, "room": 9}, {"qk": 1}, {"qk": 2},
        {"part": 1, "rotary": 1}, {"causal": 0}, {"half": 1}, {"half": 1, "rotary": 1},
    ]
    phases = {"prompt": (2, 5, 0, [4, 4]), "ragged": (2, 5, 0, [4, 2]), "next": (2, 1, 4, [4, 4]), "apart": (2, 1, 4, [4, 2]),
              "more": (1, 3, 4, [6])}
    # What rows behind a sequence's end give is not specified.
    return [group_query(phase, sizes, option) for (phase, sizes), option in itertools.product(phases.items(), options)
            if not (phase == "ragged" and "window" in option)]


def group_query(phase: str, sizes: tuple, option: dict) -> Point:
    label = "_".join(f"{k}{str(v).replace('.', 'p')}" for k, v in option.items())
    name = f"groupqueryattention_{phase}_{label or 'plain'}"
    rng, heads, kv_heads, size = rng_of(name), 4, 2, 32 if option.get("part") else 16
    b, s, past, lengths = sizes
    kind = np.float16 if option.get("half") else np.float32
    draw = lambda *shape: normal(rng, *shape).astype(kind)  # noqa: E731
    inputs, weights = {}, {}
    names = ["q", "k", "v", "pk", "pv", "n", "t"] + [""] * 5
    if option.get("packed"):
        inputs["q"], names[1:3] = draw(b, s, (heads + 2 * kv_heads) * size), ["", ""]
    else:
        inputs.update(q=draw(b, s, heads * size), k=draw(b, s, kv_heads * size), v=draw(b, s, kv_heads * size))
    room = option.get("room", past)
    if room:
        inputs.update(pk=draw(b, kv_heads, room, size), pv=draw(b, kv_heads, room, size))
    else:
        names[3:5] = ["", ""]
    inputs["n"] = np.array(lengths, np.int32)
    total = np.array(past + s, np.int32)
    (weights if option.get("known") else inputs)["t"] = total
    if option.get("rotary"):
        angles = rng.uniform(-3, 3, (16, size // 4 if option.get("part") else size // 2))
        weights.update(c=np.cos(angles).astype(kind), s=np.sin(angles).astype(kind))
        names[7:9] = ["c", "s"]
    if option.get("positions"):
        inputs["p"] = (np.array(lengths)[:, None] + 1 - s).clip(0).astype(np.int64) + np.arange(s)
        names[9] = "p"
    if option.get("bias"):
        inputs["bias"], names[10] = draw(1, heads, s, past + s), "bias"
    if option.get("sink"):
        weights["sink"], names[11] = draw(heads), "sink"
    while not names[-1]:
        names.pop()
    extra = {"num_heads": heads, "kv_num_heads": kv_heads, "do_rotary": option.get("rotary", 0),
             "rotary_interleaved": option.get("inner", 0)}
    for key, attribute in [("window", "local_window_size"), ("cap", "softcap"), ("smooth", "smooth_softmax"),
                           ("scale", "scale"), ("qk", "qk_output"), ("causal", "causal")]:
        if key in option:
            extra[attribute] = option[key]
    outputs = ["y", "present_k", "present_v"] + (["qk"] if option.get("qk") else [])
    return Point(name, ms("GroupQueryAttention", names, outputs, **extra), inputs, weights)
