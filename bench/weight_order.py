"""Times models by a library for several CPUs, whose weights are in one order for all and in each CPU's own.

    bench/weight-order int8.onnx                          code for AVX2 beside AVX-512 VNNI, as the former
    bench/weight-order a.onnx b.onnx --cpu x86-64-v4,x86-64-v2 --variants x86-64-v2 --rounds 9

A model has one input. In a round the program of each library runs once, one after the other, pinned to one core, with the code of a
variant (bench/driver.c, BENCH_VARIANT); the best of all rounds counts. A ratio is the time with --weight-order=own over that with shared:
below 1, own is faster; `rounds` are the least and the largest ratio of a round. `size` is the share that constants of own have of those of
shared. Integers must give the same bits: the exit status is 1 where the outputs differ and the model has no float products, which
--floats leaves unchecked.
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

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..")


def execute(command: list[str], **environment: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})
    if done.returncode:
        sys.exit(f"bench/weight-order: {' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


class Library:
    """A model compiled one way, as a program."""

    def __init__(self, arguments: argparse.Namespace, model: str, order: str, folder: str):
        self.folder, self.seconds = os.path.join(folder, order), arguments.seconds
        flags = [f"--cpu={arguments.cpu}", f"--weight-order={order}", "--batch=1", "--threads=1", "--prefix=net", "-q"]
        execute([arguments.mlc, "compile", model, "-o", self.folder, *flags])
        with open(os.path.join(self.folder, "net.json"), encoding="utf-8") as text:
            self.size = json.load(text)["memory"]["weights_bytes"]
        flags = ["-std=c11", "-O2", "-pthread", "-DBENCH_MODEL=net_model", "-I", os.path.join(ROOT, "runtime/include")]
        files = [os.path.join(HERE, "driver.c"), os.path.join(ROOT, "runtime/src/threads.c"), os.path.join(self.folder, "libnet.a")]
        self.program = os.path.join(self.folder, "net")
        execute([os.environ.get("CC", "cc"), *flags, *files, "-o", self.program])

    def time_once(self, variant: str, source: str) -> float:
        core = str(max(os.sched_getaffinity(0)))
        command = ["taskset", "-c", core, self.program, source, self.program + ".out", str(self.seconds)]
        return min(json.loads(execute(command, BENCH_VARIANT=variant))["ms"])

    def output(self) -> bytes:
        with open(self.program + ".out", "rb") as file:
            return file.read()


def write_input(model: str, path: str) -> None:
    """Bytes at random, or floats from -1 to 1."""
    graph = onnx.load(model, load_external_data=False).graph
    constants = {each.name for each in graph.initializer}
    kind = next(each for each in graph.input if each.name not in constants).type.tensor_type
    size = int(np.prod([max(1, dim.dim_value) for dim in kind.shape.dim]))
    random, dtype = np.random.default_rng(0), onnx.helper.tensor_dtype_to_np_dtype(kind.elem_type)
    values = random.uniform(-1, 1, size) if dtype.kind == "f" else random.integers(np.iinfo(dtype).min, np.iinfo(dtype).max + 1, size)
    values.astype(dtype).tofile(path)


def compare(arguments: argparse.Namespace, model: str, folder: str) -> int:
    source, wrong = os.path.join(folder, "input"), 0
    write_input(model, source)
    shared, own = (Library(arguments, model, order, folder) for order in ("shared", "own"))
    for variant in arguments.variants.split(","):
        times = [[each.time_once(variant, source) for each in (shared, own)] for _ in range(arguments.rounds)]
        best = np.min(times, axis=0)
        ratios = [after / before for before, after in times]
        isSame = shared.output() == own.output()
        wrong += not isSame and not arguments.floats
        print(f"{os.path.basename(model)[:27]:28}{variant:16}{best[0]:10.3f}{best[1]:10.3f}{best[1] / best[0]:8.2f}"
              f"{min(ratios):8.2f} to{max(ratios):5.2f}{own.size / shared.size:7.2f}  {'same' if isSame else 'other'} bits", flush=True)
    return wrong


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("bench/weight-order", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", metavar="MODEL", help="ONNX files of one input")
    parser.add_argument("--cpu", default="x86-64-v4+vnni,x86-64-v3", help="of the libraries")
    parser.add_argument("--variants", default="x86-64-v3", help="of these, whose code runs")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1, help="of a run")
    parser.add_argument("--floats", action="store_true", help="outputs may differ, as sums of floats do")
    parser.add_argument("--mlc", default=os.path.join(ROOT, "build/bin/mlc"))
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error("--rounds of 1 or more is required")
    return arguments


def main() -> int:
    arguments, wrong = parse_arguments(), 0
    print(f"{'model':28}{'variant':16}{'shared ms':>10}{'own ms':>10}{'ratio':>8}{'rounds':>16}{'size':>7}", flush=True)
    for model in arguments.models:
        with tempfile.TemporaryDirectory() as folder:
            wrong += compare(arguments, model, folder)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
