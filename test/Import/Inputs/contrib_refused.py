"""Models with forms of operators of com.microsoft and ai.onnx.ml that are refused: what the importer says of each, one line a model.

    contrib_refused.py MLC FOLDER
"""
import sys

import numpy as np

from refusals import F, I32, I64, U8, main

BYTES = np.zeros((4, 1, 8), np.uint8)
SCALES = np.ones((4, 1), np.float32)
QKV = {"q": (F, [2, 4, 12]), "k": (F, [2, 4, 12]), "v": (F, [2, 4, 12])}
PAST = {"pk": (F, [2, 2, 3, 6]), "pv": (F, [2, 2, 3, 6])}
CACHE = {**QKV, **PAST, "n": (I32, [2]), "t": (I32, [])}
ATTENTION = {"x": (F, [2, 4, 8]), "w": np.zeros((8, 24), "f")}
WORDS = {"ids": (I32, [2, 4]), "": None, "words": np.ones((5, 8), "f"), "positions": np.ones((6, 8), "f"), " ": None,
         "g": np.ones(8, "f"), "b": np.ones(8, "f")}
SVM = {"domain": "ai.onnx.ml", "kernel_params": [0.5, 0.0, 2.0], "rho": [0.25]}
NBITS = {"K": 16, "N": 4, "bits": 4, "block_size": 16}

