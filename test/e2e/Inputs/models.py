"""Compiles every model of test/models that is valid, links it with a C program, runs it, compares with expected/.

    models.py MLC TARGET,... [--precision=bf16] [NAME...]      each TARGET is one of test/parity/engine.py

Targets for which a model is compiled in the same way share its archive. With --precision floats may differ by some units of 8 bits of an output's largest element. Prints a line for each model that is not in order, and the count. Exit status 1 where one is not.
"""
import glob
import os
import sys
import tempfile

import numpy as np

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../.."))
MODELS = os.path.join(ROOT, "test/models")
sys.path[:0] = [os.path.join(ROOT, "test/parity"), MODELS]

import engine  # noqa: E402

# How sizes that a model leaves open are bound; DIMS of references.py says the same to onnxruntime.
BOUND = {
    "dim_dynamic": ({"N": 2, "T": 5}, ()),
    "dim_expressions": ({"N": 2, "T": 5}, ()),
    "dim_open": ({}, ("--dim=x[0]=2",)),
    "dim_unnamed": ({}, ("--shape=x=2x4",)),
    "shape_arithmetic": ({"N": 2}, ()),
}
TOLERANCE = {"f": 1e-5, "e": 1e-2, "d": 1e-12}
# Of an output's largest magnitude, of 8 bits.
NARROW = 0.02
# Pixels, whole numbers that were rounded.
PIXELS = {"ms_images": 2}


def arrays(name: str, kind: str) -> list[np.ndarray]:
    count = len(glob.glob(os.path.join(MODELS, "expected", name, f"{kind}_*.npy")))
    return [np.load(os.path.join(MODELS, "expected", name, f"{kind}_{i}.npy")) for i in range(count)]


def cut(values: list[np.ndarray], outputs: list[dict]) -> list[np.ndarray]:
    """Counted dimensions as long as their counts say; what is behind them must be 0, or -1 of rows of suppression."""
    names = [o["name"] for o in outputs]
    counts = {names.index(d["output"]) for o in outputs for d in o.get("counted", [])}
    for i, output in enumerate(outputs):
        for dim in output.get("counted", []):
            count = int(values[names.index(dim["output"])])
            kept, fill = np.split(values[i], [count], axis=dim["dimension"])
            assert (fill == 0).all() or (fill == -1).all(), f"output {i} has data behind its {count} rows"
            values[i] = kept
    return [v for i, v in enumerate(values) if i not in counts]


def compile_model(mlc: str, target: str, name: str, folder: str, extra: tuple[str, ...]) -> engine.Compiled:
    dims, options = BOUND.get(name, ({}, ()))
    model = os.path.join(MODELS, name + ".onnx")
    return engine.compile_model(mlc, model, name, folder, target, dims, 120, (*options, *extra))


def check(compiled: engine.Compiled, target: str, name: str, extra: tuple[str, ...]) -> None:
    """Raises engine.Failure, or AssertionError where an answer is not what is expected."""
    wanted = arrays(name, "output")
    binary = engine.link(compiled, target)
    inputs = [np.ascontiguousarray(values[None]) for values in arrays(name, "input")]
    outputs = compiled.contract["outputs"]
    types = [w.dtype for w in wanted] + [np.dtype(np.int64)] * (len(outputs) - len(wanted))  # behind them, counts
    shapes = [(1, *o["shape"]) for o in outputs]
    found, report = engine.execute(binary, target, inputs, list(zip(shapes, types)), 120)
    for i, (f, w) in enumerate(zip(cut([f[0] for f in found], outputs), wanted, strict=True)):
        tolerance = TOLERANCE.get(w.dtype.char, 0)
        assert f.shape == w.shape, f"output {i} is {f.shape}, {w.shape} is expected"
        if extra and tolerance:
            finite = np.abs(w[np.isfinite(w)], dtype="f8")
            tolerance = NARROW * max(1e-3, finite.max(initial=0))
        elif extra:
            tolerance = PIXELS.get(name, 0)
        np.testing.assert_allclose(f, w, rtol=0 if extra else tolerance, atol=tolerance, err_msg=f"output {i}")
    if not report["repeats"]:
        raise engine.Failure("another arena gives other bytes")


def failures(mlc: str, targets: list[str], name: str, extra: tuple[str, ...]) -> dict[str, Exception]:
    """What is not in order, by target."""
    failed, made = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for target in targets:
            flags = tuple(engine.TARGETS[target].flags)
            try:
                if flags not in made:
                    made[flags] = compile_model(mlc, target, name, os.path.join(folder, str(len(made))), extra)
                check(made[flags], target, name, extra)
            except (engine.Failure, AssertionError) as error:
                failed[target] = error
    return failed


def main() -> int:
    mlc, listed, *names = sys.argv[1:]
    targets = listed.split(",")
    extra = tuple(word for word in names if word.startswith("--"))
    names = [word for word in names if word not in extra]
    names = names or sorted(os.listdir(os.path.join(MODELS, "expected")))
    failed = dict.fromkeys(targets, 0)
    for name in names:
        for target, error in failures(mlc, targets, name, extra).items():
            failed[target] += 1
            print(f"{name} for {target}: {str(error).strip()}")
    for target in targets:
        print(f"{target}: {len(names) - failed[target]} of {len(names)} models are in order")
    return 1 if any(failed.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
