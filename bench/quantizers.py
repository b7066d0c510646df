"""One quantisation by another tool, in the Python that has it: what bench/quantize runs.

    quantizers.py TOOL FLOAT.onnx CALIBRATION.npz OUT.onnx

Each as its documentation says for ONNX files and CNNs: QDQ, per channel, all samples of the calibration. A tool that fails per
channel is tried per tensor, and says so on a line of standard output.
"""
from __future__ import annotations

import importlib
import os
import sys

import numpy as np
import onnx
import onnx.version_converter


def input_name(model: onnx.ModelProto) -> str:
    constants = {tensor.name for tensor in model.graph.initializer}
    return next(value.name for value in model.graph.input if value.name not in constants)


def rows(path: str, model: onnx.ModelProto) -> list[dict]:
    """A feed for each sample."""
    name = input_name(model)
    return [{name: row[None]} for row in np.load(path)[name]]


def modern(source: str) -> onnx.ModelProto:
    """The model at an opset with per-channel quantisation, where it can be brought there."""
    model = onnx.load(source)
    opset = max(item.version for item in model.opset_import if item.domain in ("", "ai.onnx"))
    if opset >= 13:
        return model
    return onnx.version_converter.convert_version(model, 13)


def with_onnxruntime(source: str, calibration: str, target: str, calibrator: str) -> None:
    from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType
    from onnxruntime.quantization.shape_inference import quant_pre_process

    # The package has a function of this name, too.
    tool = importlib.import_module("onnxruntime.quantization.quantize")
    if calibrator == "Entropy":
        # Its default of 128 bins is one a level: the same as MinMax.
        create = tool.create_calibrator

        def with_bins(*arguments, extra_options=None, **others):
            return create(*arguments, extra_options={**(extra_options or {}), "num_bins": 2048}, **others)

        tool.create_calibrator = with_bins

    class Samples(CalibrationDataReader):
        def __init__(self) -> None:
            self.feeds = iter(rows(calibration, onnx.load(source)))

        def get_next(self) -> dict | None:
            return next(self.feeds, None)

    prepared = target + ".prepared"
    onnx.save(modern(source), prepared)
    quant_pre_process(prepared, prepared, skip_symbolic_shape=True)
    for per_channel in (True, False):
        try:
            tool.quantize_static(
                prepared,
                target,
                Samples(),
                quant_format=QuantFormat.QDQ,
                per_channel=per_channel,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                calibrate_method=getattr(CalibrationMethod, calibrator),
            )
            break
        except Exception as error:
            if not per_channel:
                raise
            print(f"per tensor: {type(error).__name__}")
    os.remove(prepared)


def with_nncf(source: str, calibration: str, target: str) -> None:
    import nncf

    model = modern(source)
    feeds = rows(calibration, model)
    quantized = nncf.quantize(model, nncf.Dataset(feeds), subset_size=len(feeds), target_device=nncf.TargetDevice.CPU)
    onnx.save(quantized, target)


def with_inc(source: str, calibration: str, target: str) -> None:
    from neural_compressor import PostTrainingQuantConfig, quantization

    model = modern(source)
    feeds = rows(calibration, model)

    class Samples:
        batch_size = 1

        def __iter__(self):
            for feed in feeds:
                yield next(iter(feed.values())), 0

    config = PostTrainingQuantConfig(approach="static", quant_format="QDQ", calibration_sampling_size=[len(feeds)])
    quantized = quantization.fit(model, config, calib_dataloader=Samples())
    quantized.save(target)


def main() -> None:
    tool, source, calibration, target = sys.argv[1:5]
    if tool.startswith("onnxruntime-"):
        names = {"minmax": "MinMax", "entropy": "Entropy", "percentile": "Percentile"}
        with_onnxruntime(source, calibration, target, names[tool.split("-")[1]])
    elif tool == "nncf":
        with_nncf(source, calibration, target)
    else:
        with_inc(source, calibration, target)


if __name__ == "__main__":
    main()
