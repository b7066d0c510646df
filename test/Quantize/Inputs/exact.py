"""A quantised convolution, compiled and run on each target named, against the definitions of Quantize/Arithmetic.h.

    exact.py MLC MODEL TARGET ..."""
import os
import sys
import tempfile

import numpy as np
import onnx
from onnx import numpy_helper

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../parity"))
import engine  # noqa: E402

SAMPLES = 200


def accumulators(x: np.ndarray, constants: dict) -> np.ndarray:
    """Sums of products for 3x3 windows with one element of padding, which holds the zero point."""
    centred = np.pad(x.astype("i8") - int(constants["xz"]), [(0, 0), (0, 0), (1, 1), (1, 1)])
    windows = np.lib.stride_tricks.sliding_window_view(centred, (3, 3), axis=(2, 3))
    sums = np.einsum("ncijyx,ocyx->noij", windows, constants["w_q"].astype("i8"))
    return sums + constants["b"].astype("i8")[:, None, None]


def onnx_mode(acc: np.ndarray, constants: dict) -> np.ndarray:
    scale = (constants["xs"] * constants["w_s"]) / constants["ys"]
    assert scale.dtype == np.float32
    return np.rint(acc.astype("f4") * scale[:, None, None]).astype("i8")


def integer_mode(acc: np.ndarray, constants: dict) -> np.ndarray:
    real = constants["xs"].astype("f8") * constants["w_s"].astype("f8") / constants["ys"].astype("f8")
    mantissa, exponent = np.frexp(real)
    multiplier = np.floor(np.ldexp(mantissa, 31) + 0.5).astype("i8")[:, None, None]
    shift = (31 - exponent).astype("i8")[:, None, None]
    return (acc * multiplier + (np.int64(1) << (shift - 1))) >> shift


def main() -> int:
    mlc, path, *targets = sys.argv[1:]
    constants = {t.name: numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer}
    # Bytes at random, and images of the extremes.
    x = np.random.default_rng(9).integers(0, 256, (SAMPLES, 1, 2, 5, 5), dtype=np.uint8)
    x[0], x[1] = 0, 255
    acc = accumulators(x[:, 0], constants)
    failed = 0
    for arithmetic, define in (("onnx", onnx_mode), ("integer", integer_mode)):
        wanted = np.clip(define(acc, constants) + int(constants["yz"]), 0, 255).astype(np.uint8)
        for target in targets:
            with tempfile.TemporaryDirectory() as out:
                compiled = engine.compile_model(mlc, path, "exact", out, target, {}, 120, (f"--arithmetic={arithmetic}",))
                shapes = [((SAMPLES, 4, 5, 5), np.dtype(np.uint8))]
                (found,), _ = engine.execute(engine.link(compiled, target), target, [x], shapes, 120)
            differ = int((found != wanted).sum())
            failed += differ != 0
            print(f"{arithmetic} {target}: {differ} of {found.size} differ")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
