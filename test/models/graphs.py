"""Graphs: control flow, functions, shapes and names."""

import numpy as np
from onnx import AttributeProto, helper

from build import BOOL, F32, I64, const, graph, node, simple, valid, value, weights


def _branch(name, op, output):
    """A branch that reads the outer value `x`."""
    return graph(name, [node(op, "x", output)], [], [value(output, [2, 3])])


def _if(condition, condition_inputs, initializers):
    nodes = [node("If", condition, "z", then_branch=_branch("then", "Relu", "t"),
                  else_branch=_branch("else", "Neg", "e")), node("Mul", "z x", "y")]
    return simple("if", nodes, [value("x", [2, 3]), *condition_inputs], [value("y", [2, 3])], initializers)


@valid
def if_constant():
    """If with a constant condition is resolved when it is imported; the branch reads a value of the outer graph."""
    return _if("yes", [], [const("yes", True)])


@valid
def if_folded():
    """If whose condition is known only after shapes are folded (Shape, Gather, Equal)."""
    made = _if("is_two", [], [const("zero", 0, np.int64), const("two", 2, np.int64)])
    chain = [node("Shape", "x", "s"), node("Gather", "s zero", "rows"), node("Equal", "rows two", "is_two")]
    for at, item in enumerate(chain):
        made.graph.node.insert(at, item)
    return made


@valid
def if_dynamic():
    """If whose condition is an input stays control flow in the code."""
    return _if("flag", [value("flag", [], BOOL)], [])


def _accumulate(scans):
    """A loop body: total += x * w, and optionally each total as a scan output."""
    nodes = [node("Mul", "x w", "p"), node("Add", "total p", "next"), node("Identity", "going", "still")]
    outputs = [value("still", [], BOOL), value("next", [4])]
    if scans:
        nodes.append(node("Identity", "next", "each"))
        outputs.append(value("each", [4]))
    return graph("body", nodes, [value("i", [], I64), value("going", [], BOOL), value("total", [4])], outputs)


@valid
def loop_constant():
    """Loop with a constant trip count of 3: unrolled or kept, its carried value and scan output are static."""
    return simple("loop_constant", [node("Loop", "three yes start", "y steps", body=_accumulate(True))],
                  [value("x", [4])], [value("y", [4]), value("steps", [3, 4])],
                  [const("three", 3, np.int64), const("yes", True), weights("w", 4),
                   const("start", np.zeros(4, np.float32))])


@valid
def loop_dynamic():
    """Loop whose trip count is an input, and whose only result is carried: static shapes, so it compiles to a loop."""
    return simple("loop_dynamic", [node("Loop", "count yes start", "y", body=_accumulate(False))],
                  [value("x", [4]), value("count", [], I64)], [value("y", [4])],
                  [weights("w", 4), const("yes", True), const("start", np.zeros(4, np.float32))])


@valid
def dim_dynamic():
    """Symbolic dims N and T, to be bound with --dim=N=2 --dim=T=5; unbound ones are refused by name."""
    return simple("dim_dynamic", [node("MatMul", "x w", "m"), node("ReduceMean", "m", "y", axes=[1], keepdims=0)],
                  [value("x", ["N", "T", 4])], [value("y", ["N", 3])], [weights("w", 4, 3)])


@valid
def dim_unnamed():
    """A dim that has no name, to be bound with --shape=x=2x4."""
    return simple("dim_unnamed", [node("MatMul", "x w", "y")], [value("x", [None, 4])], [value("y", [None, 3])],
                  [weights("w", 4, 3)])


@valid
def dim_expressions():
    """Dims named by expressions of others: bound by --dim=N=2 --dim=T=5 alone."""
    return simple("dim_expressions", [node("Concat", "past x", "all", axis=1), node("Mul", "all mask", "m"),
                                      node("Add", "m half", "y")],
                  [value("past", ["N", "T", 4]), value("x", ["N", "2*N", 4]), value("mask", ["N", "T + 2*N", 1]),
                   value("half", ["floor(T/2)", 1, "Max(1, (T - 1)//N + 2)"])],
                  [value("y", ["N", "T + 2*N", 4])])


@valid
def dim_open():
    """Dims of -1, as exporters write what is open, to be bound with --dim=x[0]=2."""
    return simple("dim_open", [node("MatMul", "x w", "y")], [value("x", [-1, 4])], [value("y", [-1, 3])],
                  [weights("w", 4, 3)])


@valid
def value_branch():
    """A sample rate chooses a branch: with --value=rate=16000 none is left."""
    return simple("value_branch", [
        node("Equal", "rate fast", "is_fast"),
        node("If", "is_fast", "z", then_branch=_branch("then", "Relu", "t"), else_branch=_branch("else", "Neg", "e")),
        node("Mul", "z gain", "y")],
        [value("x", [2, 3]), value("rate", [], I64), value("gain", [3])], [value("y", [2, 3])],
        [const("fast", 16000, np.int64)])


@valid
def shape_arithmetic():
    """Shape, Gather, Unsqueeze, Concat, Reshape as exporters write a flatten: folds away once N is bound
    (--dim=N=2)."""
    return simple("shape_arithmetic", [
        node("Shape", "x", "s"), node("Gather", "s zero", "n"), node("Unsqueeze", "n axis0", "n1"),
        node("Slice", "s one last axis0", "rest"), node("ReduceProd", "rest", "size", keepdims=1),
        node("Concat", "n1 size", "target", axis=0), node("Reshape", "x target", "flat"),
        node("MatMul", "flat w", "y")],
        [value("x", ["N", 2, 3, 2])], [value("y", ["N", 5])],
        [const("zero", 0, np.int64), const("axis0", [0], np.int64), const("one", [1], np.int64),
         const("last", [2**63 - 1], np.int64), weights("w", 12, 5)])


