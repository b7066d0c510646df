"""Models for prune.test and prune-channels.test, and what these check of pruned ones.

    prune.py make FOLDER              model.onnx and others, samples.npz, labelled.npz
    prune.py shapes MODEL             those of the weights
    prune.py reference MODEL FOLDER   x.npy and y.npy there: some samples, and what onnxruntime gives
    prune.py zeros MODEL [GROUP]      the share of zeros of each weight, and whether 2 of 4 neighbours are zero
    prune.py near A B SAMPLES LIMIT   onnxruntime's outputs of both differ by less than that share of their size
"""
import os
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

random = np.random.RandomState(5)


def dense(rows, columns, rank):
    """Weights of few dimensions, as trained ones are: many may go."""
    return (random.normal(0, 1, (rows, rank)) @ random.normal(0, 1, (rank, columns)) / rank).astype("f4")


def network(batch="N"):
    """Two convolutions, a depthwise one and a fully connected layer whose Add has the bias."""
    weights = {
        "w0": dense(16, 27, 6).reshape(16, 3, 3, 3), "b0": random.normal(0, 0.3, 16), "w1": random.normal(0, 0.4, (16, 1, 3, 3)),
        "w2": dense(24, 16, 6).reshape(24, 16, 1, 1), "w3": dense(24, 10, 5), "b3": random.normal(0, 0.3, 10),
    }
    nodes = [
        helper.make_node("Conv", ["x", "w0", "b0"], ["c0"], "conv0", pads=[1, 1, 1, 1], strides=[2, 2]),
        helper.make_node("Relu", ["c0"], ["r0"]),
        helper.make_node("Conv", ["r0", "w1"], ["c1"], "conv1", pads=[1, 1, 1, 1], group=16),
        helper.make_node("Relu", ["c1"], ["r1"]),
        helper.make_node("Conv", ["r1", "w2"], ["c2"], "conv2"),
        helper.make_node("Relu", ["c2"], ["r2"]),
        helper.make_node("GlobalAveragePool", ["r2"], ["p"]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("MatMul", ["f", "w3"], ["m"], "dense"),
        helper.make_node("Add", ["m", "b3"], ["y"]),
    ]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, 3, 10, 10])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [batch, 10])
    constants = [numpy_helper.from_array(w.astype("f4"), name) for name, w in weights.items()]
    model = helper.make_model(helper.make_graph(nodes, "g", [x], [y], constants), opset_imports=[helper.make_opsetid("", 13)],
                              ir_version=8)
    helper.set_model_props(model, {"author": "nobody"})
    return model


def planted():
    """Of 16 channels three never change, one is twice another and one the same as another."""
    model = network()
    weights = {"w0": random.normal(0, 0.3, (16, 3, 3, 3)), "b0": random.normal(0, 0.3, 16),
               "w2": random.normal(0, 0.2, (8, 16, 3, 3)), "w3": random.normal(0, 0.3, (8, 10)), "b3": random.normal(0, 0.3, 10)}
    weights["w0"][[2, 7, 11]], weights["b0"][[2, 7, 11]] = 0, [-1, 0.5, -0.1]
    for copy, source, factor in ((4, 3, 2), (9, 8, 1)):
        weights["w0"][copy], weights["b0"][copy] = factor * weights["w0"][source], factor * weights["b0"][source]
    nodes = [node for node in model.graph.node if node.name != "conv1" and node.output[0] != "r1"]
    nodes[2].input[0] = "r0"
    constants = [numpy_helper.from_array(w.astype("f4"), name) for name, w in weights.items()]
    graph = helper.make_graph(nodes, "g", model.graph.input, model.graph.output, constants)
    return helper.make_model(graph, opset_imports=model.opset_import, ir_version=8)


