"""Mutants of a model's structure: still a model, but with an attribute, a shape, a type or a constant that nobody meant.

Damaged bytes (corpus.py) mostly end in the parser. These get past it: what a mutant changes is drawn from values at the
edges of what an operator can take, so that every pass meets ranks 0 to 6, sizes of 0 and huge or negative attributes.
"""
from __future__ import annotations

import functools
import random

import ml_dtypes
import numpy as np
import onnx
from onnx import AttributeProto, TensorProto, helper, numpy_helper

INTS = [0, 0, -1, -1, 1, 2, 3, 5, 8, 64, 1000, 65535, 65536, 2**31 - 1, -(2**31), 2**31, 2**40, 2**63 - 1, -(2**63)]
SIZES = [0, 0, 1, 1, 2, 3, 5, 7, 8, 17, 64, 1000, 65536, 2**31 - 1]
FLOATS = [0.0, -0.0, 1.0, -1.0, 0.5, 1e-30, 1e30, -1e30, 3e38, float("inf"), float("-inf"), float("nan"), 2.0**40]
STRINGS = ["", "x", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID", "nearest", "linear", "cubic", "constant", "reflect", "edge",
           "wrap", "none", "add", "mul", "max", "min", "forward", "reverse", "bidirectional", "half_pixel", "align_corners",
           "asymmetric", "pytorch_half_pixel", "tf_crop_and_resize", "floor", "ceil", "zeros", "border", "DCR", "CRD"]
TYPES = [TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.BFLOAT16, TensorProto.BOOL, TensorProto.INT8,
         TensorProto.UINT8, TensorProto.INT16, TensorProto.INT32, TensorProto.UINT32, TensorProto.INT64, TensorProto.UINT64]
MOST_ELEMENTS = 4096


def mutate_int(rng: random.Random, value: int) -> int:
    """An edge, a neighbour, or a multiple; always an int64."""
    changed = rng.choice([rng.choice(INTS), value + 1, value - 1, -value, value * rng.choice([2, 1000])])
    return max(-(2**63), min(2**63 - 1, changed))


def mutate_ints(rng: random.Random, values: list[int]) -> list[int]:
    values = list(values)
    kind = rng.randrange(5)
    if kind == 0:
        return values + [rng.choice(INTS)]
    if kind == 1 and values:
        values.pop(rng.randrange(len(values)))
    elif kind == 2 and values:
        values = [rng.choice(INTS)] * len(values)
    elif kind == 3:
        rng.shuffle(values)
    elif values:
        at = rng.randrange(len(values))
        values[at] = mutate_int(rng, values[at])
    return values


def attribute(rng: random.Random, model: onnx.ModelProto) -> None:
    """One attribute of one node: another value, or gone."""
    owners = [n for n in model.graph.node if n.attribute]
    if not owners:
        return
    node = rng.choice(owners)
    chosen = rng.choice(node.attribute)
    if rng.random() < 0.1:
        node.attribute.remove(chosen)
    elif chosen.type == AttributeProto.INT:
        chosen.i = mutate_int(rng, chosen.i)
    elif chosen.type == AttributeProto.INTS:
        chosen.ints[:] = mutate_ints(rng, list(chosen.ints))
    elif chosen.type == AttributeProto.FLOAT:
        chosen.f = rng.choice(FLOATS)
    elif chosen.type == AttributeProto.FLOATS:
        chosen.floats[:] = [rng.choice(FLOATS) for _ in range(rng.randrange(4))]
    elif chosen.type == AttributeProto.STRING:
        chosen.s = rng.choice(STRINGS).encode()
    elif chosen.type == AttributeProto.TENSOR:
        chosen.t.CopyFrom(mutate_tensor(rng, chosen.t))
    elif chosen.type == AttributeProto.GRAPH and chosen.g.node:
        inner = rng.choice(chosen.g.node)
        if rng.random() < 0.5 and inner.input:
            inner.input[rng.randrange(len(inner.input))] = rng.choice([n for m in chosen.g.node for n in m.output])
        else:
            inner.op_type = rng.choice(["Neg", "Abs", "Softmax", "Identity", "Shape", "ReduceSum", "GlobalAveragePool"])


