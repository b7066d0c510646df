"""Rows of what moves elements: reshapes, transposes, slices, concatenations, pads, repetitions."""
from __future__ import annotations

import numpy as np

from graphs.builder import Builder, Rejected, Value

F16_32 = (np.float32, np.float16)


def int64s(b: Builder, values) -> Value:
    return b.constant(np.asarray(values, np.int64))


def transpose(b: Builder) -> None:
    value = b.pick(None, least_rank=1)
    order = list(range(value.rank))
    kind = b.rng.random()
    if kind < 0.6:
        b.rng.shuffle(order)
    elif kind < 0.8 and value.rank >= 3:  # between channels first and last
        order = b.rng.choice([[0, *order[2:], 1], [0, order[-1], *order[1:-1]]])
    b.node("Transpose", [value], perm=order if kind < 0.95 else None)


def factors(b: Builder, total: int, rank: int) -> list[int]:
    shape = []
    for _ in range(rank - 1):
        divisors = [d for d in range(1, total + 1) if total % d == 0 and d <= 64] or [1]
        shape.append(b.rng.choice(divisors))
        total //= shape[-1]
    shape.append(total)
    b.rng.shuffle(shape)
    return shape


def reshape(b: Builder) -> None:
    value = b.pick(None)
    if value.size == 0:
        b.node("Reshape", [value, int64s(b, [0] * value.rank)] if value.rank else [value, int64s(b, [0])])
        return
    kind, shape = b.rng.random(), value.shape
    if kind < 0.3 and value.rank >= 2:  # merge two neighbours
        i = b.rng.randrange(value.rank - 1)
        shape = shape[:i] + [shape[i] * shape[i + 1]] + shape[i + 2:]
    elif kind < 0.6 and value.rank:  # part one
        i = b.rng.randrange(value.rank)
        shape = shape[:i] + factors(b, shape[i], 2) + shape[i + 1:]
    else:
        shape = factors(b, value.size, b.rng.randint(1, 5))
    if b.rng.random() < 0.3:
        shape = list(shape)
        shape[b.rng.randrange(len(shape))] = -1
    b.node("Reshape", [value, int64s(b, shape)])


def flatten(b: Builder) -> None:
    value = b.pick(None)
    b.node("Flatten", [value], axis=b.rng.randint(-value.rank, value.rank))


def squeeze(b: Builder) -> None:
    value = b.pick(None, least_rank=1, test=lambda v: 1 in v.shape)
    ones = [i for i, d in enumerate(value.shape) if d == 1]
    chosen = b.rng.sample(ones, b.rng.randint(1, len(ones)))
    b.node("Squeeze", [value, int64s(b, chosen)] if b.rng.random() < 0.8 else [value])


def unsqueeze(b: Builder) -> None:
    value = b.pick(None, most_rank=4)
    count = b.rng.choice([1, 1, 2])
    axes = b.rng.sample(range(-value.rank - count, value.rank + count), 1 if count == 1 else 1)
    if count == 2:
        axes = b.rng.sample(range(value.rank + 2), 2)
    b.node("Unsqueeze", [value, int64s(b, axes)])


def concat(b: Builder) -> None:
    value = b.pick(None, least_rank=1)
    axis, parts = b.rng.randrange(value.rank), [value]
    for _ in range(b.rng.choice([1, 1, 1, 2, 2, 3, 5])):
        shape = value.shape

        def fits(other: Value) -> bool:
            return all(x == y for i, (x, y) in enumerate(zip(other.shape, shape)) if i != axis)

        if b.rng.random() < 0.7:
            parts.append(b.pick((value.dtype.type,), rank=value.rank, test=lambda v: fits(v), fresh=0.0))
        else:
            parts.append(b.source(value.dtype, shape[:axis] + [b.rng.choice([1, 2, 3, 5, 8])] + shape[axis + 1:]))
    b.rng.shuffle(parts)
    b.node("Concat", parts, axis=axis if b.rng.random() < 0.6 else axis - value.rank)


