"""Scales of all kinds that are none: what the importer says of each, one line a model.

    refused_scales.py MLC FOLDER
"""
import sys

import numpy as np

from refusals import F, U8, main

X = {"x": (F, [2, 3])}
Q = {"x": (U8, [2, 3])}


def scale(value) -> np.ndarray:
    return np.array(value, "f")


CASES = {
    "zero": ("QuantizeLinear", {**X, "s": scale(0)}, {}),
    "negative": ("QuantizeLinear", {**X, "s": scale(-0.5)}, {}),
    "nan": ("QuantizeLinear", {**X, "s": scale(np.nan)}, {}),
    "denormal": ("QuantizeLinear", {**X, "s": scale(1e-39)}, {}),
    "channel": ("QuantizeLinear", {**X, "s": scale([1, np.inf, 1])}, {"axis": 1}),
    "dequantize": ("DequantizeLinear", {**Q, "s": scale(np.inf)}, {}),
}

if __name__ == "__main__":
    sys.exit(main(CASES))
