"""The node cases of ONNX's backend test suite: collected in memory, classified, written to disk.

The suite is that of the installed onnx package, whose version `expected.json` pins. A case belongs to one class;
`core` is what a compiler of numeric networks must know, and the classes beside it are named for what sets them apart.
A case `X_expanded...` (the body of a function operator) belongs where `X` does.
"""
from __future__ import annotations

import os
import re
import warnings
from dataclasses import dataclass

import onnx
from onnx import TensorProto, numpy_helper

NARROW = {
    value
    for name, value in TensorProto.DataType.items()
    if re.match(r"FLOAT(8|4|6)|U?INT[24]$", name)
}
TRAINING_LOSSES = {"SoftmaxCrossEntropyLoss", "NegativeLogLikelihoodLoss"}
SEQUENCE = {"OptionalHasElement", "OptionalGetElement", "SequenceConstruct", "SequenceEmpty", "SplitToSequence"}
RANDOM = {
    "Bernoulli",
    "Multinomial",
    "RandomNormal",
    "RandomNormalLike",
    "RandomUniform",
    "RandomUniformLike",
}


@dataclass
class Case:
    """One model with one set of inputs and expected outputs."""

    name: str
    kind: str
    operator: str
    model: onnx.ModelProto
    inputs: list
    outputs: list


def nodes_of(graph: onnx.GraphProto):
    """All nodes of a graph and of the graphs inside it."""
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            for inner in [attribute.g, *attribute.graphs]:
                yield from nodes_of(inner)


def types_of(type_proto: onnx.TypeProto):
    """(container, element type) of a value's type, and of what it contains."""
    container = type_proto.WhichOneof("value")
    inner = getattr(type_proto, container) if container else None
    if container in ("sequence_type", "optional_type"):
        yield container, None
        yield from types_of(inner.elem_type)
    elif container in ("tensor_type", "sparse_tensor_type"):
        yield container, inner.elem_type


def trains(node: onnx.NodeProto, model: onnx.ModelProto) -> bool:
    """True for an operator that only training has, or in its training mode."""
    if node.op_type in TRAINING_LOSSES or node.domain == "ai.onnx.preview.training":
        return True
    if node.op_type == "BatchNormalization":
        return any(a.name == "training_mode" and a.i for a in node.attribute)
    if node.op_type == "Dropout":
        return len(node.input) > 2 and node.input[2] != ""
    return False


def kind_of(model: onnx.ModelProto) -> str:
    """The class of a model that is no function body: the first rule that holds."""
    nodes = list(nodes_of(model.graph))
    values = [*model.graph.input, *model.graph.output]
    types = {t for v in values for t in types_of(v.type)}
    containers = {container for container, _ in types}
    elements = {element for _, element in types}
    operators = {n.op_type for n in nodes}
    domains = {n.domain for n in nodes}
    rules = [
        ("ml", "ai.onnx.ml" in domains),
        ("training", any(trains(n, model) for n in nodes)),
        ("preview", "ai.onnx.preview" in domains),
        ("image", "ImageDecoder" in operators),
        ("random", bool(operators & RANDOM)),
        ("sequence", bool(containers & {"sequence_type", "optional_type"} or operators & SEQUENCE)),
        ("string", TensorProto.STRING in elements),
        ("narrow", bool(elements & NARROW)),
    ]
    return next((kind for kind, holds in rules if holds), "core")


def base_name(name: str) -> str:
    """`test_elu` for `test_elu_expanded_ver18`."""
    return re.sub(r"_expanded.*$", "", name)


def collect() -> list[Case]:
    """Every node case of the installed package whose answers are determined, sorted by name."""
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the generators overflow and divide by zero on purpose
        found = {c.name: c for c in collect_testcases(None)}
    cases = []
    for name, case in sorted(found.items()):
        base = found[base_name(name)].model
        inputs, outputs = case.data_sets[0]
        operator = base.graph.node[0].op_type
        kind = kind_of(base)
        if kind != "random":  # the answers are those of another generator
            cases.append(Case(name, kind, operator, case.model, inputs, outputs))
    return cases


def smoke(cases: list[Case], kind: str | None = "core") -> list[Case]:
    """A fixed small subset: the first case of every operator of one class, or of all, no function bodies."""
    first: dict[str, Case] = {}
    for case in cases:
        if kind in (None, case.kind) and "_expanded" not in case.name:
            first.setdefault(case.operator, case)
    return sorted(first.values(), key=lambda c: c.name)


def serialized(value, info: onnx.ValueInfoProto) -> bytes:
    """The .pb file of one input or output, in the message that its type asks for."""
    kind = info.type.WhichOneof("value")
    if isinstance(value, onnx.TensorProto):
        proto = value
    elif kind == "sequence_type":
        proto = numpy_helper.from_list(value, info.name)
    elif kind == "optional_type":
        proto = numpy_helper.from_optional(value, info.name)
    else:
        proto = numpy_helper.from_array(value, info.name)
    return proto.SerializeToString()


def write(case: Case, folder: str) -> None:
    """Writes FOLDER/<case>/model.onnx and test_data_set_0/{input,output}_N.pb."""
    data = os.path.join(folder, case.name, "test_data_set_0")
    os.makedirs(data)
    onnx.save(case.model, os.path.join(folder, case.name, "model.onnx"))
    graph = case.model.graph
    for stem, values, infos in (("input", case.inputs, graph.input), ("output", case.outputs, graph.output)):
        if len(values) != len(infos):
            raise ValueError(f"{case.name}: {len(values)} values for {len(infos)} {stem}s")
        for i, (value, info) in enumerate(zip(values, infos)):
            with open(os.path.join(data, f"{stem}_{i}.pb"), "wb") as file:
                file.write(serialized(value, info))
