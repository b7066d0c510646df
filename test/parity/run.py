#!/usr/bin/env python3
"""Compiles models, runs them, and compares with onnxruntime's answers; prints a table, exit status 1 at any failure.

    make_references.py REFERENCES ; run.py REFERENCES [NAME ...]           natively
    run.py REFERENCES --target=aarch64 [NAME ...]                          with the cross compiler, under qemu
    run.py REFERENCES --arithmetic=integer [NAME ...]                      quantised models without floats

An element may differ by rtol * |expected| + atol, where atol is 1e-4 of the output's largest magnitude unless
models.json says otherwise. `max error` is in units of that scale, `of limit` says how much of what is allowed the worst
element took. `arena` is what the library asks for, `/bound` the planned part over its largest live set. A plan of more than 1.03
of that fails, as does a compiler that takes more memory than the `peak_mb` of models.json. `code` is what the code for one CPU
(a mean over the variants) adds to the weights; networks, all of more than 1 MiB of them, fail over 5 %.
"""
from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import tempfile

import numpy as np

import engine
import zoo

COLUMNS = f"{'model':38}{'target':>9}{'max error':>11}{'of limit':>10}{'compile s':>11}{'peak MB':>9}{'arena':>11}{'/bound':>8}{'code':>8}{'run ms':>10}"

# The planned arena over the largest live set: what a better plan could still save.
MAX_OVER_BOUND = 1.03

# Of a network's weights.
MAX_CODE_SHARE = 0.05


def load(folder: str, file: str) -> list[np.ndarray]:
    with np.load(os.path.join(folder, file)) as data:
        return [data[f"arr_{i}"] for i in range(len(data.files))]


def errors(found: np.ndarray, wanted: np.ndarray, row: dict) -> tuple[float, float]:
    """(largest error over scale, largest error over what is allowed); infinite where NaN or infinity do not agree."""
    if found.dtype.kind in "iub":
        return (0.0, 0.0) if np.array_equal(found, wanted) else (np.inf, np.inf)
    a, b = found.astype("f8"), wanted.astype("f8")
    finite = np.isfinite(b)
    if not np.array_equal(a[~finite], b[~finite], equal_nan=True) or not np.isfinite(a[finite]).all():
        return np.inf, np.inf
    if not finite.any():
        return 0.0, 0.0
    difference, scale = np.abs(a[finite] - b[finite]), np.abs(b[finite]).max()
    allowed = row["rtol"] * np.abs(b[finite]) + (row["atol"] if "atol" in row else row["atol_of_scale"] * scale)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(difference == 0, 0, difference / allowed)
    return float(difference.max() / (scale or 1)), float(share.max())


def check(name: str, arguments: argparse.Namespace) -> dict:
    """The row of the table for one model."""
    row = zoo.row(name)
    folder = os.path.join(arguments.references, name)
    with open(os.path.join(folder, "meta.json"), encoding="utf-8") as file:
        meta = json.load(file)
    inputs, wanted = load(folder, "inputs.npz"), load(folder, "outputs.npz")
    with tempfile.TemporaryDirectory() as temporary:
        out = os.path.join(arguments.keep, name, arguments.target) if arguments.keep else temporary
        compiled = engine.compile_model(
            arguments.mlc,
            meta["model"],
            name,
            out,
            arguments.target,
            row.get("dims", {}),
            arguments.timeout,
            (f"--arithmetic={arguments.arithmetic}", *zoo.bindings(row)),
        )
        binary = engine.link(compiled, arguments.target)
        shapes = [(w.shape, w.dtype) for w in wanted]
        found, report = engine.execute(binary, arguments.target, inputs, shapes, arguments.timeout)
    per_output = [errors(f, w, row) for f, w in zip(found, wanted)]
    return {
        "error": max(e for e, _ in per_output),
        "share": max(s for _, s in per_output),
        "compile": compiled.seconds,
        "peak": compiled.peak_bytes,
        "arena": report["arena"],
        "bound": compiled.memory["ratio"],
        "peak_limit": row["peak_mb"] * 2**20,
        "code": compiled.contract["memory"]["code_bytes"] / len(compiled.contract["target"]["variants"]),
        "weights": compiled.contract["memory"]["weights_bytes"],
        "is_network": name in zoo.TABLE["nets"],
        "milliseconds": report["best_seconds"] * 1e3,
        "repeats": report["repeats"],
    }


def guarded(name: str, arguments: argparse.Namespace) -> dict:
    try:
        return check(name, arguments)
    except (engine.Failure, OSError, KeyError, ValueError) as error:
        return {"failure": f"{type(error).__name__}: {error}"}


def code_share(result: dict) -> float:
    """The code over the weights."""
    return result["code"] / max(result["weights"], 1)


def describe(name: str, target: str, result: dict) -> tuple[str, bool]:
    """The line of the table, and whether the model is in order."""
    if "failure" in result:
        return f"{name:38}{target:>9}  FAIL {result['failure']}", False
    line = (
        f"{name:38}{target:>9}{result['error']:>11.2e}{result['share']:>10.2%}{result['compile']:>11.1f}"
        f"{result['peak'] / 2**20:>9.0f}{result['arena']:>11}{result['bound']:>8.3f}{code_share(result):>8.1%}{result['milliseconds']:>10.2f}"
    )
    if result["share"] > 1:
        return line + "  FAIL beyond tolerance", False
    if result["bound"] > MAX_OVER_BOUND:
        return line + f"  FAIL arena over {MAX_OVER_BOUND} of its bound", False
    if result["is_network"] and code_share(result) > MAX_CODE_SHARE:
        return line + f"  FAIL code over {MAX_CODE_SHARE:.0%} of the weights", False
    if result["peak"] > result["peak_limit"]:
        return line + f"  FAIL the compiler took over {result['peak_limit'] / 2**20:.0f} MB", False
    if not result["repeats"]:
        return line + "  FAIL another arena gives other bytes", False
    return line, True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("references", help="what make_references.py wrote")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--mlc", default=os.path.join(engine.ROOT, "build/bin/mlc"))
    parser.add_argument("--target", choices=engine.TARGETS, default="native")
    parser.add_argument("--arithmetic", default="onnx", help="of quantised models: onnx, integer or tflite")
    parser.add_argument("--timeout", type=int, default=900, help="seconds for each step of a model")
    parser.add_argument("--keep", metavar="DIR", help="leave libraries and programs in DIR")
    parser.add_argument("--json", metavar="FILE", help="write the table's numbers to FILE")
    arguments = parser.parse_args()
    print(COLUMNS)
    results, failed = {}, []
    for name in zoo.names(arguments.names):
        # A process of its own, so that the peak of its children is this model's alone.
        with multiprocessing.Pool(1) as pool:
            results[name] = pool.apply(guarded, (name, arguments))
        line, good = describe(name, arguments.target, results[name])
        failed += [] if good else [name]
        print(line, flush=True)
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)
    print(f"{len(results) - len(failed)} of {len(results)} agree" + (f"; not {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
