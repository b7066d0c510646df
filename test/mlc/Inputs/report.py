"""Make two classifiers, one with most of its weights 0, and samples that both label alike.

    report.py FOLDER
"""
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

folder = sys.argv[1]
inputs, classes = 128, 10
rng = np.random.default_rng(3)
labels = rng.integers(0, classes, 12)
samples = np.full((12, inputs), 0.25, "f")
samples[np.arange(12), labels] = 8
few = np.zeros((inputs, classes), "f")
few[np.arange(classes), np.arange(classes)] = 1
few[100, 1] = few[101, 2] = 0.125
full = np.where(few == 0, np.float32(0.0625), few)
for name, weights in (("full", full), ("half", few)):
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["scores"], "product")], name,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", inputs])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["N", classes])],
        [numpy_helper.from_array(weights, "w")])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), f"{folder}/{name}.onnx")
np.savez(f"{folder}/samples.npz", x=samples, labels=labels)
np.savez(f"{folder}/unlabelled.npz", x=samples)
