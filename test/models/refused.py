"""Models that must be refused: one located message, exit status 1, no output file, in bounded time and memory."""

import numpy as np
from onnx import AttributeProto, TensorProto, helper

from build import BOOL, F32, I64, Files, Link, const, graph, node, random, refused, simple, value, weights
from layers import mlp
from tensors import external


@refused
def truncated():
    """The first half of a good file."""
    data = mlp().SerializeToString(deterministic=True)
    return data[: len(data) // 2]


@refused
def empty():
    """A file of no bytes: protobuf reads it as a model without a graph."""
    return b""


@refused
def not_onnx():
    """A text file with an .onnx name."""
    return b"This is not a model.\n"


@refused
def external_parent():
    """External data whose path leaves the model's folder."""
    return external("external_parent", "../../etc/passwd")


@refused
def external_hidden_parent():
    """The same, behind a folder that exists."""
    return external("external_hidden_parent", "sub/../../../../../../../../etc/passwd")


@refused
def external_absolute():
    """External data with an absolute path."""
    return external("external_absolute", "/etc/passwd")


@refused
def external_symlink():
    """External data that is a symbolic link out of the model's folder."""
    return Files(external("external_symlink", "external_symlink.bin"), {"external_symlink.bin": Link("/etc/passwd")})


@refused
def external_missing():
    """External data that does not exist: the message names the file and the tensor."""
    return external("external_missing", "no_such_file.bin")


@refused
def external_missing_two():
    """Two files that do not exist, and an operator nobody supports behind them: all three are told."""
    made = external("external_missing_two", "no_such_file.bin")
    other = made.graph.initializer.add()
    other.CopyFrom(made.graph.initializer[0])
    other.name, other.external_data[0].value = "other", "folder/nor_this.bin"
    made.graph.node.append(node("Frobnicate", "other y", "z", domain="com.example"))
    return made


@refused
def external_short():
    """External data that ends before the tensor does."""
    return Files(external("external_short", "external_short.bin"), {"external_short.bin": bytes(40)})


@refused
def external_offset():
    """An offset that overflows when the length is added to it."""
    return Files(external("external_offset", "external_offset.bin", offset=2**63 - 8),
                 {"external_offset.bin": bytes(48)})


@refused
def external_length():
    """A length that is not the size of the tensor."""
    return Files(external("external_length", "external_length.bin", length=20), {"external_length.bin": bytes(48)})


@refused
def cycle():
    """Two nodes that read each other's result."""
    return simple("cycle", [node("Add", "x b", "a"), node("Relu", "a", "b"), node("Neg", "b", "y")],
                  [value("x", [2])], [value("y", [2])])


@refused
def unsupported_two():
    """Two operators nobody supports, of two domains: both are reported in one run, with node, operator and opset."""
    nodes = [helper.make_node("Frobnicate", ["x"], ["a"], name="first", domain="com.example"),
             helper.make_node("Relu", ["a"], ["b"], name="fine"),
             helper.make_node("Wobble", ["b"], ["y"], name="second", domain="com.example.other")]
    made = simple("unsupported_two", nodes, [value("x", [2])], [value("y", [2])],
                  domains=["com.example", "com.example.other"])
    made.graph.value_info.extend([value("a", [2]), value("b", [2])])
    return made


@refused
def operator_unknown():
    """A name that the standard domain does not have."""
    return simple("operator_unknown", [node("Reluu", "x", "y")], [value("x", [2])], [value("y", [2])])


def _function(name, calls):
    """Function `name` whose body calls function `calls`."""
    return helper.make_function("local", name, ["x"], ["y"], [
        helper.make_node(calls, ["x"], ["y"], domain="local")], [helper.make_opsetid("local", 1)])


def _calling(name, functions):
    return simple(name, [helper.make_node("Outer", ["x"], ["y"], name="call", domain="local")],
                  [value("x", [2])], [value("y", [2])], domains=["local"], functions=functions)


@refused
def function_recursive():
    """A function that calls itself."""
    return _calling("function_recursive", [_function("Outer", "Outer")])


@refused
def function_recursive_mutual():
    """Two functions that call each other."""
    return _calling("function_recursive_mutual", [_function("Outer", "Inner"), _function("Inner", "Outer")])


@refused
def function_explosion():
    """Forty functions that each call the next one twice: 2^40 nodes if expanded without a limit."""
    functions = []
    for i in range(40):
        name, callee = ("Outer" if i == 0 else f"F{i}"), f"F{i + 1}"
        functions.append(helper.make_function("local", name, ["x"], ["y"], [
            helper.make_node(callee, ["x"], ["m"], domain="local"),
            helper.make_node(callee, ["m"], ["y"], domain="local")], [helper.make_opsetid("local", 1)]))
    functions.append(helper.make_function("local", "F40", ["x"], ["y"], [helper.make_node("Relu", ["x"], ["y"])],
                                          [helper.make_opsetid("", 17)]))
    return _calling("function_explosion", functions)


@refused
def shape_overflow():
    """An input whose number of elements does not fit into 64 bits."""
    return simple("shape_overflow", [node("Relu", "x", "y")],
                  [value("x", [2**33, 2**33])], [value("y", [2**33, 2**33])])


@refused
def shape_negative():
    """An input with a negative dim."""
    return simple("shape_negative", [node("Relu", "x", "y")], [value("x", [2, -3])], [value("y", [2, -3])])


@refused
def shape_mismatch():
    """A MatMul whose inner dims differ: 4 and 5."""
    return simple("shape_mismatch", [node("MatMul", "x w", "y")], [value("x", [1, 4])], [value("y", [1, 3])],
                  [weights("w", 5, 3)])


@refused
def shape_data_dependent():
    """Reshape to sizes that are an input: nothing bounds them, so nothing can be planned for the result."""
    return simple("shape_data_dependent", [node("Reshape", "x s", "y")], [value("x", [4]), value("s", [2], I64)],
                  [value("y", [None, None])])


def _initializer(name, tensor):
    return simple(name, [node("Add", "x w", "y")], [value("x", [3])], [value("y", [3])], [tensor])


@refused
def initializer_negative():
    """An initializer with a negative dim."""
    return _initializer("initializer_negative",
                        TensorProto(name="w", data_type=F32, dims=[-3], raw_data=bytes(12)))


@refused
def initializer_overflow():
    """An initializer whose dims multiply to 12 bytes modulo 2^64."""
    return _initializer("initializer_overflow", TensorProto(
        name="w", data_type=F32, dims=[3, 2**62 + 1], raw_data=bytes(12)))


@refused
def initializer_short():
    """An initializer with fewer bytes than its shape needs."""
    return _initializer("initializer_short", TensorProto(name="w", data_type=F32, dims=[3], raw_data=bytes(8)))


@refused
def int4_result():
    """QuantizeLinear to 4 bits: values of that type exist as weights only."""
    zero_point = helper.make_tensor("z", TensorProto.INT4, [], [0])
    return simple("int4_result", [node("QuantizeLinear", "x s z", "q"), node("DequantizeLinear", "q s z", "y")],
                  [value("x", [4])], [value("y", [4])], [const("s", 0.5, np.float32), zero_point], opset=25)


@refused
def initializer_type():
    """An initializer with an element type that does not exist."""
    return _initializer("initializer_type", TensorProto(name="w", data_type=77, dims=[3], raw_data=bytes(12)))


@refused
def initializer_string():
    """An initializer of strings, which a Cast would have to parse."""
    tensor = helper.make_tensor("w", TensorProto.STRING, [3], [b"1", b"2", b"3"])
    made = _initializer("initializer_string", tensor)
    made.graph.node.insert(0, node("Cast", "w", "wf", to=F32))
    made.graph.node[1].input[1] = "wf"
    return made


@refused
def constant_bomb():
    """A file of a few hundred bytes that folds to a constant of 4 EiB."""
    return simple("constant_bomb", [node("ConstantOfShape", "size", "z"), node("ReduceSum", "z", "s", keepdims=0),
                                    node("Add", "x s", "y")],
                  [value("x", [3])], [value("y", [3])], [const("size", [2**30, 2**30], np.int64)])


@refused
def loop_bomb():
    """A Loop with a constant trip count of 2^60 that scans: its result does not fit anywhere."""
    body = graph("body", [node("Identity", "going", "still"), node("Identity", "x", "each")],
                 [value("i", [], I64), value("going", [], TensorProto.BOOL)],
                 [value("still", [], TensorProto.BOOL), value("each", [3])])
    return simple("loop_bomb", [node("Loop", "count yes", "y", body=body)], [value("x", [3])],
                  [value("y", [None, 3])], [const("count", 2**60, np.int64), const("yes", True)])


@refused
def sparse_index():
    """A sparse initializer with an index outside its shape."""
    sparse = helper.make_sparse_tensor(const("w", [1.0], np.float32), const("w_indices", [9], np.int64), [3])
    body = graph("sparse_index", [node("Add", "x w", "y")], [value("x", [3])], [value("y", [3])],
                 sparse_initializer=[sparse])
    made = simple("sparse_index", [], [], [])
    made.graph.CopyFrom(body)
    return made


@refused
def value_undefined():
    """A node that reads a value nobody makes."""
    return simple("value_undefined", [node("Add", "x nowhere", "y")], [value("x", [2])], [value("y", [2])])


@refused
def value_twice():
    """Two nodes that make the same value."""
    return simple("value_twice", [node("Relu", "x", "y"), node("Neg", "x", "y")], [value("x", [2])],
                  [value("y", [2])])


@refused
def output_undefined():
    """An output that nothing makes."""
    return simple("output_undefined", [node("Relu", "x", "a")], [value("x", [2])], [value("y", [2])])


@refused
def opset_future():
    """Opset 99, which does not exist yet: the message names the newest one that is known."""
    return simple("opset_future", [node("Relu", "x", "y")], [value("x", [2])], [value("y", [2])], opset=99)


@refused
def problems_of_all_stages():
    """A dimension, an undefined name, two operators and an attribute are wrong: each is told in one run, with advice."""
    made = simple("problems_of_all_stages", [
        node("Frobnicate", "x", "a", domain="com.example"), node("Concat", "a x", "b"), node("Add", "b nowhere", "c"),
        node("If", "flag", "d", then_branch=graph("then", [node("Wobble", "c", "t", domain="com.example")], [],
                                                  [value("t", None)]),
             else_branch=graph("else", [node("Relu", "x", "e")], [], [value("e", None)])),
        node("Relu", "d", "y", alpha=0.5)],
        [value("x", ["N", 4]), value("flag", [], BOOL)], [value("y", None), value("z", None)], domains=["com.example"])
    return made


@refused
def cycle_two():
    """Two cycles, one of them in a branch: both are named, node by node."""
    branch = graph("then", [node("Add", "x q", "p"), node("Neg", "p", "q")], [], [value("q", None)])
    other = graph("else", [node("Relu", "x", "e")], [], [value("e", None)])
    return simple("cycle_two", [node("Relu", "x", "y", name="fine"), node("Add", "c x", "a"), node("Neg", "a", "b"),
                                node("Exp", "b", "c"), node("If", "flag", "z", then_branch=branch, else_branch=other)],
                  [value("x", [2]), value("flag", [], BOOL)], [value("y", [2]), value("z", None)])


@refused
def output_type():
    """An output that is declared with another element type than its node gives."""
    return simple("output_type", [node("Relu", "x", "y")], [value("x", [2])], [value("y", [2], I64)])


@refused
def initializer_input():
    """An initializer of another type and one of another shape than the inputs whose defaults they are."""
    return simple("initializer_input", [node("Add", "x w", "a"), node("Add", "a v", "y")],
                  [value("x", [3]), value("w", [3], I64), value("v", [2])], [value("y", [3])],
                  [weights("w", 3), weights("v", 3)])


@refused
def attribute_type():
    """Conv with its strides as a string."""
    return simple("attribute_type", [node("Conv", "x w", "y", strides="two")], [value("x", [1, 1, 4, 4])],
                  [value("y", [1, 1, 2, 2])], [weights("w", 1, 1, 3, 3)])


@refused
def conv_stride_zero():
    """Conv with a stride of zero: shape inference must not divide by it."""
    return simple("conv_stride_zero", [node("Conv", "x w", "y", strides=[0, 0])], [value("x", [1, 1, 4, 4])],
                  [value("y", [1, 1, 2, 2])], [weights("w", 1, 1, 3, 3)])


@refused
def conv_group():
    """Conv whose channels are not a multiple of its groups."""
    return simple("conv_group", [node("Conv", "x w", "y", group=2)], [value("x", [1, 3, 4, 4])],
                  [value("y", [1, 2, 2, 2])], [weights("w", 2, 1, 3, 3)])


@refused
def element_type():
    """Conv on int64 data, which the operator does not take."""
    return simple("element_type", [node("Conv", "x w", "y")], [value("x", [1, 1, 4, 4], I64)],
                  [value("y", [1, 1, 2, 2], I64)], [const("w", random("w", 1, 1, 3, 3), np.int64)])


def _field(number, data):
    """A length-delimited protobuf field: the Python classes refuse to nest as deep as `nested_deep` does."""
    size, length = len(data), b""
    while size >= 0x80:
        length, size = length + bytes([size & 0x7F | 0x80]), size >> 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + data


@refused
def nested_deep():
    """Sixty Ifs inside each other, 180 messages deep: more than a parser may recurse."""
    other = graph("other", [node("Neg", "x", "o")], [], [value("o", [2])])
    body = graph("leaf", [node("Relu", "x", "v0")], [], [value("v0", [2])]).SerializeToString(deterministic=True)
    for depth in range(1, 61):
        branch = AttributeProto(name="then_branch", type=AttributeProto.GRAPH).SerializeToString(deterministic=True)
        item = node("If", "flag", f"v{depth}", else_branch=other).SerializeToString(deterministic=True)
        item += _field(5, branch + _field(6, body))  # NodeProto.attribute, AttributeProto.g
        rest = graph(f"level{depth}", [], [], [value(f"v{depth}", [2])]).SerializeToString(deterministic=True)
        body = rest + _field(1, item)  # GraphProto.node
    inputs = graph("", [], [value("x", [2]), value("flag", [], TensorProto.BOOL)], [])
    made = simple("nested_deep", [], [], [])
    made.ClearField("graph")
    return made.SerializeToString(deterministic=True) + _field(7, body + inputs.SerializeToString(deterministic=True))
