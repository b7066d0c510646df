"""TFLite's answers, which bench/tflite --record wrote, beside what code of mode tflite computes on each target named.

    tflite.py MLC FOLDER TARGET ...
"""
import os
import sys
import tempfile

import numpy as np
import onnx

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../parity"))
import engine  # noqa: E402

# CPUs of this machine.
CPUS = ("x86-64", "x86-64-v3")


def differ(mlc: str, path: str, target: str) -> tuple[int, int]:
    """Elements of a model's results that differ, and all."""
    graph, arrays = onnx.load(path).graph, np.load(path[:-5] + ".npz")
    inputs = [arrays[i.name] for i in graph.input]
    wanted = [arrays[o.name] for o in graph.output]
    flags = ["--arithmetic=tflite"]
    if target in CPUS:
        target, flags = "native", [*flags, f"--cpu={target}"]
    with tempfile.TemporaryDirectory() as out:
        compiled = engine.compile_model(mlc, path, "tflite", out, target, {}, 300, tuple(flags))
        found, _ = engine.execute(engine.link(compiled, target), target, inputs, [(w.shape, w.dtype) for w in wanted], 300)
    return sum(int((f != w).sum()) for f, w in zip(found, wanted)), sum(w.size for w in wanted)


def main() -> int:
    mlc, folder, *targets = sys.argv[1:]
    names = sorted(n[:-5] for n in os.listdir(folder) if n.endswith(".onnx"))
    failed = 0
    for target in targets:
        all_wrong = 0
        for name in names:
            wrong, total = differ(mlc, os.path.join(folder, name + ".onnx"), target)
            all_wrong += wrong
            print(f"{name} {target}: {wrong} of {total} differ")
        print(f"{target}: {len(names)} models, {all_wrong} elements differ")
        failed += all_wrong
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
