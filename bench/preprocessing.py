#!/usr/bin/env python3
"""What pre-processing in the library costs: preprocessing.py MODEL [INPUT] [--rounds=N] [--seconds=S] [--mlc=PATH] [mlc's options]

Compiles the model of an image as it is, and for images of bytes as programs have them, and runs each in turns with
`mlc bench`; of each the best of all rounds counts, since other processes only ever make it slower. Prints a table: the arena
in bytes, milliseconds, and both relative to the model as it is.
"""
import argparse
import json
import os
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NORMAL = "scale=1/255,mean=0.485/0.456/0.406,std=0.229/0.224/0.225"
VARIANTS = {
    "floats, planes, normalised by the program": "",
    "bytes as they are": "u8,nchw",
    "bytes, `nhwc,bgr`, normalised": f"u8,nhwc,bgr,{NORMAL}",
    "the same, of 480x640": f"u8,nhwc,bgr,{NORMAL},size=480x640",
}


def run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("input", nargs="?", default="x")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--mlc", default=os.path.join(ROOT, "build/bin/mlc"))
    args, options = parser.parse_known_args()
    arena, best = {}, dict.fromkeys(VARIANTS, float("inf"))
    flags = {name: [f"--io={args.input}:{parts}"] if parts else [] for name, parts in VARIANTS.items()}
    with tempfile.TemporaryDirectory() as folder:
        for name in VARIANTS:
            run([args.mlc, "compile", args.model, "-q", "-o", folder, "--prefix=net", "--cpu=native", *flags[name], *options])
            with open(os.path.join(folder, "net.json"), encoding="utf-8") as file:
                arena[name] = json.load(file)["memory"]["arena_bytes"]
        report = os.path.join(folder, "bench.json")
        for _ in range(args.rounds):
            for name in VARIANTS:
                run([args.mlc, "bench", args.model, "-q", f"--seconds={args.seconds}", f"--json={report}", *flags[name], *options])
                with open(report, encoding="utf-8") as file:
                    best[name] = min(best[name], json.load(file)["best_ms"])
    first = next(iter(VARIANTS))
    print("| what the program hands over | arena | | ms | |\n|---|---|---|---|---|")
    for name in VARIANTS:
        more, slower = arena[name] / arena[first] - 1, best[name] / best[first] - 1
        print(f"| {name} | {arena[name]:,} | {more:+.1%} | {best[name]:.3f} | {slower:+.1%} |")


if __name__ == "__main__":
    main()
