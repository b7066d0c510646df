#!/usr/bin/env python3
"""Runs ONNX's backend node suite, or a grid of our own, through `mlc check` and prints the conformance figure.

    run.py                  all cases, compared with expected.json; exit status 1 at any difference
    run.py --smoke          a fixed subset with one case of every (core) operator
    run.py --suite=grid     models over grids of attributes (grid.py), with onnxruntime's answers
    run.py --suite=pairs    what a kernel computes by who reads it (pairs.py), with onnxruntime's answers
    run.py --suite=contrib  the same over operators of com.microsoft (contrib.py)
    run.py --filter=conv    the cases whose name matches this regular expression
    run.py --update         rewrites the file of expectations from this run (refuses to list wrong or crashed cases)

expected_<suite>.json is strict both ways: a case listed as passed must pass, one listed as refused must be refused, and a case
that it does not list, or that did not run, is a failure. Crashes and timeouts are never expected, and wrong answers only of the
cases in DECIDED, where onnxruntime and the operator's text contradict the stored answer; these must differ.

Many of ONNX's cases leave operands that decide shapes (the target of Reshape, the axes of a reduction) open as inputs.
Where a case is refused as it stands, `mlc check --bind-shape-inputs` compiles it once more with the stored values of those
inputs as constants; how many passed only so is printed beside the figure.
"""
from __future__ import annotations

import argparse
import collections
import json
import os
import re
import subprocess
import sys
import tempfile
import time

import onnx

import cases as node
import contrib
import grid
import pairs
from decided import DECIDED

HERE = os.path.dirname(os.path.abspath(__file__))
STATUSES = ("passed", "refused", "wrong", "crashed", "timeout")
UNACCEPTABLE = ("wrong", "crashed", "timeout")
OUTSIDE = ("narrow", "training", "sequence", "string", "preview", "image", "ml")
# What a suite collects, the class that its figure counts, and the absolute tolerance: ONNX's own for its own; for sums of
# up to a thousand products some units in the last place of the largest, since near zero nothing else is left of them.
SUITES = {
    "node": (node.collect, "core", ["--atol=1e-7"]),
    "grid": (grid.collect, None, ["--atol=2e-6", "--atol-of-scale"]),
    "pairs": (pairs.collect, None, ["--atol=2e-6", "--atol-of-scale"]),
    "contrib": (contrib.collect, None, ["--atol=2e-6", "--atol-of-scale"]),
}


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mlc", default=os.path.join(HERE, "../../build/bin/mlc"), help="the tool under test")
    parser.add_argument("--suite", choices=SUITES, default="node")
    parser.add_argument("--expected", metavar="FILE", help="expectations other than expected_<suite>.json")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--timeout", type=int, default=60, help="seconds a case may take")
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--filter", default="", help="regular expression for names of cases")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--keep", metavar="DIR", help="write the cases to DIR and leave them there")
    parser.add_argument("--report", metavar="FILE", help="write every result to FILE, as JSON lines")
    arguments = parser.parse_args()
    arguments.expected = arguments.expected or os.path.join(HERE, f"expected_{arguments.suite}.json")
    if arguments.update and (arguments.smoke or arguments.filter):
        parser.error("--update needs the whole suite, without --smoke and --filter")
    return arguments


def select(arguments: argparse.Namespace) -> tuple[list[node.Case], int]:
    """The cases to run, and how many the whole suite has."""
    everything = SUITES[arguments.suite][0]()
    if arguments.suite == "pairs":
        smoke = pairs.smoke(everything)
    else:
        smoke = node.smoke(everything, SUITES[arguments.suite][1])
    chosen = smoke if arguments.smoke else everything
    return [c for c in chosen if re.search(arguments.filter, c.name)], len(everything)


def check(chosen: list[node.Case], folder: str, arguments: argparse.Namespace) -> dict[str, dict]:
    """Runs the tool once over all cases; results by name."""
    for case in chosen:
        node.write(case, folder)
    command = [arguments.mlc, "check", f"--suite={folder}", f"--jobs={arguments.jobs}"]
    command += [f"--timeout={arguments.timeout}", "--bind-shape-inputs", "--rtol=1e-3", *SUITES[arguments.suite][2]]
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout
    results = (json.loads(line) for line in output.splitlines())
    return {result["case"]: result for result in results}


def first_line(result: dict) -> str:
    return result.get("reason", "").strip().split("\n")[0]


def generic(reason: str) -> str:
    """A reason without what differs from case to case: the file, the node, names and numbers."""
    reason = re.sub(r"^.*?\.onnx: ", "", reason)
    reason = re.sub(r"^(node|input|output) '[^']*'( \([^)]*\))?: ", "", reason)
    operator = re.match(r"operator '[^']*'", reason)
    rest = re.sub(r"'[^']*'|\"[^\"]*\"|-?\d+", "*", reason[operator.end() :] if operator else reason)
    return (operator.group() if operator else "") + rest


