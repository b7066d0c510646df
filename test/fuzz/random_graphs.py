#!/usr/bin/env python3
"""Compares random graphs of all supported operators with onnxruntime, and shrinks those that do not agree.

    random_graphs.py --count=2000 --seed=1     graphs 1 to 2,000; the same graphs everywhere
    random_graphs.py --smoke                   the first 300: what CI runs
    random_graphs.py --seed=1234 --count=1 --keep=DIR   writes the case below DIR, shrunk where it fails

A verdict is agree, refused (mlc gives a reason), DIFFER, CRASH or HANG. Exit status 1 where a graph differs, crashes or
hangs, or where more than --refusals per cent are refused. --keep leaves failing cases, and with --keep-refused the
refused ones too, as folders that `mlc check DIR/<case>/model.onnx` runs again.
"""
from __future__ import annotations

import argparse
import collections
import os
import sys
import time

from graphs import generate, shrink
from graphs.verdict import FAULTS, Tool, Verdict, check, write

HERE = os.path.dirname(os.path.abspath(__file__))
BATCH = 50
SMOKE = 300


def arguments_of() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mlc", default=os.path.join(HERE, "../../build/bin/mlc"))
    parser.add_argument("--count", type=int, default=SMOKE)
    parser.add_argument("--seed", type=int, default=1, help="the first of consecutive seeds")
    parser.add_argument("--nodes", default="5-40", help="least and most nodes of a graph")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--timeout", type=int, default=20, help="seconds a graph may take")
    parser.add_argument("--memory", type=int, default=4096, help="megabytes of address space a graph may take")
    parser.add_argument("--refusals", type=float, default=3, help="per cent of graphs that may be refused")
    parser.add_argument("--shrink", type=int, default=10, help="at most so many failures are shrunk")
    parser.add_argument("--keep", metavar="DIR", help="leave what fails below DIR")
    parser.add_argument("--keep-refused", action="store_true")
    parser.add_argument("--flag", action="append", default=[], help="a further flag of mlc check")
    parser.add_argument("--empty", action="store_true", help="dimensions of size 0 in all graphs")
    parser.add_argument("--smoke", action="store_true", help=f"the first {SMOKE} graphs")
    return parser.parse_args()


def batches(arguments: argparse.Namespace):
    """Lists of cases; seeds whose answers are in doubt give none."""
    least, most = map(int, arguments.nodes.split("-"))
    seeds = range(arguments.seed, arguments.seed + arguments.count)
    for start in range(0, len(seeds), BATCH):
        cases = [generate.generate(seed, least, most, arguments.empty) for seed in seeds[start:start + BATCH]]
        yield [case for case in cases if case]


def kept(case: generate.Case, verdict: Verdict, folder: str | None) -> None:
    if folder and not os.path.exists(os.path.join(folder, case.name)):
        write(case, folder)
        with open(os.path.join(folder, case.name, "verdict.txt"), "w") as file:
            file.write(f"{verdict.kind} (tolerance {case.tolerance} of the scale): {verdict.reason}\n")


def describe(case: generate.Case, verdict: Verdict) -> str:
    nodes = " ".join(node.op_type for node in case.model.graph.node if node.op_type != "Constant")
    return f"{verdict.kind} {case.name} [{nodes}]: {' '.join(verdict.reason.split())[:400]}"


def main() -> int:
    arguments = arguments_of()
    tool = Tool(arguments.mlc, arguments.jobs, arguments.timeout, arguments.memory, tuple(arguments.flag))
    start, counts, shrunk, nodes = time.time(), collections.Counter(), 0, 0
    for cases in batches(arguments):
        verdicts = check(cases, tool)
        for case in cases:
            verdict = verdicts[case.name]
            counts[verdict.kind] += 1
            nodes += len(case.model.graph.node)
            if verdict.kind in FAULTS or verdict.kind == "refused" and arguments.keep_refused:
                if shrunk < arguments.shrink:
                    shrunk += 1
                    case, verdict = shrink.shrink(case, verdict, tool)
                kept(case, verdict, arguments.keep)
            if verdict.kind != "agree":
                print(describe(case, verdict), flush=True)
    ran = sum(counts.values())
    summary = ", ".join(f"{counts[kind]} {kind}" for kind in ("agree", "refused", *FAULTS))
    print(f"{ran} graphs of {nodes} nodes, {arguments.count - ran} seeds in doubt: {summary}; {time.time() - start:.0f} s")
    faults = sum(counts[kind] for kind in FAULTS)
    if not ran or counts["refused"] > ran * arguments.refusals / 100:
        print(f"FAIL {counts['refused']} of {ran} graphs were refused, at most {arguments.refusals} % may be")
        return 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
