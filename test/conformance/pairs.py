"""A grid of pairs: what a kernel computes, and who reads it, by element type and odd widths, with onnxruntime's answers.

Operators that are right alone go wrong together: the reader becomes part of the kernel (its epilogue), says where the
kernel writes (a concatenation, a stack), or what of it need not be computed (a slice). Each producer below gives one value,
each consumer takes any value, and every pair is a model. Numbers are small multiples of 1/4 where the producer only sums
products, so that comparisons meet ties and every order of summing gives the same.
"""
from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Callable

import numpy as np
import onnx
from onnx import helper

import grid
from cases import Case

WIDTHS = [1, 7, 19]
FLOATS = {"f32": np.float32, "f16": np.float16, "f64": np.float64}


class Graph:
    """Nodes, inputs and constants of one model; operators are methods that return the name of their result."""

    def __init__(self, name: str):
        self.rng = grid.rng_of(name)
        self.nodes: list[onnx.NodeProto] = []
        self.inputs: dict[str, np.ndarray] = {}
        self.weights: dict[str, np.ndarray] = {}

    def op(self, kind: str, *operands: str, outputs: int = 1, **attributes):
        names = [f"v{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, operands, names, **attributes))
        return names[0] if outputs == 1 else names

    def input(self, array: np.ndarray) -> str:
        return self.keep(self.inputs, "x", array)

    def const(self, array, dtype=None) -> str:
        return self.keep(self.weights, "w", np.asarray(array, dtype))

    def ints(self, *values: int) -> str:
        return self.const(values, np.int64)

    @staticmethod
    def keep(where: dict, prefix: str, array: np.ndarray) -> str:
        name = f"{prefix}{len(where)}"
        where[name] = array
        return name

    def numbers(self, dtype, *shape: int) -> np.ndarray:
        """Multiples of 1/4 in [-1, 1], or small integers."""
        low = 0 if np.issubdtype(dtype, np.unsignedinteger) else -4
        values = self.rng.randint(low, 5, shape)
        return (values / 4 if np.issubdtype(dtype, np.floating) else values).astype(dtype)

    def mask(self, *shape: int) -> str:
        return self.input(self.rng.randint(0, 2, shape).astype(bool))


@dataclass
class Value:
    """What a producer gives: a name in the graph, a shape and a type."""

    name: str
    shape: list[int]
    dtype: type

    @property
    def rank(self) -> int:
        return len(self.shape)


# --------------------------------------------------------------------------------------------------------------------
# Producers: (graph, element type, width) -> value of that width in some dimension
# --------------------------------------------------------------------------------------------------------------------


def conv(g: Graph, dtype, width: int, *, inputs=5, kernel=3, groups=1, outputs=None, size=(5, 6), stride=1,
         numbers=Graph.numbers) -> Value:
    outputs = outputs or width
    x = g.input(numbers(g, dtype, 1, inputs, *size))
    w = g.const(numbers(g, dtype, outputs, inputs // groups, kernel, kernel))
    b = g.const(numbers(g, dtype, outputs))
    y = g.op("Conv", x, w, b, group=groups, pads=[kernel // 2] * 4, strides=[stride] * 2)
    return Value(y, [1, outputs, *(-(-s // stride) for s in size)], dtype)


def pointwise(g, dtype, width):
    return conv(g, dtype, width, kernel=1)


def strided(g, dtype, width):
    return conv(g, dtype, width, stride=2)


def winograd(g, dtype, width):
    """Rounds where others do not: no ties."""
    return conv(g, dtype, width, inputs=32, outputs=32 + width, size=(12, 12),
                numbers=lambda g, dtype, *shape: g.rng.standard_normal(shape).astype(dtype))


def groups(g, dtype, width):
    return conv(g, dtype, width, inputs=8, outputs=4 * width, groups=4)


def depthwise(g, dtype, width):
    return conv(g, dtype, width, inputs=width, groups=width)


def conv_line(g, dtype, width):
    x, w = g.input(g.numbers(dtype, 2, 3, 9)), g.const(g.numbers(dtype, width, 3, 3))
    return Value(g.op("Conv", x, w), [2, width, 7], dtype)


def gemm(g, dtype, width):
    x, w, b = g.input(g.numbers(dtype, 5, 6)), g.const(g.numbers(dtype, 6, width)), g.const(g.numbers(dtype, width))
    return Value(g.op("Gemm", x, w, b), [5, width], dtype)


def matmul(g, dtype, width):
    x, w = g.input(g.numbers(dtype, 2, 5, 6)), g.const(g.numbers(dtype, 6, width))
    return Value(g.op("MatMul", x, w), [2, 5, width], dtype)


def scores(g, dtype, width):
    """Attention's product: the right side is transposed."""
    q, k = g.input(g.numbers(dtype, 2, 3, width, 6)), g.input(g.numbers(dtype, 2, 3, width, 6))
    return Value(g.op("MatMul", q, g.op("Transpose", k, perm=[0, 1, 3, 2])), [2, 3, width, width], dtype)


def max_pool(g, dtype, width):
    x = g.input(g.numbers(dtype, 1, width, 7, 8))
    return Value(g.op("MaxPool", x, kernel_shape=[3, 3], pads=[1] * 4, strides=[2, 2]), [1, width, 4, 4], dtype)


def average_pool(g, dtype, width):
    x = g.input(g.numbers(dtype, 1, width, 6, 8))
    return Value(g.op("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2]), [1, width, 3, 4], dtype)


def global_pool(g, dtype, width):
    return Value(g.op("GlobalAveragePool", g.input(g.numbers(dtype, 2, width, 4, 4))), [2, width, 1, 1], dtype)


def reduce_rows(g, dtype, width):
    x = g.input(g.numbers(dtype, 3, 8, width))
    return Value(g.op("ReduceMax", x, axes=[1], keepdims=0), [3, width], dtype)


def reduce_last(g, dtype, width):
    x = g.input(g.numbers(dtype, 3, width, 8))
    return Value(g.op("ReduceSum", x, g.ints(2), keepdims=1), [3, width, 1], dtype)


def softmax(g, dtype, width):
    return Value(g.op("Softmax", g.input(g.numbers(dtype, 2, 3, width)), axis=-1), [2, 3, width], dtype)


def softmax_rows(g, dtype, width):
    return Value(g.op("Softmax", g.input(g.numbers(dtype, 2, width, 3)), axis=1), [2, width, 3], dtype)


def conv_integer(g, dtype, width):
    x, w = g.input(g.numbers(np.uint8, 1, 3, 5, 6)), g.const(g.numbers(np.int8, width, 3, 3, 3))
    return Value(g.op("ConvInteger", x, w, g.const(2, np.uint8), pads=[1] * 4), [1, width, 5, 6], np.int32)


def matmul_integer(g, dtype, width):
    x, w = g.input(g.numbers(np.uint8, 2, 5, 6)), g.const(g.numbers(np.int8, 6, width))
    return Value(g.op("MatMulInteger", x, w, g.const(2, np.uint8)), [2, 5, width], np.int32)


def qlinear_conv(g, dtype, width):
    x, w = g.input(g.numbers(np.uint8, 1, 4, 5, 6)), g.const(g.numbers(np.int8, width, 4, 3, 3))
    scales = [g.const(v, np.float32) for v in (0.5, 0.25, 0.5)]
    zeros = [g.const(2, np.uint8), g.const(0, np.int8), g.const(100, np.uint8)]
    y = g.op("QLinearConv", x, scales[0], zeros[0], w, scales[1], zeros[1], scales[2], zeros[2], pads=[1] * 4)
    return Value(y, [1, width, 5, 6], np.uint8)


FLOAT_PRODUCERS = [conv, pointwise, strided, winograd, groups, depthwise, conv_line, gemm, matmul, scores, max_pool,
                   average_pool, global_pool, reduce_rows, reduce_last, softmax, softmax_rows]
# With the element types that they are tried with beside f32.
OTHER_PRODUCERS = {
    "f16": [conv, depthwise, matmul, max_pool, reduce_rows, softmax], "f64": [conv, gemm, scores, reduce_last],
    "i32": [conv_integer, matmul_integer, reduce_rows, reduce_last], "u8": [qlinear_conv, max_pool],
}
DTYPES = {**FLOATS, "i32": np.int32, "u8": np.uint8}

# --------------------------------------------------------------------------------------------------------------------
# Consumers: (graph, value); what is not read by another node is a result. Those that do not fit return False.
# --------------------------------------------------------------------------------------------------------------------


def per_channel(g: Graph, v: Value) -> str:
    """A constant that differs along dimension 1, of two dims or more the channels of an image."""
    shape = [1] * v.rank
    shape[min(1, v.rank - 1)] = v.shape[min(1, v.rank - 1)]
    return g.const(g.numbers(v.dtype, *shape))


def scalar(g: Graph, v: Value, value: int = 1) -> str:
    return g.const(value, v.dtype)


def greater_channels(g, v):
    g.op("Greater", v.name, per_channel(g, v))


def less_full(g, v):
    g.op("LessOrEqual", v.name, g.input(g.numbers(v.dtype, *v.shape)))


def less_row(g, v):
    g.op("Less", g.input(g.numbers(v.dtype, v.shape[-1])), v.name)


def logic(g, v):
    beyond = g.op("Greater", v.name, scalar(g, v, 0))
    g.op("Not", g.op("And", g.op("Or", beyond, g.mask(*v.shape)), g.mask(v.shape[-1])))


def compare_twice(g, v):
    """The bool is a result and is read."""
    equal = g.op("GreaterOrEqual", v.name, scalar(g, v))
    g.op("Identity", equal)
    g.op("Cast", equal, to=helper.np_dtype_to_tensor_dtype(np.dtype(v.dtype)))


def where_mask(g, v):
    g.op("Where", g.mask(*v.shape), v.name, scalar(g, v, 3))


def where_row(g, v):
    g.op("Where", g.mask(v.shape[-1]), scalar(g, v, 3), v.name)


def where_rows(g, v):
    g.op("Where", g.mask(*v.shape[:-1], 1), v.name, g.input(g.numbers(v.dtype, *v.shape)))


def where_constant(g, v):
    known = g.const(g.rng.randint(0, 2, v.shape).astype(bool))
    row = g.const(g.rng.randint(0, 2, v.shape[-1:]).astype(bool))
    g.op("Where", known, g.op("Where", row, v.name, scalar(g, v, 2)), scalar(g, v, 3))


def where_scalar(g, v):
    g.op("Where", g.mask(), v.name, scalar(g, v, 3))


def where_itself(g, v):
    g.op("Where", g.op("Less", v.name, scalar(g, v)), v.name, per_channel(g, v))


def masked_softmax(g, v):
    if v.dtype not in (np.float32, np.float64):
        return False
    g.op("Softmax", g.op("Where", g.mask(*v.shape), v.name, scalar(g, v, -3)), axis=-1)


def triangle(g, v, upper: int, k: int):
    g.op("Trilu", v.name, g.const(k, np.int64), upper=upper)


def trilu_lower(g, v):
    triangle(g, v, 0, 1)


def trilu_upper(g, v):
    triangle(g, v, 1, -1)


def trilu_bool(g, v):
    g.op("Trilu", g.op("Cast", v.name, to=onnx.TensorProto.BOOL), upper=1)


def cast_bool(g, v):
    g.op("Cast", v.name, to=onnx.TensorProto.BOOL)


def cast_other(g, v):
    to = onnx.TensorProto.INT32 if np.issubdtype(v.dtype, np.floating) else onnx.TensorProto.FLOAT
    g.op("Cast", v.name, to=to)


def cast_half(g, v):
    if v.dtype == np.float16:
        return False
    g.op("Cast", v.name, to=onnx.TensorProto.FLOAT16)


def slice_two_axes(g, v):
    a, b = (1, v.rank - 1) if v.rank > 2 else (0, 1)
    starts = [min(1, v.shape[a] - 1), min(1, v.shape[b] - 1)]
    g.op("Slice", v.name, g.ints(*starts), g.ints(v.shape[a], v.shape[b]), g.ints(a, b))


def slice_steps(g, v):
    a, b = v.rank - 2, v.rank - 1
    big = 2**31
    g.op("Slice", v.name, g.ints(0, big), g.ints(big, -big), g.ints(a, b), g.ints(2, -1))


def slice_then_gather(g, v):
    piece = g.op("Slice", v.name, g.ints(0), g.ints(max(1, v.shape[1] - 1)), g.ints(1))
    g.op("Gather", piece, g.ints(0), axis=v.rank - 1)


def split_axis(axis: int):
    def split(g, v):
        at = axis % v.rank
        if v.shape[at] < 2:
            return False
        first = v.shape[at] // 2
        parts = g.op("Split", v.name, g.ints(first, v.shape[at] - first), outputs=2, axis=at)
        g.op("Neg" if not np.issubdtype(v.dtype, np.unsignedinteger) else "Identity", parts[1])
        return None

    return split


def concat_axis(axis: int):
    def concat(g, v):
        if -axis > v.rank or axis >= v.rank:
            return False
        g.op("Concat", v.name, g.input(g.numbers(v.dtype, *v.shape)), v.name, axis=axis)
        return None

    return concat


def concat_bools(g, v):
    beyond = g.op("Greater", v.name, scalar(g, v, 0))
    g.op("Concat", g.mask(*v.shape), beyond, axis=v.rank - 1)


def stack_axis(axis: int):
    def stack(g, v):
        both = [g.op("Unsqueeze", name, g.ints(axis)) for name in (v.name, g.input(g.numbers(v.dtype, *v.shape)))]
        g.op("Concat", *both, axis=axis)

    return stack


def stack_bools(g, v):
    beyond = g.op("Greater", v.name, scalar(g, v, 0))
    both = [g.op("Unsqueeze", name, g.ints(-1)) for name in (beyond, g.mask(*v.shape))]
    g.op("Concat", *both, axis=-1)


def pad_all(g, v):
    pads = [1] * v.rank + [2] * v.rank
    g.op("Pad", v.name, g.ints(*pads), scalar(g, v, 2))


def pad_last(g, v):
    pads = [0] * (v.rank - 1) + [1] + [0] * (v.rank - 1) + [0]
    g.op("Pad", v.name, g.ints(*pads))


def scatter_rows(g, v):
    rows = g.input(g.numbers(v.dtype, 1, *v.shape[1:]))
    g.op("ScatterND", v.name, g.const([[v.shape[0] - 1]], np.int64), rows)


def scatter_into(g, v):
    data = g.input(g.numbers(v.dtype, v.shape[0] + 2, *v.shape[1:]))
    places = [[i + 1] for i in range(v.shape[0])]
    g.op("ScatterND", data, g.const(places, np.int64), v.name)


def scatter_last(g, v):
    places = np.zeros([*v.shape[:-1], 1], np.int64) + v.shape[-1] - 1
    g.op("ScatterElements", v.name, g.const(places), g.input(g.numbers(v.dtype, *places.shape)), axis=v.rank - 1)


def transpose_reverse(g, v):
    g.op("Transpose", v.name, perm=list(range(v.rank))[::-1])


def transpose_last(g, v):
    perm = list(range(v.rank))
    perm[-2:] = perm[:-3:-1]
    g.op("Transpose", v.name, perm=perm)


def transposed_compare(g, v):
    perm = list(range(v.rank))[::-1]
    g.op("Transpose", g.op("Greater", v.name, scalar(g, v, 0)), perm=perm)


def flatten_row(g, v):
    g.op("Reshape", v.name, g.ints(-1))


def reduce_bools(g, v):
    found = g.op("Cast", g.op("Greater", v.name, scalar(g, v, 0)), to=onnx.TensorProto.INT32)
    g.op("ReduceSum", found, g.ints(v.rank - 1), keepdims=0)


def reduce_max(g, v):
    g.op("ReduceMax", v.name, axes=[v.rank - 1], keepdims=0)


CONSUMERS: dict[str, Callable] = {
    f.__name__: f
    for f in (greater_channels, less_full, less_row, logic, compare_twice, where_mask, where_row, where_rows, where_constant,
              where_scalar, where_itself, masked_softmax, trilu_lower, trilu_upper, trilu_bool, cast_bool, cast_other, cast_half, slice_two_axes,
              slice_steps, slice_then_gather, concat_bools, stack_bools, pad_all, pad_last, scatter_rows, scatter_into,
              scatter_last, transpose_reverse, transpose_last, transposed_compare, flatten_row, reduce_bools, reduce_max)
}
CONSUMERS |= {f"split_{name}": split_axis(axis) for name, axis in (("first", 0), ("second", 1), ("last", -1))}
CONSUMERS |= {f"concat_{axis}": concat_axis(axis) for axis in range(4)}
CONSUMERS |= {f"stack_{name}": stack_axis(axis) for name, axis in (("first", 0), ("second", 1), ("last", -1))}


def combinations():
    """(producer, element type, width), all producers in f32 with all widths, others with one width."""
    yield from ((p, "f32", width) for p, width in itertools.product(FLOAT_PRODUCERS, WIDTHS))
    for kind, producers in OTHER_PRODUCERS.items():
        yield from ((p, kind, width) for p, width in itertools.product(producers, WIDTHS[1:2]))


def collect() -> list[Case]:
    """Every pair that onnxruntime runs, sorted by name; the class of a case is its producer."""
    found = []
    for (producer, kind, width), (consumer, consume) in itertools.product(combinations(), CONSUMERS.items()):
        name = f"{producer.__name__}_{kind}_{width}_{consumer}"
        g = Graph(name)
        value = producer(g, DTYPES[kind], width)
        if consume(g, value) is False:
            continue
        made = grid.build(name, g.nodes, g.inputs, g.weights)
        if made:
            found.append(Case(name, producer.__name__, consumer, made[0], list(g.inputs.values()), made[1]))
    return sorted(found, key=lambda case: case.name)


def smoke(everything: list[Case]) -> list[Case]:
    """Each consumer behind a few producers in turns, so that each producer comes too."""
    producers, consumers = (sorted({getattr(c, key) for c in everything}) for key in ("kind", "operator"))
    return [
        c for c in everything
        if f"_{WIDTHS[1]}_" in c.name and (producers.index(c.kind) + consumers.index(c.operator)) % 6 == 0
    ]
