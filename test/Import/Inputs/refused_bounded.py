"""Tensors of as many rows as are found at run time, where an operator would mix them with padding: what the importer says of each,
one line a model.

    refused_bounded.py MLC FOLDER
"""
import sys

import numpy as np

from refusals import BOOL, F, I32, I64, U8, ints, main, node, whole


def found(*nodes, kind=F, shape=(4, 3), axis=0, outputs="y", **inputs):
    """Nodes behind `b`, those rows of an input that a condition keeps, and `e`, those that another keeps."""
    table = {"x": (kind, list(shape)), **{n: (BOOL, [shape[axis]]) for n in "cd"}, **inputs}
    return whole([node("Compress", "x c", "b", axis=axis), node("Compress", "x d", "e", axis=axis), *nodes], table, outputs)


def mixed(*nodes, **inputs):
    """Nodes behind `m`, whose padding lies among its elements."""
    return found(node("Reshape", "b s", "m"), *nodes, shape=(2, 4), axis=1, s=ints(8), **inputs)


IMAGES = {"shape": (4, 2, 6, 6)}

CASES = {
    "two_numbers": found(node("Add", "b e", "y")),
    "among": mixed(node("Neg", "m", "y")),
    "among_output": mixed(outputs="m"),
    "among_indices": mixed(node("Cast", "m", "i", to=I64), node("Gather", "t i", "y"), t=(F, [9, 2])),
    "among_loop": mixed(node("CumSum", "m z", "y"), z=np.int64(0)),
    "repeated": found(node("Add", "b w", "y"), shape=(1, 3), w=(F, [5, 3])),
    "weights": found(node("Conv", "i b", "y"), i=(F, [1, 2, 8, 8]), **IMAGES),
    "across": found(node("Conv", "b w", "y"), w=np.ones((3, 4, 2, 2), "f"), shape=(1, 4, 6, 6), axis=1),
    "among_condition": mixed(node("NonZero", "m", "y")),
    "among_product": mixed(node("MatMul", "m w", "y"), w=(F, [8, 2])),
    "among_order": mixed(node("TopK", "m k", "y j"), k=ints(2)),
    "among_sum": mixed(node("ReduceSum", "m", "y")),
    "among_shares": mixed(node("Softmax", "m", "y", axis=0)),
    "among_parts": mixed(node("Concat", "m m", "y", axis=0)),
    "among_slice": mixed(node("Slice", "m f l", "y"), f=ints(1), l=ints(3)),
    "steps": found(node("QLinearAveragePool", "b s9 z s9 z", "y", domain="com.microsoft", kernel_shape=[1, 1], strides=[2, 2]), kind=U8,
                   shape=(1, 2, 6, 6), axis=2, s9=np.float32(1), z=np.uint8(0)),
    "edges": found(node("Pad", "b p", "y", mode="edge"), p=ints(1, 0, 1, 0)),
    "written_into": found(node("ScatterND", "b i u", "y"), i=(I64, [1, 1]), u=(F, [1, 3]), axis=1),
    "written_parts": found(node("ScatterND", "t i b", "y"), t=(F, [9, 3]), i=(I64, [4, 1]), axis=1),
    "written_numbers": found(node("Cast", "b", "i", to=I64), node("ScatterND", "t i u", "y"), node("Compress", "v d", "u", axis=0),
                             shape=(4, 1), t=(F, [9, 3]), v=(F, [4, 3])),
    "mean": found(node("ReduceMean", "b", "y", axes=[0]), kind=I32),
    "images": found(node("RoiAlign", "b r i", "y"), r=(F, [2, 4]), i=ints(0, 0), **IMAGES),
    "regions": found(node("RoiAlign", "i b n", "y"), i=(F, [1, 2, 6, 6]), n=ints(0, 0), shape=(2, 4), axis=1),
    "padding": found(node("Shape", "b", "h"), node("Concat", "h h", "p", axis=0), node("Pad", "b p", "y")),
    "unique": found(node("Unique", "b", "y")),
}

if __name__ == "__main__":
    sys.exit(main(CASES))
