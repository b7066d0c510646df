"""Files whose parts are wrong: what the importer says of each, one line a model.

    refused_files.py MLC FOLDER
"""
import os
import sys

import numpy as np
from onnx import AttributeProto, TensorProto, helper

from refusals import F, I64, U8, ints, main, node, single, values, whole

X = {"x": (F, [2, 3])}


def external(make=None, **entries):
    """A model whose weights lie where `entries` say; `make` makes what lies there."""
    def case(folder):
        if make:
            make(os.path.join(folder, entries["location"]))
        made = whole([node("Add", "x w", "y")], X)
        tensor = made.graph.initializer.add(name="w", data_type=F, dims=[2, 3], data_location=TensorProto.EXTERNAL)
        for key, value in entries.items():
            tensor.external_data.add(key=key, value=value)
        return made
    return case


def two_names(path):
    """One file by two names."""
    with open(path, "wb") as file:
        file.write(bytes(24))
    os.link(path, path + ".too")


def sparse(indices, shape, kind=F):
    """A constant of two elements at `indices`."""
    two = helper.make_tensor("two", kind, [2], [1, 2])
    made = helper.make_sparse_tensor(two, helper.make_tensor("at", I64, list(np.shape(indices)), np.ravel(indices)), shape)
    return whole([node("Constant", "", "y", sparse_value=made)], {})


def without_shape():
    made = whole([node("Neg", "x", "y")], X)
    made.graph.input[0].type.tensor_type.ClearField("shape")
    return made


def without_graph():
    """An attribute that says it is a graph, and holds none."""
    made = whole([node("Loop", "n  x", "y")], {**X, "n": np.int64(3)})
    made.graph.node[0].attribute.add(name="body", type=AttributeProto.GRAPH)
    return made


def attribute_twice():
    made = whole([node("Softmax", "x", "y", axis=0)], X)
    made.graph.node[0].attribute.add().CopyFrom(made.graph.node[0].attribute[0])
    return made


def input_twice():
    made = whole([node("Neg", "x", "y")], X)
    made.graph.input.extend(values(X))
    return made


CASES = {
    "offset": external(location="weights.bin", offset="here"),
    "length": external(location="weights.bin", length="long"),
    "location": external(),
    "two_names": external(two_names, location="weights.bin"),
    "folder": external(os.makedirs, location="weights.folder"),
    "sparse_indices": sparse([0, 1, 2], [4]),
    "sparse_dense": sparse([0, 1], [2**30]),
    "ir_version": whole([node("Neg", "x", "y")], X, ir=99),
    "no_shape": without_shape(),
    "no_graph": without_graph(),
    "attribute_twice": attribute_twice(),
    "input_twice": input_twice(),
    "many_outputs": single("", "Relu", X, {}, 2),
    "further_outputs": single("com.microsoft", "NhwcMaxPool", {"x": (U8, [1, 4, 4, 2])}, {"kernel_shape": [2, 2]}, 2),
}

if __name__ == "__main__":
    sys.exit(main(CASES))
