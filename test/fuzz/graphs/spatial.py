"""Rows of windows over images: convolution, pooling, normalisation of channels, sampling."""
from __future__ import annotations

import numpy as np

from graphs.builder import Builder, Rejected, Value
from graphs.movement import int64s

F16_32 = (np.float32, np.float16)
F32 = (np.float32,)


def image(b: Builder, dtypes=F16_32, ranks=(3, 4, 4, 4, 5), least: int = 1) -> Value:
    """N x C x spatial; mostly of two dimensions."""
    rank = b.rng.choice(ranks)
    found = b.pick(dtypes, rank=rank, test=lambda v: min(v.shape) >= 1 and min(v.shape[2:]) >= least, fresh=1.0
                   if b.rng.random() < 0.15 else 0.0) if any(v.rank == rank for v in b.visible()) else None
    return found or b.input(b.elements(b.preferred(dtypes), image_shape(b, rank)))


def image_shape(b: Builder, rank: int) -> list[int]:
    sides = {3: 24, 4: 14, 5: 6}[rank]
    return [b.rng.choice([1, 1, 2]), b.rng.choice([1, 2, 3, 4, 6, 8, 12, 16, 17, 24, 32])] + [
        b.rng.randint(3, sides) for _ in range(rank - 2)]


def padding(b: Builder, kernel: list[int], strides: list[int], dilations: list[int], most: int | None = None) -> dict:
    kind = b.rng.random()
    if kind < 0.3:
        return {}
    # Where a stride skips elements, onnxruntime's own operators do not agree on what SAME means.
    if kind < 0.45 and max(dilations) == 1 and all(k >= s for k, s in zip(kernel, strides)):
        return {"auto_pad": b.rng.choice(["SAME_UPPER", "SAME_LOWER", "VALID"])}
    reach = [(k - 1) * d for k, d in zip(kernel, dilations)]
    if kind < 0.7:
        before = after = [r // 2 for r in reach]
    else:
        before, after = ([b.rng.randint(0, r) for r in reach] for _ in range(2))
    if most is not None:
        before, after = ([min(p, most, k - 1) for p, k in zip(side, kernel)] for side in (before, after))
    return {"pads": [*before, *after]}


def window(b: Builder, sides: list[int], most: int = 5) -> tuple[list[int], list[int], list[int]]:
    kernel = [b.rng.choice([1, 2, 3, 3, most]) for _ in sides]
    kernel = [min(k, s) for k, s in zip(kernel, sides)]
    strides = [b.rng.choice([1, 1, 2, 3])] * len(sides) if b.rng.random() < 0.8 else [b.rng.choice([1, 2]) for _ in sides]
    dilations = [b.rng.choice([1, 1, 1, 2])] * len(sides)
    if any((k - 1) * d + 1 > s for k, d, s in zip(kernel, dilations, sides)):
        dilations = [1] * len(sides)
    return kernel, strides, dilations


def channels(b: Builder, inputs: int) -> tuple[int, int]:
    """(output channels, groups)"""
    kind = b.rng.random()
    if kind < 0.2:
        return inputs * b.rng.choice([1, 1, 2]), inputs
    divisors = [g for g in range(2, inputs) if inputs % g == 0]
    if kind < 0.35 and divisors:
        groups = b.rng.choice(divisors)
        return groups * b.rng.choice([1, 2, 3, 4]), groups
    return b.rng.choice([1, 2, 3, 5, 8, 13, 16, 17, 24, 32, 33]), 1


def weights(b: Builder, dtype, shape) -> Value:
    """Constants mostly, of a size that keeps sums near 1."""
    depth = max(1, int(np.prod(shape[1:])))
    array = (b.numbers.standard_normal(shape) / np.sqrt(depth)).astype(dtype)
    return b.constant(array, "w") if b.rng.random() < 0.85 else b.input(array)


def convolution(b: Builder) -> None:
    value = image(b)
    kernel, strides, dilations = window(b, value.shape[2:])
    outputs, groups = channels(b, value.shape[1])
    operands = [value, weights(b, value.dtype, [outputs, value.shape[1] // groups, *kernel])]
    if b.rng.random() < 0.6:
        operands.append(b.source(value.dtype, [outputs], 0.9))
    b.node("Conv", operands, kernel_shape=kernel, strides=strides, dilations=dilations, group=groups,
           **padding(b, kernel, strides, dilations))


def transposed(b: Builder) -> None:
    value = image(b, F32, (3, 4, 4))
    kernel, strides, dilations = window(b, value.shape[2:], 4)
    outputs, groups = channels(b, value.shape[1])
    outputs = max(1, outputs // groups)
    operands = [value, weights(b, value.dtype, [value.shape[1], outputs, *kernel])]
    if b.rng.random() < 0.6:
        operands.append(b.source(value.dtype, [outputs * groups], 0.9))
    pads = [b.rng.randint(0, (k - 1) * d) for k, d in zip(kernel, dilations)] * 2 if b.rng.random() < 0.5 else None
    extra = [b.rng.randint(0, max(s, d) - 1) for s, d in zip(strides, dilations)] if b.rng.random() < 0.4 else None
    b.node("ConvTranspose", operands, strides=strides, dilations=dilations, group=groups, pads=pads, output_padding=extra)


def pool(op: str):
    def make(b: Builder):
        value = image(b, F16_32 + (np.uint8, np.int8) if op == "MaxPool" else F32)
        kernel, strides, dilations = window(b, value.shape[2:])
        extra = padding(b, kernel, strides, [1] * len(kernel), 2)
        dilated = op == "MaxPool" or op == "AveragePool" and b.opset >= 19 or op == "LpPool" and b.opset >= 18
        if not dilated or "auto_pad" in extra:
            dilations = [1] * len(kernel)
        if dilated:
            extra["dilations"] = dilations
        if op != "LpPool" or b.opset >= 18:
            extra["ceil_mode"] = 0 if "auto_pad" in extra else b.rng.choice([0, 0, 1])
        if op == "AveragePool":
            extra["count_include_pad"] = b.rng.choice([0, 1])
        if op == "LpPool":
            extra["p"] = b.rng.choice([1, 2, 3])
        b.node(op, [value], kernel_shape=kernel, strides=strides, **extra)

    return make


def whole(op: str):
    def make(b: Builder):
        b.node(op, [image(b, F32 if "Lp" in op else F16_32)], p=2 if "Lp" in op else None)

    return make


def positive(b: Builder, dtype, size: int) -> Value:
    return b.constant(b.numbers.uniform(0.5, 1.5, [size]).astype(dtype))


def batch_norm(b: Builder) -> None:
    value = b.pick(F16_32, least_rank=2, most_rank=5)
    size, dtype = value.shape[1], value.dtype
    operands = [value, b.source(dtype, [size], 0.95), b.source(dtype, [size], 0.95), b.source(dtype, [size], 0.95)]
    b.node("BatchNormalization", [*operands, positive(b, dtype, size)], epsilon=b.rng.choice([1e-5, 1e-3]))


def instance_norm(b: Builder) -> None:
    value = image(b, F32, least=2)
    b.node("InstanceNormalization", [value, *(b.source(value.dtype, value.shape[1:2], 0.9) for _ in "sb")], epsilon=0.01)


def group_norm(b: Builder) -> None:
    if b.opset < 21:
        raise Rejected("another meaning before opset 21")
    value = image(b, F32, least=2)
    groups = b.rng.choice([g for g in range(1, value.shape[1] + 1) if value.shape[1] % g == 0])
    operands = [value, *(b.source(value.dtype, value.shape[1:2], 0.9) for _ in "sb")]
    b.node("GroupNormalization", operands, num_groups=groups, epsilon=0.01)


def layer_norm(b: Builder) -> None:
    value = b.pick(F16_32, least_rank=1, test=lambda v: v.shape[-1] > 1)
    axis = b.rng.choice([-1, -1, b.rng.randrange(value.rank)])
    shape = value.shape[axis:]
    operands = [value, b.source(value.dtype, shape, 0.8)]
    if b.rng.random() < 0.7:
        operands.append(b.source(value.dtype, shape, 0.8))
    b.node("LayerNormalization", operands, axis=axis, epsilon=0.01)


def rms_norm(b: Builder) -> None:
    value = b.pick(F32, least_rank=1, test=lambda v: v.shape[-1] > 1)
    axis = b.rng.choice([-1, -1, b.rng.randrange(value.rank)])
    b.node("RMSNormalization", [value, b.source(value.dtype, value.shape[axis:], 0.8)], axis=axis, epsilon=0.01)


def max_unpool(b: Builder) -> None:
    value = b.pick(F32, rank=4, test=lambda v: min(v.shape) > 0)
    kernel = [b.rng.choice([2, 3]) for _ in "hw"]
    natural = [value.shape[0], value.shape[1], *(d * k for d, k in zip(value.shape[2:], kernel))]
    # Each element goes somewhere within its own window.
    grid = np.indices(value.shape)
    within = [b.numbers.randint(0, k, value.shape) for k in kernel]
    places = [grid[0], grid[1], grid[2] * kernel[0] + within[0], grid[3] * kernel[1] + within[1]]
    flat = np.ravel_multi_index(places, natural).astype(np.int64)
    operands = [value, b.constant(flat) if b.rng.random() < 0.3 else b.input(flat)]
    b.node("MaxUnpool", operands, kernel_shape=kernel, strides=kernel)


def local_response(b: Builder) -> None:
    b.node("LRN", [image(b, F32, (4,))], size=b.rng.choice([1, 3, 5]), alpha=0.1, beta=0.75, bias=1.0)


def lp_norm(b: Builder) -> None:
    value = b.pick(F32, least_rank=1)
    b.node("LpNormalization", [value], axis=b.rng.randrange(value.rank), p=b.rng.choice([1, 2]))


def mean_variance(b: Builder) -> None:
    b.node("MeanVarianceNormalization", [image(b, F32, (4,), 2)])


def grid_sample(b: Builder) -> None:
    value = image(b, F32, (4,))
    # Away from the borders of cells and of the image, where a rounding decides.
    grid = (b.numbers.randint(-11, 12, [value.shape[0], 3, 5, 2]) / 10.3).astype("f")
    modes = ["linear", "nearest", "cubic"] if b.opset >= 20 else ["bilinear", "nearest", "bicubic"]
    source = b.constant(grid) if b.rng.random() < 0.3 else b.input(grid)
    b.node("GridSample", [value, source], mode=b.rng.choice(modes), align_corners=b.rng.choice([0, 1]),
           padding_mode=b.rng.choice(["zeros", "border", "reflection"]))


def col2im(b: Builder) -> None:
    kernel, sides = [b.rng.randint(1, 3) for _ in "hw"], [b.rng.randint(4, 7) for _ in "hw"]
    blocks = int(np.prod([s - k + 1 for s, k in zip(sides, kernel)]))
    value = b.like(np.dtype("f"), [b.rng.choice([1, 2]), 3 * kernel[0] * kernel[1], blocks])
    b.node("Col2Im", [value, int64s(b, sides), int64s(b, kernel)])


ROWS = [
    ("Conv", 9, convolution), ("ConvTranspose", 2, transposed), ("MaxPool", 3, pool("MaxPool")),
    ("AveragePool", 3, pool("AveragePool")), ("LpPool", 1, pool("LpPool")), ("GlobalAveragePool", 2, whole("GlobalAveragePool")),
    ("GlobalMaxPool", 1, whole("GlobalMaxPool")), ("GlobalLpPool", 0.5, whole("GlobalLpPool")),
    ("BatchNormalization", 3, batch_norm), ("InstanceNormalization", 1, instance_norm), ("GroupNormalization", 1, group_norm),
    ("LayerNormalization", 3, layer_norm), ("LRN", 1, local_response), ("LpNormalization", 1, lp_norm),
    ("RMSNormalization", 1, rms_norm), ("MaxUnpool", 0.5, max_unpool),
    ("MeanVarianceNormalization", 0.5, mean_variance), ("GridSample", 1, grid_sample), ("Col2Im", 0.5, col2im),
]
