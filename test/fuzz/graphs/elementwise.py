"""Rows of elementwise operators, comparisons, casts and what normalises along an axis."""
from __future__ import annotations

import numpy as np
from onnx import helper

from graphs.builder import FLOATS, INTEGERS, NUMBERS, SIGNED, UNSIGNED, Builder, Value, is_float, scale_of

F16_32 = (np.float32, np.float16)
# What onnxruntime has kernels for; a type that is missing from one is rejected when the node is tried.
WIDE = (np.float32, np.float16, np.float64, np.int32, np.int64)
BOOL = (np.bool_,)


def unary(op: str, dtypes=F16_32, least: float | None = None, most: float | None = None, **attributes):
    """One operand; `least` and `most` bound it by a Clip before, where it is not within them."""

    def make(b: Builder):
        value = b.pick(dtypes)
        if is_float(value.dtype) and value.size:
            low, high = float(value.array.min()), float(value.array.max())
            if least is not None and low < least or most is not None and high > most:
                value = clipped(b, value, least, most)
        drawn = {k: (v(b) if callable(v) else v) for k, v in attributes.items()}
        b.node(op, [value], **drawn)

    return make


def clipped(b: Builder, value: Value, least, most) -> Value:
    bounds = [b.constant(np.asarray(x, value.dtype)) if x is not None else None for x in (least, most)]
    return b.node("Clip", [value, *bounds])[0]


def some(low: float, high: float):
    return lambda b: round(b.rng.uniform(low, high), 3)


def threshold(low: float, high: float):
    """Exact in 16 bits: the standard's function bodies round the attribute to the operand's type, onnxruntime does not."""
    return lambda b: round(b.rng.uniform(low, high) * 64) / 64


def binary(op: str, dtypes=WIDE, divisor: bool = False, **attributes):
    def make(b: Builder):
        left = b.pick(dtypes)
        right = b.partner(left)
        if divisor:
            right = away_from_zero(b, right)
        pair = [left, right]
        if not divisor and b.rng.random() < 0.5:
            pair.reverse()
        drawn = {k: (v(b) if callable(v) else v) for k, v in attributes.items()}
        b.node(op, pair, **drawn)

    return make


def away_from_zero(b: Builder, value: Value) -> Value:
    """The value, or a constant like it, without zeros."""
    array = value.array
    if is_float(value.dtype):
        if value.size == 0 or np.min(np.abs(array)) > 0.3:
            return value
        return b.node("Add", [b.node("Abs", [value])[0], b.constant(np.asarray(0.5, value.dtype))])[0]
    if value.size and np.all(array != 0):
        return value
    array = np.where(array == 0, 3, array).astype(value.dtype)
    return b.constant(array) if b.rng.random() < 0.5 else b.input(array)


def variadic(op: str, dtypes):
    def make(b: Builder):
        values = [b.pick(dtypes)]
        values += [b.partner(values[0]) for _ in range(b.rng.choice([0, 1, 1, 2, 3]))]
        b.rng.shuffle(values)
        b.node(op, values)

    return make


def power(b: Builder) -> None:
    base = b.pick(F16_32 + (np.int32, np.int64))
    kind = b.rng.choice([base.dtype.type, base.dtype.type, np.float32, np.int32, np.int64])
    if is_float(kind) and is_float(base.dtype):
        base = clipped(b, b.node("Abs", [base])[0], 0.25, 4.0)
        exponent = b.rng.choice([0.5, 2.0, 3.0, -1.0, 1.5])
    else:
        exponent = b.rng.choice([0, 1, 2, 3])
    shape = b.rng.choice([[], [1], base.shape])
    b.node("Pow", [base, b.constant(np.full(shape, exponent, kind))])


def modulo(b: Builder) -> None:
    left = b.pick((np.float32,) + INTEGERS)
    right = away_from_zero(b, b.partner(left))
    b.node("Mod", [left, right], fmod=1 if is_float(left.dtype) else b.rng.choice([0, 1]))


def shift(b: Builder) -> None:
    value = b.pick(UNSIGNED)
    amount = b.constant(b.numbers.randint(0, 8, value.shape).astype(value.dtype))
    b.node("BitShift", [value, amount], direction=b.rng.choice(["LEFT", "RIGHT"]))


def clip(b: Builder) -> None:
    value = b.pick(F16_32 + (np.int8, np.uint8, np.int32, np.int64))
    bounds = sorted(b.elements(value.dtype, [2]).tolist())
    low, high = (b.constant(np.asarray(x, value.dtype)) for x in bounds)
    b.node("Clip", [value, low, high if b.rng.random() < 0.8 else None])


def prelu(b: Builder) -> None:
    value = b.pick(F16_32, least_rank=1)
    slope = b.rng.choice([[1], value.shape, value.shape[1:2] + [1] * (value.rank - 2)])
    b.node("PRelu", [value, b.source(value.dtype, slope, 0.7)])


def where(b: Builder) -> None:
    left = b.pick(None)
    right = b.partner(left)
    mask = b.partner(left, np.bool_)
    b.node("Where", [mask, *b.rng.sample([left, right], 2)])


def cast(b: Builder) -> None:
    value = b.pick(None)
    target = b.rng.choice([np.float32, np.float16, np.float32, np.int32, np.int64, np.int8, np.uint8, np.bool_, np.float64])
    if np.dtype(target).kind in "iu" and value.size:
        bounds = np.iinfo(target)
        low, high = float(value.array.min()), float(value.array.max())
        if low < bounds.min or high > bounds.max or is_float(value.dtype) and low < 0 and np.dtype(target).kind == "u":
            target = b.float_type
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(target))
    if b.opset >= 15 and b.rng.random() < 0.15:
        b.node("CastLike", [value, b.like(np.dtype(target), [1])])
    else:
        b.node("Cast", [value], to=kind)


