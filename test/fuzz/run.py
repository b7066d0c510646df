#!/usr/bin/env python3
"""Feeds 2,000 damaged models to the importer: each must import or be refused with a located message, in bounded time.

    run.py                         from the models of $MLC_SHARED (or `shared` beside the checkout), else from test/models
    run.py --smoke                 100 of them
    run.py --only=NAME --keep=DIR  writes the models whose name contains NAME below DIR, to look at a failure

The corpus is fixed: see corpus.py. Exit status 1 where a model crashes the importer, takes too long, or is refused
without saying where.
"""
from __future__ import annotations

import argparse
import collections
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
import time

import corpus

HERE = os.path.dirname(os.path.abspath(__file__))
LOCATED = re.compile(r"\.onnx\b|^loc\(|node '", re.MULTILINE)


def source_models() -> list[str]:
    shared = os.environ.get("MLC_SHARED") or os.path.join(HERE, "../../../shared")
    found = glob.glob(os.path.join(shared, "models", "*.onnx"))
    return sorted(found or glob.glob(os.path.join(HERE, "../models", "*.onnx")))


def import_all(mutants: list[tuple[str, bytes]], folder: str, arguments: argparse.Namespace) -> list[dict]:
    """One result per mutant, from one run of the tool."""
    for name, data in mutants:
        with open(os.path.join(folder, name + ".onnx"), "wb") as file:
            file.write(data)
    command = [arguments.mlc, "check", "--import-only", f"--suite={folder}", f"--jobs={arguments.jobs}"]
    command += [f"--timeout={arguments.timeout}", f"--memory={arguments.memory}"]
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout
    return [json.loads(line) for line in output.splitlines()]


def complaint(result: dict) -> str:
    """Why a result is not acceptable, or nothing."""
    if result["status"] == "passed":
        return ""
    reason = result.get("reason", "").strip()
    if result["status"] != "refused":
        return f"{result['status']}: {reason} {result.get('note', '').strip()[-300:]}"
    if not reason:
        return "refused without a message"
    return "" if LOCATED.search(reason) else f"the message does not say where: {reason}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mlc", default=os.path.join(HERE, "../../build/bin/mlc"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--timeout", type=int, default=20, help="seconds a model may take")
    parser.add_argument("--memory", type=int, default=4096, help="megabytes of address space a model may take")
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--only", default="", help="the mutants whose name contains this")
    parser.add_argument("--keep", metavar="DIR", help="leave the mutants below DIR")
    arguments = parser.parse_args()
    start, count = time.time(), 100 if arguments.smoke else 2000
    statuses, failures, ran, wanted = collections.Counter(), [], 0, 0
    for batch, mutants in enumerate(corpus.make(source_models(), count)):
        mutants = [m for m in mutants if arguments.only in m[0]]
        wanted += len(mutants)
        if not mutants:
            continue
        with tempfile.TemporaryDirectory() as temporary:
            # A folder a batch: all that is in one runs.
            folder = os.path.join(arguments.keep or temporary, f"{batch:02}")
            os.makedirs(folder, exist_ok=True)
            results = import_all(mutants, folder, arguments)
        ran += len(results)
        statuses.update(r["status"] for r in results)
        failures += [f"{r['case']}: {complaint(r)}" for r in results if complaint(r)]
    for failure in failures:
        print(f"FAIL {failure}")
    if ran != wanted or not wanted:
        failures.append("count")
        print(f"FAIL {ran} models ran, required: {wanted or count}")
    summary = ", ".join(f"{n} {status}" for status, n in statuses.most_common())
    print(f"{ran} damaged models: {summary}; {len(failures)} failures, {time.time() - start:.0f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
