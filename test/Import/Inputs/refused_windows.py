"""Convolutions, pools, other windows and samplers, transforms and norms with operands that do not fit: what the importer says of
each, one line a model.

    refused_windows.py MLC FOLDER
"""
import sys

import numpy as np
from onnx import TensorProto

from refusals import F, I8, I64, ints, main

IMAGE = {"x": (F, [1, 4, 5, 5])}
SIGNAL = {"x": (F, [1, 16, 1])}
SCALE = {"s": np.ones(4, "f"), "b": np.zeros(4, "f")}


def floats(*shape):
    return np.ones(shape, "f")


def scalar(value):
    return np.array(value, np.float32 if isinstance(value, float) else np.int64)


RECURRENT = {"x": (F, [3, 1, 2]), "w": floats(1, 4, 2), "r": floats(1, 4, 4)}
DEFORMED = {**IMAGE, "w": floats(2, 4, 3, 3)}
COLUMNS = {"x": (F, [1, 8, 9])}
MEL = {"n": scalar(8), "d": scalar(16), "r": scalar(8000), "l": scalar(0.0)}

CASES = {
    "pool_rank": ("MaxPool", IMAGE, {"kernel_shape": [2]}),
    "pool_indices": ("MaxPool", {"x": (F, [1, 1, 128, 128])}, {"kernel_shape": [65, 65]}, 2),
    "conv_rank": ("Conv", {**IMAGE, "w": floats(2, 4, 3)}),
    "conv_kernel": ("Conv", {**IMAGE, "w": floats(2, 4, 3, 3)}, {"kernel_shape": [3, 1]}),
    "conv_pad_mode": ("Conv", {**IMAGE, "w": floats(2, 4, 3, 3)}, {"auto_pad": "SAME"}),
    "statistics": ("BatchNormalization", {**IMAGE, **SCALE, "s": floats(3), "m": floats(3), "v": floats(3)}, {"training_mode": 1}),
    "back_pad_mode": ("ConvTranspose", {**IMAGE, "w": floats(4, 2, 3, 3)}, {"auto_pad": "SAME"}),
    "back_empty": ("ConvTranspose", {**IMAGE, "w": floats(4, 2, 1, 1)}, {"pads": [3, 0, 3, 0]}),
    "back_groups": ("ConvTranspose", {**IMAGE, "w": floats(4, 2, 1, 1)}, {"group": 3}),
    "back_bias": ("ConvTranspose", {**IMAGE, "w": floats(4, 2, 1, 1), "b": floats(3)}),
    "depth_block": ("DepthToSpace", IMAGE, {"blocksize": 3}),
    "space_block": ("SpaceToDepth", IMAGE, {"blocksize": 2}),
    "norm_pool_rank": ("LpPool", IMAGE, {"kernel_shape": [2]}),
    "unpool_rank": ("MaxUnpool", {**IMAGE, "i": (I64, [1, 4, 5, 5])}, {"kernel_shape": [2]}),
    "unpool_shape": ("MaxUnpool", {**IMAGE, "i": (I64, [1, 4, 5, 5]), "s": ints(1, 4, 4, 4)}, {"kernel_shape": [2, 2], "strides": [2, 2]}),
    "columns_rank": ("Col2Im", {**COLUMNS, "s": ints(4, 4), "b": ints(2)}, {"_opset": 18}),
    "columns_step": ("Col2Im", {**COLUMNS, "s": ints(4, 4), "b": ints(2, 2)}, {"strides": [0, 1], "_opset": 18}),
    "columns_block": ("Col2Im", {**COLUMNS, "s": ints(4, 4), "b": ints(2, 5)}, {"_opset": 18}),
    "columns_blocks": ("Col2Im", {**COLUMNS, "s": ints(4, 4), "b": ints(2, 3)}, {"_opset": 18}),
    "resize_coordinates": ("Resize", {**IMAGE, "": None, "s": floats(4)}, {"coordinate_transformation_mode": "corners"}),
    "resize_rounding": ("Resize", {**IMAGE, "": None, "s": floats(4)}, {"nearest_mode": "round"}),
    "resize_scale": ("Resize", {**IMAGE, "": None, "s": np.array([1, 1, 0, 1], "f")}),
    "resize_size": ("Resize", {**IMAGE, "": None, " ": None, "s": ints(1, 4, 0, 5)}),
    "resize_policy": ("Resize", {**IMAGE, "": None, " ": None, "s": ints(1, 4, 10, 10)}, {"keep_aspect_ratio_policy": "square", "_opset": 18}),
    "resize_region": ("Resize", {**IMAGE, "r": floats(4), "s": floats(4)}, {"coordinate_transformation_mode": "tf_crop_and_resize"}),
    "grid_pairs": ("GridSample", {**IMAGE, "g": (F, [1, 5, 5, 3])}),
    "grid_integers": ("GridSample", {"x": (I64, [1, 4, 5, 5]), "g": (F, [1, 5, 5, 2])}),
    "affine_form": ("AffineGrid", {"t": (F, [1, 2, 4]), "s": ints(1, 1, 5, 5)}, {"_opset": 20}),
    "deform_groups": ("DeformConv", {**DEFORMED, "o": (F, [1, 18, 3, 3])}, {"group": 3, "_opset": 19}),
    "deform_window": ("DeformConv", {**DEFORMED, "o": (F, [1, 18, 3, 3])}, {"dilations": [3, 3], "_opset": 19}),
    "deform_offset": ("DeformConv", {**DEFORMED, "o": (F, [1, 17, 3, 3])}, {"_opset": 19}),
    "regions_mode": ("RoiAlign", {**IMAGE, "r": (F, [2, 4]), "i": ints(0, 0)}, {"mode": "least"}),
    "regions_samples": ("RoiAlign", {**IMAGE, "r": (F, [2, 4]), "i": ints(0, 0)}, {"sampling_ratio": 2**62}),
    "transform_none": ("DFT", {**SIGNAL, "n": scalar(0)}, {"axis": 1}),
    "transform_axis": ("DFT", SIGNAL, {"axis": 2}),
    "transform_axes": ("DFT", {**SIGNAL, "": None, "a": ints(0, 1)}, {"_opset": 20}),
    "transform_lengths": ("DFT", {**SIGNAL, "n": ints(8, 8)}),
    "transform_side": ("DFT", {"x": (F, [1, 16, 2])}, {"onesided": 1}),
    "transform_parts": ("DFT", {"x": (F, [1, 16, 3])}),
    "frames": ("STFT", {**SIGNAL, "p": scalar(4), "w": floats(8), "l": scalar(4)}),
    "bands_none": ("MelWeightMatrix", {**MEL, "h": scalar(-1.0)}),
    "bands_beyond": ("MelWeightMatrix", {**MEL, "h": scalar(8000.0)}),
    "instance_scale": ("InstanceNormalization", {**IMAGE, "s": floats(3), "b": floats(3)}),
    "group_channels": ("GroupNormalization", {**IMAGE, **SCALE}, {"num_groups": 3, "_opset": 21}),
    "norm_power": ("LpNormalization", IMAGE, {"p": 3}),
    "response_size": ("LRN", IMAGE, {"size": 0}),
    "recurrent_direction": ("RNN", RECURRENT, {"hidden_size": 4, "direction": "sideways"}),
    "recurrent_activations": ("RNN", RECURRENT, {"hidden_size": 4, "activations": ["Tanh", "Tanh"]}),
    "recurrent_rank": ("RNN", {**RECURRENT, "x": (F, [3, 2])}, {"hidden_size": 4}),
    "blocks_of_scale": ("DequantizeLinear", {"x": (I8, [4, 8]), "s": floats(4, 3)}, {"axis": 1, "block_size": 4, "_opset": 21}),
    "quantized_type": ("QuantizeLinear", {"x": (F, [4, 8]), "s": np.float32(1)}, {"output_dtype": TensorProto.FLOAT8E4M3FN, "_opset": 21}),
    "quantized_shape": ("QuantizeLinear", {"x": (F, [4, 8]), "s": floats(7)}, {"axis": 1, "_opset": 21}),
    "scaler_rank": ("ImageScaler", {"x": (F, [4, 5])}, {"bias": [0.0] * 4, "_opset": 9}),
    "scaler_bias": ("ImageScaler", IMAGE, {"bias": [0.0] * 3, "_opset": 9}),
    "crop_border": ("Crop", IMAGE, {"border": [1, 1], "_opset": 9}),
    "crop_inside": ("Crop", IMAGE, {"border": [0, 3, 0, 3], "_opset": 9}),
}

if __name__ == "__main__":
    sys.exit(main(CASES))
