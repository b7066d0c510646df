"""Runs a model's scores through softmax, sigmoid and top_k, and compares with numpy: scores.py MLC net.mlir FOLDER."""
import subprocess
import sys

import numpy as np

mlc, model, folder = sys.argv[1:]


def run(flat: np.ndarray, outputs: list[str], *flags: str) -> list[np.ndarray]:
    np.save(f"{folder}/flat.npy", flat)
    command = [mlc, "run", model, f"--input=flat={folder}/flat.npy", *flags]
    command += [f"--output={name}={folder}/{name}.npy" for name in outputs]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return [np.load(f"{folder}/{name}.npy") for name in outputs]


def main() -> int:
    flat = np.float32([[1, -2, 0.5, -2, 3], [0, 0, -1, 4, -1]])
    scores = -flat  # what the model makes of it
    order = np.argsort(-scores, axis=1, kind="stable")
    power = np.exp(scores.astype("f8"))
    softmax = power / power.sum(1, keepdims=True)
    sigmoid = 1 / (1 + np.exp(-scores.astype("f8")))
    for k in (1, 2, 5):
        for function, wanted in (("softmax", softmax), ("sigmoid", sigmoid), ("", scores)):
            option = f"--io=scores:{function},top_k={k}" if function else f"--io=scores:top_k={k}"
            values, classes = run(flat, ["scores", "scores_indices"], option)
            assert classes.dtype == np.int32 and (classes == order[:, :k]).all(), (option, classes)
            np.testing.assert_allclose(values, np.take_along_axis(wanted, order[:, :k], 1), rtol=1e-6)
    (values,) = run(flat, ["scores"], "--io=scores:softmax")
    np.testing.assert_allclose(values, softmax, rtol=1e-6)
    return 0


sys.exit(main())
