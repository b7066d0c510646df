"""Lists the operators that fall short of what the machine does.

    bench/floor                                  f32 kernels of 10 MMAC and more below 85 % of the peak, one thread
    bench/floor --nets resnet50 --mmac 1         smaller ones too
    bench/floor --cpu x86-64-v3                  the code of a CPU with AVX2
    bench/floor --threads 2                      the operators that lose most of a speed-up of 1.8 by a second thread

An operator's time is the best of all rounds of `mlc bench`. `of peak` leaves out what falls into padding and what epilogues
compute; Winograd convolutions, which do less than they count, are not listed. `GB/s` is what the operator reads and writes once
each, for comparison with the memory's bandwidth. Of equal layers the slowest is shown.
"""
from __future__ import annotations

import argparse
import json
import os
import sys

import compare
import engines


def parse_arguments() -> argparse.Namespace:
    parser = compare.tool_parser("floor", __doc__, rounds=2)
    parser.add_argument("--threads", type=int, choices=[1, 2], default=1)
    parser.add_argument("--mmac", type=float, default=10, help="of the smallest layer, in millions (default: 10)")
    parser.add_argument("--floor", type=float, default=0.85, help="share of the peak (default: 0.85)")
    parser.add_argument("--top", type=int, default=6, help="operators a network with --threads 2 (default: 6)")
    return parser.parse_args()


def best_report(model: str, threads: int, arguments: argparse.Namespace) -> dict:
    """The report of `mlc bench` with the best times of all rounds."""
    file = os.path.join(arguments.work, "floor.json")
    cores = sorted(os.sched_getaffinity(0), reverse=True)[:threads]
    best: dict = {}
    for _ in range(arguments.rounds):
        command = [arguments.mlc, "bench", model, "-q", f"--cpu={arguments.cpu}", f"--json={file}", f"--threads={threads}"]
        engines.execute(engines.pinned(cores, command), 600)
        with open(file, encoding="utf-8") as text:
            report = json.load(text)
        if not best:
            best = report
            continue
        best["best_ms"] = min(best["best_ms"], report["best_ms"])
        for ours, other in zip(best["operators"], report["operators"]):
            ours["ms"] = min(ours["ms"], other["ms"])
    return best


def describe(operator: dict) -> str:
    return f"{operator['kernel']:10} {operator['detail'] or operator['node']}"


def below_floor(report: dict, arguments: argparse.Namespace) -> dict[str, tuple]:
    """By description: share of the peak, milliseconds, GB/s and how many layers are alike."""
    found: dict[str, tuple] = {}
    for operator in report["operators"]:
        multiplies = operator["nominal_operations"] / 2e6
        if multiplies < arguments.mmac or operator["kernel"] == "winograd" or operator["element"] != "f32":
            continue
        share = operator["operations"] / operator["ms"] / 1e6 / report["peak_gflops"]
        if share >= arguments.floor:
            continue
        line = (share, operator["ms"], operator["bytes"] / operator["ms"] / 1e6)
        known = found.get(describe(operator))
        found[describe(operator)] = (*min(line, known[:3] if known else line), known[3] + 1 if known else 1)
    return found


def show_floor(name: str, model: str, arguments: argparse.Namespace) -> int:
    report = best_report(model, 1, arguments)
    found = below_floor(report, arguments)
    for text, (share, ms, rate, count) in sorted(found.items(), key=lambda item: item[1]):
        print(f"{name:22}{share:7.0%}{ms:9.3f}{rate:8.1f}{count:4}  {text}", flush=True)
    return len(found)


def show_speedup(name: str, model: str, arguments: argparse.Namespace) -> int:
    one, two = (best_report(model, threads, arguments) for threads in (1, 2))
    print(f"{name}: {one['best_ms']:.3f} ms, {two['best_ms']:.3f} ms, {one['best_ms'] / two['best_ms']:.2f}x")
    losses: dict[str, list[float]] = {}
    for a, b in zip(one["operators"], two["operators"]):
        entry = losses.setdefault(describe(a), [0.0, 0.0, 0.0])
        for i, term in enumerate((b["ms"] - a["ms"] / 1.8, a["ms"], b["ms"])):
            entry[i] += term
    for text, (loss, a, b) in sorted(losses.items(), key=lambda item: -item[1][0])[: arguments.top]:
        if loss > 0:
            print(f"  {loss:8.3f} ms lost: {a:8.3f} -> {b:8.3f}  {text}", flush=True)
    return 0


def main() -> int:
    arguments = parse_arguments()
    os.makedirs(arguments.work, exist_ok=True)
    names = compare.chosen(arguments.nets, compare.known_networks(arguments.folder), "network")
    show = show_floor if arguments.threads == 1 else show_speedup
    if arguments.threads == 1:
        print(f"{'network':22}{'of peak':>7}{'ms':>9}{'GB/s':>8}{'':4}  layer")
    found = sum([show(name, compare.fill(name, arguments.folder, arguments.work), arguments) for name in names])
    if arguments.threads == 1:
        print(f"{found} below {arguments.floor:.0%}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
