#!/usr/bin/env python3
"""Files as people have them, which the standard's checker refuses or which are older than it: each is compiled and compared.

    field_files.py MLC FOLDER      writes a suite of cases to FOLDER and checks it; exit status 1 at any difference

The answers are onnxruntime's for the file itself or, where onnxruntime does not read it, for a twin in today's form.
"""
import json
import pathlib
import subprocess
import sys

import numpy as np
import onnxruntime
from onnx import AttributeProto, ModelProto, TensorProto, ValueInfoProto, helper, numpy_helper

F32, F16, I64, BOOL = TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.INT64, TensorProto.BOOL
CASES = {}  # name -> function that gives a model, or a model and its twin


def case(function):
    CASES[function.__name__] = function
    return function


def random(seed, *shape):
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


def const(name, array, dtype=None):
    return numpy_helper.from_array(np.array(array, dtype), name)


def value(name, shape, dtype=F32):
    return helper.make_tensor_value_info(name, dtype, shape)


def node(op, inputs, outputs, **attributes):
    ins = ["" if i == "-" else i for i in inputs.split()]
    return helper.make_node(op, ins, outputs.split(), **attributes)


def graph(nodes, inputs, outputs, initializers=(), **fields):
    return helper.make_graph(nodes, "g", inputs, outputs, list(initializers), **fields)


def model(nodes, inputs, outputs, initializers=(), opset=17, ir=8, domains=(), functions=(), **fields):
    imports = [helper.make_opsetid("", opset)] + [helper.make_opsetid(d, 1) for d in domains]
    return helper.make_model(graph(nodes, inputs, outputs, initializers, **fields), opset_imports=imports, ir_version=ir,
                             functions=list(functions))


def reference(item, attribute, parameter):
    """`item` with a float attribute that is its function's parameter."""
    made = helper.make_attribute_ref(attribute, AttributeProto.FLOAT)
    made.ref_attr_name = parameter
    item.attribute.append(made)
    return item


X, Y = value("x", [2, 3, 4, 4]), value("y", None)


# What the checker refuses, and onnxruntime does not.


@case
def unsorted():
    """Nodes behind their readers, also as the captures of a branch."""
    branch = graph([node("Add", "a late", "t")], [], [value("t", None)])
    other = graph([node("Sub", "late x", "e")], [], [value("e", None)])
    return model([node("If", "c", "i", then_branch=branch, else_branch=other), node("Neg", "i", "y"),
                  node("Relu", "x", "a"), node("Exp", "a", "late")], [X], [Y], [const("c", True)])


@case
def float16_converted():
    """The casts at the borders stand at the end."""
    return model([node("Mul", "xh half", "a"), node("Relu", "a", "b"), node("Cast", "x", "xh", to=F16),
                  node("Cast", "b", "y", to=F32)], [value("x", [2, 8])], [value("y", [2, 8])],
                 [const("half", 0.5, np.float16)], value_info=[value("a", [2, 8], F16)])


@case
def output_without_type():
    made = model([node("Relu", "x", "y")], [X], [Y])
    made.graph.output[0].ClearField("type")
    return made


@case
def output_without_shape():
    return model([node("Relu", "x", "a"), node("Neg", "a", "y")], [X], [value("y", None)], value_info=[value("a", None)])


@case
def stale_shapes():
    """A batch that was edited in the input alone."""
    return model([node("Relu", "x", "a"), node("Neg", "a", "y")], [X], [value("y", [1, 3, 4, 4])],
                 value_info=[value("a", [7, 3])])


@case
def initializer_is_no_input():
    """As IR version 3 does not have it."""
    return model([node("Add", "x w", "y")], [X], [Y], [const("w", random(2, 4))], opset=8, ir=3)


@case
def initializer_twice():
    return model([node("Add", "x w", "y")], [X], [Y], [const("w", random(3, 4)), const("w", random(4, 4))])


@case
def initializer_is_output():
    return model([node("Relu", "x", "y")], [X], [Y, value("w", [4]), value("x", [2, 3, 4, 4])], [const("w", random(3, 4))])


@case
def output_twice():
    return model([node("Relu", "x", "y")], [X], [Y, Y])


