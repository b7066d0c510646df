"""Indices within and beyond their axes, and models that take one in a branch and one a step of a loop."""
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper

FOLDER = sys.argv[1]
good = np.array([[0, 2], [1, -1], [2, 2], [-3, 0]])
arrays = {"e-good": good, "i-good": [[3, 0], [-1, -3]], "i-axis": [[0, 3], [0, 0]], "s-good": [[3], [-4]], "s-high": [[4], [0]],
          "true": np.array(True), "false": np.array(False), "four": 4, "five": 5, "six": 6, "minus": -1}
for name, index in (("high", 3), ("low", -4), ("far", 2**40)):
    arrays[f"e-{name}"] = np.where(good == 1, index, good)
for name, array in arrays.items():
    np.save(f"{FOLDER}/{name}.npy", np.asarray(array))


def info(name, shape, kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def save(name, nodes, inputs, outputs):
    graph = helper.make_graph(nodes, name, inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, f"{FOLDER}/{name}.onnx")


x, row = info("x", [4, 3]), [3]
taken = helper.make_graph([helper.make_node("Gather", ["x", "i"], ["a"])], "taken", [], [info("a", row)])
other = helper.make_graph([helper.make_node("ReduceSum", ["x"], ["s"], keepdims=0),
                           helper.make_node("Add", ["s", "row"], ["b"])], "other", [], [info("b", row)])
branch = helper.make_node("If", ["p"], ["y"], then_branch=taken, else_branch=other)
save("branch", [branch], [x, info("row", row), info("p", [], TensorProto.BOOL), info("i", [], TensorProto.INT64)],
     [info("y", row)])

flag = info("going", [], TensorProto.BOOL)
body = helper.make_graph([helper.make_node("Gather", ["x", "step"], ["a"]), helper.make_node("Add", ["sum", "a"], ["next"]),
                          helper.make_node("Identity", ["going"], ["on"])], "body",
                         [info("step", [], TensorProto.INT64), flag, info("sum", row)],
                         [info("on", [], TensorProto.BOOL), info("next", row)])
loop = helper.make_node("Loop", ["n", "", "row"], ["y"], body=body)
save("loop", [loop], [x, info("n", [], TensorProto.INT64), info("row", row)], [info("y", row)])
