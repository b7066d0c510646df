"""Checks the shape of generated code for CPUs that need not be there: from the listing, and by llvm-mca's models.

    bench/shape                                  every kernel, epilogue and CPU of bench/shape.json
    bench/shape --first                          with each kernel's first epilogue only
    bench/shape --targets avx2,neon --cases 3x3

Each kernel is compiled as users get it, and its innermost loops are read from llvm-objdump's listing. The main loop is the
one with most accumulators. What is checked, each against a bar of shape.json:

    stack    accesses to the stack in the main loop, for each multiply-add: 0, nothing is spilled
    borders  the same of the worst other loop, which computes borders or remainders, or transforms: at most 0.3
    loads    loads of the main loop for each multiply-add: what the target's narrowest tile implies, or the case's own bar
    mca      what the main loop reaches of the multiply-adds that each CPU model can start; memory is taken to be in cache

A target may have flags and bars of its own, and some of the cases only; a case some of the targets. Exceptions are rows of shape.json, each with its reason and a bar of its own. The exit status is 1 if a kernel misses a bar, or
has no such loop.
"""
from __future__ import annotations

import argparse
import fnmatch
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import onnx

import assembly
import shape_models

HERE = os.path.dirname(os.path.abspath(__file__))
# More is better of this one.
SHARE = "mca"
ITERATIONS = 100


class Failure(Exception):
    """A step that did not work, in one line."""


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench/shape", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--targets", default="all", help="names of shape.json, or all (default)")
    parser.add_argument("--cases", default="all", help="names of shape.json, or all (default)")
    parser.add_argument("--first", action="store_true", help="only the first epilogue of each case")
    parser.add_argument("--table", default=os.path.join(HERE, "shape.json"))
    parser.add_argument("--mlc", default=os.path.join(HERE, "../build/bin/mlc"))
    parser.add_argument("--json", default=None, help="file for the measurements")
    return parser.parse_args()


def tool(name: str) -> str:
    """Of the LLVM that mlc is built with: other releases have other models."""
    for candidate in (name + "-22", name):
        if path := shutil.which(candidate):
            return path
    raise Failure(f"{name} is not there")


def execute(command: list[str], text: str | None = None) -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=300)
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines() or [f"exit status {done.returncode}"]
        raise Failure(f"{os.path.basename(command[0])}: {lines[0][:200]}")
    return done.stdout


def cycles(target: dict, model: str, body: list[str]) -> float:
    """Of one iteration, as llvm-mca has it."""
    command = [tool("llvm-mca"), "-mtriple=" + target["triple"], "-mcpu=" + model, f"-iterations={ITERATIONS}", "-json"]
    report = json.loads(execute(command, "\n".join([".L0:", *body, ""])))
    return report["CodeRegions"][0]["SummaryView"]["TotalCycles"] / ITERATIONS


@functools.lru_cache(maxsize=None)
def peak(triple: str, model: str, instruction: str, chains: int) -> float:
    """Instructions of a kind that the model can start in a cycle, if none waits for another."""
    body = [instruction.format(i) for i in range(chains)]
    return len(body) / cycles({"triple": triple}, model, body)


def share(target: dict, model: str, loop: assembly.Loop) -> float:
    """The main loop's multiply-adds in a cycle, of those that the model can start."""
    body = [re.sub(r"^(j\w+|b\S*) 0x\w+$", r"\1 .L0", assembly.text_of(i)) for i in loop.body]
    return loop.work / cycles(target, model, body) / peak(target["triple"], model, target["multiply_add"], target["chains"])


def per_work(count: int, loop: assembly.Loop) -> float:
    return count / loop.work


@dataclass
class Measurement:
    """One kernel with one epilogue for one target."""

    target: str
    case: str
    epilogue: str
    values: dict[str, float] = field(default_factory=dict)
    about: dict[str, int] = field(default_factory=dict)
    failure: str = ""

    @property
    def name(self) -> str:
        return f"{self.target}, {self.case}, {self.epilogue}"


def listing(target: dict, case: dict, epilogue: str, mlc: str, folder: str) -> str:
    """The disassembled library of the kernel."""
    model = os.path.join(folder, "net.onnx")
    onnx.save(shape_models.build(case, epilogue), model)
    cpu = ["--cpu=" + target["cpu"], "--target=" + target["triple"]]
    execute([mlc, "compile", model, "-q", "-o", folder, "--threads=1", *cpu, *target.get("flags", []), *case.get("flags", [])])
    return execute([tool("llvm-objdump"), "-d", "--no-show-raw-insn", os.path.join(folder, "libnet.a")])