def print_figure(chosen: list[node.Case], results: dict[str, dict]) -> None:
    rows: dict[str, collections.Counter] = collections.defaultdict(collections.Counter)
    for case in chosen:
        rows[case.kind][results.get(case.name, {}).get("status", "missing")] += 1
    print(f"{'class':10}{'cases':>7}" + "".join(f"{s:>9}" for s in STATUSES) + f"{'missing':>9}{'passed':>9}")
    for kind in sorted(rows, key=lambda k: -sum(rows[k].values())):
        row, total = rows[kind], sum(rows[kind].values())
        counts = "".join(f"{row[s]:>9}" for s in (*STATUSES, "missing"))
        print(f"{kind:10}{total:>7}{counts}{100 * row['passed'] / total:>8.1f}%")


def print_refusals(chosen: list[node.Case], results: dict[str, dict], limit: int = 25) -> None:
    """The reasons that refuse most core cases, with the operators they strike."""
    groups: dict[str, collections.Counter] = collections.defaultdict(collections.Counter)
    for case in chosen:
        result = results.get(case.name)
        if case.kind not in OUTSIDE and result and result["status"] == "refused":
            groups[generic(first_line(result))][case.operator] += 1
    if not groups:
        return
    print("\nrefused, of the cases that count, by reason:")
    for reason, operators in sorted(groups.items(), key=lambda g: -sum(g[1].values()))[:limit]:
        names = ", ".join(f"{name} {count}" for name, count in operators.most_common(6))
        print(f"{sum(operators.values()):>5}  {reason[:110]}\n       {names}{', ...' if len(operators) > 6 else ''}")


def bad_cases(chosen: list[node.Case], results: dict[str, dict]) -> list[str]:
    """One message for each case that is wrong, crashed, too slow, or did not run."""
    messages = []
    for case in chosen:
        result = results.get(case.name)
        if result is None:
            messages.append(f"{case.name}: did not run")
        elif case.name in DECIDED:
            if result["status"] != "wrong":
                messages.append(f"{case.name}: {result['status']}, required: another answer, for it {DECIDED[case.name]}")
        elif result["status"] in UNACCEPTABLE:
            note = result.get("note", "").strip().split("\n")[-1]
            messages.append(f"{case.name}: {result['status']}: {first_line(result)} {note}".rstrip())
    return messages


def compare(chosen: list[node.Case], results: dict[str, dict], total: int, path: str) -> list[str]:
    """One message for each difference from the file of expectations."""
    with open(path, encoding="utf-8") as file:
        expected = json.load(file)
    if expected["onnx"] != onnx.__version__:
        return [f"{os.path.basename(path)} is for onnx {expected['onnx']}, found {onnx.__version__}"]
    messages = []
    if total != expected["cases"]:
        messages.append(f"the suite has {total} cases, required: {expected['cases']}")
    status = dict.fromkeys(expected["passed"], "passed")
    status.update({name: "refused" for names in expected["refused"].values() for name in names})
    for case in chosen:
        found = results.get(case.name, {}).get("status", "missing")
        wanted = status.get(case.name, "unlisted")
        if found in ("passed", "refused") and found != wanted:
            messages.append(f"{case.name}: {found}, expected: {wanted}: {first_line(results[case.name])}")
    return messages


def update(chosen: list[node.Case], results: dict[str, dict], path: str) -> None:
    passed, refused = [], collections.defaultdict(list)
    for case in chosen:
        result = results[case.name]
        if case.name in DECIDED:
            continue
        if result["status"] == "passed":
            passed.append(case.name)
        else:
            refused[f"{case.kind}: {generic(first_line(result))}"].append(case.name)
    data = {"onnx": onnx.__version__, "cases": len(chosen), "passed": passed, "refused": dict(sorted(refused.items()))}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(data, file, indent=1)
        file.write("\n")
    print(f"\nwrote {path}: {len(passed)} passed, {sum(map(len, refused.values()))} refused")


def print_total(chosen: list[node.Case], results: dict[str, dict], name: str) -> None:
    """The figure: how many of the cases that count passed, as they stand and in all."""
    counted = [c for c in chosen if SUITES[name][1] in (None, c.kind)]
    passed = [r for r in (results.get(c.name, {}) for c in counted) if r.get("status") == "passed"]
    bound = sum(r.get("note", "").startswith("bound") for r in passed)
    share = 100 * len(passed) / max(len(counted), 1)
    title = "core numeric" if SUITES[name][1] else name
    print(f"\n{title}: {len(passed)} of {len(counted)} passed ({share:.1f} %), {bound} of them with shape inputs bound")


def main() -> int:
    arguments = parse_arguments()
    start = time.time()
    chosen, total = select(arguments)
    if not chosen:
        sys.exit(f"no case matches '{arguments.filter}'")
    with tempfile.TemporaryDirectory() as temporary:
        results = check(chosen, arguments.keep or temporary, arguments)
    if arguments.report:
        with open(arguments.report, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(r) + "\n" for r in results.values())
    print_figure(chosen, results)
    print_refusals(chosen, results)
    messages = bad_cases(chosen, results)
    if arguments.update and not messages:
        update(chosen, results, arguments.expected)
    elif not arguments.update:
        messages += compare(chosen, results, total, arguments.expected)
    for message in messages:
        print(f"FAIL {message}")
    print_total(chosen, results, arguments.suite)
    print(f"{time.time() - start:.0f} s")
    return 1 if messages else 0


if __name__ == "__main__":
    sys.exit(main())
