"""Quantises a float network by onnxruntime's own tool, for bench/compare --precision int8.

    quantize_onnx.py FLOAT.onnx INPUT.npy OUT.onnx

QDQ with unsigned activations and signed weights, per channel, calibrated by min-max on the given input and on noise of its
shape: what a user gets who follows onnxruntime's documentation.
"""
from __future__ import annotations

import os
import sys

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process


class Samples(CalibrationDataReader):
    """The input, and one more."""

    def __init__(self, name: str, data: np.ndarray):
        noise = np.random.RandomState(0).standard_normal(data.shape).astype("f4")
        self.feeds = iter([{name: data}, {name: noise}])

    def get_next(self) -> dict | None:
        return next(self.feeds, None)


def main() -> None:
    source, data, target = sys.argv[1:4]
    prepared = target + ".prepared"
    quant_pre_process(source, prepared, skip_symbolic_shape=True)
    model = onnx.load(prepared)
    constants = {tensor.name for tensor in model.graph.initializer}
    name = next(value.name for value in model.graph.input if value.name not in constants)
    quantize_static(
        prepared,
        target + ".partial",
        Samples(name, np.load(data)),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )
    os.remove(prepared)
    os.replace(target + ".partial", target)


if __name__ == "__main__":
    main()
