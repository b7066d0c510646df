"""Writes models and data sets for eval.test into a folder: inputs are scores already, and models change them a little."""
import os
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = sys.argv[1]


def save(name, bias, batch="N", classes=3):
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, classes])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [batch, classes])
    constant = numpy_helper.from_array(np.float32(bias), "bias")
    graph = helper.make_graph([helper.make_node("Add", ["x", "bias"], ["y"])], name, [x], [y], [constant])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, f"{FOLDER}/{name}.onnx")


def main():
    os.makedirs(FOLDER, exist_ok=True)
    save("float", [0, 0, 0])
    save("biased", [0, 1.5, 0])
    save("two", [0, 0, 0], batch=2)
    x = np.float32([[1, 0, 0], [0, 2, 0], [0, 0, 3], [5, 4, 0]])
    labels = np.int64([0, 1, 2, 1])
    np.savez(f"{FOLDER}/test.npz", x=x, labels=labels)
    np.savez_compressed(f"{FOLDER}/packed.npz", x=x, truth=labels, y=x + np.float32([0, 1, 0]))
    np.savez(f"{FOLDER}/double.npz", x=np.float64(x), labels=labels)
    np.savez(f"{FOLDER}/wide.npz", x=np.ones((4, 5), np.float32), labels=labels)
    np.savez(f"{FOLDER}/labels.npz", x=x, labels=np.int64([0, 1, 7, 1]))
    hole = x.copy()
    hole[2, 1] = np.nan
    np.savez(f"{FOLDER}/nan.npz", x=hole, labels=labels)
    np.save(f"{FOLDER}/x.npy", x)
    for i in range(4):
        sample = f"{FOLDER}/samples/{i}"
        os.makedirs(sample, exist_ok=True)
        for name, array in [("input_0", x[i : i + 1]), ("output_0", x[i : i + 1])]:
            with open(f"{sample}/{name}.pb", "wb") as file:
                file.write(numpy_helper.from_array(array).SerializeToString())
    with open(f"{FOLDER}/test.npz", "rb") as whole, open(f"{FOLDER}/cut.npz", "wb") as cut:
        cut.write(whole.read()[:-100])


main()