@case
def no_graph_name():
    made = model([node("Relu", "x", "y")], [X], [Y])
    made.graph.name = ""
    return made


@case
def opset_of_another_domain_only():
    made = model([node("Relu", "x", "y")], [X], [Y])
    made.opset_import[0].domain, made.opset_import[0].version = "com.microsoft", 1
    return made


@case
def opset_as_ai_onnx():
    made = model([node("Relu", "x", "y", domain="ai.onnx")], [X], [Y])
    made.opset_import[0].domain = "ai.onnx"
    return made


@case
def layer_norm_at_opset_13():
    """As optimisers fuse it, whatever the opset."""
    return model([node("LayerNormalization", "x g b", "y", axis=-1, epsilon=1e-6)], [X], [Y],
                 [const("g", random(5, 4)), const("b", random(6, 4))], opset=13)


@case
def operators_that_onnx_tried():
    return model([node("ImageScaler", "x", "a", scale=0.5, bias=[0.1, -0.2, 0.3]),
                  node("Affine", "a", "b", alpha=2.0, beta=0.5),
                  node("ParametricSoftplus", "b", "c", alpha=0.7, beta=1.5), node("ScaledTanh", "c", "d", alpha=1.7, beta=0.6),
                  node("Crop", "d", "e", border=[1, 0, 0, 2]), node("Scale", "e", "f", scale=3.0),
                  node("ThresholdedRelu", "f", "y", alpha=0.2), node("Crop", "d", "z", border=[0, 1, 0, 0], scale=[2, 3])],
                 [X], [Y, value("z", None)], opset=8, ir=3)


@case
def inner_name_hides_outer():
    body = graph([node("Add", "x v", "w"), node("Identity", "going", "still")],
                 [value("i", [], I64), value("going", [], BOOL), value("x", [2, 3, 4, 4])],
                 [value("still", [], BOOL), value("w", [2, 3, 4, 4])])
    return model([node("Abs", "x", "v"), node("Loop", "n c x", "y", body=body)], [X], [Y],
                 [const("n", 2, np.int64), const("c", True)])


@case
def empty_operands_at_the_end():
    return model([node("Clip", "x low -", "a"), node("Dropout", "a - -", "y"),
                  node("Resize", "y - s -", "z", mode="nearest")], [X], [value("z", None)],
                 [const("low", -0.5, np.float32), const("s", [1, 1, 2, 2], np.float32)], opset=13)


@case
def names_of_all_kinds():
    """Slashes, spaces, UTF-8, quotes, and names of nodes that are no names."""
    return model([helper.make_node("Relu", ["/in put:0"], ["größe \"a\"/x"], name="node/1 (Relu)"),
                  helper.make_node("Add", ["größe \"a\"/x", "w/read:0"], ["StatefulPartitionedCall/out:0"], name="%8"),
                  helper.make_node("Neg", ["StatefulPartitionedCall/out:0"], ["out put"], name="")],
                 [value("/in put:0", [2, 4])], [value("out put", [2, 4])], [const("w/read:0", random(7, 4))])


@case
def function_of_an_older_opset():
    """A function says itself which opset its nodes are of."""
    body = helper.make_function("local", "Scale", ["a"], ["b"], [
        node("ReduceSum", "a", "s", axes=[1], keepdims=1), node("Squeeze", "s", "q", axes=[1]),
        node("Unsqueeze", "q", "b", axes=[1])], [helper.make_opsetid("", 11)])
    made = model([node("Scale", "x", "m", domain="local"), node("Add", "x m", "y")], [X], [Y], opset=17,
                 domains=["local"], functions=[body])
    twin = model([node("ReduceSum", "x axis", "m", keepdims=1), node("Add", "x m", "y")], [X], [Y],
                 [const("axis", [1], np.int64)])
    return made, twin


@case
def nodes_of_a_function_unsorted():
    body = helper.make_function("local", "Scale", ["a"], ["b"], [node("Neg", "r", "b"), node("Relu", "a", "r")],
                                [helper.make_opsetid("", 17)])
    made = model([node("Scale", "x", "y", domain="local")], [X], [Y], domains=["local"], functions=[body])
    return made, model([node("Relu", "x", "r"), node("Neg", "r", "y")], [X], [Y])