def mixed():
    """A sum, a concatenation, a depthwise convolution, a gate, and a fully connected layer of all positions."""
    weights = {
        "w0": dense(16, 27, 6).reshape(16, 3, 3, 3), "b0": random.normal(0, 0.3, 16), "w1": random.normal(0, 0.4, (16, 1, 3, 3)),
        "w2": dense(16, 16, 6).reshape(16, 16, 1, 1), "b2": random.normal(0, 0.3, 16), "w3": dense(8, 16, 5).reshape(8, 16, 1, 1),
        "w4": dense(24, 8, 5).reshape(24, 8, 1, 1), "w5": dense(8, 27, 5).reshape(8, 3, 3, 3),
        "w6": dense(24, 25 * 24, 8).T * 0.2, "w7": dense(10, 24, 6), "b7": random.normal(0, 0.3, 10),
    }
    conv, make = {"pads": [1, 1, 1, 1], "strides": [2, 2]}, helper.make_node
    nodes = [
        make("Conv", ["x", "w0", "b0"], ["c0"], "conv0", **conv), make("Relu", ["c0"], ["r0"]),
        make("Conv", ["r0", "w1"], ["c1"], "depthwise", pads=[1, 1, 1, 1], group=16), make("Relu", ["c1"], ["r1"]),
        make("Conv", ["r1", "w2", "b2"], ["c2"], "conv2"), make("Add", ["r0", "c2"], ["s"]), make("Relu", ["s"], ["r2"]),
        make("Conv", ["x", "w5"], ["c5"], "conv5", **conv), make("Relu", ["c5"], ["r5"]),
        make("Concat", ["r2", "r5"], ["k"], axis=1),
        make("GlobalAveragePool", ["r2"], ["p"]), make("Conv", ["p", "w3"], ["c3"], "squeeze"), make("Relu", ["c3"], ["r3"]),
        make("Conv", ["r3", "w4"], ["c4"], "excite"), make("Sigmoid", ["c4"], ["e"]), make("Mul", ["k", "e"], ["g"]),
        make("Flatten", ["g"], ["f"]), make("MatMul", ["f", "w6"], ["m"], "wide"), make("Relu", ["m"], ["h"]),
        make("Gemm", ["h", "w7", "b7"], ["y"], "dense", transB=1),
    ]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, 10, 10])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 10])
    constants = [numpy_helper.from_array(w.astype("f4"), name) for name, w in weights.items()]
    return helper.make_model(helper.make_graph(nodes, "g", [x], [y], constants), opset_imports=[helper.make_opsetid("", 13)],
                             ir_version=8)


def shared():
    """One constant that two layers multiply by."""
    weights = numpy_helper.from_array(dense(8, 8, 3), "w")
    nodes = [helper.make_node("MatMul", ["x", "w"], ["a"], "first"), helper.make_node("Relu", ["a"], ["b"]),
             helper.make_node("MatMul", ["b", "w"], ["y"], "second")]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 8])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 8])
    return helper.make_model(helper.make_graph(nodes, "g", [x], [y], [weights]), opset_imports=[helper.make_opsetid("", 13)],
                             ir_version=8)


def nothing():
    nodes = [helper.make_node("Relu", ["x"], ["y"])]
    x, y = (helper.make_tensor_value_info(n, TensorProto.FLOAT, ["N", 8]) for n in "xy")
    return helper.make_model(helper.make_graph(nodes, "g", [x], [y]), opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def outputs(path, x):
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})[0]


def make(folder):
    os.makedirs(folder, exist_ok=True)
    for name, model in (("model", network()), ("shared", shared()), ("nothing", nothing()),
                        ("planted", planted()), ("mixed", mixed())):
        onnx.save(model, os.path.join(folder, name + ".onnx"))
    x = random.normal(0, 1, (64, 3, 10, 10)).astype("f4")
    np.savez(os.path.join(folder, "samples.npz"), x=x[:48])
    np.savez(os.path.join(folder, "rows.npz"), x=random.normal(0, 1, (64, 8)).astype("f4"))
    labels = outputs(os.path.join(folder, "model.onnx"), x).argmax(1)
    np.savez(os.path.join(folder, "labelled.npz"), x=x[48:], labels=labels[48:])


def zeros(path, group=None):
    model = onnx.load(path)
    gone = count = 0
    for constant in model.graph.initializer:
        array = numpy_helper.to_array(constant)
        if array.ndim < 2:
            continue
        pattern = ""
        if group:
            flat = array.reshape(array.shape[0], -1) if array.ndim > 2 else array.T
            whole = flat[:, : flat.shape[1] // 4 * 4].reshape(flat.shape[0], -1, 4)
            pattern = f" 2:4 {bool(((whole != 0).sum(2) <= 2).all())}"
        if array.shape[1:] != (1, 3, 3):
            gone, count = gone + (array == 0).sum(), count + array.size
        print(f"{constant.name} {array.shape} {100 * (array == 0).mean():.0f} %{pattern}")
    print(f"all {100 * gone / count:.1f} %", {p.key: p.value for p in model.metadata_props})


def shapes(path):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    for constant in model.graph.initializer:
        if len(constant.dims) > 1:
            print(constant.name, list(constant.dims))
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.name == "group":
                print(node.name, "group", attribute.i)


def reference(path, folder):
    x = np.load(os.path.join(folder, "samples.npz"))["x"][:4]
    np.save(os.path.join(folder, "x.npy"), x)
    np.save(os.path.join(folder, "y.npy"), outputs(path, x))


def near(a, b, samples, limit):
    x = np.load(samples)["x"]
    first, second = outputs(a, x), outputs(b, x)
    error = np.sqrt(((first - second) ** 2).sum() / (first**2).sum())
    if not error < float(limit):
        sys.exit(f"the error is {error}")


if __name__ == "__main__":
    {"make": make, "zeros": zeros, "near": near, "reference": reference, "shapes": shapes}[sys.argv[1]](*sys.argv[2:])
