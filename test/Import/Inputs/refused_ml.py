"""Operators of ai.onnx.ml, and n-grams, with lists that do not fit: what the importer says of each, one line a model.

    refused_ml.py MLC FOLDER
"""
import sys

import numpy as np
from onnx import TensorProto, helper

from refusals import F, I64, main

ROWS = {"x": (F, [2, 3])}
WORDS = {"x": (I64, [2, 4])}
GRAMS = {"domain": "", "mode": "TF", "min_gram_length": 1, "max_gram_length": 1, "max_skip_count": 0, "ngram_counts": [0],
         "ngram_indexes": [0, 1], "pool_int64s": [4, 5]}
# One node that asks whether feature 0 is at most 0.5, and two leaves.
NODES = {"nodes_treeids": [0, 0, 0], "nodes_nodeids": [0, 1, 2], "nodes_featureids": [0, 0, 0], "nodes_values": [0.5, 0.0, 0.0],
         "nodes_modes": ["BRANCH_LEQ", "LEAF", "LEAF"], "nodes_truenodeids": [1, 0, 0], "nodes_falsenodeids": [2, 0, 0]}
TARGETS = {"target_treeids": [0, 0], "target_nodeids": [1, 2], "target_ids": [0, 0], "target_weights": [1.0, 2.0], "n_targets": 1}
TREE = {**NODES, **TARGETS}
DEEP = {"nodes_treeids": [0] * 2**11, "nodes_nodeids": list(range(2**11)), "nodes_featureids": [0] * 2**11,
        "nodes_values": [0.5] * 2**11, "nodes_modes": ["BRANCH_LEQ"] * (2**11 - 1) + ["LEAF"],
        "nodes_truenodeids": [*range(1, 2**11), 0], "nodes_falsenodeids": [*range(1, 2**11), 0],
        "target_treeids": [0], "target_nodeids": [2**11 - 1], "target_ids": [0], "target_weights": [1.0], "n_targets": 1}


def tensor(values, kind=F):
    return helper.make_tensor("t", kind, [len(values)], values)


# The same tree as version 5 has it.
LISTS = {"_ml": 5, "nodes_featureids": [0], "nodes_modes": tensor([0], TensorProto.UINT8), "nodes_splits": tensor([0.5]),
         "nodes_truenodeids": [0], "nodes_falsenodeids": [1], "nodes_trueleafs": [1], "nodes_falseleafs": [1],
         "leaf_targetids": [0, 0], "leaf_weights": tensor([1.0, 2.0]), "tree_roots": [0], "n_targets": 1}
CLASSES = {"coefficients": [1.0] * 6, "intercepts": [0.0, 0.0], "classlabels_ints": [7, 8]}


def regressor(changed):
    return ("TreeEnsembleRegressor", ROWS, {**TREE, **changed})


def ensemble(changed):
    return ("TreeEnsemble", ROWS, {**LISTS, **changed})


CASES = {
    "scaler_offsets": ("Scaler", ROWS, {"offset": [0.0, 0.0]}),
    "norm_name": ("Normalizer", ROWS, {"norm": "L3"}),
    "feature_of_scalar": ("ArrayFeatureExtractor", {"x": (F, []), "i": np.array([0])}),
    "imputer_values": ("Imputer", ROWS, {"imputed_value_floats": [0.0, 0.0]}),
    "vector_features": ("FeatureVectorizer", ROWS, {"inputdimensions": [4]}),
    "encoder_strings": ("OneHotEncoder", ROWS, {"cats_strings": ["a"]}),
    "label_default": ("LabelEncoder", {"x": (I64, [2])}, {"keys_int64s": [1], "values_tensor": tensor([1], I64), "default_tensor": tensor([1, 2], I64),
                                                          "_ml": 4}),
    "label_counts": ("LabelEncoder", {"x": (I64, [2])}, {"keys_int64s": [1, 2], "values_int64s": [1]}),
    "linear_counts": ("LinearRegressor", ROWS, {"coefficients": [1.0] * 4, "intercepts": [0.0]}),
    "classes_without_labels": ("LinearClassifier", ROWS, {"coefficients": [1.0] * 3, "intercepts": [0.0]}, 2),
    "scores_transform": ("LinearRegressor", ROWS, {"coefficients": [1.0] * 3, "post_transform": "CUBE"}),
    "words_strings": ("TfIdfVectorizer", WORDS, {**{k: v for k, v in GRAMS.items() if k != "pool_int64s"}, "pool_strings": ["a", "b"]}),
    "words_counts": ("TfIdfVectorizer", WORDS, {**GRAMS, "ngram_indexes": [0]}),
    "words_many": ("TfIdfVectorizer", {"x": (I64, [2**14, 2**14])}, GRAMS),
    "words_rank": ("TfIdfVectorizer", {"x": (I64, [2, 4, 2])}, GRAMS),
    "tree_features": regressor({"nodes_featureids": [3, 0, 0]}),
    "tree_aggregate": regressor({"aggregate_function": "MEDIAN"}),
    "tree_base": regressor({"base_values": [0.0, 0.0, 0.0]}),
    "tree_deep": ("TreeEnsembleRegressor", ROWS, DEEP),
    "tree_lengths": regressor({"nodes_values": [0.5]}),
    "tree_mode": regressor({"nodes_modes": ["BRANCH_NEAR", "LEAF", "LEAF"]}),
    "tree_twice": regressor({"nodes_nodeids": [0, 1, 1]}),
    "tree_child": regressor({"nodes_truenodeids": [5, 0, 0]}),
    "tree_weights": regressor({"target_weights": [1.0]}),
    "tree_outputs": regressor({"n_targets": 2**24}),
    "tree_weight_place": regressor({"target_nodeids": [1, 5]}),
    "tree_classes": ("TreeEnsembleClassifier", ROWS, {**NODES, "class_treeids": [0, 0], "class_nodeids": [1, 2], "class_ids": [0, 2],
                                                      "class_weights": [1.0, 1.0], "classlabels_int64s": [4, 5]}, 2),
    "ensemble_transform": ensemble({"post_transform": 5}),
    "ensemble_lists": ensemble({"nodes_falsenodeids": [2]}),
    "ensemble_numbers": ensemble({"nodes_splits": helper.make_tensor("t", TensorProto.STRING, [1], [b"a"])}),
    "ensemble_set": ensemble({"nodes_modes": tensor([6], TensorProto.UINT8)}),
    "ensemble_root": ensemble({"tree_roots": [1]}),
    "ensemble_targets": ensemble({"n_targets": 2**24}),
    "ensemble_leaf": ensemble({"leaf_targetids": [0, 1]}),
    "svm_scores": ("LinearClassifier", ROWS, {**CLASSES, "classlabels_ints": [7, 8, 9]}, 2),
}

if __name__ == "__main__":
    sys.exit(main(CASES, "ai.onnx.ml"))
