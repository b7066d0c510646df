"""Models for factorize.test, and what it checks of those that were made of them.

    factorize.py make FOLDER     planted.onnx and other models, samples.npz and other samples, labelled.npz
    factorize.py nodes MODEL     each node with what it slides by, and the shapes of its constants
"""
import os
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

random = np.random.RandomState(9)


def normal(*shape, scale=1.0):
    return (random.normal(0, scale, shape) / np.sqrt(np.prod(shape[1:]))).astype("f4")


def spatial(rows, channels, height, width, rank):
    """height x 1, then 1 x width."""
    return np.einsum("oqx,qcy->ocyx", normal(rows, rank, width), normal(rank, channels, height)).astype("f4")


def tucker(rows, channels, kernel, first, second):
    return np.einsum("op,pqyx,qc->ocyx", normal(rows, second), normal(second, first, *kernel), normal(first, channels)).astype("f4")


def depthwise(rows, channels, kernel):
    return np.einsum("oc,cyx->ocyx", normal(rows, channels), normal(channels, *kernel, scale=3)).astype("f4")


def dense(rows, columns, rank):
    return normal(rows, rank) @ normal(rank, columns)


def save(path, nodes, weights, shape, outputs=10, opset=13):
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", *shape])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", outputs])
    constants = [numpy_helper.from_array(np.asarray(w, "f4"), name) for name, w in weights.items()]
    model = helper.make_model(helper.make_graph(nodes, "g", [x], [y], constants), opset_imports=[helper.make_opsetid("", opset)],
                              ir_version=8)
    helper.set_model_props(model, {"author": "nobody"})
    onnx.save(model, path)


def planted(path):
    """Each layer is exactly a product of a kind; one is none, and one has groups."""
    make = helper.make_node
    weights = {"w0": normal(24, 3, 3, 3), "b0": random.normal(0, 0.3, 24), "w1": spatial(24, 24, 3, 3, 5),
               "w2": dense(32, 24, 6).reshape(32, 24, 1, 1), "b2": random.normal(0, 0.3, 32), "w3": depthwise(32, 32, (3, 3)),
               "w4": normal(32, 8, 3, 3), "w5": tucker(40, 32, (3, 3), 8, 12), "b5": random.normal(0, 0.3, 40),
               "w6": dense(40, 30, 4), "b6": random.normal(0, 0.3, 30), "w7": dense(10, 30, 3), "b7": random.normal(0, 0.3, 10)}
    same = {"pads": [1, 1, 1, 1]}
    nodes = [
        make("Conv", ["x", "w0", "b0"], ["c0"], "plain", **same), make("Relu", ["c0"], ["r0"]),
        make("Conv", ["r0", "w1"], ["c1"], "spatial", **same), make("Relu", ["c1"], ["r1"]),
        make("Conv", ["r1", "w2", "b2"], ["c2"], "low", strides=[2, 2]), make("Relu", ["c2"], ["r2"]),
        make("Conv", ["r2", "w3"], ["c3"], "depthwise", **same), make("Relu", ["c3"], ["r3"]),
        make("Conv", ["r3", "w4"], ["c4"], "groups", group=4, **same), make("Relu", ["c4"], ["r4"]),
        make("Conv", ["r4", "w5", "b5"], ["c5"], "tucker", **same), make("Relu", ["c5"], ["r5"]),
        make("GlobalAveragePool", ["r5"], ["p"]), make("Flatten", ["p"], ["f"]),
        make("MatMul", ["f", "w6"], ["m"], "matmul"), make("Add", ["m", "b6"], ["a"]), make("Relu", ["a"], ["h"]),
        make("Gemm", ["h", "w7", "b7"], ["y"], "gemm", transB=1),
    ]
    save(path, nodes, weights, (3, 12, 12))


def odd(path):
    """Strides, dilations and padding that differ, of an old opset, and sizes that nothing divides."""
    make = helper.make_node
    weights = {"w0": spatial(10, 3, 3, 3, 2), "w1": spatial(10, 10, 3, 5, 3), "b1": random.normal(0, 0.3, 10),
               "w2": depthwise(12, 10, (3, 3)), "w3": tucker(12, 12, (3, 2), 3, 4), "w4": dense(12, 9, 2), "b4": np.zeros(9),
               "w5": dense(10, 9, 2), "b5": random.normal(0, 0.3, 10)}
    nodes = [
        make("Conv", ["x", "w0"], ["c0"], "pads", strides=[2, 1], pads=[0, 2, 1, 1]), make("Relu", ["c0"], ["r0"]),
        make("Conv", ["r0", "w1", "b1"], ["c1"], "dilated", dilations=[2, 1], pads=[2, 2, 2, 2]), make("Relu", ["c1"], ["r1"]),
        make("Conv", ["r1", "w2"], ["c2"], "same", strides=[2, 3], auto_pad="SAME_LOWER"), make("Relu", ["c2"], ["r2"]),
        make("Conv", ["r2", "w3"], ["c3"], "valid", strides=[1, 2], dilations=[1, 2], auto_pad="VALID"),
        make("GlobalAveragePool", ["c3"], ["p"]), make("Flatten", ["p"], ["f"]),
        make("Gemm", ["f", "w4", "b4"], ["m"], "first"), make("Relu", ["m"], ["h"]),
        make("Gemm", ["h", "w5", "b5"], ["y"], "last", transB=1),
    ]
    save(path, nodes, weights, (3, 19, 17), opset=9)


