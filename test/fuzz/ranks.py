#!/usr/bin/env python3
"""Every input of every operator with another rank: a converter that looks at a dimension asks for it first.

    ranks.py             all of them: some 5,500 models, half a minute
    ranks.py --smoke     every sixteenth: what CI runs

Each case of ONNX's suite and each model of test/models is read with one of its inputs as a scalar, as [1], [2, 2], [0] and with
six dimensions. It is imported or refused; a crash is a failure, and exit status 1.
"""
from __future__ import annotations

import argparse
import collections
import copy
import json
import os
import subprocess
import sys
import tempfile

import onnx

import pipeline

SHAPES = ([], [1], [2, 2], [0], [1] * 6)
BATCH = 500


def with_shape(model: onnx.ModelProto, at: int, shape: list[int]) -> onnx.ModelProto:
    """A copy whose input has the shape; outputs have whatever follows."""
    changed = copy.deepcopy(model)
    tensor = changed.graph.input[at].type.tensor_type
    tensor.shape.Clear()
    tensor.shape.SetInParent()
    for size in shape:
        tensor.shape.dim.add().dim_value = size
    for output in changed.graph.output:
        if output.type.HasField("tensor_type"):
            output.type.tensor_type.ClearField("shape")
    return changed


def cases(step: int):
    """(name, model) once for operators that come with the same inputs."""
    seen, number = set(), 0
    for seed in pipeline.seeds():
        graph = seed.model.graph
        operators = tuple(node.op_type for node in graph.node[:3])
        for at, value in enumerate(graph.input):
            if not value.type.HasField("tensor_type"):
                continue
            for shape in SHAPES:
                key = (operators, len(graph.input), at, len(value.type.tensor_type.shape.dim), tuple(shape))
                if key in seen:
                    continue
                seen.add(key)
                number += 1
                if number % step == 0:
                    yield f"{number:05}-{seed.name[:60]}-{at}-{'x'.join(map(str, shape)) or 'scalar'}", with_shape(seed.model, at, shape)


def check(mlc: str, batch: list, jobs: int) -> collections.Counter:
    with tempfile.TemporaryDirectory() as folder:
        for name, model in batch:
            onnx.save(model, os.path.join(folder, name + ".onnx"))
        command = [mlc, "check", "--import-only", f"--suite={folder}", f"--jobs={jobs}", "--timeout=20", "--memory=4096"]
        output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout
    tally = collections.Counter()
    for result in map(json.loads, output.splitlines()):
        tally[result["status"]] += 1
        if result["status"] not in ("passed", "refused"):
            print(f"{result['status']} {result['case']}: {result.get('reason', '')[:200]}", flush=True)
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mlc", default=os.path.join(pipeline.HERE, "../../build/bin/mlc"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--smoke", action="store_true")
    arguments = parser.parse_args()
    tally, asked, batch = collections.Counter(), 0, []
    for case in cases(16 if arguments.smoke else 1):
        batch.append(case)
        asked += 1
        if len(batch) == BATCH:
            tally += check(arguments.mlc, batch, arguments.jobs)
            batch = []
    if batch:
        tally += check(arguments.mlc, batch, arguments.jobs)
    good = tally["passed"] + tally["refused"]
    print(f"{asked} models with another rank: {tally['passed']} imported, {tally['refused']} refused, {asked - good} failed")
    return 0 if asked and good == asked else 1


if __name__ == "__main__":
    sys.exit(main())
