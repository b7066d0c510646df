"""Rows of matrix products, recurrent layers and Fourier transforms."""
from __future__ import annotations

import numpy as np

from graphs.builder import SIZES, Builder, Rejected, Value
from graphs.spatial import weights

F16_32 = (np.float32, np.float16)


def operand(b: Builder, dtype, shape) -> Value:
    """Weights mostly, a value of the graph where one fits."""
    fits = [v for v in b.visible() if v.dtype == dtype and v.shape == list(shape)]
    if fits and b.rng.random() < 0.5:
        return b.rng.choice(fits)
    array = (b.numbers.standard_normal(shape) / np.sqrt(max(1, shape[-2] if len(shape) > 1 else 1))).astype(dtype)
    return b.constant(array, "w") if b.rng.random() < 0.75 else b.input(array)


def matmul(b: Builder) -> None:
    left = b.pick(F16_32, least_rank=1, most_rank=5, test=lambda v: min(v.shape) > 0)
    inner = left.shape[-1]
    kind = b.rng.random()
    width = b.rng.choice(SIZES)
    if left.rank >= 2 and kind < 0.15 and b.depth == 0:  # x times its own transpose
        order = [*range(left.rank - 2), left.rank - 1, left.rank - 2]
        right = b.node("Transpose", [left], perm=order)[0]
    elif left.rank > 2 and kind < 0.45:
        batch = [d if b.rng.random() < 0.8 else 1 for d in left.shape[:-2]]
        right = operand(b, left.dtype, [*batch, inner, width])
    elif kind < 0.5:
        right = operand(b, left.dtype, [inner])
    else:
        right = operand(b, left.dtype, [inner, width])
    if kind > 0.9 and left.rank >= 2:  # weights on the left
        left, right = operand(b, left.dtype, [width, left.shape[-2]]), left
    b.node("MatMul", [left, right])


def gemm(b: Builder) -> None:
    left = b.pick(F16_32, rank=2, test=lambda v: min(v.shape) > 0)
    turned, width = b.rng.choice([0, 0, 1]), b.rng.choice(SIZES)
    rows, inner = left.shape[::-1] if turned else left.shape
    other = b.rng.choice([0, 1])
    operands = [left, operand(b, left.dtype, [width, inner] if other else [inner, width])]
    if b.rng.random() < 0.7:
        bias = b.rng.choice([[width], [width], [1, width], [rows, 1], [rows, width], [1]])
        operands.append(b.source(left.dtype, bias, 0.7))
    alpha, beta = (b.rng.choice([1.0, 1.0, 0.5, 2.0]) for _ in "ab")
    b.node("Gemm", operands, transA=turned, transB=other, alpha=alpha, beta=beta)


EINSUMS = ("ij,jk->ik", "bij,bjk->bik", "bhij,bhkj->bhik", "ij->ji", "ij,ij->", "bij->bi", "i,j->ij", "bij,kj->bik", "ii->i",
           "bhwc,cd->bhwd", "...j,jk->...k", "ij,kj->ki")


def einsum(b: Builder) -> None:
    equation = b.rng.choice(EINSUMS)
    sizes = {letter: b.rng.choice([1, 2, 3, 4, 5, 7, 8, 9, 16]) for letter in "bhijkwcd"}
    shapes = [[sizes[c] for c in term.replace("...", "bi")] for term in equation.split("->")[0].split(",")]
    b.node("Einsum", [b.like(np.dtype("f"), shape) for shape in shapes], equation=equation)


def integer_product(b: Builder) -> None:
    kinds = b.rng.choice([(np.uint8, np.uint8), (np.uint8, np.int8)])
    rows, inner, width = (b.rng.choice(SIZES) for _ in "rik")
    left = b.like(np.dtype(kinds[0]), [rows, inner], 0.1)
    right = b.like(np.dtype(kinds[1]), [inner, width], 0.8)
    zeros = [b.constant(np.asarray(b.rng.randint(0, 9), kind)) for kind in kinds[:b.rng.choice([0, 1, 2])]]
    b.node("MatMulInteger", [left, right, *zeros])


def integer_convolution(b: Builder) -> None:
    channels, outputs = b.rng.choice([1, 3, 4, 8]), b.rng.choice([1, 5, 8, 16])
    value = b.like(np.dtype(np.uint8), [1, channels, b.rng.randint(3, 9), b.rng.randint(3, 9)], 0.0)
    kernel = b.rng.choice([1, 2, 3])
    operands = [value, b.source(np.uint8, [outputs, channels, kernel, kernel], 0.9)]
    if b.rng.random() < 0.5:
        operands.append(b.constant(np.asarray(b.rng.randint(0, 9), np.uint8)))
    b.node("ConvInteger", operands, pads=[kernel // 2] * 4)


def recurrent(op: str):
    def make(b: Builder):
        gates = {"RNN": 1, "GRU": 3, "LSTM": 4}[op]
        value = b.pick((np.float32,), rank=3, test=lambda v: 0 < v.shape[0] <= 8 and min(v.shape) > 0)
        steps, batch, size = value.shape
        hidden, direction = b.rng.choice([1, 3, 4, 8, 9]), b.rng.choice(["forward", "reverse", "bidirectional"])
        ways = 2 if direction == "bidirectional" else 1
        operands = [value, weights(b, value.dtype, [ways, gates * hidden, size]),
                    weights(b, value.dtype, [ways, gates * hidden, hidden])]
        operands.append(b.source(value.dtype, [ways, 2 * gates * hidden], 0.9) if b.rng.random() < 0.6 else None)
        lengths = np.asarray(b.numbers.randint(1, steps + 1, [batch]), np.int32)
        operands.append(b.constant(lengths) if b.rng.random() < 0.15 else None)
        states = 2 if op == "LSTM" else 1
        if b.rng.random() < 0.4:
            operands += [b.like(value.dtype, [ways, batch, hidden]) for _ in range(states)]
        extra = {"linear_before_reset": b.rng.choice([0, 1])} if op == "GRU" else {}
        b.node(op, operands, outputs=1 + states, hidden_size=hidden, direction=direction, **extra)

    return make


def fourier(b: Builder) -> None:
    if b.opset < 20:
        raise Rejected("the axis is an attribute before opset 20")
    value = b.like(np.dtype("f"), [b.rng.choice([1, 2]), b.rng.randint(2, 12), b.rng.choice([1, 2])])
    one_sided = 1 if value.shape[-1] == 1 and b.rng.random() < 0.5 else 0
    axis = b.constant(np.asarray(1, np.int64))
    b.node("DFT", [value, None, axis], onesided=one_sided)


ROWS = [
    ("MatMul", 9, matmul), ("Gemm", 5, gemm), ("Einsum", 2, einsum), ("MatMulInteger", 1, integer_product),
    ("ConvInteger", 0.7, integer_convolution), ("RNN", 0.5, recurrent("RNN")), ("GRU", 0.7, recurrent("GRU")),
    ("LSTM", 0.7, recurrent("LSTM")), ("DFT", 0.4, fourier),
]