@case
def functions_as_dynamo_writes_them():
    """Attributes with and without defaults, operands left out, overloads, a call in a function and one in a branch."""
    scale = helper.make_function("own", "scale", ["a", "low"], ["b", "c"], [
        reference(node("LeakyRelu", "a", "l"), "alpha", "slope"), node("Clip", "l low", "b"), node("Neg", "b", "c")],
        [helper.make_opsetid("", 17)], attribute_protos=[helper.make_attribute("slope", 0.25)])
    twice = helper.make_function("own", "twice", ["a", "low"], ["b"], [
        node("scale", "a low", "m n", domain="own", slope=0.5), node("Sub", "m n", "s"),
        node("scale", "s -", "b u", domain="own")],
        [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)])
    other = helper.make_function("own", "twice", ["a", "low"], ["b"], [node("Exp", "a", "b")], [helper.make_opsetid("", 17)])
    other.overload = "other"
    call = node("twice", "t low", "o", domain="own")
    call.overload = "other"
    branch = graph([node("twice", "x low", "t", domain="own"), call], [], [value("o", None)])
    rest = graph([node("Neg", "x", "e")], [], [value("e", None)])
    return model([node("If", "yes", "i", then_branch=branch, else_branch=rest), node("scale", "i", "y z", domain="own")],
                 [X], [Y], [const("low", -0.3, np.float32), const("yes", True)], domains=["own"], ir=10,
                 functions=[scale, twice, other])


# Models older than onnxruntime reads.


def old(opset, nodes, modern, initializers=(), shape=(2, 3, 4, 4), more=(), ir=3):
    """A model of `opset` and its twin of opset 11, whose nodes are `modern`; both read the same initializers."""
    inputs = [value("x", list(shape))]
    constants = list(initializers)
    made = model(nodes, inputs + [value(t.name, t.dims, t.data_type) for t in constants], [Y], constants, opset=opset, ir=ir)
    return made, model(modern, inputs, [Y], constants + list(more), opset=11, ir=7)


@case
def broadcast_by_axis():
    w, u, s = const("w", random(8, 3)), const("u", random(9, 4, 4)), const("s", random(10, 1))
    return old(6, [node("Add", "x w", "a", broadcast=1, axis=1), node("Mul", "a u", "b", broadcast=1),
                   node("Sub", "b s", "c", broadcast=1), node("Div", "c w", "d", broadcast=1, axis=-3),
                   node("Add", "d x", "y")],
               [node("Add", "x w3", "a"), node("Mul", "a u", "b"), node("Sub", "b s", "c"), node("Div", "c w3", "d"),
                node("Add", "d x", "y")],
               [w, u, s], more=[const("w3", random(8, 3).reshape(3, 1, 1))])


@case
def compare_by_axis():
    w = const("w", random(11, 3))
    return old(6, [node("Greater", "x w", "g", broadcast=1, axis=1), node("Less", "x w", "l", broadcast=1, axis=1),
                   node("Or", "g l", "o"), node("And", "g o", "a"), node("Xor", "a l", "e"), node("Not", "e", "n"),
                   node("Cast", "n", "y", to=F32)],
               [node("Greater", "x w3", "g"), node("Less", "x w3", "l"), node("Or", "g l", "o"), node("And", "g o", "a"),
                node("Xor", "a l", "e"), node("Not", "e", "n"), node("Cast", "n", "y", to=F32)],
               [w], more=[const("w3", random(11, 3).reshape(3, 1, 1))])


