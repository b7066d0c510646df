"""Random graphs: rows of operators drawn by weight until there are enough nodes; a model, its inputs and its answers."""
from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import numpy_helper

from graphs import control, elementwise, evaluate, indexing, linear, movement, quantised, spatial
from graphs.builder import Builder, Rejected, Value, captured, is_float, scale_of

OPSETS = (13, 17, 17, 18, 20, 21, 22, 23)
FAMILIES = {
    "elementwise": elementwise.ROWS, "movement": movement.ROWS, "indexing": indexing.ROWS, "spatial": spatial.ROWS,
    "linear": linear.ROWS, "quantised": quantised.ROWS, "control": control.ROWS,
}
# What comes behind a kernel matters most: movements and elementwise nodes.
SHARES = {"elementwise": 30, "movement": 30, "indexing": 12, "spatial": 14, "linear": 12, "quantised": 3, "control": 4}
# Steps of what may differ, relative to the largest element of an output: cases of one step are checked in one run.
STEPS = (1e-4, 1e-3, 1e-2, 1e-1)


@dataclass
class Case:
    name: str
    model: onnx.ModelProto
    feeds: dict[str, np.ndarray]
    answers: list[np.ndarray]
    tolerance: float


def draw(b: Builder, shares: dict[str, float]):
    family = b.rng.choices(list(shares), list(shares.values()))[0]
    rows = FAMILIES[family]
    return b.rng.choices(rows, [weight for _, weight, _ in rows])[0]


def grow(b: Builder, count: int) -> None:
    """Adds about `count` nodes to the scope that is open; fewer where nothing fits."""
    if not hasattr(b, "shares"):
        # Each graph has its own mixture, so that pairs of rare families meet too.
        b.shares = {name: share * b.rng.uniform(0.2, 2) for name, share in SHARES.items()}
    before = len(b.scope.nodes)
    for _ in range(6 * count):
        if len(b.scope.nodes) - before >= count:
            return
        mark, depth = b.mark(), b.depth
        try:
            draw(b, b.shares)[2](b)
        except Rejected:
            b.undo(mark)
            b.depth = depth


def live(nodes: list[onnx.NodeProto], wanted: set[str]) -> list[onnx.NodeProto]:
    """The nodes that the wanted values need, in order."""
    kept, wanted = [], set(wanted)
    for node in reversed(nodes):
        if wanted & set(node.output):
            kept.append(node)
            wanted |= captured(node)
    return kept[::-1]


def outputs_of(b: Builder) -> list[Value]:
    """What nothing reads, and now and then a value between."""
    read = {name for node in b.scopes[0].nodes for name in captured(node)}
    inputs = {v.name for v in b.inputs}
    made = [v for v in b.scopes[0].values if v.name not in inputs]
    chosen = [v for v in made if v.name not in read or b.rng.random() < 0.08]
    return chosen if len(chosen) <= 8 else b.rng.sample(chosen, 8)


def assemble(b: Builder, outputs: list[Value]) -> tuple[onnx.ModelProto, dict[str, np.ndarray]]:
    nodes = live(b.scopes[0].nodes, {v.name for v in outputs})
    read = {name for node in nodes for name in captured(node)}
    inputs = [v for v in b.inputs if v.name in read]
    constants = [numpy_helper.from_array(v.array, v.name) for v in b.constants if v.name in read]
    infos = [evaluate.info_of(v.name, v.array) for v in inputs]
    model = evaluate.model_of(nodes, infos, [evaluate.info_of(v.name, v.array) for v in outputs], constants, b.opset)
    return model, {v.name: v.array for v in inputs}


def tolerance_of(outputs: list[Value], answers: list[np.ndarray]) -> float | None:
    """The step that covers all outputs; nothing where the whole graph and its nodes disagree by more than they may."""
    most = 0.0
    for value, answer in zip(outputs, answers):
        if value.array.shape != answer.shape or value.dtype != answer.dtype:
            return None
        if not is_float(answer.dtype):
            if not np.array_equal(value.array, answer):
                return None
            continue
        scale = scale_of(answer)
        apart = scale_of(value.array.astype(np.float64) - answer.astype(np.float64))
        if apart > max(value.off, 1e-12) or value.off and not scale:
            return None
        most = max(most, value.off / scale if scale else 0.0)
    return next((step for step in STEPS if most <= step), None)


def generate(seed: int, least: int = 5, most: int = 40, empty: bool = False) -> Case | None:
    """The graph of a seed, or nothing where its answers would not be beyond doubt."""
    rng = random.Random(seed)
    b = Builder(rng.randrange(1 << 62), rng.choice(OPSETS), empty)
    grow(b, rng.randint(least, most))
    outputs = outputs_of(b)
    if not outputs:
        return None
    model, feeds = assemble(b, outputs)
    try:
        answers = evaluate.run(evaluate.session_of(model), feeds)
    except evaluate.Refused:
        return None
    tolerance = tolerance_of(outputs, answers)
    if tolerance is None:
        return None
    return Case(f"g{seed:09}", model, feeds, answers, tolerance)