def along_axis(op: str):
    def make(b: Builder):
        value = b.pick(F16_32, least_rank=1)
        b.node(op, [value], axis=b.rng.randrange(-value.rank, value.rank))

    return make


def not_a_number(op: str):
    def make(b: Builder):
        b.node(op, [b.pick((np.float32, np.float16))])

    return make


def dropout(b: Builder) -> None:
    b.node("Dropout", [b.pick(F16_32)], outputs=b.rng.choice([1, 1, 2]))


SIGNED_NUMBERS = FLOATS + SIGNED
ROWS = [
    ("Abs", 2, unary("Abs", NUMBERS)), ("Neg", 2, unary("Neg", SIGNED_NUMBERS)), ("Sign", 1, unary("Sign", NUMBERS)),
    ("Ceil", 1, unary("Ceil")), ("Floor", 1, unary("Floor")), ("Round", 1, unary("Round")),
    ("Sqrt", 1, unary("Sqrt", FLOATS, least=0.1)), ("Reciprocal", 1, unary("Reciprocal", FLOATS, least=0.25)),
    ("Exp", 1, unary("Exp", FLOATS, most=4.0)), ("Log", 1, unary("Log", FLOATS, least=0.1)),
    ("Sin", 1, unary("Sin", FLOATS, least=-20.0, most=20.0)), ("Cos", 1, unary("Cos", least=-20.0, most=20.0)),
    ("Tan", 1, unary("Tan", least=-1.0, most=1.0)), ("Asin", 1, unary("Asin", least=-0.9, most=0.9)),
    ("Acos", 1, unary("Acos", least=-0.9, most=0.9)), ("Atan", 1, unary("Atan")),
    ("Sinh", 1, unary("Sinh", least=-4.0, most=4.0)), ("Cosh", 1, unary("Cosh", least=-4.0, most=4.0)),
    ("Asinh", 1, unary("Asinh")), ("Acosh", 1, unary("Acosh", least=1.5)),
    ("Atanh", 1, unary("Atanh", least=-0.9, most=0.9)), ("Erf", 1, unary("Erf")),
    ("Sigmoid", 3, unary("Sigmoid", FLOATS)), ("Tanh", 3, unary("Tanh", FLOATS)),
    ("Relu", 4, unary("Relu", FLOATS + (np.int8, np.int32))), ("LeakyRelu", 1, unary("LeakyRelu", alpha=some(0.01, 0.5))),
    ("Elu", 1, unary("Elu", alpha=some(0.5, 2), most=4.0)), ("Celu", 1, unary("Celu", (np.float32,), alpha=some(0.5, 2))),
    ("Selu", 1, unary("Selu")), ("Softplus", 1, unary("Softplus")), ("Softsign", 1, unary("Softsign")),
    ("HardSigmoid", 1, unary("HardSigmoid", alpha=some(0.1, 0.5), beta=some(0.2, 0.6))),
    ("HardSwish", 1, unary("HardSwish")), ("Mish", 1, unary("Mish", (np.float32,))),
    ("Gelu", 1, unary("Gelu", approximate=lambda b: b.rng.choice(["none", "tanh"]))),
    ("ThresholdedRelu", 1, unary("ThresholdedRelu", alpha=threshold(0.2, 1.5))),
    ("Shrink", 1, unary("Shrink", NUMBERS, lambd=threshold(-0.5, 2), bias=some(-1, 1))),
    ("Identity", 1, unary("Identity", None)), ("Not", 3, unary("Not", BOOL)), ("BitwiseNot", 1, unary("BitwiseNot", INTEGERS)),
    ("IsNaN", 1, not_a_number("IsNaN")), ("IsInf", 1, not_a_number("IsInf")), ("Dropout", 1, dropout),
    ("Add", 6, binary("Add")), ("Sub", 4, binary("Sub")), ("Mul", 5, binary("Mul")), ("Div", 3, binary("Div", divisor=True)),
    ("Pow", 2, power), ("Mod", 2, modulo), ("BitShift", 1, shift), ("Min", 2, variadic("Min", WIDE + (np.int8, np.uint8))),
    ("Max", 2, variadic("Max", WIDE + (np.int8, np.uint8))), ("Sum", 1, variadic("Sum", F16_32)),
    ("Mean", 1, variadic("Mean", F16_32)), ("And", 2, binary("And", BOOL)), ("Or", 2, binary("Or", BOOL)),
    ("Xor", 2, binary("Xor", BOOL)), ("Equal", 3, binary("Equal", WIDE + BOOL)), ("Less", 3, binary("Less")),
    ("Greater", 3, binary("Greater")), ("LessOrEqual", 2, binary("LessOrEqual")),
    ("GreaterOrEqual", 2, binary("GreaterOrEqual")), ("BitwiseAnd", 1, binary("BitwiseAnd", INTEGERS)),
    ("BitwiseOr", 1, binary("BitwiseOr", INTEGERS)), ("BitwiseXor", 1, binary("BitwiseXor", INTEGERS)),
    ("Clip", 3, clip), ("PRelu", 2, prelu), ("Where", 6, where), ("Cast", 5, cast), ("Softmax", 3, along_axis("Softmax")),
    ("LogSoftmax", 1, along_axis("LogSoftmax")), ("Hardmax", 1, along_axis("Hardmax")),
]
