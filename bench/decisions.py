"""Times networks with one decision of mlc taken the other way, beside the default: what that decision is worth.

    bench/decisions                                      all networks
    bench/decisions --nets resnet50,alexnet --rounds 3

In a round, `mlc bench` runs each variant once, one after the other, pinned to one core (two for two threads); the best of all rounds
counts. A figure is the variant's time over the default's: above 1, the default is the faster one.
"""
from __future__ import annotations

import argparse
import json
import os
import sys

import compare
import engines

# Of `mlc bench`; and the cores to pin it to.
DEFAULT = ("default", ["--threads=1"], 1)
VARIANTS = [
    ("direct only", ["--threads=1", "--max-ulp=0"], 1),
    ("no chains", ["--threads=1", "--stream=false"], 1),
    ("f16 weights", ["--threads=1", "--fc-weights=f16"], 1),
    ("two threads", ["--threads=2"], 2),
]


def time_once(model: str, flags: list[str], cores: list[int], arguments: argparse.Namespace) -> float:
    """The best run, in milliseconds."""
    report = os.path.join(arguments.work, "decision.json")
    command = [arguments.mlc, "bench", model, "-q", f"--cpu={arguments.cpu}", f"--json={report}", *flags]
    engines.execute(engines.pinned(cores, command), 600)
    with open(report, encoding="utf-8") as file:
        return json.load(file)["best_ms"]


def main() -> int:
    arguments = compare.tool_parser("decisions", __doc__, rounds=2).parse_args()
    os.makedirs(arguments.work, exist_ok=True)
    names = compare.chosen(arguments.nets, compare.known_networks(arguments.folder), "network")
    cores = sorted(os.sched_getaffinity(0), reverse=True)
    variants = [v for v in VARIANTS if v[2] <= len(cores)]
    print(f"{'network':22}{'ms':>9}" + "".join(f"{name:>13}" for name, _, _ in variants), flush=True)
    ratios: list[list[float]] = []
    for name in names:
        model = compare.fill(name, arguments.folder, arguments.work)
        best = [float("inf")] * (1 + len(variants))
        for _ in range(arguments.rounds):
            for i, (_, flags, threads) in enumerate([DEFAULT, *variants]):
                best[i] = min(best[i], time_once(model, flags, cores[:threads], arguments))
        ratios.append([time / best[0] for time in best[1:]])
        print(f"{name:22}{best[0]:9.2f}" + "".join(f"{ratio:13.2f}" for ratio in ratios[-1]), flush=True)
    means = [compare.geometric_mean(list(column)) for column in zip(*ratios)]
    print(f"{'geometric mean':31}" + "".join(f"{mean:13.2f}" for mean in means))
    return 0


if __name__ == "__main__":
    sys.exit(main())
