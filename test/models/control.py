"""Control flow inside control flow, sequences and optionals."""

import numpy as np
from onnx import helper

from build import BOOL, F32, I64, const, graph, node, refused, simple, valid, value, weights


def _branch(name, nodes, output, shape):
    return graph(name, nodes, [], [value(output, shape)])


def _list(name, shape=None):
    """A value that is a sequence of tensors."""
    return helper.make_value_info(name, helper.make_sequence_type_proto(helper.make_tensor_type_proto(F32, shape)))


def _choose(condition, output, on_true, on_false, shape):
    """An If between two single nodes on outer values: (op, inputs)."""
    return node("If", condition, output,
                then_branch=_branch(f"{output}_then", [node(*on_true, f"{output}_t")], f"{output}_t", shape),
                else_branch=_branch(f"{output}_else", [node(*on_false, f"{output}_e")], f"{output}_e", shape))


@valid
def if_nested():
    """If in a Loop in an If: each reads values of all graphs around it; the other branch passes an input through."""
    step = [node("Mod", "i two", "rest"), node("Equal", "rest zero", "even"),
            _choose("even", "next", ("Add", "acc x"), ("MatMul", "acc w"), [2, 3]),
            node("ReduceMax", "next", "top", keepdims=0), node("Identity", "going", "still")]
    body = graph("body", step, [value("i", [], I64), value("going", [], BOOL), value("acc", [2, 3])],
                 [value("still", [], BOOL), value("next", [2, 3]), value("top", [])])
    loop = graph("then", [node("Loop", "four yes x", "last tops", body=body)], [],
                 [value("last", [2, 3]), value("tops", [4])])
    through = graph("else", [node("Identity", "x", "e"), node("Identity", "ramp", "r")], [],
                    [value("e", [2, 3]), value("r", [4])])
    return simple("if_nested", [node("If", "flag", "y z", then_branch=loop, else_branch=through)],
                  [value("x", [2, 3]), value("flag", [], BOOL)], [value("y", [2, 3]), value("z", [4])],
                  [weights("w", 3, 3), const("two", 2, np.int64), const("zero", 0, np.int64), const("four", 4, np.int64),
                   const("yes", True), weights("ramp", 4)])


@valid
def if_empty_branches():
    """If whose branches have no nodes at all: each gives a value of the graph around it."""
    return simple("if_empty_branches", [
        node("Neg", "x", "n"),
        node("If", "flag", "c", then_branch=_branch("then", [], "x", [2, 3]),
             else_branch=_branch("else", [], "n", [2, 3])), node("Mul", "c x", "y")],
        [value("x", [2, 3]), value("flag", [], BOOL)], [value("y", [2, 3])])


@valid
def if_shadows():
    """A branch with an initializer of its own that has the name of one around it: each graph reads its own."""
    own = graph("then", [node("Mul", "x k", "t")], [], [value("t", [2, 3])], [const("k", 3.0, np.float32)])
    return simple("if_shadows", [
        node("If", "flag", "c", then_branch=own, else_branch=_branch("else", [node("Neg", "x", "e")], "e", [2, 3])),
        node("Mul", "c k", "y")],
        [value("x", [2, 3]), value("flag", [], BOOL)], [value("y", [2, 3])], [const("k", 2.0, np.float32)])


@valid
def loop_nested():
    """Loop in Loop in Loop, each with the outer ones' values, one of them with a trip count that is an input."""
    def body(name, nodes, carried, result):
        return graph(name, [*nodes, node("Identity", f"{name}_c", f"{name}_k")],
                     [value(f"{name}_i", [], I64), value(f"{name}_c", [], BOOL), value(carried, [4])],
                     [value(f"{name}_k", [], BOOL), value(result, [4])])
    inner = body("in", [node("Mul", "v x", "p"), node("Cast", "out_i", "f", to=F32), node("Add", "p f", "r")], "v", "r")
    middle = body("mid", [node("Loop", "three - u", "s", body=inner), node("Add", "s t", "q")], "u", "q")
    outer = body("out", [node("Loop", "count - t", "o", body=middle)], "t", "o")
    return simple("loop_nested", [node("Loop", "three yes x", "y", body=outer)],
                  [value("x", [4]), value("count", [], I64)], [value("y", [4])],
                  [const("three", 3, np.int64), const("yes", True)])


@valid
def scan_nested():
    """Scan in an If in a Loop: the scanned tensor, the weights and the step are of graphs around it."""
    scan = graph("scan", [node("MatMul", "row w", "m"), node("Add", "m h", "s"), node("Tanh", "s", "h2"),
                          node("Identity", "h2", "out")],
                 [value("h", [1, 3]), value("row", [1, 3])], [value("h2", [1, 3]), value("out", [1, 3])])
    taken = graph("then", [node("Scan", "state x", "last all", body=scan, num_scan_inputs=1),
                           node("ReduceSum", "all", "sum", keepdims=0), node("Add", "last sum", "t")], [],
                  [value("t", [1, 3])])
    other = _branch("else", [node("Neg", "state", "e")], "e", [1, 3])
    body = graph("body", [node("Equal", "i one", "hit"), node("If", "hit", "next", then_branch=other, else_branch=taken),
                          node("Identity", "going", "still")],
                 [value("i", [], I64), value("going", [], BOOL), value("state", [1, 3])],
                 [value("still", [], BOOL), value("next", [1, 3])])
    return simple("scan_nested", [node("Loop", "three yes start", "y", body=body)],
                  [value("x", [4, 1, 3])], [value("y", [1, 3])],
                  [weights("w", 3, 3), weights("start", 1, 3), const("one", 1, np.int64), const("three", 3, np.int64),
                   const("yes", True)])