@valid
def reshape_special():
    """Reshape with 0 (copy) and -1 (infer), Flatten with axis 0, Squeeze without axes, Expand."""
    return simple("reshape_special", [
        node("Reshape", "x to", "a"), node("Squeeze", "a", "b"), node("Expand", "b wide", "c"),
        node("Flatten", "c", "y", axis=0)],
        [value("x", [2, 3, 4])], [value("y", [1, 72])],
        [const("to", [0, 1, -1], np.int64), const("wide", [3, 2, 12], np.int64)])


def _affine():
    """Function Affine(x; scale) = Scaled(x) + 1, which calls function Scaled."""
    scaled = helper.make_function("local", "Scaled", ["x"], ["y"], [
        _with_reference(helper.make_node("Constant", [], ["s"]), "value_float", "scale"),
        helper.make_node("Mul", ["x", "s"], ["y"])], [helper.make_opsetid("", 17)], ["scale"])
    call = helper.make_node("Scaled", ["x"], ["m"], domain="local")
    affine = helper.make_function("local", "Affine", ["x"], ["y"], [
        _with_reference(call, "scale", "scale"),
        helper.make_node("Constant", [], ["one"], value_float=1.0), helper.make_node("Add", ["m", "one"], ["y"])],
        [helper.make_opsetid("", 17), helper.make_opsetid("local", 1)], ["scale"])
    return [scaled, affine]


def _with_reference(item, attribute, parameter):
    """`item` with a float attribute whose value is the function's parameter."""
    reference = helper.make_attribute_ref(attribute, AttributeProto.FLOAT)
    reference.ref_attr_name = parameter
    item.attribute.append(reference)
    return item


@valid
def function_local():
    """A model-local function, used twice with different attributes, that calls another one: both are expanded, and
    names inside do not collide."""
    return simple("function_local", [
        helper.make_node("Affine", ["x"], ["m"], name="first", domain="local", scale=2.0),
        helper.make_node("Affine", ["m"], ["y"], name="second", domain="local", scale=-0.5)],
        [value("x", [2, 3])], [value("y", [2, 3])], domains=["local"], functions=_affine())


@valid
def names_awkward():
    """Names that are no C identifiers: a keyword, slashes, a leading digit, UTF-8, and two that differ only in what an
    identifier cannot hold. The header's names must be valid and distinct."""
    nodes = [helper.make_node("Add", ["int", "a.b"], ["/net/1"], name="/net/Add_1"),
             helper.make_node("Mul", ["/net/1", "a_b"], ["1:y"], name="größe"),
             helper.make_node("Neg", ["1:y"], ["größe"], name="")]
    return simple("names_awkward", nodes, [value(n, [2]) for n in ("int", "a.b", "a_b")],
                  [value("1:y", [2]), value("größe", [2])])


@valid
def doc_hostile():
    """Doc strings and metadata with comment ends, quotes, line breaks and trigraphs: the header must stay a header."""
    made = simple("doc_hostile", [node("Relu", "x", "y")],
                  [value("x", [2], F32, "ends */ here\n#error injected\\\nand \"there\" ??/")], [value("y", [2])])
    made.doc_string = "*/ int injected; /*"
    helper.set_model_props(made, {"author": "A \"quoted\" \\ author\n*/", "labels": "a,\"b\",c\\"})
    return made


@valid
def outputs_special():
    """An output that is an input, one that is a constant, and one value under two names: each is its own buffer."""
    return simple("outputs_special", [
        node("Relu", "x", "r"), node("Identity", "r", "r2"), node("Identity", "x", "same")],
                  [value("x", [3])], [value("r", [3]), value("r2", [3]), value("same", [3]), value("c", [2])],
                  [weights("c", 2)])


@valid
def ranks_special():
    """Scalars (rank 0) as input and output, and a tensor without elements in a Concat."""
    return simple("ranks_special", [
        node("Mul", "x scale", "m"), node("Concat", "m nothing", "j", axis=0), node("ReduceSum", "j", "y", keepdims=0)],
        [value("x", [3]), value("scale", [])], [value("y", [])], [const("nothing", np.zeros(0, np.float32))])


@valid
def initializer_inputs():
    """Weights that are listed as inputs too, as IR version 3 demands: they are constants, not arguments."""
    return simple("initializer_inputs", [node("MatMul", "x w", "y")], [value("x", [1, 3]), value("w", [3, 2])],
                  [value("y", [1, 2])], [weights("w", 3, 2)], opset=8)


@valid
def constants():
    """Constant in its forms (tensor, floats, ints), ConstantOfShape with and without a value, a node nobody reads."""
    return simple("constants", [
        node("Constant", "", "a", value=const("", [1.0, 2.0], np.float32)),
        node("Constant", "", "b", value_floats=[0.5, 0.25]), node("Constant", "", "two", value_ints=[2]),
        node("ConstantOfShape", "two", "z"),
        node("ConstantOfShape", "two", "o", value=const("", [1.5], np.float32)),
        node("Sum", "x a b z o", "y"), node("Exp", "x", "unread")], [value("x", [2])], [value("y", [2])])


@valid
def optional_inputs():
    """Omitted optional inputs in the middle (Clip without a minimum, Resize without roi and scales)."""
    return simple("optional_inputs", [
        node("Clip", "x - six", "c"), node("Resize", "c - - to", "y", mode="nearest")],
        [value("x", [1, 1, 2, 2])], [value("y", [1, 1, 4, 4])],
        [const("six", 6, np.float32), const("to", [1, 1, 4, 4], np.int64)])