def split(b: Builder) -> None:
    value = b.pick(None, least_rank=1, test=lambda v: max(v.shape) > 1)
    axis = b.rng.choice([i for i, d in enumerate(value.shape) if d > 1])
    size = value.shape[axis]
    parts = b.rng.randint(2, min(4, size))
    if size % parts == 0 and b.rng.random() < 0.4:
        b.node("Split", [value], outputs=parts, axis=axis, num_outputs=parts if b.opset >= 18 else None)
        return
    cuts = sorted(b.rng.sample(range(1, size), parts - 1))
    sizes = [j - i for i, j in zip([0, *cuts], [*cuts, size])]
    b.node("Split", [value, int64s(b, sizes)], outputs=parts, axis=axis)


def slicing(b: Builder) -> None:
    value = b.pick(None, least_rank=1)
    axes = b.rng.sample(range(value.rank), b.rng.choice([1, 1, min(2, value.rank), min(3, value.rank)]))
    starts, ends, steps = [], [], []
    for axis in axes:
        size = value.shape[axis]
        first, last = sorted([b.rng.randint(0, size), b.rng.randint(0, size)])
        if first == last:
            first, last = 0, size
        step = b.rng.choice([1, 1, 1, 2, 3])
        if b.rng.random() < 0.2:
            starts.append(last - 1), ends.append(first - 1 - size if first == 0 else first - 1), steps.append(-step)
        else:
            starts.append(first if b.rng.random() < 0.7 or first == 0 else first - size)
            ends.append(last if last < size or b.rng.random() < 0.5 else np.iinfo(np.int64).max), steps.append(step)
    operands = [value, int64s(b, starts), int64s(b, ends)]
    if axes != list(range(len(axes))) or any(s != 1 for s in steps) or b.rng.random() < 0.5:
        operands.append(int64s(b, axes))
    if len(operands) == 4 and (any(s != 1 for s in steps) or b.rng.random() < 0.5):
        operands.append(int64s(b, steps))
    b.node("Slice", operands)


def pad(b: Builder) -> None:
    value = b.pick(F16_32 + (np.int32, np.int64, np.uint8, np.bool_, np.int8), least_rank=1, most_rank=5)
    mode = b.rng.choice(["constant", "constant", "reflect", "edge"] + (["wrap"] if b.opset >= 19 else []))
    most = 3 if mode in ("constant", "edge") else min(3, min(value.shape) - 1)
    if most < 0:
        raise Rejected("nothing to pad from")
    amounts = [b.rng.choice([0, 0, 1, b.rng.randint(0, most)]) for _ in range(2 * value.rank)]
    amounts = [min(a, most) for a in amounts]
    if mode == "constant" and b.rng.random() < 0.15 and min(value.shape) > 2:
        amounts[b.rng.randrange(len(amounts))] = -1
    operands = [value, int64s(b, amounts)]
    if mode == "constant" and b.rng.random() < 0.5:
        operands.append(b.constant(b.elements(value.dtype, [])))
    b.node("Pad", operands, mode=mode)


def expand(b: Builder) -> None:
    value = b.pick(None, most_rank=4)
    shape = [b.rng.choice([1, 2, 3, 5]) if d == 1 else b.rng.choice([d, 1]) for d in value.shape]
    if b.rng.random() < 0.4:
        shape = [b.rng.choice([1, 2, 3])] + shape
    b.node("Expand", [value, int64s(b, shape)])


def tile(b: Builder) -> None:
    value = b.pick(None, least_rank=1)
    b.node("Tile", [value, int64s(b, [b.rng.choice([1, 1, 2, 3]) for _ in value.shape])])


def depth_to_space(b: Builder) -> None:
    block = b.rng.choice([2, 3])
    value = b.pick(F16_32 + (np.uint8,), rank=4, test=lambda v: v.shape[1] % (block * block) == 0)
    b.node("DepthToSpace", [value], blocksize=block, mode=b.rng.choice(["DCR", "CRD"]))