@case
def consumed_inputs():
    g, b, m, v = (const(n, np.abs(random(12 + i, 3)) + 0.1) for i, n in enumerate("gbmv"))
    return old(1, [node("BatchNormalization", "x g b m v", "a", is_test=1, consumed_inputs=[0, 0, 0, 1, 1], spatial=1,
                        epsilon=1e-3),
                   node("Relu", "a", "r", consumed_inputs=[0]), node("Clip", "r", "c", max=0.7, consumed_inputs=[0]),
                   node("Add", "c x", "d", consumed_inputs=[0, 0]), node("Sum", "d x c", "e", consumed_inputs=[0, 0, 0]),
                   node("LeakyRelu", "e", "f", alpha=0.2), node("Selu", "f", "h"), node("Sigmoid", "h", "y")],
               [node("BatchNormalization", "x g b m v", "a", epsilon=1e-3), node("Relu", "a", "r"),
                node("Clip", "r - top", "c"), node("Add", "c x", "d"), node("Sum", "d x c", "e"),
                node("LeakyRelu", "e", "f", alpha=0.2), node("Selu", "f", "h", alpha=1.6732, gamma=1.0507),
                node("Sigmoid", "h", "y")],
               [g, b, m, v], more=[const("top", 0.7, np.float32)])


@case
def shapes_as_attributes():
    upsample = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    return old(1, [node("Pad", "x", "p", paddings=[0, 0, 1, 2, 0, 0, 0, 1], value=0.5),
                   node("Upsample", "p", "u", height_scale=2.0, width_scale=3.0, mode="nearest"),
                   node("Concat", "u u", "c"), node("Reshape", "c", "r", shape=[2, -1, 21]),
                   node("Slice", "r", "s", axes=[1], starts=[1], ends=[-1]), node("Cast", "s", "i", to="int32"),
                   node("Cast", "i", "y", to="FLOAT")],
               [node("Pad", "x pads half", "p"), node("Resize", "p roi scales", "u", **upsample),
                node("Concat", "u u", "c", axis=1), node("Reshape", "c shape", "r"), node("Slice", "r one last one", "s"),
                node("Cast", "s", "i", to=6), node("Cast", "i", "y", to=F32)],
               more=[const("pads", [0, 0, 1, 2, 0, 0, 0, 1], np.int64), const("half", 0.5, np.float32),
                     const("shape", [2, -1, 21], np.int64), const("one", [1], np.int64), const("last", [-1], np.int64),
                     const("roi", [], np.float32), const("scales", [1, 1, 2, 3], np.float32)])


@case
def tiles_and_pieces():
    return old(5, [node("Tile", "x three one", "t"), node("Split", "t", "a b", axis=1, split=[5, 4]),
                   node("ReduceSum", "a", "s", axes=[1, 2]), node("ReduceMax", "b", "m", axes=[1, 2]), node("Max", "s m", "n"),
                   node("Mean", "n s m", "e"), node("Min", "e s", "y")],
               [node("Tile", "x repeats", "t"), node("Split", "t", "a b", axis=1, split=[5, 4]),
                node("ReduceSum", "a", "s", axes=[1, 2]), node("ReduceMax", "b", "m", axes=[1, 2]), node("Max", "s m", "n"),
                node("Mean", "n s m", "e"), node("Min", "e s", "y")],
               [const("three", [3], np.float32), const("one", [1], np.float32)],
               more=[const("repeats", [1, 3, 1, 1], np.int64)])


@case
def pieces_as_operand():
    return old(1, [node("Split", "x sizes", "a b", axis=3), node("ReduceMean", "b", "m", axes=[3]),
                   node("ReduceMean", "a", "n", axes=[3]), node("Sub", "m n", "y")],
               [node("Split", "x", "a b", axis=3, split=[1, 3]), node("ReduceMean", "b", "m", axes=[3]),
                node("ReduceMean", "a", "n", axes=[3]), node("Sub", "m n", "y")],
               [const("sizes", [1, 3], np.float32)])


@case
def classifier():
    """As Caffe2 and CNTK wrote it."""
    w, s, f, c = (const("w", random(20, 3, 3, 3, 3)), const("s", random(21, 3)), const("f", random(22, 10, 12)),
                  const("c", random(23, 10)))
    return old(6, [node("Conv", "x w", "a", pads=[1, 1, 1, 1]), node("PRelu", "a s", "b"),
                   node("MaxPool", "b", "p", kernel_shape=[2, 2], strides=[2, 2]),
                   node("Dropout", "p", "d mask", is_test=1, ratio=0.4), node("Flatten", "d", "v"),
                   node("Gemm", "v f c", "z", broadcast=1, transB=1), node("Softmax", "z", "y")],
               [node("Conv", "x w", "a", pads=[1, 1, 1, 1]), node("PRelu", "a s3", "b"),
                node("MaxPool", "b", "p", kernel_shape=[2, 2], strides=[2, 2]), node("Flatten", "p", "v"),
                node("Gemm", "v f c", "z", transB=1), node("Softmax", "z", "y")],
               [w, s, f, c], more=[const("s3", random(21, 3).reshape(3, 1, 1))])


