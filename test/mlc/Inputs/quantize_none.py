"""Models for quantize-none.test, of which BatchNormalization betrays what they are fed.

    quantize_none.py make FOLDER            LOW_HIGH.onnx and LOW_HIGH.npz of images, and others
    quantize_none.py agree FLOAT QDQ SAMPLES STEPS
                                            onnxruntime's results of both are as near as that many steps in 256
"""
import os
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from quantize import agree

PIXELS = 16


def smooth(random, count, channels):
    """Images from 0 to 1: steps between areas, not white noise."""
    coarse = random.uniform(0, 1, (count, channels, 4, 4))
    images = np.repeat(np.repeat(coarse, PIXELS // 4, 2), PIXELS // 4, 3)
    return np.clip(images + random.normal(0, 0.02, images.shape), 0, 1)


def convolved(images, weights):
    """Without padding."""
    windows = np.lib.stride_tricks.sliding_window_view(images, (3, 3), (2, 3))
    return np.einsum("nchwij,ocij->nohw", windows, weights)


def normalized(random, results, name):
    """Constants of a BatchNormalization with the statistics of `results`, and what Relu makes of it."""
    mean, variance = results.mean((0, 2, 3)), results.var((0, 2, 3))
    gamma, beta = random.uniform(0.5, 1.5, len(mean)), random.normal(0, 0.5, len(mean))
    scale = (gamma / np.sqrt(variance))[:, None, None]
    values = np.maximum(scale * (results - mean[:, None, None]) + beta[:, None, None], 0)
    return {f"gamma{name}": gamma, f"beta{name}": beta, f"mean{name}": mean, f"variance{name}": variance}, values


def network(random, images):
    """Trained as far as that BatchNormalization has the statistics of the images."""
    w0, w1 = random.normal(0, 0.3, (8, images.shape[1], 3, 3)), random.normal(0, 0.3, (6, 8, 3, 3))
    norm0, values = normalized(random, convolved(images, w0), "0")
    norm1, _ = normalized(random, convolved(values, w1), "1")
    constants = {"w0": w0, **norm0, "w1": w1, **norm1, "w2": random.normal(0, 0.5, (6, 5)), "b2": random.normal(0, 1, 5)}
    nodes = [
        helper.make_node("Conv", ["x", "w0"], ["c0"], "conv0"),
        helper.make_node("BatchNormalization", ["c0", *norm0], ["n0"]),
        helper.make_node("Relu", ["n0"], ["r0"]),
        helper.make_node("Conv", ["r0", "w1"], ["c1"], "conv1"),
        helper.make_node("BatchNormalization", ["c1", *norm1], ["n1"]),
        helper.make_node("Relu", ["n1"], ["r1"]),
        helper.make_node("GlobalAveragePool", ["r1"], ["p"]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("Gemm", ["f", "w2", "b2"], ["y"], "dense"),
    ]
    return model(nodes, [("x", TensorProto.FLOAT, ["N", *images.shape[1:]])], constants)


def model(nodes, inputs, constants):
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info(*info) for info in inputs],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(value, "f4"), name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def make(folder):
    os.makedirs(folder, exist_ok=True)
    random = np.random.RandomState(3)
    for low, high in ((0, 1), (-1, 1), (0, 255)):
        images = low + (high - low) * smooth(random, 60, 3)
        onnx.save(network(random, images), f"{folder}/{low}_{high}.onnx")
        np.savez(f"{folder}/{low}_{high}.npz", x=images.astype("f4"))
    rows = random.normal(0, 40, (60, 12))
    weights = random.normal(0, 1, (12, 8))
    bias = -(rows @ weights).mean(0) + random.normal(0, (rows @ weights).std(0) / 1.3)
    dense = [helper.make_node("Gemm", ["x", "w", "b"], ["y"], "dense")]
    onnx.save(model(dense, [("x", TensorProto.FLOAT, ["N", 12])], {"w": weights, "b": bias}), f"{folder}/rows.onnx")
    product = [helper.make_node("MatMul", ["x", "w"], ["y"], "dense")]
    onnx.save(model(product, [("x", TensorProto.FLOAT, ["N", 12])], {"w": weights}), f"{folder}/bare.onnx")
    words = [
        helper.make_node("Gather", ["table", "ids"], ["e"]),
        helper.make_node("MatMul", ["e", "w"], ["y"], "dense"),
    ]
    tables = {"table": random.normal(0, 1, (50, 12)), "w": weights}
    onnx.save(model(words, [("ids", TensorProto.INT64, ["N", 7])], tables), f"{folder}/words.onnx")
    counts = [
        helper.make_node("Cast", ["n"], ["e"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["e", "w"], ["y"], "dense"),
    ]
    onnx.save(model(counts, [("n", TensorProto.INT32, ["N", 12])], {"w": weights}), f"{folder}/counts.onnx")


if __name__ == "__main__":
    {"make": make, "agree": agree}[sys.argv[1]](*sys.argv[2:])
