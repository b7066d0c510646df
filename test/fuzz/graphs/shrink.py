"""Delta debugging of a case: the smallest model that still gets the same verdict, for a like reason.

Every step proposes candidates, smaller models of which onnxruntime gives the answers anew; one run of `mlc check` judges
them all, and the smallest that still fails is where the next step begins. Nothing here knows operators but If.
"""
from __future__ import annotations

import copy
import re
from typing import Iterator

import numpy as np
import onnx
from onnx import helper, numpy_helper

from graphs import evaluate
from graphs.builder import captured, is_float
from graphs.generate import Case, live
from graphs.verdict import Tool, Verdict, check

ROUNDS = 60
# Candidates judged at once.
BATCH = 24


def likeness(verdict: Verdict) -> str:
    """A reason without what changes with every step: names, numbers, places."""
    if verdict.kind in ("DIFFER", "HANG"):
        return verdict.kind
    first = re.sub(r"loc\(.*?\)|'[^']*'|\"[^\"]*\"|0x[0-9a-f]+|/\S+", "", verdict.reason)
    return verdict.kind + re.sub(r"[\d\s,x<>]+", " ", first)[:160]


def sound(graph: onnx.GraphProto) -> bool:
    """Inner graphs give results of their own nodes, each once: onnxruntime's answers are arbitrary otherwise."""
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                made = {o for n in attribute.g.node for o in n.output}
                outputs = [o.name for o in attribute.g.output]
                if not made.issuperset(outputs) or len(set(outputs)) < len(outputs) or not sound(attribute.g):
                    return False
    return True


def answered(case: Case, model: onnx.ModelProto, feeds: dict[str, np.ndarray]) -> Case | None:
    """The case of a smaller model, unless onnxruntime or the checker refuses it."""
    if not sound(model.graph):
        return None
    read = {name for node in model.graph.node for name in captured(node)}
    for field in (model.graph.input, model.graph.initializer):
        kept = [item for item in field if item.name in read]
        del field[:]
        field.extend(kept)
    feeds = {info.name: feeds[info.name] for info in model.graph.input}
    try:
        outputs = [o.name for o in model.graph.output]
        open_outputs = copy.deepcopy(model)
        del open_outputs.graph.output[:]
        open_outputs.graph.output.extend(helper.make_empty_tensor_value_info(o) for o in outputs)
        answers = evaluate.run(evaluate.session_of(open_outputs), feeds)
        del model.graph.output[:]
        model.graph.output.extend(evaluate.info_of(name, answer) for name, answer in zip(outputs, answers))
        onnx.checker.check_model(model)
    except (evaluate.Refused, onnx.checker.ValidationError):
        return None
    if any(is_float(a.dtype) and not np.all(np.isfinite(a)) for a in answers):
        return None
    return Case(case.name, model, feeds, answers, case.tolerance)


def values_of(case: Case) -> dict[str, np.ndarray]:
    """All values of the outer graph."""
    model = copy.deepcopy(case.model)
    names = [o for node in model.graph.node for o in node.output if o]
    del model.graph.output[:]
    model.graph.output.extend(helper.make_empty_tensor_value_info(n) for n in names)
    values = dict(zip(names, evaluate.run(evaluate.session_of(model), case.feeds)))
    values.update({t.name: numpy_helper.to_array(t) for t in model.graph.initializer})
    return values | case.feeds


def remade(case: Case, nodes, outputs: list[str], feeds: dict[str, np.ndarray]) -> Case | None:
    """The case with these nodes and outputs, reading `feeds` beside its initializers."""
    model = copy.deepcopy(case.model)
    kept = live(nodes, set(outputs))
    made = {o for node in kept for o in node.output}
    outputs = [name for name in outputs if name in made]
    if not outputs:
        return None
    constants = {t.name for t in model.graph.initializer}
    del model.graph.node[:], model.graph.output[:], model.graph.input[:]
    model.graph.node.extend(copy.deepcopy(kept))
    model.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in outputs)
    read = {name for node in kept for name in captured(node)}
    model.graph.input.extend(evaluate.info_of(k, v) for k, v in feeds.items() if k in read and k not in made | constants)
    return answered(case, model, feeds)


def fewer_outputs(case: Case) -> Iterator[Case | None]:
    names = [o.name for o in case.model.graph.output]
    if len(names) > 1:
        for name in names:
            yield remade(case, case.model.graph.node, [name], case.feeds)
        for name in names:
            yield remade(case, case.model.graph.node, [n for n in names if n != name], case.feeds)


def cuts(case: Case) -> Iterator[Case | None]:
    """A node's results become inputs; late nodes first, since all before them falls away."""
    values = values_of(case)
    outputs = [o.name for o in case.model.graph.output]
    nodes = list(case.model.graph.node)
    for i in reversed(range(len(nodes))):
        if nodes[i].op_type != "Constant":
            feeds = case.feeds | {o: values[o] for o in nodes[i].output if o}
            yield remade(case, nodes[:i] + nodes[i + 1:], outputs, feeds)


def earlier_outputs(case: Case) -> Iterator[Case | None]:
    """What a last node reads becomes the output in its place."""
    outputs = [o.name for o in case.model.graph.output]
    nodes = list(case.model.graph.node)
    for node in nodes:
        if set(node.output) & set(outputs):
            rest = [o for o in outputs if o not in node.output]
            for name in dict.fromkeys(captured(node)):
                yield remade(case, [n for n in nodes if n is not node], [*rest, name], case.feeds)