@case
def powers_and_pools():
    return old(1, [node("LpPool", "x", "l", kernel_shape=[2, 2], p=1.0), node("GlobalLpPool", "l", "g", p=3.0),
                   node("Pow", "g two", "q", broadcast=1), node("Elu", "q", "y", alpha=0.5)],
               [node("LpPool", "x", "l", kernel_shape=[2, 2], p=1), node("GlobalLpPool", "l", "g", p=3),
                node("Pow", "g two", "q"), node("Elu", "q", "y", alpha=0.5)], [const("two", [2.0], np.float32)])


@case
def recurrent():
    w, r, b = const("w", random(30, 1, 12, 4)), const("r", random(31, 1, 12, 3)), const("b", random(32, 1, 24))
    attributes = {"hidden_size": 3}
    return old(5, [node("LSTM", "x w r b", "y", output_sequence=1, **attributes)], [node("LSTM", "x w r b", "y", **attributes)],
               [w, r, b], shape=(5, 2, 4))


@case
def no_opset():
    """The newest whose Squeeze has its axes as an attribute."""
    nodes = [node("ReduceMean", "x", "m", axes=[1]), node("Squeeze", "m", "y", axes=[1])]
    made = model(nodes, [X], [Y])
    del made.opset_import[:]
    return made, model(nodes, [X], [Y], opset=12, ir=7)


@case
def untyped_map():
    """torch.hstack: a SequenceMap whose body does not say its type and reads what is around it."""
    made = []
    for result in ValueInfoProto(name="r"), value("r", None):
        body = helper.make_graph([node("Sub", "t b", "r")], "body", [value("t", None)], [result])
        made.append(model([node("SequenceConstruct", "a b", "s"), node("SequenceMap", "s", "m", body=body),
                           node("ConcatFromSequence", "m", "y", axis=0)],
                          [value("a", [2, 3]), value("b", [1, 3])], [value("y", [3, 3])], opset=18))
    return tuple(made)


def answers(made: ModelProto, feeds: dict) -> list[np.ndarray]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(made.SerializeToString(), options, providers=["CPUExecutionProvider"]).run(None, feeds)


def write(folder: pathlib.Path, name: str) -> None:
    made = CASES[name]()
    made, twin = made if isinstance(made, tuple) else (made, ModelProto.FromString(made.SerializeToString()))
    constants = {t.name for t in made.graph.initializer}
    inputs = [i for i in made.graph.input if i.name not in constants]
    feeds = {i.name: random(100 + k, *(d.dim_value for d in i.type.tensor_type.shape.dim)) for k, i in enumerate(inputs)}
    data = folder / name / "test_data_set_0"
    data.mkdir(parents=True)
    (folder / name / "model.onnx").write_bytes(made.SerializeToString())
    for i, array in enumerate(feeds.values()):
        np.save(data / f"input_{i}.npy", array)
    for i, array in enumerate(answers(twin, feeds)):
        np.save(data / f"output_{i}.npy", array)


def main() -> int:
    mlc, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    for name in CASES:
        write(folder, name)
    done = subprocess.run([mlc, "check", f"--suite={folder}", "--rtol=1e-3", "--atol=1e-5"], capture_output=True, text=True,
                          check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    for line in lines:
        if line["status"] != "passed":
            print(line["case"], line["status"], line.get("reason", ""))
    passed = sum(line["status"] == "passed" for line in lines)
    print(f"{passed} of {len(CASES)} files are read as they are meant", done.stderr)
    return 0 if passed == len(CASES) else 1


if __name__ == "__main__":
    sys.exit(main())
