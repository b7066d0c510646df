"""Models of com.microsoft's operators, as onnxruntime's optimiser, quantiser and model builders write them."""

import numpy as np
from onnx import TensorProto

from build import I32, const, node, random, simple, valid, value, weights

MS = "com.microsoft"
U8 = TensorProto.UINT8


def _ms(op, inputs, outputs, **attributes):
    return node(op, inputs, outputs, domain=MS, **attributes)


def _bytes(name, *shape):
    return const(name, np.rint(random(name, *shape) * 100), np.int8)


@valid
def ms_encoder():
    """A layer of BERT: Attention with a mask of lengths, SkipLayerNormalization, BiasGelu, FastGelu, FusedMatMul."""
    nodes = [_ms("Attention", "x wqkv bqkv lengths", "a", num_heads=3), node("MatMul", "a wo", "o"),
             _ms("SkipLayerNormalization", "o x gamma beta bo", "h", epsilon=1e-5),
             _ms("FusedMatMul", "h w1", "f", transB=1, alpha=0.5), _ms("BiasGelu", "f b1", "g"),
             node("MatMul", "g w2", "m"), _ms("FastGelu", "m b2", "n"),
             _ms("SkipLayerNormalization", "n h gamma", "y", epsilon=1e-5)]
    return simple("ms_encoder", nodes, [value("x", [2, 5, 12])], [value("y", [2, 5, 12])],
                  [weights("wqkv", 12, 36), weights("bqkv", 36), weights("wo", 12, 12), weights("bo", 12),
                   weights("gamma", 12), weights("beta", 12), weights("w1", 20, 12), weights("b1", 20),
                   weights("w2", 20, 12), weights("b2", 12), const("lengths", [3, 5], np.int32)], domains=[MS])


@valid
def ms_decoder():
    """A step of a language model: MatMulNBits, rotary positions and GroupQueryAttention, whose sequences' lengths are an input."""
    angles = 2 * random("angles", 9, 8)
    packed = [const(name, random(name, *shape) * 100 + 128, np.uint8) for name, shape in
              {"wq": (64, 2, 8), "wk": (32, 2, 8), "wv": (32, 2, 8), "wz": (32, 1)}.items()]
    scales = [const(name, (random(name, rows, 2) + 2) / 64, np.float32) for name, rows in
              {"sq": 64, "sk": 32, "sv": 32}.items()]
    bits = {"K": 24, "bits": 4, "block_size": 16}
    nodes = [_ms("MatMulNBits", "x wq sq", "q", N=64, **bits), _ms("MatMulNBits", "x wk sk", "k", N=32, **bits),
             _ms("MatMulNBits", "x wv sv wz", "v", N=32, **bits),
             _ms("GroupQueryAttention", "q k v past_k past_v lengths total cos sin", "y present_k present_v", num_heads=4,
                 kv_num_heads=2, do_rotary=1, local_window_size=3)]
    cache = [value(name, [2, 2, length, 16]) for name, length in
             {"past_k": 4, "past_v": 4, "present_k": 5, "present_v": 5}.items()]
    return simple("ms_decoder", nodes, [value("x", [2, 1, 24]), *cache[:2], value("lengths", [2], I32)],
                  [value("y", [2, 1, 64]), *cache[2:]],
                  [*packed, *scales, const("total", 5, np.int32), const("cos", np.cos(angles), np.float32),
                   const("sin", np.sin(angles), np.float32)], domains=[MS])


@valid
def weights_alone():
    """Products of floats by weights of 8 and 4 bits: a scale a column, blocks with zero points of which the last is not full, MatMulNBits of bytes; one row and five."""
    packed = [_bytes("w1", 40, 19), const("w2", random("w2", 33, 19) * 100 + 100, np.uint8), const("w3", random("w3", 3, 3, 16) * 100 + 128, np.uint8)]
    parameters = [const("s1", (random("s1", 19) + 2) / 256, np.float32), const("s2", (random("s2", 33, 2) + 2) / 256, np.float32),
                  const("z2", random("z2", 33, 2) * 60 + 90, np.uint8), const("s3", random("s3", 3, 3) / 64, np.float32),
                  const("z1", np.zeros(19), np.int8), const("z4", np.zeros((3, 17)), np.int8), const("w4", random("w4", 33, 17) * 7.9, np.int8), const("s4", (random("s4", 3, 17) + 2) / 16, np.float32)]
    nodes = [node("DequantizeLinear", "w1 s1 z1", "d1", axis=1), node("MatMul", "x d1", "a"),
             node("DequantizeLinear", "w2 s2 z2", "d2", axis=1, block_size=16), node("Gemm", "a d2 b2", "b", transB=1), node("Relu", "b", "c"),
             node("DequantizeLinear", "w4 s4 z4", "d4", axis=0, block_size=16), node("MatMul", "c d4", "y"),
             _ms("MatMulNBits", "c w3 s3", "t", K=33, N=3, bits=8, block_size=16),
             node("Slice", "c zero one", "first"), node("MatMul", "first d4", "u"), node("Gemm", "g d2", "v", transB=1)]
    return simple("weights_alone", nodes, [value("x", [5, 40]), value("g", [1, 19])],
                  [value("y", [5, 17]), value("t", [5, 3]), value("u", [1, 17]), value("v", [1, 33])],
                  [*packed, *parameters, weights("b2", 33), const("zero", [0], np.int64), const("one", [1], np.int64)], domains=[MS], opset=21)


@valid
def ms_lstm():
    """DynamicQuantizeLSTM, bidirectional: weights are bytes and stay so, input and states become bytes."""
    scales = [const(name, [0.008, 0.006], np.float32) for name in ("ws", "rs")]
    zeros = [const(name, [0, 0], np.int8) for name in ("wz", "rz")]
    nodes = [_ms("DynamicQuantizeLSTM", "x w r b - - - - ws wz rs rz", "y yh yc", hidden_size=8, direction="bidirectional")]
    return simple("ms_lstm", nodes, [value("x", [4, 2, 6])],
                  [value("y", [4, 2, 2, 8]), value("yh", [2, 2, 8]), value("yc", [2, 2, 8])],
                  [_bytes("w", 2, 6, 32), _bytes("r", 2, 8, 32), weights("b", 2, 64), *scales, *zeros],
                  domains=[MS])


@valid
def ms_images():
    """FusedConv with a residual sum and an activation, quantised averages over overhanging windows, and QLinearSoftmax."""
    quantized = [const(name, number, kind) for name, number, kind in
                 [("s", 0.05, np.float32), ("z", 117, np.uint8), ("ts", 1 / 256, np.float32), ("tz", 0, np.uint8)]]
    nodes = [_ms("FusedConv", "x w b", "a", activation="Relu", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
             _ms("FusedConv", "a v - x", "c", activation="LeakyRelu", activation_params=[0.125], kernel_shape=[1, 1]),
             node("QuantizeLinear", "c s z", "q"),
             _ms("QLinearAveragePool", "q s z s z", "p", kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 1, 0], ceil_mode=1),
             _ms("QLinearSoftmax", "p s z ts tz", "y", axis=1, opset=13)]
    return simple("ms_images", nodes, [value("x", [1, 4, 8, 7])], [value("y", [1, 4, 5, 4], U8)],
                  [weights("w", 6, 4, 3, 3), weights("b", 6), weights("v", 4, 6, 1, 1), *quantized], domains=[MS])