def added_attribute(rng: random.Random, model: onnx.ModelProto) -> None:
    """An attribute that the operator knows and the node left to its default."""
    node = rng.choice(model.graph.node)
    try:
        schema = onnx.defs.get_schema(node.op_type, opset_of(model), node.domain)
    except onnx.defs.SchemaError:
        return
    given = {a.name for a in node.attribute}
    absent = sorted(name for name in schema.attributes if name not in given)
    if not absent:
        return
    name = rng.choice(absent)
    kind = schema.attributes[name].type
    kinds = onnx.defs.OpSchema.AttrType
    if kind == kinds.INT:
        node.attribute.append(helper.make_attribute(name, rng.choice(INTS)))
    elif kind == kinds.INTS:
        values = [rng.choice(INTS) for _ in range(rng.randrange(1, 7))]
        node.attribute.append(helper.make_attribute(name, values, attr_type=AttributeProto.INTS))
    elif kind == kinds.FLOAT:
        node.attribute.append(helper.make_attribute(name, rng.choice(FLOATS)))
    elif kind == kinds.STRING:
        node.attribute.append(helper.make_attribute(name, rng.choice(STRINGS)))


def opset_of(model: onnx.ModelProto) -> int:
    return next((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), 17)


def shape(rng: random.Random, model: onnx.ModelProto) -> None:
    """The shape of an input: another size, one more dimension, one less."""
    inputs = [i for i in model.graph.input if i.type.HasField("tensor_type")]
    if not inputs:
        return
    dims = rng.choice(inputs).type.tensor_type.shape.dim
    kind = rng.randrange(5)
    if kind == 0 and len(dims) < 6:
        dims.add().dim_value = rng.choice(SIZES)
    elif kind == 1 and dims:
        del dims[rng.randrange(len(dims))]
    elif kind == 2 and len(dims) > 1:
        a, b = rng.sample(range(len(dims)), 2)
        first, second = dims[a].dim_value, dims[b].dim_value
        dims[a].dim_value, dims[b].dim_value = second, first
    elif kind == 3:
        del dims[:]
        for _ in range(rng.randrange(7)):
            dims.add().dim_value = rng.choice(SIZES[:9])
    elif dims:
        rng.choice(dims).dim_value = rng.choice(SIZES)


def element_type(rng: random.Random, model: onnx.ModelProto) -> None:
    """The element type of an input; of all tensors, now and then."""
    kind = rng.choice(TYPES)
    inputs = [i for i in model.graph.input if i.type.HasField("tensor_type")]
    if rng.random() < 0.4:
        old = inputs[0].type.tensor_type.elem_type if inputs else TensorProto.FLOAT
        for value in [*inputs, *model.graph.output]:
            if value.type.tensor_type.elem_type == old:
                value.type.tensor_type.elem_type = kind
        for tensor in model.graph.initializer:
            if tensor.data_type == old:
                tensor.CopyFrom(retyped(tensor, kind))
    elif inputs:
        rng.choice(inputs).type.tensor_type.elem_type = kind


def array_of(tensor: TensorProto) -> np.ndarray | None:
    """Its elements, or nothing where they are not here or not numbers."""
    try:
        return numpy_helper.to_array(tensor)
    except Exception:  # noqa: BLE001: whatever is wrong with it, it is left as it is
        return None


def retyped(tensor: TensorProto, kind: int) -> TensorProto:
    array = array_of(tensor)
    if array is None or array.dtype == object:
        return tensor
    with np.errstate(all="ignore"):
        changed = array.astype(helper.tensor_dtype_to_np_dtype(kind))
    return numpy_helper.from_array(changed, tensor.name)


def mutate_tensor(rng: random.Random, tensor: TensorProto) -> TensorProto:
    """Other elements, another shape, another type, or nothing in it."""
    array = array_of(tensor)
    if array is None or array.dtype == object or array.size > MOST_ELEMENTS:
        return tensor
    kind = rng.randrange(7)
    if kind == 0:
        return retyped(tensor, rng.choice(TYPES))
    if kind == 1:
        dims = list(array.shape) or [1]
        dims[rng.randrange(len(dims))] = 0
        array = np.zeros(dims, array.dtype)
    elif kind == 2:
        array = array.reshape(rng.choice([(-1,), (1, -1), (-1, 1), (1, 1, -1), (1, *array.shape), (*array.shape, 1)]))
    elif kind == 3 and array.size:
        array = array.reshape(-1)[0].reshape(())
    elif kind == 4 and array.ndim:
        array = np.concatenate([array, array], axis=rng.randrange(array.ndim))
    elif array.size:
        array = array.copy()
        flat = array.reshape(-1)
        for _ in range(rng.choice([1, 1, 2, flat.size])):
            # Floats and integers that numpy itself does not know are of kind V.
            is_float = array.dtype.kind == "f" or "float" in array.dtype.name
            value = rng.choice(FLOATS if is_float else INTS)
            if not is_float and array.dtype.kind in "iuV":
                info = ml_dtypes.iinfo(array.dtype)
                value = max(info.min, min(info.max, value))
            with np.errstate(all="ignore"):
                flat[rng.randrange(flat.size)] = value
    return numpy_helper.from_array(np.ascontiguousarray(array) if array.ndim else array, tensor.name)


