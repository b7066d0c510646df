"""Models that are taken for something else than they say: what the importer warns of, one line a model.

    warned.py MLC FOLDER
"""
import sys

from refusals import F, main, single

X = {"x": (F, [2, 3])}
CASES = {
    "dropout": single("", "Dropout", X, {"_opset": 6}),
    "maps": single("ai.onnx.ml", "ZipMap", X, {"classlabels_int64s": [1, 2, 3]}),
    "labels": single("ai.onnx.ml", "LinearClassifier", X, {"coefficients": [1.0] * 6, "classlabels_strings": ["a", "b"]}, 2),
}

if __name__ == "__main__":
    sys.exit(main(CASES, warned=True))
