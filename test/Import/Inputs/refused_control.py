"""Control flow, functions, sequences and optionals that cannot be resolved: what the importer says of each, one line a model.

    refused_control.py MLC FOLDER
"""
import sys

import numpy as np
from onnx import TensorProto, helper

from refusals import BOOL, F, I64, constants, ints, main, node, results, values, whole

X = {"x": (F, [2, 3])}
STEP = {"i": (I64, []), "c": (BOOL, [])}
INT4 = helper.make_tensor("four", TensorProto.INT4, [2], [1, 2])


def body(nodes, inputs, outputs, initializers=(), name="body"):
    return helper.make_graph(nodes, name, values(inputs), results(outputs), constants(inputs) + list(initializers))


def loop(inner, inputs, carried="x", outputs="y", limit="n"):
    return whole([node("Loop", f"{limit} {'go' if 'go' in inputs else ''} {carried}", outputs, body=inner)], inputs, "y")


def scan(inner, inputs, names, opset=17, **attributes):
    return whole([node("Scan", names, "y", body=inner, **{"num_scan_inputs": 1, **attributes})], inputs, opset=opset)


def branches(then, otherwise=None):
    plain = body([node("Neg", "x", "e")], {}, "e")
    return whole([node("If", "b", "y", then_branch=then, else_branch=otherwise or plain)], {**X, "b": (BOOL, [])})


def sequence(*nodes, **inputs):
    return whole(list(nodes), {**X, **inputs}, opset=17)


def with_int4(made):
    """An output that is an initializer of 4 bits."""
    made.graph.initializer.append(INT4)
    made.opset_import[0].version, made.ir_version = 21, 10
    return made


SUM = body([node("Add", "a x", "r"), node("Identity", "c", "k")], {**STEP, "a": (F, [2, 3])}, "k r")
TURN = body([node("Transpose", "a", "r"), node("Less", "i top", "k")], {**STEP, "a": (F, [2, 3]), "top": np.int64(2**40)}, "k r")
UNTIL = body([node("Concat", "a x", "r", axis=0), node("ReduceSum", "r", "t", keepdims=0), node("Less", "t top", "k")],
             {**STEP, "a": (F, [2, 3]), "top": np.float32(9)}, "k r")
ROW = body([node("Add", "a r", "q")], {"a": (F, [3]), "r": (F, [3])}, "q q")
# Functions of a model: their operands may be anything, or missing.
FUNCTIONS = {"Takes": ("a", [node("Neg", "a", "b")]),
             "Holds": ("a q", [node("ReduceMax", "a", "m", keepdims=0), node("Cast", "m", "c", to=BOOL),
                               node("If", "c", "b", then_branch=body([], {}, "q"), else_branch=body([], {}, "a"))])}


def call(name, operands="x"):
    inputs, nodes = FUNCTIONS[name]
    function = helper.make_function("local", name, inputs.split(), ["b"], nodes, [helper.make_opsetid("", 17)])
    made = whole([node(name, operands, "y", domain="local")], X, functions=[function])
    made.opset_import.append(helper.make_opsetid("local", 1))
    return made


def tower(height):
    """A function that calls another, and so on."""
    names = [f"F{i}" for i in range(height)]
    functions = [helper.make_function("local", name, ["a"], ["b"], [node(below, "a", "b", domain="local" if below in names else "")],
                                      [helper.make_opsetid("", 17), helper.make_opsetid("local", 1)])
                 for name, below in zip(names, names[1:] + ["Neg"])]
    made = whole([node("F0", "x", "y", domain="local")], X, functions=functions)
    made.opset_import.append(helper.make_opsetid("local", 1))
    return made


CASES = {
    "loop_limit": loop(SUM, {**X, "n": ints(2, 3)}),
    "loop_absent": loop(SUM, {**X, "n": np.int64(3)}, carried=""),
    "loop_counts": loop(SUM, {**X, "n": np.int64(3)}, carried="x x"),
    "loop_long": loop(TURN, {**X, "go": np.bool_(True)}, limit=""),
    "loop_until": loop(UNTIL, {**X, "n": np.int64(8), "go": np.bool_(True)}),
    "loop_stacks": loop(body([node("Add", "a x", "r"), node("Identity", "c", "k"), node("SequenceConstruct", "r", "s")],
                             {**STEP, "a": (F, [2, 3])}, "k r s"), {**X, "n": np.int64(3), "go": np.bool_(True)}, outputs="y z"),
    "scan_scalar": scan(body([node("Neg", "r", "q")], {"r": (F, [])}, "q"), {"x": (F, [2])}, " x", opset=8),
    "scan_states": scan(body([node("Neg", "r", "q")], {"a": (F, [3]), "b": (F, [3]), "r": (F, [3])}, "q"),
                        {**X, "a": (F, [3]), "b": (F, [3])}, "a b x"),
    "scan_count": scan(ROW, {**X, "a": (F, [3])}, "a x", num_scan_inputs=3),
    "scan_lengths": scan(ROW, {"n": (I64, [1]), "a": (F, [1, 3]), "x": (F, [1, 2, 3])}, "n a x", opset=8),
    "branch_inputs": branches(body([node("Neg", "q", "t")], {"q": (F, [2, 3])}, "t")),
    "branch_outputs": branches(body([node("Neg", "x", "t")], {}, "t t")),
    "branch_int4": with_int4(branches(body([], {}, "four"))),
    "branch_absent": call("Holds"),
    "output_int4": with_int4(whole([node("Neg", "x", "y")], X, "y four")),
    "function_inputs": call("Takes", "x x"),
    "function_tower": tower(300),
    "sequence_wanted": sequence(node("Optional", "x", "o"), node("SequenceLength", "o", "y")),
    "sequence_types": sequence(node("SequenceConstruct", "x", "s"), node("SequenceInsert", "s i", "t"), node("ConcatFromSequence", "t", "y", axis=0),
                               i=(I64, [2, 3])),
    "sequence_position": sequence(node("SequenceConstruct", "x", "s"), node("SequenceAt", "s p", "y"), p=ints(0, 0)),
    "sequence_parts": sequence(node("SplitToSequence", "x p", "s", axis=1), node("SequenceAt", "s z", "y"), p=ints(2, 2), z=np.int64(0)),
    "sequence_unknown": sequence(node("SequenceConstruct", "x i", "s"), node("SequenceAt", "s p", "y"), i=(F, [2, 4]), p=(I64, [])),
    "sequence_empty": sequence(node("SequenceEmpty", "", "s"), node("ConcatFromSequence", "s", "y", axis=0)),
    "optional_empty": sequence(node("Optional", "", "o", type=helper.make_tensor_type_proto(F, [2])), node("OptionalGetElement", "o", "y")),
}

if __name__ == "__main__":
    sys.exit(main(CASES))