@valid
def if_into_kernels():
    """The result of an If with an unknown condition goes into products on either side, a convolution, a softmax and a
    reduction; one branch is a view, the other a kernel."""
    flip = [node("Slice", "x back end axis back", "t")]
    conv = [node("Conv", "x k", "e", pads=[1, 1, 1, 1])]
    return simple("if_into_kernels", [
        node("If", "flag", "v", then_branch=_branch("then", flip, "t", [1, 3, 6, 6]),
             else_branch=_branch("else", conv, "e", [1, 3, 6, 6])),
        node("Conv", "v w", "c", pads=[1, 1, 1, 1]), node("Transpose", "v", "vt", perm=[0, 1, 3, 2]),
        node("MatMul", "v vt", "p"), node("MatMul", "u v", "q"), node("Softmax", "v", "s", axis=-1),
        node("ReduceMean", "v", "m", axes=[2, 3]), node("Concat", "p q s", "o", axis=1)],
        [value("x", [1, 3, 6, 6]), value("flag", [], BOOL)],
        [value("c", [1, 4, 6, 6]), value("o", [1, 9, 6, 6]), value("m", [1, 3, 1, 1])],
        [weights("k", 3, 3, 3, 3), weights("w", 4, 3, 3, 3), weights("u", 6, 6), const("back", [-1], np.int64),
         const("end", [-(2**31)], np.int64), const("axis", [3], np.int64)])


@valid
def if_untaken():
    """The branch of an If that a constant condition never takes reshapes 6 elements into 35: it does not matter."""
    return simple("if_untaken", [
        node("Shape", "x", "s"), node("ReduceSum", "s", "n", keepdims=0), node("Less", "n nine", "small"),
        _choose("small", "y", ("Relu", "x"), ("Reshape", "x other"), None)],
        [value("x", [2, 3])], [value("y", None)], [const("other", [7, 5], np.int64), const("nine", 9, np.int64)])


@valid
def sequences():
    """SplitToSequence in its three forms, SequenceConstruct, -Insert, -Erase, -At and -Length, ConcatFromSequence along
    an old and a new axis; at a place that is an input too."""
    return simple("sequences", [
        node("SplitToSequence", "x two", "pairs", axis=-1), node("SplitToSequence", "x", "rows", axis=0, keepdims=0),
        node("SplitToSequence", "x uneven", "parts", axis=1), node("SequenceAt", "pairs zero", "a"),
        node("SequenceAt", "pairs minus", "b"), node("Neg", "b", "nb"), node("SequenceConstruct", "a nb a", "three"),
        node("SequenceInsert", "three b one", "four"), node("SequenceErase", "four", "fewer"),
        node("ConcatFromSequence", "fewer", "y", axis=2), node("ConcatFromSequence", "rows", "z", axis=-1, new_axis=1),
        node("SequenceAt", "parts one", "p"), node("SequenceAt", "rows place", "r"), node("Add", "p r", "o"),
        node("SequenceLength", "four", "length")],
        [value("x", [3, 3, 5]), value("place", [], I64)],
        [value("y", [3, 3, 5]), value("z", [3, 5, 3]), value("o", [3, 1, 5]), value("length", [], I64)],
        [const("two", 2, np.int64), const("uneven", [2, 1], np.int64), const("zero", 0, np.int64),
         const("one", 1, np.int64), const("minus", -1, np.int64)])