def space_to_depth(b: Builder) -> None:
    value = b.pick(F16_32, rank=4, test=lambda v: v.shape[2] % 2 == 0 and v.shape[3] % 2 == 0)
    b.node("SpaceToDepth", [value], blocksize=2)


def trilu(b: Builder) -> None:
    value = b.pick((np.float32, np.float16, np.int64, np.int32, np.bool_), least_rank=2)
    operands = [value]
    if b.rng.random() < 0.7:
        operands.append(int64s(b, b.rng.randint(-5, 5)))
    b.node("Trilu", operands, upper=b.rng.choice([0, 1]))


def reverse_sequence(b: Builder) -> None:
    value = b.pick((np.float32, np.int32, np.int64, np.bool_), least_rank=2, test=lambda v: min(v.shape) > 0)
    time = b.rng.choice([0, 1])
    lengths = b.numbers.randint(1, value.shape[time] + 1, [value.shape[1 - time]]).astype(np.int64)
    source = b.constant(lengths) if b.rng.random() < 0.5 else b.input(lengths)
    b.node("ReverseSequence", [value, source], time_axis=time, batch_axis=1 - time)


def resize(b: Builder) -> None:
    value = b.pick((np.float32,), least_rank=3, most_rank=5, test=lambda v: min(v.shape) > 0)
    mode = b.rng.choice(["nearest", "linear", "cubic"] if value.rank == 4 else ["nearest", "linear"])
    ways = ["half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"]
    attributes = {"mode": mode, "coordinate_transformation_mode": b.rng.choice(ways)}
    if mode == "nearest":
        attributes["nearest_mode"] = b.rng.choice(["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"])
    if mode == "cubic":
        attributes["cubic_coeff_a"] = b.rng.choice([-0.75, -0.5])
    outer = [1] * 2
    if b.rng.random() < 0.6:
        scales = outer + [b.rng.choice([2.0, 2.0, 3.0, 0.5, 1.5, 1.0, 0.7]) for _ in value.shape[2:]]
        b.node("Resize", [value, None, b.constant(np.asarray(scales, "f"))], **attributes)
    else:
        sizes = value.shape[:2] + [b.rng.choice([d, 2 * d, b.rng.randint(1, 20)]) for d in value.shape[2:]]
        b.node("Resize", [value, None, None, int64s(b, sizes)], **attributes)


def shape_of(b: Builder) -> None:
    b.node(b.rng.choice(["Shape", "Size"]), [b.pick(None)])


def constant_of_shape(b: Builder) -> None:
    b.node("ConstantOfShape", [int64s(b, b.shape(b.rng.randint(0, 3), 200))])


def eye(b: Builder) -> None:
    b.node("EyeLike", [b.pick((np.float32, np.int32, np.int64), rank=2)], k=b.rng.randint(-2, 2))


def sequence(b: Builder) -> None:
    first, step = b.rng.randint(-5, 5), b.rng.choice([1, 2, -1, 3])
    bounds = [first, first + step * b.rng.randint(1, 12), step]
    dtype = b.rng.choice([np.int64, np.int32, np.float32])
    b.node("Range", [b.constant(np.asarray(x, dtype)) for x in bounds])


ROWS = [
    ("Transpose", 7, transpose), ("Reshape", 6, reshape), ("Flatten", 1, flatten), ("Squeeze", 2, squeeze),
    ("Unsqueeze", 3, unsqueeze), ("Concat", 6, concat), ("Split", 4, split), ("Slice", 6, slicing), ("Pad", 4, pad),
    ("Expand", 2, expand), ("Tile", 2, tile), ("DepthToSpace", 1, depth_to_space), ("SpaceToDepth", 1, space_to_depth),
    ("Trilu", 2, trilu), ("ReverseSequence", 1, reverse_sequence), ("Resize", 2, resize), ("Shape", 0.4, shape_of),
    ("ConstantOfShape", 0.4, constant_of_shape), ("EyeLike", 0.5, eye), ("Range", 0.5, sequence),
]
