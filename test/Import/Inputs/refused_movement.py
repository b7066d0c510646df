"""Operators that move, choose or make elements, with operands that do not fit: what the importer says of each, one line a model.

    refused_movement.py MLC FOLDER
"""
import sys

import numpy as np
from onnx import helper

from refusals import BOOL, F, I64, ints, main

X = {"x": (F, [2, 3])}


CASES = {
    "constant_text": ("Constant", {}, {"value_string": "a"}),
    "constant_of_two": ("ConstantOfShape", {"s": ints(2)}, {"value": helper.make_tensor("v", F, [2], [1, 2])}),
    "reshape_negative": ("Reshape", {**X, "s": ints(-1, -1)}),
    "reshape_rest": ("Reshape", {**X, "s": ints(4, -1)}),
    "squeeze_wide": ("Squeeze", {**X, "a": ints(1)}),
    "squeeze_twice": ("Squeeze", {"x": (F, [1, 3]), "a": ints(0, -2)}),
    "expand_shape": ("Expand", {**X, "s": ints(4)}),
    "split_sum": ("Split", {**X, "s": ints(1, 1)}, {"axis": 1}, 2),
    "slice_counts": ("Slice", {**X, "s": ints(0, 0), "e": ints(1)}),
    "slice_step": ("Slice", {**X, "s": ints(0), "e": ints(1), "a": ints(0), "p": ints(0)}),
    "pad_overflow": ("Pad", {"x": (F, [2]), "p": ints(2**63 - 1, 2)}),
    "tile_times": ("Tile", {**X, "r": ints(1, -1)}),
    "tile_counts": ("Tile", {**X, "r": ints(2)}),
    "sum_axes": ("CumSum", {**X, "a": ints(0, 1)}),
    "triangle_diagonals": ("Trilu", {**X, "k": ints(0, 1)}),
    "triangle_rank": ("Trilu", {"x": (F, [3])}),
    "range_step": ("Range", {"a": np.int64(0), "b": np.int64(5), "c": np.int64(0)}),
    "range_list": ("Range", {"a": ints(0, 1), "b": np.int64(5), "c": np.int64(1)}),
    "eye_rank": ("EyeLike", {"x": (F, [2, 2, 2])}),
    "one_hot_depth": ("OneHot", {"i": (I64, [3]), "d": ints(4, 5), "v": np.array([0, 1], "f")}),
    "top_counts": ("TopK", {**X, "k": ints(1, 2)}, {}, 2),
    "top_many": ("TopK", {**X, "k": ints(5)}, {}, 2),
    "reverse_axes": ("ReverseSequence", {**X, "l": (I64, [2])}, {"batch_axis": 1, "time_axis": 1}),
    "extreme_of_none": ("ArgMax", {"x": (F, [2, 0])}, {"axis": 1}),
    "scalar_product": ("MatMul", {"x": (F, []), "w": (F, [2])}),
    "gather_nd_tuple": ("GatherND", {**X, "i": (I64, [2, 3])}),
    "scatter_shapes": ("ScatterElements", {**X, "i": (I64, [2, 1]), "u": (F, [2, 2])}),
    "gather_rank": ("GatherElements", {**X, "i": (I64, [2])}),
    "cache_axis": ("TensorScatter", {"c": (F, [2, 4, 3]), "u": (F, [2, 5, 3])}, {"_opset": 24}),
    "cache_starts": ("TensorScatter", {"c": (F, [2, 4, 3]), "u": (F, [2, 1, 3]), "s": (I64, [3])}, {"_opset": 24}),
    "cache_end": ("TensorScatter", {"c": (F, [2, 4, 3]), "u": (F, [2, 2, 3]), "s": ints(0, 3)}, {"_opset": 24}),
    "compress_length": ("Compress", {**X, "c": np.array([0, 0, 1], bool)}, {"axis": 0}),
    "boxes_shape": ("NonMaxSuppression", {"b": (F, [1, 4, 5]), "s": (F, [1, 1, 4])}),
    "unique_width": ("Unique", {"x": (F, [4, 0])}, {"axis": 0}),
    "pick_pairs": ("Einsum", {"x": (F, [2, 3])}, {"equation": "i1->i"}),
    "einsum_terms": ("Einsum", {"x": (F, [2, 3])}, {"equation": "ij,jk->ik"}),
    "einsum_sizes": ("Einsum", {"x": (F, [2, 3]), "w": (F, [4, 5])}, {"equation": "ij,jk->ik"}),
    "einsum_rank": ("Einsum", {"x": (F, [2, 3])}, {"equation": "ijk->ik"}),
    "einsum_result": ("Einsum", {"x": (F, [2, 3])}, {"equation": "ij->ijk"}),
    "determinant_form": ("Det", {"x": (F, [2, 3])}),
    "random_type": ("RandomNormal", {}, {"shape": [2], "dtype": I64}),
    "random_many": ("RandomUniform", {}, {"shape": [2**14, 2**13]}),
    "samples_none": ("Multinomial", {"x": (F, [2, 3])}, {"sample_size": 0}),
}

if __name__ == "__main__":
    sys.exit(main(CASES))
