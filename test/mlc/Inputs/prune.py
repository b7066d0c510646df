"""Models for prune.test, and what it checks of pruned ones.

    prune.py make FOLDER              model.onnx and others, samples.npz, labelled.npz
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
    for name, model in (("model", network()), ("shared", shared()), ("nothing", nothing())):
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


def near(a, b, samples, limit):
    x = np.load(samples)["x"]
    first, second = outputs(a, x), outputs(b, x)
    error = np.sqrt(((first - second) ** 2).sum() / (first**2).sum())
    if not error < float(limit):
        sys.exit(f"the error is {error}")


if __name__ == "__main__":
    {"make": make, "zeros": zeros, "near": near}[sys.argv[1]](*sys.argv[2:])
