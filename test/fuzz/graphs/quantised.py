"""Rows of quantised operators. Scales are powers of two: a value / scale is exact, and no rounding decides a level.

Results of integer products keep to operands whose sums are exact too, so levels must agree but for real ties, which both
round to even.
"""
from __future__ import annotations

import numpy as np

from graphs.builder import Builder, Value
from graphs.spatial import channels, image, padding, window

BYTES = (np.uint8, np.int8)


def scale(b: Builder, low: int = -6, high: int = -3, shape=()) -> Value:
    return b.constant(np.exp2(b.numbers.randint(low, high + 1, shape)).astype("f"))


def zero(b: Builder, dtype, shape=()) -> Value:
    bounds = (100, 150) if dtype == np.uint8 else (-20, 21)
    return b.constant(b.numbers.randint(*bounds, shape).astype(dtype))


def axis_of(b: Builder, value: Value):
    """(shape of the parameters, attributes): a tensor's or a channel's."""
    if value.rank >= 2 and b.rng.random() < 0.3:
        return [value.shape[1]], {"axis": 1}
    return [], {}


def quantise(b: Builder) -> None:
    value, dtype = b.pick((np.float32,)), b.rng.choice(BYTES)
    shape, extra = axis_of(b, value)
    b.node("QuantizeLinear", [value, scale(b, shape=shape), zero(b, dtype, shape)], **extra)


def dequantise(b: Builder) -> None:
    value = b.pick(BYTES + (np.int32,))
    shape, extra = axis_of(b, value)
    operands = [value, scale(b, shape=shape)]
    if value.dtype != np.int32 and b.rng.random() < 0.8:
        operands.append(zero(b, value.dtype.type, shape))
    b.node("DequantizeLinear", operands, **extra)


def both(b: Builder) -> None:
    """A pair, as exporters put it on every edge."""
    value, dtype = b.pick((np.float32,)), b.rng.choice(BYTES)
    parameters = [scale(b), zero(b, dtype)]
    b.node("DequantizeLinear", [b.node("QuantizeLinear", [value, *parameters])[0], *parameters])


def dynamic(b: Builder) -> None:
    b.node("DynamicQuantizeLinear", [b.pick((np.float32,), test=lambda v: v.size > 0)], outputs=3)


def levels(b: Builder, dtype, shape) -> Value:
    """Weights of few levels, so that sums stay exact."""
    bounds = (120, 137) if dtype == np.uint8 else (-8, 9)
    return b.constant(b.numbers.randint(*bounds, shape).astype(dtype))


def convolution(b: Builder) -> None:
    value = image(b, BYTES, (3, 4, 4))
    kernel, strides, dilations = window(b, value.shape[2:], 3)
    outputs, groups = channels(b, value.shape[1])
    many = [outputs] if b.rng.random() < 0.5 else []
    filters = levels(b, np.int8, [outputs, value.shape[1] // groups, *kernel])
    operands = [value, scale(b), zero(b, value.dtype.type), filters, scale(b, shape=many),
                b.constant(np.zeros(many, np.int8)), scale(b, -3, 0), zero(b, value.dtype.type)]
    if b.rng.random() < 0.5:
        operands.append(b.constant(b.numbers.randint(-200, 200, [outputs]).astype(np.int32)))
    b.node("QLinearConv", operands, kernel_shape=kernel, strides=strides, dilations=dilations, group=groups,
           **padding(b, kernel, strides, dilations))


def product(b: Builder) -> None:
    value = b.pick(BYTES, least_rank=2, most_rank=4, test=lambda v: min(v.shape) > 0)
    kind = value.dtype.type if b.rng.random() < 0.5 else np.int8
    filters = levels(b, kind, [value.shape[-1], b.rng.choice([1, 3, 8, 16, 17])])
    operands = [value, scale(b), zero(b, value.dtype.type), filters, scale(b), zero(b, kind), scale(b, -3, 0)]
    b.node("QLinearMatMul", [*operands, zero(b, value.dtype.type)])


def sums(op: str):
    def make(b: Builder):
        left = b.pick(BYTES)
        right = b.partner(left)
        kind = left.dtype.type
        operands = [x for v in (left, right) for x in (v, scale(b), zero(b, kind))]
        # With ties and without: both are computed as onnxruntime's operators do, bit for bit.
        result = scale(b, -4, -2) if b.rng.random() < 0.5 else b.constant(np.float32(1.0371 * 2.0 ** b.rng.randint(-4, -2)))
        b.node(op, [*operands, result, zero(b, kind)], domain="com.microsoft")

    return make


ROWS = [
    ("QuantizeLinear", 2, quantise), ("DequantizeLinear", 3, dequantise), ("QDQ", 2, both),
    ("DynamicQuantizeLinear", 0.5, dynamic), ("QLinearConv", 1, convolution), ("QLinearMatMul", 1, product),
    ("QLinearAdd", 0.7, sums("QLinearAdd")), ("QLinearMul", 0.5, sums("QLinearMul")),
]
