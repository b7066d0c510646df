#!/usr/bin/env python3
"""Runs models through onnxruntime and stores inputs and outputs, for parity and accuracy checks.

    make_references.py OUT [NAME ...]     models and networks by name, a group ("models", "nets"), or all

Writes, for each, OUT/NAME/inputs.npz and OUT/NAME/outputs.npz: one array per input and output, keyed by position,
samples along the first axis; and OUT/NAME/meta.json: names, shapes, the model's file. Needs onnxruntime.
"""
from __future__ import annotations

import argparse
import json
import os

import numpy as np
import onnxruntime

import zoo

DTYPES = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(int8)": np.int8,
    "tensor(uint8)": np.uint8,
    "tensor(bool)": np.bool_,
}


def open_session(path: str, row: dict) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.add_session_config_entry("session.x64quantprecision", "1")  # else sums saturate where a CPU has no VNNI
    if not row.get("optimize", True):
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def bound_shape(shape: list, dims: dict[str, int], what: str) -> list[int]:
    missing = [d for d in shape if not isinstance(d, int) and d not in dims]
    if missing:
        raise SystemExit(f"{what}: dimension '{missing[0]}' has no size in models.json")
    return [d if isinstance(d, int) else dims[d] for d in shape]


def make(name: str, out: str, shared: str) -> None:
    row = zoo.row(name)
    path = zoo.model_file(name, shared, out)
    session = open_session(path, row)
    samples, dims = row["samples"], row.get("dims", {})
    inputs, shapes = [], []
    bound = {key: np.asarray(value) for key, value in row.get("values", {}).items()}
    open_inputs = [value for value in session.get_inputs() if value.name not in bound]
    for value in open_inputs:
        shape = row.get("shapes", {}).get(value.name, value.shape)
        shapes.append(bound_shape(shape, dims, f"{name}: {value.name}"))
        spec = row.get("feeds", {}).get(value.name, row["feed"])
        inputs.append(zoo.feed(spec, shapes[-1], np.dtype(DTYPES[value.type]), samples, f"{name}/{value.name}", shared))
    keys = [value.name for value in open_inputs]
    fed = [{key: np.asarray(values[i]) for key, values in zip(keys, inputs)} for i in range(samples)]
    runs = [session.run(None, {**bound, **one}) for one in fed]
    outputs = [np.stack(values) for values in zip(*runs)]
    folder = os.path.join(out, name)
    os.makedirs(folder, exist_ok=True)
    np.savez(os.path.join(folder, "inputs.npz"), *inputs)
    np.savez(os.path.join(folder, "outputs.npz"), *outputs)
    meta = {
        "model": os.path.abspath(path),
        "inputs": keys,
        "outputs": [value.name for value in session.get_outputs()],
        "shapes": shapes,
        "onnxruntime": onnxruntime.__version__,
    }
    with open(os.path.join(folder, "meta.json"), "w", encoding="utf-8") as file:
        json.dump(meta, file, indent=1)
    scales = ", ".join(f"{np.abs(o.astype('f8')).max():.3g}" for o in outputs)
    print(f"{name}: {samples} samples, outputs up to {scales}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--shared", default=zoo.default_shared(), help="folder with models/, nets/ and data/")
    arguments = parser.parse_args()
    for name in zoo.names(arguments.names):
        make(name, arguments.out, os.path.abspath(arguments.shared))


if __name__ == "__main__":
    main()
