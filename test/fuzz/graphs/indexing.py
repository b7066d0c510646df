"""Rows of what reads and writes by index, and of what sorts, sums up and reduces."""
from __future__ import annotations

import numpy as np

from graphs.builder import FLOATS, Builder, Rejected, Value
from graphs.movement import int64s

F16_32 = (np.float32, np.float16)
WIDE = (np.float32, np.float16, np.int32, np.int64)


def indices(b: Builder, shape, size: int, dtype=None, negative: bool = True) -> Value:
    """Indices within an axis of `size`, constants or known only at run time."""
    if size == 0:
        raise Rejected("an axis without elements")
    low = -size if negative and b.rng.random() < 0.5 else 0
    array = b.numbers.randint(low, size, shape).astype(dtype or b.index_type())
    return b.constant(array) if b.rng.random() < 0.6 else b.input(array)


def gather(b: Builder) -> None:
    value = b.pick(None, least_rank=1)
    axis = b.rng.randrange(value.rank)
    shape = b.rng.choice([[], [1], [3], [b.rng.randint(1, 9)], [2, 3]])
    b.node("Gather", [value, indices(b, shape, value.shape[axis])], axis=axis)


def gather_elements(b: Builder) -> None:
    value = b.pick(None, least_rank=1)
    axis = b.rng.randrange(value.rank)
    shape = [b.rng.randint(1, 5) if i == axis else b.rng.randint(min(1, d), d) for i, d in enumerate(value.shape)]
    b.node("GatherElements", [value, indices(b, shape, value.shape[axis])], axis=axis)


def tuples(b: Builder, value: Value, lead: list[int], depth: int, batch: int = 0, distinct: bool = False) -> Value:
    """Indices of GatherND and ScatterND: the last dimension holds a position in `depth` axes."""
    sizes = value.shape[batch:batch + depth]
    if 0 in sizes:
        raise Rejected("an axis without elements")
    if distinct:
        count = min(int(np.prod(lead)), int(np.prod(sizes)))
        flat = b.numbers.permutation(int(np.prod(sizes)))[:count]
        array = np.stack(np.unravel_index(flat, sizes), -1)
    else:
        array = np.stack([b.numbers.randint(0, s, lead) for s in sizes], -1)
    array = array.astype(np.int64)
    return b.constant(array) if b.rng.random() < 0.6 else b.input(array)


def gather_nd(b: Builder) -> None:
    value = b.pick(None, least_rank=1)
    batch = b.rng.choice([0, 0, min(1, value.rank - 1)])
    depth = b.rng.randint(1, value.rank - batch)
    lead = value.shape[:batch] + b.rng.choice([[2], [3], [2, 2]])
    b.node("GatherND", [value, tuples(b, value, lead, depth, batch)], batch_dims=batch)


def scatter_elements(b: Builder) -> None:
    value = b.pick(WIDE + (np.bool_,), least_rank=1, test=lambda v: min(v.shape) > 0)
    axis, reduction = b.rng.randrange(value.rank), "none"
    if b.opset >= 18 and value.dtype.kind != "b":
        reduction = b.rng.choice(["none", "add", "mul", "max", "min"])
    shape = [b.rng.randint(1, d) for d in value.shape]
    # Without a reduction no place may be written twice.
    order = np.argsort(b.numbers.random_sample([*shape[:axis], value.shape[axis], *shape[axis + 1:]]), axis)
    array = np.take(order, range(shape[axis]), axis).astype(b.index_type())
    if b.rng.random() < 0.3:
        array -= value.shape[axis]
    places = b.constant(array) if b.rng.random() < 0.6 else b.input(array)
    updates = b.like(value.dtype, shape)
    extra = {"reduction": reduction} if reduction != "none" else {}
    b.node("ScatterElements", [value, places, updates], axis=axis, **extra)


def scatter_nd(b: Builder) -> None:
    value = b.pick(WIDE + (np.bool_,), least_rank=1, test=lambda v: min(v.shape) > 0)
    depth = b.rng.randint(1, value.rank)
    places = tuples(b, value, [b.rng.randint(1, 6)], depth, distinct=True)
    updates = b.like(value.dtype, places.shape[:-1] + value.shape[depth:])
    extra = {}
    if b.opset >= 18 and value.dtype.kind != "b" and b.rng.random() < 0.5:
        extra = {"reduction": b.rng.choice(["add", "mul", "max", "min"])}
    b.node("ScatterND", [value, places, updates], **extra)


