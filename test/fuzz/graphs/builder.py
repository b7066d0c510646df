"""Grows a random graph node by node, evaluating each one as it is added.

A value carries its elements and how far they may be off (`off`) after all that came before. A node is tried on its
operands as they are and on operands shifted by as much as they may be off: where that changes an integer or a bool, or
blows a float up, the node would be ambiguous and is not added. Nothing needs to be known about its operator for that.
What is left open even on exact operands is not added either: `doubt.py` says which nodes those are.
"""
from __future__ import annotations

import dataclasses
import random
from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import helper, numpy_helper

from graphs import doubt, evaluate

FLOATS = (np.float32, np.float16, np.float64)
SIGNED = (np.int8, np.int16, np.int32, np.int64)
UNSIGNED = (np.uint8, np.uint16, np.uint32, np.uint64)
INTEGERS = SIGNED + UNSIGNED
NUMBERS = FLOATS + INTEGERS
# Sizes of dimensions: below, at and beyond the widths of vectors.
SIZES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 16, 17, 19, 24, 31, 32, 33)
MAX_ELEMENTS = 6000
MAX_MAGNITUDE = 1e4
# Rounding of one node, in units of its largest element. Sums and Winograd's transforms are within a few dozen units.
ROUNDING = {np.dtype(np.float64): 1e-6, np.dtype(np.float32): 1e-5, np.dtype(np.float16): 4e-3}
# What may have come together in a value, in the same units.
LIMIT = {np.dtype(np.float64): 2e-3, np.dtype(np.float32): 2e-3, np.dtype(np.float16): 5e-2}
# Shifts are this many times what a value may be off.
SAFETY = 4


class Rejected(Exception):
    """This node cannot be added; another may."""


@dataclass
class Value:
    name: str
    array: np.ndarray
    off: float = 0
    constant: bool = False

    @property
    def shape(self) -> list[int]:
        return list(self.array.shape)

    @property
    def rank(self) -> int:
        return self.array.ndim

    @property
    def dtype(self) -> np.dtype:
        return self.array.dtype

    @property
    def size(self) -> int:
        return self.array.size


