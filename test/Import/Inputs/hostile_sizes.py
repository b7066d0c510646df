#!/usr/bin/env python3
"""Models whose sizes are not what they should be, or as large as they can be: hostile_sizes.py FOLDER"""
import pathlib
import sys

import numpy as np
from onnx import TensorProto, helper, numpy_helper


def value(name: str, shape: list[int]):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def save(path: pathlib.Path, node, inputs: list, outputs: list, opset: int, constants: tuple = ()) -> None:
    graph = helper.make_graph([node], path.stem, inputs, outputs, list(constants))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    path.write_bytes(model.SerializeToString())


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    names = ["x", "scale", "bias", "mean", "var"]
    for wrong in range(1, 5):
        shapes = [[2, 3, 4, 5], *([] if i == wrong else [3] for i in range(1, 5))]
        node = helper.make_node("BatchNormalization", names, ["y", "m", "v"], training_mode=1)
        outputs = [value("y", [2, 3, 4, 5]), value("m", [3]), value("v", [3])]
        save(folder / f"batch_norm_{wrong}.onnx", node, [value(n, s) for n, s in zip(names, shapes)], outputs, 15)
    largest = 2**31 - 1
    indices = numpy_helper.from_array(np.array([[1, 3]]), "indices")
    save(
        folder / "scatter.onnx",
        helper.make_node("ScatterElements", ["x", "indices", "updates"], ["y"], axis=1),
        [value("x", [5, largest]), value("updates", [1, 2])],
        [value("y", [5, largest])],
        18,
        (indices,),
    )


if __name__ == "__main__":
    main()
