"""Runs a model with floats at its edge and with --io, and compares: io.py MLC io.mlir FOLDER."""
import subprocess
import sys

import numpy as np

mlc, model, folder = sys.argv[1:]


def run(tag: str, inputs: dict[str, np.ndarray], outputs: list[str], *flags: str) -> dict[str, np.ndarray]:
    command = [mlc, "run", model, *flags]
    for name, value in inputs.items():
        np.save(f"{folder}/{tag}_{name}.npy", value)
        command.append(f"--input={name}={folder}/{tag}_{name}.npy")
    command += [f"--output={name}={folder}/{tag}_{name}.npy" for name in outputs]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return {name: np.load(f"{folder}/{tag}_{name}.npy") for name in outputs}


def main() -> int:
    random = np.random.default_rng(1)
    stored = random.integers(0, 256, (2, 3)).astype("u1")
    plain = random.integers(0, 256, (2, 3)).astype("u1")
    half = random.normal(size=(2, 3)).astype("f2")
    small = random.integers(-128, 128, (2, 3)).astype("i1")
    same = {"ids": np.int64([1, 200]), "mask": np.bool_([True, False])}
    floats = run("floats", {"x": (stored - np.float32(131)) * np.float32(0.5), "plain": plain.astype("f4"),
                            "both": half.astype("f4"), **same}, ["y", "sum", "next"])
    narrow = run("narrow", {"x": stored, "plain": plain, "both": half, "ids": np.uint8([1, 200]), "mask": same["mask"]},
                 ["y", "sum", "next"], "--io=x:u8", "--io=y:i8", "--io=plain:u8", "--io=both:f16", "--io=ids:u8",
                 "--io=next:i32", "--io=sum:i16,scale=0.25,zero=7")
    np.testing.assert_array_equal(narrow["y"] * np.float32(0.25), floats["y"])
    assert narrow["y"].dtype == np.int8 and narrow["next"].dtype == np.int32 and narrow["sum"].dtype == np.int16
    np.testing.assert_array_equal(narrow["next"], floats["next"])
    np.testing.assert_array_equal(narrow["sum"], np.rint(floats["sum"] / np.float32(0.25)) + 7)
    # The same scale for a tensor that is read as it is, too.
    given = run("given", {"x": floats["y"] .reshape(2, 3), "plain": plain.astype("f4"), "both": small, **same}, ["sum"],
                "--io=both:i8,scale=0.5,zero=3")
    want = run("want", {"x": floats["y"].reshape(2, 3), "plain": plain.astype("f4"),
                        "both": (small - np.float32(3)) * np.float32(0.5), **same}, ["sum"])
    np.testing.assert_array_equal(given["sum"], want["sum"])
    return 0


sys.exit(main())