# name: operator, inputs by name (type and shape, or a constant), attributes, number of outputs
CASES = {
    "attention_rotary": ("Attention", {"x": (F, [2, 4, 8]), "w": np.zeros((8, 24), "f")}, {"num_heads": 2, "do_rotary": 1}),
    "attention_shared": ("Attention", {"x": (F, [2, 4, 8]), "w": np.zeros((8, 24), "f")},
                         {"num_heads": 2, "past_present_share_buffer": 1}),
    "attention_heads": ("Attention", {"x": (F, [2, 4, 8]), "w": np.zeros((8, 24), "f")}, {"num_heads": 3}),
    "attention_mask": ("Attention", {"x": (F, [2, 4, 8]), "w": np.zeros((8, 24), "f"), "": None, "m": (I32, [2, 5])},
                       {"num_heads": 2}),
    "attention_sizes": ("Attention", {"x": (F, [2, 4, 8]), "w": np.zeros((8, 24), "f")},
                        {"num_heads": 2, "qkv_hidden_sizes": [8, 4, 12]}),
    "heads_form": ("MultiHeadAttention", {"q": (F, [2, 4, 11])}, {"num_heads": 2}),
    "heads_past": ("MultiHeadAttention", {**QKV, "": None, "  ": None, "   ": None, "pk": (F, [2, 2, 3, 6])}, {"num_heads": 2}),
    "decoder_beams": ("DecoderMaskedMultiHeadAttention",
                      {"q": (F, [2, 1, 12]), "k": (F, [2, 1, 12]), "v": (F, [2, 1, 12]), "": None, " ": None, **PAST,
                       "  ": None, "beams": np.array([4], np.int32)}, {"num_heads": 2}),
    "group_window": ("GroupQueryAttention", CACHE,
                     {"num_heads": 2, "kv_num_heads": 2, "sliding_window_cache": 1, "local_window_size": 2}),
    "group_quantized": ("GroupQueryAttention", CACHE, {"num_heads": 2, "kv_num_heads": 2, "k_quant_type": "PER_TENSOR"}),
    "group_heads": ("GroupQueryAttention", CACHE, {"num_heads": 3, "kv_num_heads": 2}),
    "rotary_packed": ("RotaryEmbedding",
                      {"x": (F, [1, 4, 8]), "p": (I64, [1, 4]), "c": np.ones((9, 4), "f"), "s": np.ones((9, 4), "f")},
                      {"is_packed_batching": 1}),
    "conv_activation": ("FusedConv", {"x": (F, [1, 2, 5, 5]), "w": np.ones((3, 2, 1, 1), "f")}, {"activation": "Wobble"}),
    "skip_mean": ("SkipSimplifiedLayerNormalization", {"x": (F, [2, 4, 8]), "s": (F, [2, 4, 8]), "g": np.ones(8, "f")}, {}, 2),
    "skip_shape": ("SkipLayerNormalization", {"x": (F, [1, 4, 8]), "s": (F, [2, 4, 8]), "g": np.ones(8, "f")}, {}),
    "dropout_training": ("BiasDropout", {"x": (F, [2, 8]), "b": (F, [8]), "": None, "r": np.float32(0.5), "t": np.bool_(True)}, {}),
    "softmax_scale": ("QLinearSoftmax", {"x": (U8, [2, 8]), "xs": (F, []), "xz": np.uint8(3), "ys": np.float32(1), "yz": np.uint8(0)},
                      {"opset": 13}),
    "concat_inputs": ("QLinearConcat", {"ys": np.float32(1), "yz": np.uint8(0), "x": (U8, [2, 8]), "xs": np.float32(1)}, {"axis": 0}),
    "lstm_scale": ("DynamicQuantizeLSTM",
                   {"x": (F, [3, 1, 5]), "w": np.zeros((1, 5, 16), np.int8), "r": np.zeros((1, 4, 16), np.int8),
                    **{" " * i: None for i in range(5)}, "ws": np.ones(2, "f"), "wz": np.zeros(1, np.int8),
                    "rs": np.ones(1, "f"), "rz": np.zeros(1, np.int8)}, {"hidden_size": 4}),
    "nbits_input": ("MatMulNBits", {"a": (F, [2, 16]), "b": (U8, [4, 1, 8]), "s": SCALES}, NBITS),
    "nbits_prepacked": ("MatMulNBits", {"a": (F, [2, 16]), "b": BYTES, "s": SCALES}, {**NBITS, "weight_prepacked": 1}),
    "nbits_size": ("MatMulNBits", {"a": (F, [2, 16]), "b": BYTES, "s": SCALES}, {**NBITS, "N": 5}),
    "nbits_bits": ("MatMulNBits", {"a": (F, [2, 16]), "b": BYTES, "s": SCALES}, {**NBITS, "bits": 9}),
    "nbits_depth": ("MatMulNBits", {"a": (F, [2, 15]), "b": BYTES, "s": SCALES}, NBITS),
    "nbits_scales": ("MatMulNBits", {"a": (F, [2, 16]), "b": BYTES, "s": SCALES[:3]}, NBITS),
    "nbits_groups": ("MatMulNBits", {"a": (F, [2, 16]), "b": BYTES, "s": SCALES, "": None, "g": np.full(16, 7, np.int32)}, NBITS),
    "nbits_zeros": ("MatMulNBits", {"a": (F, [2, 16]), "b": BYTES, "s": SCALES, "z": np.zeros((4, 1), np.uint8), "g": np.zeros(16, np.int32)},
                    NBITS),
    "bnb_kind": ("MatMulBnb4", {"a": (F, [2, 16]), "b": np.zeros(32, np.uint8), "m": np.ones(4, "f")},
                 {"K": 16, "N": 4, "block_size": 16, "quant_type": 2}),
    "gather_axis": ("GatherBlockQuantized", {"d": np.zeros((9, 16), np.uint8), "i": (I64, [2]), "s": np.ones((9, 2), "f")},
                    {"gather_axis": 1, "quantize_axis": 1, "block_size": 16}),
    "attention_rank": ("Attention", {"x": (F, [2, 4, 8]), "w": np.zeros(8, "f")}, {"num_heads": 2}),
    "heads_integers": ("MultiHeadAttention", {n: (I32, s) for n, (_, s) in QKV.items()}, {"num_heads": 2}),
    "group_past": ("GroupQueryAttention", {**CACHE, "pk": (F, []), "pv": (F, [])}, {"num_heads": 2, "kv_num_heads": 2}),
    "nbits_huge": ("MatMulNBits", {"a": (F, [2, 16]), "b": BYTES, "s": SCALES}, {**NBITS, "N": 2**31, "K": 2**31}),
    "pool_taps": ("QLinearAveragePool", {"x": (U8, [1, 1, 1, 1, 1]), "xs": np.float32(1), "xz": np.uint8(0), "ys": np.float32(1)},
                  {"kernel_shape": [2**31] * 3, "pads": [2**31 - 1] * 6}),
    "attention_input": ("Attention", {"x": (F, [2, 8]), "w": np.zeros((8, 24), "f")}, {"num_heads": 2}),
    "attention_past": ("Attention", {**ATTENTION, "": None, " ": None, "past": (F, [2, 2, 3, 4])}, {"num_heads": 2}),
    "attention_past_sizes": ("Attention", {**ATTENTION, "": None, " ": None, "past": (F, [2, 2, 2, 3, 5])}, {"num_heads": 2}),
    "attention_bias": ("Attention", {**ATTENTION, "": None, " ": None, "  ": None, "bias": (F, [1, 2, 4, 5])}, {"num_heads": 2}),
    "attention_present": ("Attention", {"x": (F, [2, 4, 8]), "w": np.zeros((8, 20), "f")},
                          {"num_heads": 2, "qkv_hidden_sizes": [8, 8, 4]}, 2),
    "attention_quantized": ("QAttention", {"x": (U8, [4, 8]), "w": np.zeros((8, 24), np.uint8), "b": np.zeros(24, "f"), "xs": np.float32(1),
                                           "ws": np.float32(1)}, {"num_heads": 2}),
    "heads_bias": ("MultiHeadAttention", {**QKV, "b": np.zeros(30, "f")}, {"num_heads": 2}),
    "heads_keys": ("MultiHeadAttention", {"q": (F, [2, 4, 12]), "k": (F, [2, 4, 12])}, {"num_heads": 2}),
    "heads_none": ("MultiHeadAttention", QKV, {"num_heads": 0}),
    "expand_axes": ("ExpandDims", {"x": (F, [2, 3]), "a": np.array([0, 1], np.int32)}),
    "rotary_positions": ("RotaryEmbedding", {"x": (F, [2, 4, 8]), "p": (I64, [3]), "c": np.ones((9, 4), "f"), "s": np.ones((9, 4), "f")}),
    "rotary_rank": ("RotaryEmbedding", {"x": (F, [4, 8]), "p": (I64, [1]), "c": np.ones((9, 4), "f"), "s": np.ones((9, 4), "f")}),
    "rotary_tables": ("RotaryEmbedding", {"x": (F, [1, 4, 8]), "p": (I64, [1]), "c": np.ones((9, 4), "f"), "s": np.ones((9, 3), "f")}),
    "rotary_heads": ("RotaryEmbedding", {"x": (F, [1, 4, 8]), "p": (I64, [1]), "c": np.ones((9, 4), "f"), "s": np.ones((9, 4), "f")},
                     {"num_heads": 2, "rotary_embedding_dim": 8}),
    "group_norms": ("GroupQueryAttention", {**CACHE, **{" " * i: None for i in range(7)}, "qn": np.ones(6, "f")},
                    {"num_heads": 2, "kv_num_heads": 2}),
    "group_keys": ("GroupQueryAttention", {"q": (F, [2, 4, 12]), "k": (F, [2, 4, 12]), "": None, **PAST, "n": (I32, [2]), "t": (I32, [])},
                   {"num_heads": 2, "kv_num_heads": 2}),
    "group_lengths": ("GroupQueryAttention", {**CACHE, "n": (I32, [3])}, {"num_heads": 2, "kv_num_heads": 2}),
    "group_positions": ("GroupQueryAttention", {**CACHE, "c": np.ones((9, 3), "f"), "s": np.ones((9, 3), "f"), "p": (I64, [4])},
                        {"num_heads": 2, "kv_num_heads": 2, "do_rotary": 1}),
    "group_bias": ("GroupQueryAttention", {**CACHE, "": None, " ": None, "  ": None, "bias": (F, [1, 2, 3, 7])},
                   {"num_heads": 2, "kv_num_heads": 2}),
    "split_odd": ("BiasSplitGelu", {"x": (F, [1, 2, 3]), "b": np.ones(3, "f")}),
    "gate_odd": ("SwiGLU", {"x": (F, [1, 2, 3])}),
    "gate_shapes": ("SwiGLU", {"x": (F, [2, 4]), "up": (F, [1, 4])}),
    "softmax_bias": ("BiasSoftmax", {"x": (F, [2, 3, 4]), "b": (F, [3, 4])}, {"axis": 2, "is_inner_broadcast": 0}),
    "skip_gamma": ("SkipLayerNormalization", {"x": (F, [2, 4, 8]), "s": (F, [2, 4, 8]), "g": np.ones(7, "f")}),
    "words_rank": ("EmbedLayerNormalization", {**WORDS, "words": np.ones(5, "f")}),
    "words_positions": ("EmbedLayerNormalization", {**WORDS, "positions": np.ones((3, 8), "f")}),
    "norm_groups": ("GroupNorm", {"x": (F, [1, 4, 4, 6]), "g": np.ones(6, "f"), "b": np.ones(6, "f")}, {"groups": 4, "activation": 0}),
    "pool_kernel": ("QLinearAveragePool", {"x": (U8, [1, 1, 4, 4]), "xs": np.float32(1), "xz": np.uint8(0), "ys": np.float32(1)},
                    {"kernel_shape": [2]}),
    "pool_window": ("QLinearAveragePool", {"x": (U8, [1, 1, 4, 4]), "xs": np.float32(1), "xz": np.uint8(0), "ys": np.float32(1)},
                    {"kernel_shape": [5, 5]}),
    "softmax_no_scale": ("QLinearSoftmax", {"x": (U8, [2, 8]), "xs": np.float32(0), "xz": np.uint8(3), "ys": np.float32(1),
                                            "yz": np.uint8(0)}, {"opset": 13}),
    "distance_metric": ("CDist", {"a": (F, [2, 3]), "b": (F, [4, 3])}, {"metric": "cosine"}),
    "complex_parts": ("ComplexMul", {"a": (F, [2, 3]), "b": (F, [2, 3])}),
    "inverse_form": ("Inverse", {"x": (F, [2, 3])}),
    "gather_zeros": ("GatherBlockQuantized", {"d": np.zeros((9, 16), np.uint8), "i": (I64, [2]), "s": np.ones((9, 2), "f"),
                                              "z": np.zeros((9, 2), np.uint8)}, {"quantize_axis": 1, "block_size": 16}),
    "unknown": ("SparseAttention", {"q": (F, [2, 4, 12])}, {}),
    "svm_rows": ("SVMRegressor", {"x": (F, [2, 3, 4])}, {**SVM, "n_supports": 2, "support_vectors": [0.5] * 8, "coefficients": [1.0] * 2}),
    "svm_vectors": ("SVMRegressor", {"x": (F, [2, 4])}, {**SVM, "n_supports": 2, "support_vectors": [0.5] * 7, "coefficients": [1.0] * 2}),
    "svm_kernel": ("SVMRegressor", {"x": (F, [2, 4])}, {**SVM, "n_supports": 2, "support_vectors": [0.5] * 8, "coefficients": [1.0] * 2,
                                                       "kernel_type": "COSINE"}),
    "svm_labels": ("SVMClassifier", {"x": (F, [2, 4])}, {**SVM, "coefficients": [1.0] * 4, "classlabels_ints": [5]}, 2),
    "svm_counts": ("SVMClassifier", {"x": (F, [2, 4])}, {**SVM, "coefficients": [1.0] * 4, "vectors_per_class": [1, 1, 1],
                                                        "support_vectors": [0.5] * 12, "classlabels_ints": [5, 6]}, 2),
    "svm_negative": ("SVMClassifier", {"x": (F, [2, 4])}, {**SVM, "coefficients": [1.0] * 4, "vectors_per_class": [-1, 5],
                                                          "support_vectors": [0.5] * 16, "classlabels_ints": [5, 6]}, 2),
    "svm_classes": ("SVMClassifier", {"x": (F, [2, 1])}, {**SVM, "coefficients": [1.0] * 33 * 32, "vectors_per_class": [1] * 33,
                                                         "support_vectors": [0.5] * 33, "classlabels_ints": list(range(33)),
                                                         "rho": [0.0] * 528, "prob_a": [1.0] * 528, "prob_b": [0.0] * 528}, 2),
    "laid_out": ("Conv", {"x": (F, [1, 8, 5, 5])}, {"domain": "com.microsoft.nchwc"}),
}


if __name__ == "__main__":
    sys.exit(main(CASES, "com.microsoft"))
