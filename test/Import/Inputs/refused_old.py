"""Operators of opsets 1 to 6 that have no form of today: what the importer says of each, one line a model.

    refused_old.py MLC FOLDER
"""
import sys

import numpy as np

from refusals import F, main

X = {"x": (F, [2, 3])}
NORM = {n: np.ones(3, "f") for n in "sbmv"}
ONE = np.array([1], "f")

CASES = {
    "broadcast_axis": ("Add", {**X, "w": np.ones((3, 4), "f")}, {"broadcast": 1, "axis": 1, "_opset": 6}),
    "training": ("BatchNormalization", {**X, **NORM}, {"_opset": 6}),
    "cast_name": ("Cast", X, {"to": "FLOAT9", "_opset": 5}),
    "shape_part": ("Tile", {**X, "n": np.array([1.5], "f"), "a": ONE}, {"_opset": 5}),
    "tiles_two": ("Tile", {**X, "n": np.ones(2, "f"), "a": ONE}, {"_opset": 5}),
    "pool_exponent": ("LpPool", {"x": (F, [1, 2, 4, 4])}, {"kernel_shape": [2, 2], "p": 1.5, "_opset": 1}),
}

if __name__ == "__main__":
    sys.exit(main(CASES))
