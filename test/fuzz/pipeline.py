#!/usr/bin/env python3
"""Mutants of models through the whole compiler, and what compiles through a run: each ends in a result or a located refusal.

    pipeline.py --count=5000 --seed=7     any number, of any seed; `seed` and a mutant's number make its bytes
    pipeline.py --smoke                   a fixed few: what CI runs
    pipeline.py --only=NAME --keep=DIR    leaves the mutants whose name contains NAME below DIR, to look at a failure

Seeds are the models of test/models and the node cases of ONNX's backend suite, which have every operator. A third of the
mutants has damaged bytes (corpus.py), two thirds a damaged structure (mutate.py). `mlc check --suite --try` compiles and
runs each in a process of its own, forked from one that has started already, under limits of time and memory.

Verdicts: ran (it compiled and ran), compiled (its inputs are too large to make up values in the time), refused (a message
that says where), CRASH (a signal, an internal error, or no memory left), HANG (not done in time), SILENT (no message, or one
that does not say where). Exit status 1 at any of the last three.
"""
from __future__ import annotations

import argparse
import collections
import glob
import json
import os
import subprocess
import sys
import tempfile
import time
import zlib

import onnx

import corpus
import mutate
import run

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../conformance"))
import cases as node_cases  # noqa: E402

LARGEST_SEED = 40000
BATCH = 250
BAD = ("CRASH", "HANG", "SILENT")


class Seed:
    """A model to make mutants of, and values of its inputs where they are known."""

    def __init__(self, name: str, model: onnx.ModelProto, values: list):
        self.name, self.model, self.values = name, model, values
        self.data = model.SerializeToString(deterministic=True)
        self.parts = corpus.structure(self.data)

    def mutant(self, number: int, seed: int) -> tuple[str, bytes]:
        own = zlib.crc32(f"{self.name}/{number}/{seed}".encode())
        if own % 3 == 0:
            kind, data = corpus.mutate(self.data, self.parts, own)
        else:
            kind, data = mutate.mutate(self.model, self.values, own)
        return f"{number:06}-{self.name}-{kind}"[:120], data


def seeds() -> list[Seed]:
    """All of them, in an order that depends on nothing but the models."""
    found = []
    for path in sorted(glob.glob(os.path.join(HERE, "../models/*.onnx"))):
        if os.path.getsize(path) <= LARGEST_SEED and not os.path.basename(path).startswith("external"):
            found.append(Seed(os.path.basename(path)[:-5], onnx.load(path), []))
    for case in node_cases.collect():
        if case.model.ByteSize() <= LARGEST_SEED:
            found.append(Seed(case.name, case.model, case.inputs))
    return found


def verdict(result: dict) -> tuple[str, str]:
    """(verdict, why) of one line of `mlc check`."""
    status, reason, note = (result.get(k, "") for k in ("status", "reason", "note"))
    if status == "passed":
        return ("compiled" if "values are made up" in note else "ran"), ""
    if status == "timeout":
        return "HANG", reason
    if status != "refused":
        return "CRASH", f"{reason}: {' '.join(note.split())[:400]}"
    complaint = run.complaint(result)
    return ("SILENT", complaint) if complaint else ("refused", reason)


def check(mutants: list[tuple[str, bytes]], arguments: argparse.Namespace, folder: str) -> list[dict]:
    for name, data in mutants:
        with open(os.path.join(folder, name + ".onnx"), "wb") as file:
            file.write(data)
    command = [arguments.mlc, "check", "--try", f"--suite={folder}", f"--jobs={arguments.jobs}",
               f"--timeout={arguments.timeout}", f"--memory={arguments.memory}"]
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout
    return [json.loads(line) for line in output.splitlines()]


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mlc", default=os.path.join(HERE, "../../build/bin/mlc"))
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="the number of the first mutant")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--timeout", type=int, default=20, help="seconds a model may take")
    parser.add_argument("--memory", type=int, default=4096, help="megabytes of address space a model may take; 0: all")
    parser.add_argument("--smoke", action="store_true", help="as --count=150 --seed=0")
    parser.add_argument("--only", default="", help="the mutants whose name contains this")
    parser.add_argument("--keep", metavar="DIR", help="leave the mutants below DIR")
    parser.add_argument("--failures", metavar="DIR", help="keep the mutants that fail in DIR")
    arguments = parser.parse_args()
    if arguments.smoke:
        arguments.count, arguments.seed, arguments.first = 150, 0, 0
    return arguments


def main() -> int:
    arguments = parse_arguments()
    start, tally, failures = time.time(), collections.Counter(), 0
    sources = seeds()
    numbers = range(arguments.first, arguments.first + arguments.count)
    for begin in range(0, len(numbers), BATCH):
        # A stride that is coprime to the number of seeds visits all of them, in few mutants as in many.
        batch = [sources[n * 389 % len(sources)].mutant(n, arguments.seed) for n in numbers[begin : begin + BATCH]]
        batch = [(name, data) for name, data in batch if arguments.only in name]
        if not batch:
            continue
        with tempfile.TemporaryDirectory() as temporary:
            folder = os.path.join(arguments.keep or temporary, f"{begin // BATCH:04}")
            os.makedirs(folder, exist_ok=True)
            results = check(batch, arguments, folder)
        tally["asked"] += len(batch)
        for result in results:
            kind, why = verdict(result)
            tally[kind] += 1
            if kind not in BAD:
                continue
            failures += 1
            print(f"{kind} {result['case']}: {why}", flush=True)
            if arguments.failures:
                os.makedirs(arguments.failures, exist_ok=True)
                with open(os.path.join(arguments.failures, result["case"] + ".onnx"), "wb") as file:
                    file.write(dict(batch)[result["case"]])
    ran = sum(tally[k] for k in ("ran", "compiled", "refused", *BAD))
    if ran != tally["asked"] or not ran:
        failures += 1
        print(f"FAIL {ran} mutants have a result, required: {tally['asked'] or arguments.count}")
    counts = ", ".join(f"{tally[k]} {k}" for k in ("ran", "compiled", "refused", *BAD))
    print(f"{ran} mutants of {len(sources)} models, seed {arguments.seed}: {counts}; {time.time() - start:.0f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