def one_hot(b: Builder) -> None:
    depth = b.rng.randint(2, 9)
    places = indices(b, b.rng.choice([[3], [2, 4], [5, 1]]), depth, np.int64)
    dtype = b.rng.choice([np.float32, np.int64])
    values = b.constant(np.asarray([0, 1], dtype) if b.rng.random() < 0.6 else b.elements(dtype, [2]))
    b.node("OneHot", [places, int64s(b, depth), values], axis=b.rng.choice([-1, 0, 1]))


def compress(b: Builder) -> None:
    value = b.pick(WIDE + (np.bool_,), least_rank=1)
    axis = b.rng.randrange(value.rank)
    mask = b.elements(np.bool_, [value.shape[axis]])
    b.node("Compress", [value, b.constant(mask)], axis=axis)


def top_k(b: Builder) -> None:
    value = b.pick((np.float32, np.int32, np.int64), least_rank=1, test=lambda v: min(v.shape) > 0)
    axis = b.rng.randrange(value.rank)
    k = b.rng.randint(1, min(value.shape[axis], 12))
    b.node("TopK", [value, int64s(b, [k])], outputs=2, axis=axis, largest=b.rng.choice([0, 1]))


def arg(op: str):
    def make(b: Builder):
        value = b.pick((np.float32, np.int32, np.int8, np.uint8), least_rank=1, test=lambda v: min(v.shape) > 0)
        b.node(op, [value], axis=b.rng.randrange(-value.rank, value.rank), keepdims=b.rng.choice([0, 1]),
               select_last_index=b.rng.choice([0, 0, 1]))

    return make


def reduction(op: str, dtypes, attribute_until: int = 17, positive: bool = False):
    """Axes are an attribute up to an opset, an operand from there on."""

    def make(b: Builder):
        value = b.pick(dtypes, least_rank=1)
        if positive and value.size and value.array.min() <= 0:
            value = b.node("Add", [b.node("Abs", [value])[0], b.constant(np.asarray(1, value.dtype))])[0]
        axes = b.rng.sample(range(value.rank), b.rng.randint(1, value.rank))
        axes = [a - value.rank if b.rng.random() < 0.3 else a for a in axes]
        keep, every = b.rng.choice([0, 1]), b.rng.random() < 0.1
        if b.opset <= attribute_until:
            b.node(op, [value], axes=None if every else axes, keepdims=keep)
        else:
            b.node(op, [value] if every else [value, int64s(b, axes)], keepdims=keep)

    return make


def cumulative(b: Builder) -> None:
    value = b.pick((np.float32, np.int32, np.int64), least_rank=1)
    axis = b.constant(np.asarray(b.rng.randrange(-value.rank, value.rank), b.index_type()))
    b.node("CumSum", [value, axis], exclusive=b.rng.choice([0, 1]), reverse=b.rng.choice([0, 1]))


NUMERIC = FLOATS + (np.int32, np.int64)
ROWS = [
    ("Gather", 4, gather), ("GatherElements", 2, gather_elements), ("GatherND", 2, gather_nd),
    ("ScatterElements", 2, scatter_elements), ("ScatterND", 2, scatter_nd), ("OneHot", 1, one_hot),
    ("Compress", 1, compress), ("TopK", 2, top_k), ("ArgMax", 1, arg("ArgMax")), ("ArgMin", 1, arg("ArgMin")),
    ("ReduceSum", 3, reduction("ReduceSum", NUMERIC, 12)), ("ReduceMean", 3, reduction("ReduceMean", NUMERIC)),
    ("ReduceMax", 2, reduction("ReduceMax", NUMERIC + (np.int8, np.uint8))),
    ("ReduceMin", 2, reduction("ReduceMin", NUMERIC + (np.int8, np.uint8))),
    ("ReduceProd", 1, reduction("ReduceProd", NUMERIC)), ("ReduceL1", 1, reduction("ReduceL1", NUMERIC)),
    ("ReduceL2", 1, reduction("ReduceL2", NUMERIC)), ("ReduceSumSquare", 1, reduction("ReduceSumSquare", NUMERIC)),
    ("ReduceLogSum", 1, reduction("ReduceLogSum", NUMERIC, positive=True)),
    ("ReduceLogSumExp", 1, reduction("ReduceLogSumExp", NUMERIC)), ("CumSum", 1, cumulative),
]
