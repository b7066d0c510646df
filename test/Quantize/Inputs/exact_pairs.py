"""Sums and products of all pairs of bytes, compiled and run on each target named, against Quantize/Arithmetic.h in mode onnx.

    exact_pairs.py MLC TARGET ...

The answers are computed here as the definitions say, with fused steps in f64 rounded to odd. x86-64 is this machine's first CPU,
which has no instruction for them.
"""
import os
import sys
import tempfile

import numpy as np
import onnx
from onnx import helper, numpy_helper

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../parity"))
import engine  # noqa: E402

# Scales and zero points of a, b and the result. Of the first two, rounding each step of the sum gives other levels.
CASES = [
    ("uint8", ("0x1.71e2ecp-6", 96), ("0x1.334198p-7", 23), ("0x1.58c7d6p-5", 155)),
    ("int8", ("0x1.4ffce0p-1", -10), ("0x1.e58002p-3", -94), ("0x1.19278ap-1", 4)),
    ("int8", ("0x1p-2", 3), ("0x1.8p-1", -7), ("0x1p-1", 1)),
]


def fma(a, b, c) -> np.ndarray:
    """f32 a * b + c, rounded once."""
    product, addend = np.broadcast_arrays(np.float64(a) * np.float64(b), np.float64(c))
    total = product + addend
    back = total - product
    error = (product - (total - back)) + (addend - back)
    bits = np.atleast_1d(total).view(np.int64)
    step = np.where((error > 0) == (total > 0), 1, -1)
    odd = np.where((bits % 2 == 0) & (error != 0), bits + step, bits)
    return odd.view(np.float64).astype(np.float32)


def added(a, b, parameters) -> np.ndarray:
    (sa, za), (sb, zb), (sr, zr) = parameters
    ratio_a, ratio_b = sa / sr, sb / sr
    rest = np.float32(zr) - fma(ratio_a, np.float32(za), ratio_b * np.float32(zb))
    return np.rint(fma(a, ratio_a, fma(b, ratio_b, rest)))


def multiplied(a, b, parameters) -> np.ndarray:
    (sa, za), (sb, zb), (sr, zr) = parameters
    product = ((a.astype("i4") - za) * (b.astype("i4") - zb)).astype("f4")
    return np.rint(product * (sa * sb / sr) + np.float32(zr))


def model(op: str, dtype: np.dtype, parameters, path: str) -> None:
    kind = helper.np_dtype_to_tensor_dtype(dtype)
    constants = []
    for name, (scale, zero) in zip("abr", parameters):
        constants.append(numpy_helper.from_array(scale, f"{name}s"))
        constants.append(numpy_helper.from_array(np.asarray(zero, dtype), f"{name}z"))
    nodes = [helper.make_node("DequantizeLinear", [n, f"{n}s", f"{n}z"], [f"f{n}"]) for n in "ab"]
    nodes += [helper.make_node(op, ["fa", "fb"], ["f"]), helper.make_node("QuantizeLinear", ["f", "rs", "rz"], ["y"])]
    inputs = [helper.make_tensor_value_info(n, kind, [65536]) for n in "ab"]
    graph = helper.make_graph(nodes, "pairs", inputs, [helper.make_tensor_value_info("y", kind, [65536])], constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def found_on(target: str, mlc: str, path: str, inputs: list[np.ndarray]) -> np.ndarray:
    machine, flags = ("native", ("--cpu=x86-64",)) if target == "x86-64" else (target, ())
    with tempfile.TemporaryDirectory() as out:
        compiled = engine.compile_model(mlc, path, "pairs", out, machine, {}, 120, flags)
        shapes = [((1, 65536), inputs[0].dtype)]
        (found,), _ = engine.execute(engine.link(compiled, machine), machine, [x[None] for x in inputs], shapes, 120)
    return found[0]


def main() -> int:
    mlc, *targets = sys.argv[1:]
    failed = 0
    for target in targets:
        for op, define in (("Add", added), ("Mul", multiplied)):
            differ = 0
            for name, *rows in CASES:
                dtype = np.dtype(name)
                every = np.arange(256).astype(np.uint8).view(dtype)
                a, b = np.repeat(every, 256), np.tile(every, 256)
                parameters = [(np.float32(float.fromhex(scale)), zero) for scale, zero in rows]
                if op == "Mul":
                    parameters[2] = (parameters[0][0] * parameters[1][0] * np.float32(60), parameters[2][1])
                bounds = np.iinfo(dtype)
                wanted = np.clip(define(a, b, parameters), bounds.min, bounds.max).astype(dtype)
                with tempfile.TemporaryDirectory() as folder:
                    path = os.path.join(folder, "pairs.onnx")
                    model(op, dtype, parameters, path)
                    differ += int((found_on(target, mlc, path, [a, b]) != wanted).sum())
            failed += differ != 0
            print(f"{op} {target}: {differ} of {len(CASES) * 65536} differ")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