def measure(target: dict, case: dict, epilogue: str, mlc: str) -> Measurement:
    result = Measurement(target["name"], case["name"], epilogue)
    architecture = assembly.ARCHITECTURES[target["triple"].split("-")[0]]
    try:
        with tempfile.TemporaryDirectory() as folder:
            found = assembly.loops(listing(target, case, epilogue, mlc, folder), architecture)
        if not found:
            raise Failure("no loop that computes on vectors of floats")
        loop = assembly.main_loop(found)
        others = [per_work(len(other.stack), other) for other in found if other is not loop]
        result.values = {
            "stack": per_work(len(loop.stack), loop),
            "borders": max(others, default=0.0),
            "loads": per_work(loop.loads, loop),
        }
        # The models know multiply-adds; maxima and sums of pooling wait for memory anyway.
        if target["models"] and loop.arithmetic:
            result.values[SHARE] = min(share(target, model, loop) for model in target["models"])
        result.about = {"loops": len(found), "work": loop.work, "accumulators": loop.accumulators}
    except (Failure, subprocess.TimeoutExpired) as error:
        result.failure = str(error)
    return result


def tile_loads(target: dict) -> float:
    """Loads for each multiply-add of the target's narrowest tile; a vector of `lanes` pixels is one load."""
    rows, vectors = target["tile"]
    return (rows / target["lanes"] + vectors) / (rows * vectors)


class Bars:
    """What each measurement is held to."""

    def __init__(self, table: dict):
        self.table = table
        self.targets = {row["name"]: row for row in table["targets"]}
        self.cases = {row["name"]: row for row in table["cases"]}

    def exception(self, of: Measurement, metric: str) -> dict | None:
        def matches(row: dict) -> bool:
            names = ((of.target, "targets"), (of.case, "cases"), (of.epilogue, "epilogues"))
            return row["metric"] == metric and all(
                any(fnmatch.fnmatchcase(name, pattern) for pattern in row.get(key, ["*"])) for name, key in names
            )

        return next(filter(matches, self.table["exceptions"]), None)

    def bar(self, of: Measurement, metric: str) -> float:
        if row := self.exception(of, metric):
            return row["bar"]
        own = self.cases[of.case].get(metric, self.targets[of.target].get(metric))
        if own is None and metric == "loads":
            return tile_loads(self.targets[of.target])
        return self.table["bars"][metric] if own is None else own

    def misses(self, of: Measurement) -> list[str]:
        if of.failure:
            return [of.failure]
        result = []
        for metric, value in of.values.items():
            bar = self.bar(of, metric)
            if value < bar - 0.005 if metric == SHARE else value > bar + 0.005:
                direction = "least" if metric == SHARE else "most"
                result.append(f"{metric} {value:.2f}, at {direction} {bar:.2f} is required")
        return result


def line(of: Measurement, missed: bool) -> str:
    cells = [f"{of.values[m]:9.2f}" if m in of.values else f"{'-':>9}" for m in ("stack", "borders", "loads", SHARE)]
    about = [f"{of.about.get(key, 0):6}" for key in ("loops", "work", "accumulators")]
    head = f"{of.target:12}{of.case:20}{of.epilogue:10}"
    return head + "".join(about) + "".join(cells) + ("  MISSED" if missed else "")


def chosen(wanted: str, rows: list[dict], what: str) -> list[dict]:
    if wanted == "all":
        return rows
    names = wanted.split(",")
    known = [row["name"] for row in rows]
    for name in names:
        if name not in known:
            sys.exit(f"bench/shape: no {what} '{name}'; known are {', '.join(known)}")
    return [row for row in rows if row["name"] in names]


def jobs(arguments: argparse.Namespace, table: dict) -> list[tuple[dict, dict, str]]:
    return [
        (target, case, epilogue)
        for target in chosen(arguments.targets, table["targets"], "target")
        for case in chosen(arguments.cases, table["cases"], "case")
        for epilogue in case["epilogues"][: 1 if arguments.first else None]
        if case["name"] in target.get("cases", [case["name"]]) and target["name"] in case.get("targets", [target["name"]])
    ]


def main() -> int:
    arguments = parse_arguments()
    with open(arguments.table, encoding="utf-8") as file:
        table = json.load(file)
    bars, missed, results = Bars(table), [], []
    print(f"{'target':12}{'kernel':20}{'epilogue':10} loops  work  accu    stack  borders    loads      mca")
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for result in pool.map(lambda job: measure(*job, arguments.mlc), jobs(arguments, table)):
            results.append(result)
            misses = bars.misses(result)
            missed += [f"{result.name}: {miss}" for miss in misses]
            print(line(result, bool(misses)), flush=True)
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump([vars(result) for result in results], file, indent=1)
    print(*missed, sep="\n", end="\n" if missed else "")
    print(f"{len(results)} kernels, {len(missed)} bars missed, {len(table['exceptions'])} exceptions in the table")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