@dataclass
class Scope:
    """The nodes of a graph, or of a graph inside it."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)


def is_float(dtype) -> bool:
    return np.dtype(dtype).kind == "f"


def scale_of(array: np.ndarray) -> float:
    return float(np.max(np.abs(array.astype(np.float64)))) if array.size else 0.0


def captured(node: onnx.NodeProto) -> set[str]:
    """What a node reads, with what its inner graphs read from outside."""
    names = {name for name in node.input if name}
    for attribute in node.attribute:
        for graph in [attribute.g, *attribute.graphs]:
            inside = {i.name for i in graph.input} | {t.name for t in graph.initializer}
            inside |= {o for n in graph.node for o in n.output}
            for inner in graph.node:
                names |= captured(inner) - inside
            names |= {o.name for o in graph.output} - inside
    return names - {""}


class Builder:
    def __init__(self, seed: int, opset: int, empty: bool = False):
        self.rng = random.Random(seed)
        self.numbers = np.random.RandomState(seed & 0x7FFFFFFF)
        self.opset = opset
        self.scopes = [Scope()]
        self.inputs: list[Value] = []
        # Initializers, and all constants by name: those of nodes Constant too.
        self.constants: list[Value] = []
        self.known: dict[str, Value] = {}
        self.count = 0
        self.depth = 0
        # Most graphs keep to one float type, some mix.
        self.float_type = self.rng.choices(FLOATS, [80, 15, 5])[0]
        # Some have tensors without elements.
        self.zero_sizes = self.rng.random() < 0.03 or empty

    # ---- names and places

    def fresh(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    @property
    def scope(self) -> Scope:
        return self.scopes[-1]

    def visible(self) -> list[Value]:
        return [value for scope in self.scopes for value in scope.values]

    # ---- values from outside

    def elements(self, dtype, shape) -> np.ndarray:
        """Small numbers; floats are multiples of 1/16, so that ties occur and sums of a few are exact."""
        dtype = np.dtype(dtype)
        if dtype == bool:
            return self.numbers.randint(0, 2, shape).astype(bool)
        if dtype.kind == "f":
            if self.rng.random() < 0.3:
                return self.numbers.uniform(-2, 2, shape).astype(dtype)
            return (self.numbers.randint(-40, 41, shape) / 16).astype(dtype)
        low, high = (0, 20) if dtype.kind == "u" else (-9, 10)
        if self.rng.random() < 0.1 and dtype.itemsize <= 2:
            bounds = np.iinfo(dtype)
            low, high = bounds.min, bounds.max + 1
        return self.numbers.randint(low, high, shape).astype(dtype)

    def constant(self, array, stem: str = "c") -> Value:
        """An initializer, or now and then a node Constant where it is used."""
        value = Value(self.fresh(stem), np.asarray(array), constant=True)
        self.known[value.name] = value
        if self.rng.random() < 0.15:
            tensor = numpy_helper.from_array(value.array, value.name)
            self.scope.nodes.append(helper.make_node("Constant", [], [value.name], value=tensor))
        else:
            self.constants.append(value)
        return value

    def input(self, array) -> Value:
        value = Value(self.fresh("x"), np.asarray(array))
        self.inputs.append(value)
        self.scopes[0].values.append(value)
        return value

    def source(self, dtype, shape, constant: float = 0.4) -> Value:
        array = self.elements(dtype, list(shape))
        return self.constant(array) if self.rng.random() < constant else self.input(array)

    def index_type(self):
        return self.rng.choice([np.int64, np.int64, np.int32])

    def dimension(self) -> int:
        if self.zero_sizes and self.rng.random() < 0.15:
            return 0
        return self.rng.choice(SIZES)

    def shape(self, rank: int, limit: int = 3000) -> list[int]:
        while True:
            shape = [self.dimension() for _ in range(rank)]
            if int(np.prod(shape)) <= limit:
                return shape

    def number_type(self):
        if self.rng.random() < 0.75:
            return self.float_type
        return self.rng.choice([np.int32, np.int64, np.int8, np.uint8, np.float32, np.float16])

    # ---- operands

    def pick(self, dtypes=None, rank=None, least_rank=0, most_rank=6, test=None, fresh: float = 0.1) -> Value:
        """A value that is there, young ones first, or a new input."""
        ranks = [rank] if rank is not None else range(least_rank, most_rank + 1)
        fits = [v for v in self.visible() if (dtypes is None or v.dtype.type in dtypes)
                and v.rank in ranks and (test is None or test(v))]
        if fits and self.rng.random() >= fresh:
            return fits[-1 - min(int(self.rng.expovariate(0.35)), len(fits) - 1)]
        for _ in range(50):
            wanted = self.rng.choice([r for r in ranks if r <= 5 and (r or least_rank == 0)] or list(ranks))
            dtype = self.preferred(dtypes)
            value = Value("", self.elements(dtype, self.shape(wanted)))
            if test is None or test(value):
                return self.input(value.array)
        raise Rejected("nothing fits")

    def preferred(self, dtypes):
        if dtypes is None:
            return self.number_type()
        if self.float_type in dtypes and self.rng.random() < 0.8:
            return self.float_type
        return self.rng.choice(list(dtypes))

    def like(self, dtype, shape, constant: float = 0.4, reuse: float = 0.7) -> Value:
        """A value of just this type and shape."""
        fits = [v for v in self.visible() if v.dtype == dtype and v.shape == list(shape)]
        if fits and self.rng.random() < reuse:
            return self.rng.choice(fits[-6:])
        return self.source(dtype, shape, constant)

    def partner(self, value: Value, dtype=None) -> Value:
        """A value that broadcasts with this one, either way."""
        dtype = np.dtype(dtype or value.dtype)
        if self.rng.random() < 0.45:
            fits = [v for v in self.visible() if v.dtype == dtype and broadcasts(v, value)]
            if fits:
                return self.rng.choice(fits[-5:])
        shape = value.shape
        if self.rng.random() < 0.5:
            shape = [1 if self.rng.random() < 0.4 else d for d in shape]
        if self.rng.random() < 0.3:
            shape = shape[self.rng.randint(0, len(shape)):]
        if self.rng.random() < 0.15:
            shape = [self.rng.choice([2, 3, 5]) if d == 1 else d for d in shape]
        if self.rng.random() < 0.1 and len(shape) < 4:
            shape = [self.rng.choice([1, 2, 3])] + shape
        return self.source(dtype, shape, 0.5)

    # ---- nodes

    def node(self, op: str, inputs: list, outputs: int = 1, domain: str = "", **attributes) -> list[Value]:
        """Adds a node and gives its outputs, or raises Rejected."""
        if not domain and not onnx.defs.has(op, max_inclusive_version=self.opset):
            raise Rejected(f"not in opset {self.opset}")
        names = [value.name if value else "" for value in inputs]
        results = [self.fresh("t") for _ in range(outputs)]
        attributes = {k: v for k, v in attributes.items() if v is not None}
        node = helper.make_node(op, names, results, name=f"{op}_{results[0]}", domain=domain, **attributes)
        return self.add(node)

    def add(self, node: onnx.NodeProto) -> list[Value]:
        known = self.known | {v.name: v for v in self.visible()}
        read = {name: known[name] for name in sorted(captured(node))}
        values = evaluated(node, read, self.opset)
        self.scope.nodes.append(node)
        self.scope.values.extend(values)
        return values

    def mark(self):
        """Where the graph stands, to `undo` a group of nodes of which one was rejected."""
        return [(len(s.nodes), len(s.values)) for s in self.scopes]

    def undo(self, mark) -> None:
        del self.scopes[len(mark):]
        for scope, (nodes, values) in zip(self.scopes, mark):
            gone = scope.values[values:]
            del scope.nodes[nodes:], scope.values[values:]
            # Inputs that were made on the way stay, they are read by nothing.
            scope.values.extend(v for v in gone if any(v is i for i in self.inputs))


def broadcasts(a: Value, b: Value) -> bool:
    try:
        shape = np.broadcast_shapes(a.array.shape, b.array.shape)
    except ValueError:
        return False
    return int(np.prod(shape)) <= MAX_ELEMENTS


def shifted(value: Value, signs: np.ndarray) -> np.ndarray:
    return (value.array.astype(np.float64) + SAFETY * value.off * signs).astype(value.dtype)


def shifts(read: dict[str, Value]):
    """Operands that are off by what they may be: all of them up, all down, then those up of whose number a bit is set, and
    those of whose number it is not. Any two elements move towards each other in one of these, so that a tie shows, be it of
    one operand (Hardmax, TopK) or of two (Greater)."""
    moving = {name: value for name, value in read.items() if value.off and is_float(value.dtype)}
    count = sum(value.array.size for value in moving.values())
    order = np.arange(count)
    ups = [np.ones(count, bool)] + [(order >> bit) & 1 == 1 for bit in range(max(count - 1, 0).bit_length())]
    for up in ups if count else []:
        for signs in (np.where(up, 1.0, -1.0), np.where(up, -1.0, 1.0)):
            feeds, start = {name: value.array for name, value in read.items()}, 0
            for name, value in moving.items():
                feeds[name] = shifted(value, signs[start:start + value.array.size].reshape(value.shape))
                start += value.array.size
            yield feeds


def rounded(value: Value) -> Value:
    """What the nodes of a body cancel is their own rounding, which shows only at operands nearby."""
    if not is_float(value.dtype):
        return value
    return dataclasses.replace(value, off=max(value.off, ROUNDING[value.dtype] * scale_of(value.array)))


def checked(array: np.ndarray) -> np.ndarray:
    if array.size > MAX_ELEMENTS or array.ndim > 6:
        raise Rejected("too large")
    if is_float(array.dtype) and not np.all(np.isfinite(array)):
        raise Rejected("not finite")
    if is_float(array.dtype) and scale_of(array) > MAX_MAGNITUDE:
        raise Rejected("explodes")
    return array


MOVES = {"Transpose", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Concat", "Split", "Slice", "Pad", "Expand", "Tile",
         "DepthToSpace", "SpaceToDepth", "Gather", "GatherElements", "GatherND", "Identity", "Where", "Max", "Min", "Relu",
         "Neg", "Abs", "Trilu", "ReverseSequence", "Compress", "MaxPool", "GlobalMaxPool", "ReduceMax", "ReduceMin"}


def evaluated(node: onnx.NodeProto, read: dict[str, Value], opset: int) -> list[Value]:
    feeds = {name: value.array for name, value in read.items()}
    has_body = any(a.type == onnx.AttributeProto.GRAPH for a in node.attribute)
    if has_body:
        read = {name: rounded(value) for name, value in read.items()}
    if doubt.overflows(node, feeds):
        raise Rejected("integers overflow")
    try:
        session = evaluate.node_session(node, feeds, opset)
        exact = [checked(array) for array in evaluate.run(session, feeds)]
        offs = [0.0] * len(exact)
        for moved in shifts(read):
            for i, array in enumerate(evaluate.run(session, moved)):
                offs[i] = max(offs[i], distance(exact[i], array) / SAFETY)
    except evaluate.Refused as error:
        raise Rejected(f"onnxruntime: {error}") from error
    if has_body:
        # What is left of much larger values may be nothing but what its nodes rounded.
        offs = [max(off, max((value.off for value in read.values()), default=0.0)) for off in offs]
    names = [name for name in node.output if name]
    return [Value(n, a, allowed(node, a, off)) for n, a, off in zip(names, exact, offs)]


def distance(exact: np.ndarray, moved: np.ndarray) -> float:
    if exact.shape != moved.shape:
        raise Rejected("the shape depends on rounding")
    if not exact.size:
        return 0.0
    if not is_float(exact.dtype):
        if np.array_equal(exact, moved):
            return 0.0
        raise Rejected("a decision depends on rounding")
    if not np.all(np.isfinite(moved)):
        raise Rejected("not finite nearby")
    return float(np.max(np.abs(exact.astype(np.float64) - moved.astype(np.float64))))


def allowed(node: onnx.NodeProto, array: np.ndarray, off: float) -> float:
    """How far a result may be off: what its operands bring, and its own rounding."""
    if not is_float(array.dtype):
        return 0.0
    scale = scale_of(array)
    if node.op_type not in MOVES:
        off += ROUNDING[array.dtype] * scale
    if off > LIMIT[array.dtype] * scale:
        raise Rejected("ill-conditioned")
    return off
