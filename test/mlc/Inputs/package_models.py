"""A model of which contracts say a lot, and one of types and names that languages have trouble with.

    package_models.py FOLDER        model.onnx, contract.json, odd.onnx, x.npy
"""
import json
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def save(path, nodes, inputs, outputs, constants=()):
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info(*info) for info in inputs],
        [helper.make_tensor_value_info(*info) for info in outputs],
        [numpy_helper.from_array(value, name) for name, value in constants],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def main(folder):
    random = np.random.RandomState(0)
    weights = random.normal(0, 1, (12, 3)).astype("f4")
    save(
        f"{folder}/model.onnx",
        [helper.make_node("MatMul", ["x", "w"], ["scores"])],
        [("x", TensorProto.FLOAT, [2, 12])],
        [("scores", TensorProto.FLOAT, [2, 3])],
        [("w", weights)],
    )
    contract = {
        "inputs": {"x": {"meaning": "readings | of 12 sensors", "range": [-1, 1]}},
        "outputs": {"scores": {"labels": ["cat", "dog", "owl"]}},
    }
    with open(f"{folder}/contract.json", "w") as file:
        json.dump(contract, file)
    x = random.normal(0, 1, (2, 12)).astype("f4")
    np.save(f"{folder}/x.npy", x)
    np.save(f"{folder}/y.npy", x @ weights)
    # Rust's words as names; bool, f16, i64, a scalar, nothing at all.
    save(
        f"{folder}/odd.onnx",
        [
            helper.make_node("Not", ["type"], ["self"]),
            helper.make_node("Neg", ["match"], ["r/e f\"'\\"]),
            helper.make_node("Neg", ["n"], ["fn"]),
            helper.make_node("Relu", ["empty"], ["none"]),
        ],
        [
            ("type", TensorProto.BOOL, [2]),
            ("match", TensorProto.FLOAT16, [1, 3]),
            ("n", TensorProto.INT64, []),
            ("empty", TensorProto.FLOAT, [0, 4]),
        ],
        [
            ("self", TensorProto.BOOL, [2]),
            ("r/e f\"'\\", TensorProto.FLOAT16, [1, 3]),
            ("fn", TensorProto.INT64, []),
            ("none", TensorProto.FLOAT, [0, 4]),
        ],
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
