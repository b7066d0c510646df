#!/usr/bin/env python3
"""Classifies labelled data with compiled models and compares with the accuracies that onnxruntime reaches.

    accuracy.py [NAME ...] [--target=aarch64] [--arithmetic=integer] [--samples=N]

One process per model runs all samples. Exit status 1 where a model stays below its number in models.json, rounded to
a tenth of a percent as that is. With --samples the first N are run, and the bar is what onnxruntime gets on those.
"""
from __future__ import annotations

import argparse
import os
import sys
import tempfile

import numpy as np

import engine
import make_references
import zoo


def reference_percent(model: str, row: dict, inputs: np.ndarray, labels: np.ndarray) -> float:
    session = make_references.open_session(model, row)
    key = session.get_inputs()[0].name
    predictions = [session.run(None, {key: sample})[0].argmax() for sample in inputs]
    return 100 * float(np.mean(np.array(predictions) == labels))


def classify(name: str, arguments: argparse.Namespace) -> tuple[float, float, int]:
    """(percent right, percent required, samples) of one model."""
    row, labelled = zoo.row(name), zoo.TABLE["labelled"][name]
    model = zoo.model_file(name, arguments.shared, arguments.shared)
    session = make_references.open_session(model, row)
    source, sink = session.get_inputs()[0], session.get_outputs()[0]
    dims = row.get("dims", {})
    shape = make_references.bound_shape(source.shape, dims, name)
    labels = zoo.stored(labelled["data"], arguments.shared)["labels"]
    samples = min(arguments.samples or len(labels), len(labels))
    dtype = np.dtype(make_references.DTYPES[source.type])
    inputs = zoo.feed(row["feeds"][source.name], shape, dtype, samples, name, arguments.shared)
    labels = labels[:samples]
    with tempfile.TemporaryDirectory() as out:
        options = (f"--arithmetic={arguments.arithmetic}", *zoo.bindings(row))
        compiled = engine.compile_model(
            arguments.mlc, model, name, out, arguments.target, dims, arguments.timeout, options
        )
        binary = engine.link(compiled, arguments.target)
        outputs = [((samples, sink.shape[-1]), np.dtype(np.float32))]
        (scores,), _ = engine.execute(binary, arguments.target, [inputs], outputs, arguments.timeout)
    required = reference_percent(model, row, inputs, labels) if arguments.samples else labelled["percent"]
    return 100 * float(np.mean(scores.argmax(axis=1) == labels)), required, samples


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--shared", default=zoo.default_shared())
    parser.add_argument("--mlc", default=os.path.join(engine.ROOT, "build/bin/mlc"))
    parser.add_argument("--target", choices=engine.TARGETS, default="native")
    parser.add_argument("--samples", type=int, default=0)
    parser.add_argument("--arithmetic", default="onnx", help="of quantised models: onnx, integer or tflite")
    parser.add_argument("--timeout", type=int, default=900)
    arguments = parser.parse_args()
    failed = 0
    for name in arguments.names or zoo.TABLE["labelled"]:
        try:
            percent, required, samples = classify(name, arguments)
            good = round(percent, 1) >= round(required, 1)
            text = f"{percent:6.2f} % of {samples}, required: {required:.1f} %"
        except engine.Failure as failure:
            good, text = False, str(failure)
        failed += not good
        print(f"{name:38} {text}{'' if good else '  FAIL'}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
