"""Rows of If, Loop and Scan: inner graphs of random nodes that read what is outside of them."""
from __future__ import annotations

import numpy as np
import onnx
from onnx import helper

from graphs.builder import Builder, Rejected, Scope, Value, is_float
from graphs.evaluate import info_of

MOST_DEPTH = 2
CARRIED = (np.float32, np.float16, np.int32, np.int64, np.bool_)


def grow(b: Builder, count: int) -> None:
    from graphs import generate  # it holds the table of all rows, these among them

    generate.grow(b, count)


class Inner:
    """A scope that is open: `with Inner(b) as inner: ... inner.graph(...)`."""

    def __init__(self, b: Builder, parameters: list[Value] = ()):
        if b.depth >= MOST_DEPTH:
            raise Rejected("deep enough")
        self.b, self.parameters = b, list(parameters)

    def __enter__(self) -> "Inner":
        self.b.depth += 1
        self.scope = Scope([], list(self.parameters))
        self.b.scopes.append(self.scope)
        return self

    def __exit__(self, *_) -> None:
        self.b.depth -= 1
        if self.b.scopes and self.b.scopes[-1] is self.scope:
            self.b.scopes.pop()

    def made(self) -> list[Value]:
        return self.scope.values[len(self.parameters):]

    def graph(self, outputs: list[Value]) -> onnx.GraphProto:
        """The graph that gives these. onnxruntime wants each to be a node's result, and none twice."""
        from graphs.generate import live

        made = {name for node in self.scope.nodes for name in node.output}
        for i, value in enumerate(outputs):
            if value.name not in made or value.name in {v.name for v in outputs[:i]}:
                outputs[i] = self.b.node("Identity", [value])[0]
        nodes = live(self.scope.nodes, {v.name for v in outputs})
        infos = [info_of(v.name, v.array) for v in self.parameters]
        return helper.make_graph(nodes, self.b.fresh("g"), infos, [info_of(v.name, v.array) for v in outputs])


def flag(b: Builder) -> Value:
    """A bool of one element that is known only at run time, mostly."""
    fits = [v for v in b.visible() if v.dtype == bool and v.size == 1 and v.rank <= 1]
    if fits and b.rng.random() < 0.4:
        return b.rng.choice(fits)
    if b.rng.random() < 0.5:
        scalar = b.pick((np.float32, np.int32, np.int64), test=lambda v: v.size > 0)
        axes = {} if b.opset >= 18 else {"axes": None}
        most = b.node("ReduceMax", [scalar], keepdims=0, **axes)[0]
        return b.node("Greater", [most, b.constant(np.asarray(b.rng.randint(-2, 3), most.dtype))])[0]
    return b.input(np.asarray(b.rng.random() < 0.5))


def as_type_of(b: Builder, value: Value) -> Value:
    """Another value of this type and shape, made here."""
    fits = [v for v in b.scope.values if v.dtype == value.dtype and v.shape == value.shape and v.name != value.name]
    if fits and b.rng.random() < 0.7:
        return b.rng.choice(fits)
    other = b.like(value.dtype, value.shape)
    if is_float(value.dtype):
        return b.node(b.rng.choice(["Tanh", "Relu", "Neg", "Identity"]), [other])[0]
    return b.node("Identity", [other])[0]


def branch(b: Builder) -> None:
    condition = flag(b)
    with Inner(b) as first:
        grow(b, b.rng.randint(1, 4))
        if not first.made():
            raise Rejected("no node fitted")
        results = b.rng.sample(first.made(), min(len(first.made()), b.rng.choice([1, 1, 2])))
        then = first.graph(results)
    with Inner(b) as second:
        if b.rng.random() < 0.7:
            grow(b, b.rng.randint(1, 3))
        other = second.graph([as_type_of(b, value) for value in results])
    b.node("If", [condition], outputs=len(results), then_branch=then, else_branch=other)


def parameter(b: Builder, like: Value) -> Value:
    return Value(b.fresh("p"), like.array, like.off)


def next_of(b: Builder, carried: Value) -> Value:
    """What a carried value becomes: of its type and shape, and not growing."""
    made = [v for v in b.scope.values if v.dtype == carried.dtype and v.shape == carried.shape and v.name != carried.name]
    step = b.rng.choice(made) if made and b.rng.random() < 0.8 else b.like(carried.dtype, carried.shape)
    if carried.dtype == bool:
        return b.node(b.rng.choice(["And", "Or", "Xor"]), [carried, step])[0]
    if not is_float(carried.dtype):
        return b.node(b.rng.choice(["Max", "Min", "Sub"]), [carried, step])[0]
    total = b.node(b.rng.choice(["Add", "Sub", "Mul", "Max"]), [carried, step])[0]
    return b.node("Tanh", [total])[0] if b.rng.random() < 0.7 else total


def carried_values(b: Builder, count: int) -> list[Value]:
    return [b.pick(CARRIED, most_rank=4, test=lambda v: 0 < v.size <= 600) for _ in range(count)]


def loop(b: Builder) -> None:
    initial = carried_values(b, b.rng.choice([1, 1, 2]))
    trips = np.asarray(b.rng.randint(1, 4), np.int64)
    known = b.rng.random() < 0.6
    limit = b.constant(trips) if known else b.input(trips)
    step, going = Value(b.fresh("p"), np.asarray(0, np.int64)), Value(b.fresh("p"), np.asarray(True))
    inside = [parameter(b, value) for value in initial]
    with Inner(b, [step, going, *inside]) as body:
        grow(b, b.rng.randint(1, 4))
        carried = [next_of(b, value) for value in inside]
        # A count that only the run knows allows no further outputs: their sizes would depend on it.
        scanned = b.rng.sample(body.made(), 1) if known and b.rng.random() < 0.5 else []
        stop = going
        if not scanned and b.rng.random() < 0.3:
            stop = b.node("Less", [step, b.constant(np.asarray(b.rng.randint(0, 2), np.int64))])[0]
        graph = body.graph([stop, *carried, *scanned])
    start = b.constant(np.asarray(True)) if b.rng.random() < 0.7 else None
    b.node("Loop", [limit, start, *initial], outputs=len(carried) + len(scanned), body=graph)


def scan(b: Builder) -> None:
    sequences = [b.pick((np.float32, np.int64, np.float16), least_rank=1, most_rank=4, test=lambda v: 1 < v.shape[0] <= 6)]
    initial = carried_values(b, b.rng.choice([0, 1, 1]))
    inside = [parameter(b, value) for value in initial]
    slices = [Value(b.fresh("p"), value.array[0], value.off) for value in sequences]
    with Inner(b, [*inside, *slices]) as body:
        grow(b, b.rng.randint(1, 4))
        carried = [next_of(b, value) for value in inside]
        made = body.made()
        if not made:
            raise Rejected("no node fitted")
        scanned = b.rng.sample(made, 1)
        graph = body.graph([*carried, *scanned])
    backwards = [b.rng.choice([0, 0, 1])]
    b.node("Scan", [*initial, *sequences], outputs=len(carried) + 1, body=graph, num_scan_inputs=1,
           scan_input_directions=backwards, scan_output_directions=[b.rng.choice([0, 0, 1])])


ROWS = [("If", 3, branch), ("Loop", 2.5, loop), ("Scan", 2, scan)]