@valid
def sequence_loops():
    """Sequences in control flow: one that grows in a Loop of a known length, one that a Loop carries and an If chooses
    from, a Loop in a Loop over the tensors of another."""
    grow = graph("grow", [node("Gather", "x i", "xi", axis=1), node("Add", "xi h", "s"), node("Tanh", "s", "h2"),
                          node("SequenceInsert", "sq h2", "sq2"), node("Identity", "c", "k")],
                 [value("i", [], I64), value("c", [], BOOL), value("h", [2, 4]), _list("sq")],
                 [value("k", [], BOOL), value("h2", [2, 4]), _list("sq2")])
    other = graph("then", [node("SequenceErase", "pair zero", "e1"), node("SequenceInsert", "e1 hn", "e2")], [],
                  [_list("e2")])
    same = graph("else", [node("Identity", "pair", "e3")], [], [_list("e3")])
    turn = graph("turn", [node("SequenceAt", "pair zero", "a"), node("SequenceAt", "pair one", "b"),
                          node("Mul", "a b", "ab"), node("If", "flag", "chosen", then_branch=other, else_branch=same),
                          node("SequenceErase", "chosen one", "left"), node("SequenceInsert", "left ab zero", "next"),
                          node("Identity", "d", "m")],
                 [value("j", [], I64), value("d", [], BOOL), _list("pair")], [value("m", [], BOOL), _list("next")])
    return simple("sequence_loops", [
        node("SequenceEmpty", "", "none", dtype=F32), node("Loop", "three yes start none", "hn all", body=grow),
        node("ConcatFromSequence", "all", "y", axis=1, new_axis=1), node("SequenceErase", "all", "both"),
        node("Loop", "count yes both", "last", body=turn), node("ConcatFromSequence", "last", "z", axis=0)],
        [value("x", [2, 3, 4]), value("count", [], I64), value("flag", [], BOOL)],
        [value("y", [2, 3, 4]), value("z", [4, 4])],
        [const("three", 3, np.int64), const("yes", True), weights("start", 2, 4), const("zero", 0, np.int64),
         const("one", 1, np.int64)])


@valid
def optionals():
    """Optionals of a tensor, of a sequence and of nothing, and what asks for what they hold."""
    tensor, both = helper.make_tensor_type_proto(F32, [2, 3]), helper.make_sequence_type_proto(
        helper.make_tensor_type_proto(F32, [2, 3]))
    return simple("optionals", [
        node("Optional", "x", "some"), node("Optional", "", "none", type=tensor),
        node("SequenceConstruct", "x x", "pair"), node("Optional", "pair", "list", type=both),
        node("OptionalHasElement", "some", "yes"), node("OptionalHasElement", "none", "no"),
        node("OptionalGetElement", "some", "held"), node("OptionalGetElement", "list", "tensors"),
        node("ConcatFromSequence", "tensors", "joined", axis=0), node("Neg", "held", "n"),
        node("Concat", "joined n", "y", axis=0),
        node("If", "no", "z", then_branch=_branch("then", [node("OptionalGetElement", "none", "t")], "t", [2, 3]),
             else_branch=_branch("else", [node("Abs", "x", "e")], "e", [2, 3]))],
        [value("x", [2, 3])], [value("y", [6, 3]), value("z", [2, 3]), value("yes", [], BOOL)])


@refused
def if_branch():
    """An If with an unknown condition, one of whose branches has shapes that do not fit: the branch's node says so."""
    return simple("if_branch", [_choose("flag", "y", ("Relu", "x"), ("MatMul", "x w"), [2, 3])],
                  [value("x", [2, 3]), value("flag", [], BOOL)], [value("y", [2, 3])], [weights("w", 5, 3)])


@refused
def sequence_input():
    """An input that is a sequence."""
    return simple("sequence_input", [node("ConcatFromSequence", "s", "y", axis=0)], [_list("s", [2, 3])],
                  [value("y", [4, 3])])


@refused
def sequence_output():
    """An output that is a sequence."""
    return simple("sequence_output", [node("SequenceConstruct", "x x", "s")], [value("x", [2, 3])],
                  [_list("s", [2, 3])])


@refused
def sequence_grows():
    """A sequence that grows in a Loop whose number of steps is an input."""
    body = graph("body", [node("SequenceInsert", "s x", "s2"), node("Identity", "c", "k")],
                 [value("i", [], I64), value("c", [], BOOL), _list("s")], [value("k", [], BOOL), _list("s2")])
    return simple("sequence_grows", [
        node("SequenceConstruct", "x", "one"), node("Loop", "count - one", "all", body=body),
        node("ConcatFromSequence", "all", "y", axis=0)],
        [value("x", [2, 3]), value("count", [], I64)], [value("y", [None, 3])])


@refused
def sequence_bomb():
    """A Loop that splits a tensor into 10,000 in each of its 2,000 steps."""
    body = graph("body", [node("SplitToSequence", "x", "parts"), node("SequenceAt", "parts i", "part"),
                          node("SequenceInsert", "s part", "s2"), node("Identity", "c", "k")],
                 [value("i", [], I64), value("c", [], BOOL), _list("s")], [value("k", [], BOOL), _list("s2")])
    return simple("sequence_bomb", [
        node("SequenceEmpty", "", "none", dtype=F32), node("Loop", "steps - none", "all", body=body),
        node("ConcatFromSequence", "all", "y", axis=0)],
        [value("x", [10000])], [value("y", [2000])], [const("steps", 2000, np.int64)])


@refused
def sequence_place():
    """SequenceAt behind the end of a sequence."""
    return simple("sequence_place", [node("SequenceConstruct", "x x", "s"), node("SequenceAt", "s two", "y")],
                  [value("x", [2, 3])], [value("y", [2, 3])], [const("two", 2, np.int64)])


@refused
def sequence_as_tensor():
    """A sequence where an operator takes a tensor."""
    return simple("sequence_as_tensor", [node("SequenceConstruct", "x x", "s"), node("Relu", "s", "y")],
                  [value("x", [2, 3])], [value("y", [2, 3])])