def wide(path):
    """Layers of full rank, whose inputs lie near few directions: of images that are sums of a few."""
    make = helper.make_node
    weights = {"w0": normal(32, 8, 3, 3, scale=2), "b0": random.normal(0, 0.3, 32), "w1": normal(32, 32, 3, 3, scale=2),
               "b1": random.normal(0, 0.3, 32), "w2": normal(48, 32, 1, 1, scale=2), "w3": normal(48, 10, scale=2),
               "b3": random.normal(0, 0.3, 10)}
    same = {"pads": [1, 1, 1, 1]}
    nodes = [
        make("Conv", ["x", "w0", "b0"], ["c0"], "conv0", **same), make("Relu", ["c0"], ["r0"]),
        make("Conv", ["r0", "w1", "b1"], ["c1"], "conv1", **same), make("Relu", ["c1"], ["r1"]),
        make("Conv", ["r1", "w2"], ["c2"], "conv2"), make("Relu", ["c2"], ["r2"]),
        make("GlobalAveragePool", ["r2"], ["p"]), make("Flatten", ["p"], ["f"]),
        make("MatMul", ["f", "w3"], ["m"], "dense"), make("Add", ["m", "b3"], ["y"]),
    ]
    save(path, nodes, weights, (8, 10, 10))


def tied(path):
    """Two layers share their weights; all are of rank 3."""
    make = helper.make_node
    nodes = [make("MatMul", ["x", "w"], ["a"], "first"), make("Relu", ["a"], ["b"]), make("MatMul", ["b", "w"], ["c"], "second"),
             make("Relu", ["c"], ["d"]), make("MatMul", ["d", "v"], ["y"], "third")]
    save(path, nodes, {"w": dense(20, 20, 3), "v": dense(20, 10, 3)}, (20,))


def alone(path):
    nodes = [helper.make_node("Relu", ["x"], ["r"]), helper.make_node("GlobalAveragePool", ["r"], ["p"]),
             helper.make_node("Flatten", ["p"], ["y"])]
    save(path, nodes, {}, (3, 12, 12), outputs=3)


def smooth(count, channels, size):
    """Images that are sums of few waves."""
    places = np.arange(size) / size
    images = np.zeros((count, channels, size, size))
    for _ in range(6):
        up, right, phase = random.uniform(0, 2, 3)
        wave = np.sin(2 * np.pi * (up * places[:, None] + right * places) + phase)
        images += random.normal(0, 1, (count, channels, 1, 1)) * wave
    return (images + random.normal(0, 0.05, images.shape)).astype("f4")


def make(folder):
    import onnxruntime

    os.makedirs(folder, exist_ok=True)
    for model in (planted, odd, wide, tied, alone):
        random.seed(9)
        model(f"{folder}/{model.__name__}.onnx")
    np.savez(f"{folder}/samples.npz", x=random.normal(0, 1, (32, 3, 12, 12)).astype("f4"))
    np.savez(f"{folder}/odd.npz", x=random.normal(0, 1, (32, 3, 19, 17)).astype("f4"))
    np.savez(f"{folder}/rows.npz", x=random.normal(0, 1, (32, 20)).astype("f4"))
    images = smooth(160, 8, 10)
    labels = onnxruntime.InferenceSession(f"{folder}/wide.onnx", providers=["CPUExecutionProvider"]).run(None, {"x": images})[0]
    np.savez(f"{folder}/wide.npz", x=images[:96])
    np.savez(f"{folder}/labelled.npz", x=images[96:], labels=labels.argmax(1)[96:])


def nodes(path):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    shapes = {tensor.name: list(tensor.dims) for tensor in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type not in ("Conv", "Gemm", "MatMul"):
            continue
        attributes = {item.name: helper.get_attribute_value(item) for item in node.attribute}
        slides = [f"{name} {attributes[name]}" for name in ("group", "strides", "dilations", "pads") if name in attributes]
        print(node.op_type, node.name, *(shapes[name] for name in node.input[1:] if name in shapes), *slides)
    print({p.key: p.value for p in model.metadata_props})


if __name__ == "__main__":
    {"make": make, "nodes": nodes}[sys.argv[1]](*sys.argv[2:])
