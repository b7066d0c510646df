"""What mlc compress makes of the labelled tasks: a Pareto table of each.

    bench/compress                                      # every task; an hour
    bench/compress kws cifar10_resnet8 --max-drop=0.5 --keep=FOLDER

Samples of --eval choose among candidates and the others of the task's samples give the scores: every second one each. Nothing
that is scored ever calibrates. Asked of each task is a candidate that is 4 times smaller and 2.5 times faster than the model in f32
and keeps the drop, and one of several steps that keeps it and is smaller or faster than all of one step; behind the table stands
what is not there, and the exit status is then 1. --keep goes on with the candidates of the last time.
"""
from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import onnx

from quantize_tasks import SHARED, TASKS

HERE = os.path.dirname(os.path.abspath(__file__))
SMALLER, FASTER = 4, 2.5


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench/compress", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tasks", nargs="*", help=f"of {', '.join(TASKS)}; default: all")
    parser.add_argument("--max-drop", type=float, default=0.5, help="points of percent (0.5)")
    parser.add_argument("--samples", type=int, default=256, help="that calibrate, at most (256)")
    parser.add_argument("--options", default="", help="more options of mlc compress, separated by spaces")
    parser.add_argument("--keep", metavar="FOLDER", help="keep candidates there")
    parser.add_argument("--mlc", default=os.path.join(HERE, "../build/bin/mlc"))
    arguments = parser.parse_args()
    for name in arguments.tasks:
        if name not in TASKS:
            parser.error(f"no task '{name}'")
    return arguments


def write_samples(task: str, folder: str, most: int) -> str:
    """Samples that calibrate, that choose and that are scored; the model's path."""
    data = TASKS[task].load()
    path = os.path.join(SHARED, "models", data.model + ".onnx")
    graph = onnx.load(path, load_external_data=False).graph
    name = next(i.name for i in graph.input if i.name not in {tensor.name for tensor in graph.initializer})
    step = max(1, len(data.calibration) // most)
    np.savez(os.path.join(folder, "calibration.npz"), **{name: data.calibration[::step][:most]})
    for stem, first in (("eval", 0), ("test", 1)):
        np.savez(os.path.join(folder, stem + ".npz"), **{name: data.test[first::2], "labels": data.labels[first::2]})
    return path


def compress(task: str, folder: str, arguments: argparse.Namespace) -> dict:
    os.makedirs(folder, exist_ok=True)
    model = write_samples(task, folder, arguments.samples)
    out = os.path.join(folder, "out")
    command = [arguments.mlc, "compress", model, f"--calibration={folder}/calibration.npz", f"--eval={folder}/eval.npz",
               f"--data={folder}/test.npz", f"--max-drop={arguments.max_drop}", f"-o={out}", *arguments.options.split()]
    done = subprocess.run(command)
    if done.returncode not in (0, 3):
        sys.exit(f"{task}: status {done.returncode}")
    with open(os.path.join(out, "report.json")) as file:
        return json.load(file)


def misses(report: dict, drop: float) -> list[str]:
    base, *others = report["candidates"]
    good = [c for c in others if c["drop"] is not None and c["drop"] <= drop]
    single = [c for c in good if "+" not in c["recipe"]]
    missing = []
    if not any(c["flash_bytes"] * SMALLER <= base["flash_bytes"] and c["best_ms"] * FASTER <= base["best_ms"] for c in good):
        missing.append(f"none is {SMALLER} times smaller and {FASTER} times faster")
    if not any("+" in c["recipe"] and all(c["flash_bytes"] < s["flash_bytes"] or c["best_ms"] < s["best_ms"] for s in single)
               for c in good):
        missing.append("no two steps reach what one alone does not")
    return missing


def main() -> int:
    arguments = parse_arguments()
    if not os.path.isdir(f"{SHARED}/data"):
        print("bench/compress: no folder of models and data; MLC_SHARED names it", file=sys.stderr)
        return 1
    status = 0
    for task in arguments.tasks or TASKS:
        print(f"== {task}, at most {arguments.max_drop} points lost", flush=True)
        with tempfile.TemporaryDirectory() as temporary:
            folder = os.path.join(os.path.abspath(arguments.keep), task) if arguments.keep else temporary
            report = compress(task, folder, arguments)
        for text in misses(report, arguments.max_drop):
            print(f"MISSED {task}: {text}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
