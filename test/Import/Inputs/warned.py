"""Models that are taken for something else than they say: what the importer warns of, one line a model.

    warned.py MLC FOLDER
"""
import sys

import numpy as np
from onnx import TensorProto, helper

from refusals import F, I64, main, node, single, whole

X = {"x": (F, [2, 3])}


def declared_labels(made):
    """What scikit-learn's converter says of labels that are strings."""
    made.graph.output[0].CopyFrom(helper.make_tensor_value_info("y", TensorProto.STRING, None))
    return made


LINEAR = {"coefficients": [1.0] * 6, "classlabels_strings": ["a", "b"]}
PICK = node("ArrayFeatureExtractor", "t i", "y", domain="ai.onnx.ml")
CASES = {
    "dropout": single("", "Dropout", X, {"_opset": 6}),
    "maps": single("ai.onnx.ml", "ZipMap", X, {"classlabels_int64s": [1, 2, 3]}),
    "labels": single("ai.onnx.ml", "LinearClassifier", X, LINEAR, 2),
    "declared": declared_labels(single("ai.onnx.ml", "LinearClassifier", X, LINEAR, 2)),
    "picked": declared_labels(whole([PICK], {"t": np.array(["ann", "bob", "cy"], dtype=object), "i": (I64, [4])})),
}

if __name__ == "__main__":
    sys.exit(main(CASES, warned=True))