def bypasses(case: Case) -> Iterator[Case | None]:
    """A node whose result has the shape and type of an operand is left out."""
    values, nodes = values_of(case), list(case.model.graph.node)
    outputs = [o.name for o in case.model.graph.output]
    for i, node in enumerate(nodes):
        for name in dict.fromkeys(node.input):
            result = node.output[0]
            if not name or values[name].shape != values[result].shape or values[name].dtype != values[result].dtype:
                continue
            rest = [renamed(n, {result: name}) for n in nodes[:i] + nodes[i + 1:]]
            yield remade(case, rest, [name if o == result else o for o in outputs], case.feeds)


def renamed(node: onnx.NodeProto, names: dict[str, str]) -> onnx.NodeProto:
    node = copy.deepcopy(node)
    node.input[:] = [names.get(name, name) for name in node.input]
    for attribute in node.attribute:
        if attribute.HasField("g"):
            inner = [renamed(n, names) for n in attribute.g.node]
            del attribute.g.node[:]
            attribute.g.node.extend(inner)
            for output in attribute.g.output:
                output.name = names.get(output.name, output.name)
    return node


def branches(case: Case) -> Iterator[Case | None]:
    """The nodes of one branch of an If in its place."""
    nodes, outputs = list(case.model.graph.node), [o.name for o in case.model.graph.output]
    for i, node in enumerate(nodes):
        for attribute in node.attribute if node.op_type == "If" else ():
            names = dict(zip((o.name for o in attribute.g.output), node.output))
            inner = []
            for n in attribute.g.node:
                n = renamed(n, names)
                n.output[:] = [names.get(o, o) for o in n.output]
                inner.append(n)
            yield remade(case, nodes[:i] + inner + nodes[i + 1:], outputs, case.feeds)


def thinner_bodies(case: Case) -> Iterator[Case | None]:
    """A node of an inner graph is left out: what it gives is what it reads."""
    outputs = [o.name for o in case.model.graph.output]
    for i, node in enumerate(case.model.graph.node):
        for j, attribute in enumerate(node.attribute):
            for k, inner in enumerate(attribute.g.node):
                for name in [n for n in dict.fromkeys(inner.input) if n]:
                    changed = copy.deepcopy(node)
                    graph = changed.attribute[j].g
                    rest = [renamed(n, {inner.output[0]: name}) for n in [*graph.node[:k], *graph.node[k + 1:]]]
                    del graph.node[:]
                    graph.node.extend(rest)
                    for output in graph.output:
                        output.name = name if output.name == inner.output[0] else output.name
                    nodes = list(case.model.graph.node)
                    nodes[i] = changed
                    yield remade(case, nodes, outputs, case.feeds)


def resized(array: np.ndarray, old: int, new: int) -> np.ndarray:
    if array.dtype == np.int64 and array.ndim <= 1 and array.size <= 8 and np.any(array == old):
        array = np.where(array == old, new, array)  # a target shape, sizes of a split
    for axis, size in enumerate(array.shape):
        if size == old:
            array = np.take(array, range(new), axis)
    return array


def smaller_shapes(case: Case) -> Iterator[Case | None]:
    """Every dimension of one size becomes smaller, in inputs, weights, target shapes and attributes alike."""
    arrays = [*case.feeds.values(), *(numpy_helper.to_array(t) for t in case.model.graph.initializer)]
    sizes = sorted({d for a in arrays for d in a.shape if d > 1}, reverse=True)
    for old in sizes:
        for new in dict.fromkeys([1, 2, 3, old // 2, old - 1]):
            if not 0 < new < old:
                continue
            model = copy.deepcopy(case.model)
            for tensor in model.graph.initializer:
                tensor.CopyFrom(numpy_helper.from_array(resized(numpy_helper.to_array(tensor), old, new), tensor.name))
            feeds = {k: resized(v, old, new) for k, v in case.feeds.items()}
            del model.graph.input[:]
            model.graph.input.extend(evaluate.info_of(k, v) for k, v in feeds.items())
            yield answered(case, model, feeds)


def plainer_attributes(case: Case) -> Iterator[Case | None]:
    for i, node in enumerate(case.model.graph.node):
        for j, attribute in enumerate(node.attribute):
            if not attribute.HasField("g"):
                model = copy.deepcopy(case.model)
                del model.graph.node[i].attribute[j]
                yield answered(case, model, case.feeds)


STEPS = (fewer_outputs, cuts, earlier_outputs, bypasses, branches, thinner_bodies, smaller_shapes, plainer_attributes)


def size_of(case: Case) -> tuple[int, int, int]:
    inner = sum(len(a.g.node) for n in case.model.graph.node for a in n.attribute)
    elements = sum(v.size for v in case.feeds.values()) + case.model.ByteSize() // 4
    return (len(case.model.graph.node) + inner, len(case.model.graph.output), elements)


def first_failing(candidates: Iterator[Case | None], wanted: str, bound, tool: Tool) -> Case | None:
    batch: list[Case] = []
    while True:
        candidate = next(candidates, False)
        if candidate and size_of(candidate) < bound:
            candidate.name = f"s{len(batch):03}"
            batch.append(candidate)
        if batch and (candidate is False or len(batch) == BATCH):
            verdicts = check(batch, tool)
            failing = [c for c in batch if likeness(verdicts[c.name]) == wanted]
            if failing:
                return min(failing, key=size_of)
            batch = []
        if candidate is False:
            return None


def shrink(case: Case, verdict: Verdict, tool: Tool) -> tuple[Case, Verdict]:
    """A smaller case of the same verdict, and the verdict on it."""
    name, wanted = case.name, likeness(verdict)
    for _ in range(ROUNDS):
        found = None
        for step in STEPS:
            found = first_failing(step(case), wanted, size_of(case), tool)
            if found:
                break
        if not found:
            break
        case = found
    case.name = name
    return case, check([case], tool)[name]