def constant(rng: random.Random, model: onnx.ModelProto) -> None:
    if model.graph.initializer:
        chosen = rng.choice(model.graph.initializer)
        chosen.CopyFrom(mutate_tensor(rng, chosen))


def operands(rng: random.Random, model: onnx.ModelProto) -> None:
    """A node reads something else: two operands swapped, one left out, one of another node."""
    owners = [n for n in model.graph.node if n.input]
    if not owners:
        return
    node = rng.choice(owners)
    at = rng.randrange(len(node.input))
    kind = rng.randrange(5)
    names = [v.name for v in model.graph.input] + [t.name for t in model.graph.initializer]
    if kind == 0 and len(node.input) > 1:
        other = rng.randrange(len(node.input))
        first, second = node.input[at], node.input[other]
        node.input[at], node.input[other] = second, first
    elif kind == 1:
        node.input[at] = ""
    elif kind == 2:
        del node.input[at]
    elif kind == 3:
        node.input.append(rng.choice(names or [""]))
    else:
        node.input[at] = rng.choice(names or [""])


@functools.cache
def operators_of(operands: int) -> list[str]:
    """All that take so many operands."""
    return sorted({s.name for s in onnx.defs.get_all_schemas() if s.min_input <= operands <= s.max_input})


def operator(rng: random.Random, model: onnx.ModelProto) -> None:
    """Another operator with the same operands, another output count, or a node twice."""
    node = rng.choice(model.graph.node)
    kind = rng.randrange(4)
    if kind == 0 and node.output:
        node.output.append("further_" + node.output[0])
    elif kind == 1:
        del node.attribute[:]
    else:
        node.op_type = rng.choice(operators_of(len(node.input)) or [node.op_type])


def followed(rng: random.Random, model: onnx.ModelProto) -> None:
    """An output goes through one more node, of an operator with one operand that has defaults for the rest."""
    output = rng.choice(model.graph.output)
    inner = "inner_" + output.name
    for node in model.graph.node:
        node.output[:] = [inner if name == output.name else name for name in node.output]
        node.input[:] = [inner if name == output.name else name for name in node.input]
    name = rng.choice(["Relu", "Transpose", "Softmax", "Flatten", "GlobalAveragePool", "ReduceSum", "Squeeze", "Not", "Shape",
                       "ArgMax", "NonZero", "Hardmax", "GlobalLpPool", "LpNormalization", "Cast", "ReduceMax", "Trilu"])
    attributes = {"to": rng.choice(TYPES)} if name == "Cast" else {}
    model.graph.node.append(helper.make_node(name, [inner], [output.name], **attributes))


def opset(rng: random.Random, model: onnx.ModelProto) -> None:
    for entry in model.opset_import:
        if entry.domain in ("", "ai.onnx"):
            entry.version = rng.choice([1, 6, 7, 9, 11, 13, 16, 18, 21, 24, 26, 99])


# The first are what finds most.
KINDS = [(attribute, 5), (constant, 5), (shape, 5), (added_attribute, 4), (operands, 3), (element_type, 2), (followed, 2),
         (operator, 2), (opset, 1)]


def bind(rng: random.Random, model: onnx.ModelProto, values: list) -> None:
    """Makes small integer inputs constants, as exporters write what decides shapes; others now and then."""
    for info, value in list(zip(model.graph.input, values)):
        array = np.asarray(value) if not isinstance(value, (onnx.TensorProto, list)) else None
        if array is None or array.dtype == object or array.size > MOST_ELEMENTS:
            continue
        if rng.random() < (0.8 if array.dtype.kind in "iub" and array.size <= 64 else 0.15):
            model.graph.input.remove(info)
            model.graph.initializer.append(numpy_helper.from_array(array, info.name))


def mutate(model: onnx.ModelProto, values: list, seed: int) -> tuple[str, bytes]:
    """(kinds, bytes) of one mutant of a model whose inputs may have stored values."""
    rng = random.Random(seed)
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    bind(rng, changed, values)
    kinds = rng.choices([k for k, _ in KINDS], [w for _, w in KINDS], k=rng.choice([1, 1, 2, 3]))
    for kind in kinds:
        if changed.graph.node and changed.graph.output:
            kind(rng, changed)
    return "+".join(k.__name__ for k in kinds), changed.SerializeToString(deterministic=True)
