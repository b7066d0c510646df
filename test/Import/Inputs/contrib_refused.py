"""Models with forms of operators of com.microsoft and ai.onnx.ml that are refused: what the importer says of each, one line a model.

    contrib_refused.py MLC FOLDER
"""
import os
import subprocess
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

F, I32, U8 = TensorProto.FLOAT, TensorProto.INT32, TensorProto.UINT8
BYTES = np.zeros((4, 1, 8), np.uint8)
SCALES = np.ones((4, 1), np.float32)
QKV = {"q": (F, [2, 4, 12]), "k": (F, [2, 4, 12]), "v": (F, [2, 4, 12])}
PAST = {"pk": (F, [2, 2, 3, 6]), "pv": (F, [2, 2, 3, 6])}
CACHE = {**QKV, **PAST, "n": (I32, [2]), "t": (I32, [])}
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
                      {"x": (F, [1, 4, 8]), "p": (TensorProto.INT64, [1, 4]), "c": np.ones((9, 4), "f"), "s": np.ones((9, 4), "f")},
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
    "nbits_groups": ("MatMulNBits", {"a": (F, [2, 16]), "b": BYTES, "s": SCALES, "": None, "g": np.full(16, 7, np.int32)}, NBITS),
    "nbits_zeros": ("MatMulNBits", {"a": (F, [2, 16]), "b": BYTES, "s": SCALES, "z": np.zeros((4, 1), np.uint8), "g": np.zeros(16, np.int32)},
                    NBITS),
    "bnb_kind": ("MatMulBnb4", {"a": (F, [2, 16]), "b": np.zeros(32, np.uint8), "m": np.ones(4, "f")},
                 {"K": 16, "N": 4, "block_size": 16, "quant_type": 2}),
    "gather_axis": ("GatherBlockQuantized", {"d": np.zeros((9, 16), np.uint8), "i": (TensorProto.INT64, [2]), "s": np.ones((9, 2), "f")},
                    {"gather_axis": 1, "quantize_axis": 1, "block_size": 16}),
    "attention_rank": ("Attention", {"x": (F, [2, 4, 8]), "w": np.zeros(8, "f")}, {"num_heads": 2}),
    "heads_integers": ("MultiHeadAttention", {n: (I32, s) for n, (_, s) in QKV.items()}, {"num_heads": 2}),
    "group_past": ("GroupQueryAttention", {**CACHE, "pk": (F, []), "pv": (F, [])}, {"num_heads": 2, "kv_num_heads": 2}),
    "nbits_huge": ("MatMulNBits", {"a": (F, [2, 16]), "b": BYTES, "s": SCALES}, {**NBITS, "N": 2**31, "K": 2**31}),
    "pool_taps": ("QLinearAveragePool", {"x": (U8, [1, 1, 1, 1, 1]), "xs": np.float32(1), "xz": np.uint8(0), "ys": np.float32(1)},
                  {"kernel_shape": [2**31] * 3, "pads": [2**31 - 1] * 6}),
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


def model(operator: str, inputs: dict, attributes: dict, outputs: int = 1) -> onnx.ModelProto:
    names = [n.strip() for n in inputs]
    values = [helper.make_tensor_value_info(n, *v) for n, v in inputs.items() if isinstance(v, tuple)]
    constants = [numpy_helper.from_array(np.asarray(v), n) for n, v in inputs.items() if isinstance(v, (np.ndarray, np.generic))]
    results = ["y", "z"][:outputs]
    node = helper.make_node(operator, names, results, name="n", **{"domain": "com.microsoft", **attributes})
    graph = helper.make_graph([node], "g", values, [helper.make_tensor_value_info(r, F, ["any"]) for r in results], constants)
    sets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1), helper.make_opsetid("com.microsoft.nchwc", 1),
            helper.make_opsetid("ai.onnx.ml", 3)]
    return helper.make_model(graph, opset_imports=sets, ir_version=8)


def main() -> int:
    mlc, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    wrong = 0
    for name, case in CASES.items():
        path = os.path.join(folder, name + ".onnx")
        onnx.save(model(*case), path)
        run = subprocess.run([mlc, "compile", path, "--stop-after=import"], capture_output=True, text=True, check=False)
        lines = [line for line in run.stderr.splitlines() if "error:" in line]
        wrong += run.returncode != 1 or len(lines) != 1
        print(f"{name} {run.returncode}: " + " | ".join(line.split(".onnx: ")[-1] for line in lines))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
