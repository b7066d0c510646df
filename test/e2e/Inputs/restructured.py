"""Runs graphs as they are and with their channels restructured, and compares what they compute.

    restructured.py FOLDER GRAPH...     GRAPH is an .onnx file, or the seed of a random graph; FOLDER takes files

Prints, for each graph, what restructuring did, or exits with the first difference. mlc and mlc-opt are on the PATH.
"""
import os
import re
import subprocess
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
PASSES = ["--nn-group-convs=move-cost=0", "--nn-fold-shuffles=min-run=1", "--nn-prune-channels", "--nn-simplify"]
COUNTED = {"groups": r"groups = (?!1 )", "shuffles": r"nn\.gather|nn\.transpose", "weights": r"nn\.weights = (\d+)"}


def optimise(source: str, target: str, passes: list[str]) -> str:
    subprocess.run(["mlc-opt", source, "--nn-simplify", "--nn-fuse", *passes, "--nn-count-zeros", "-o", target],
                   check=True)
    with open(target, encoding="utf-8") as file:
        return file.read()


def results(graph: str, names: list[str]) -> list[np.ndarray]:
    files = [f"{graph}.{i}.npy" for i in range(len(names))]
    outputs = [f"--output={name}={file}" for name, file in zip(names, files)]
    subprocess.run(["mlc", "run", graph, "--seed=5", *outputs], check=True, stdout=subprocess.DEVNULL)
    return [np.load(file) for file in files]


def count(what: str, text: str) -> int:
    found = re.findall(COUNTED[what], text)
    return sum(map(int, found)) if what == "weights" else len(found)


def main() -> None:
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    for graph in sys.argv[2:]:
        name, source = os.path.splitext(os.path.basename(graph))[0], graph
        if graph.isdigit():
            source = os.path.join(folder, f"{name}.mlir")
            with open(source, "w", encoding="utf-8") as file:
                subprocess.run([sys.executable, os.path.join(HERE, "random_channels.py"), graph], check=True, stdout=file)
        texts, values = [], []
        for stage, passes in (("plain", []), ("restructured", PASSES)):
            target = os.path.join(folder, f"{name}.{stage}.mlir")
            text = optimise(source, target, passes)
            outputs = re.findall(r'nn\.name = "([^"]*)"', text.split("->", 1)[1].split("\n", 1)[0])
            texts.append(text)
            values.append(results(target, outputs))
        for before, after in zip(*values, strict=True):
            np.testing.assert_allclose(after, before, rtol=1e-4, atol=1e-5 * max(1, np.abs(before).max()), err_msg=name)
        print(f"{name}:", *(f"{what} {count(what, texts[0])} -> {count(what, texts[1])}" for what in COUNTED), sep=" ")


if __name__ == "__main__":
    main()
