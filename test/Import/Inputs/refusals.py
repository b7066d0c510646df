"""What the lists of refused models share: a model of one node from a few words, and what mlc says of each, one line a model.

A case is a tuple (operator, inputs, attributes, number of outputs), the last two of which may be missing, or a whole model, or a
function of the folder that gives one and puts side files there. Inputs are told by their
names: a type and a shape, a constant, or None for one that is left out (names of spaces tell these apart). Attributes are the
operator's, and `_opset`, the model's (17 unless told).
"""
import os
import subprocess
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

F, F16, I64, I32, U8, I8, BOOL, TEXT = (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.INT64, TensorProto.INT32, TensorProto.UINT8,
                                        TensorProto.INT8, TensorProto.BOOL, TensorProto.STRING)


def ints(*values, dtype=np.int64):
    return np.array(values, dtype)


def node(operator, inputs, outputs, **attributes):
    """A node from names between spaces."""
    return helper.make_node(operator, inputs.split(" "), outputs.split(), name=attributes.pop("name", "n"), **attributes)


def values(table):
    return [helper.make_tensor_value_info(name, *v) for name, v in table.items() if isinstance(v, tuple)]


def constants(table):
    return [numpy_helper.from_array(np.asarray(v), name) for name, v in table.items() if isinstance(v, (np.ndarray, np.generic))]


def results(names):
    """Outputs whose types and shapes are what they turn out to be."""
    made = [helper.make_tensor_value_info(name, F, None) for name in names.split()]
    for value in made:
        value.ClearField("type")
    return made


def whole(nodes, inputs, outputs="y", opset=17, **fields):
    """A model of `nodes`; `inputs` are told as those of a case."""
    graph = helper.make_graph(nodes, "g", values(inputs), results(outputs), constants(inputs))
    sets = [helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1), helper.make_opsetid("com.microsoft.nchwc", 1),
            helper.make_opsetid("ai.onnx.ml", fields.pop("ml", 3))]
    return helper.make_model(graph, opset_imports=sets, ir_version=fields.pop("ir", 8), **fields)


def single(domain, operator, inputs, attributes=None, outputs=1):
    attributes = {"domain": domain, **(attributes or {})}
    opset, ml = attributes.pop("_opset", 17), attributes.pop("_ml", 3)
    names = " ".join(name.strip() for name in inputs)
    out = ["y", "z", "u", "v", "w"][:outputs]
    return whole([node(operator, names, " ".join(out), **attributes)], inputs, " ".join(out), opset, ml=ml)


def main(cases, domain="", warned=False):
    """Writes each case to a folder and prints: name, exit status, errors; with `warned`, for models that are taken, warnings. `MLC
    FOLDER` are the arguments of the program."""
    mlc, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    kind, status = ("warning:", 0) if warned else ("error:", 1)
    wrong = 0
    for name, case in cases.items():
        path = os.path.join(folder, name + ".onnx")
        made = single(domain, *case) if isinstance(case, tuple) else case(folder) if callable(case) else case
        onnx.save(made, path)
        run = subprocess.run([mlc, "compile", path, "--stop-after=import"], capture_output=True, text=True, check=False)
        lines = [line for line in run.stderr.splitlines() if kind in line]
        wrong += run.returncode != status or len(lines) != 1
        print(f"{name} {run.returncode}: " + " | ".join(line.split(".onnx: ")[-1] for line in lines))
    return 1 if wrong else 0
