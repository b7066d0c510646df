"""Measures the error of activations in generated code, in units in the last place.

    bench/ulp                               the CPU variants that this machine runs, and what qemu emulates
    bench/ulp --targets x86-64-v3 --samples 26
    bench/ulp --samples 32                  all floats: a day

One model of all activations is compiled, linked and run as a user would, on 2^SAMPLES floats spread over all bit patterns, and
on zeros, infinities, NaN and the largest and smallest floats. Two errors are measured against the C library's doubles:

    ulp      |error| over the distance of floats around the exact result, for arguments within what the second column says:
             beyond it the result is next to 0, the small rest of a difference. 0.5 is the best there is.
    scale    the same with the distance of floats around the largest of result, argument and 2^-126, for all arguments of at
             least that magnitude. Smaller ones may be taken as 0.

The exit status is 1 where an error is beyond its bar (ACTIVATIONS below), or what becomes of a special argument is wrong.
"""
from __future__ import annotations

import argparse
import math
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import Callable

import numpy as np
import onnx
from onnx import TensorProto, helper

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
# Floats of one run.
CHUNK = 1 << 18
SMALLEST = np.float32(2.0**-126)

Doubles = np.ndarray
erf = np.frompyfunc(math.erf, 1, 1)
erfc = np.frompyfunc(math.erfc, 1, 1)


def sigmoid(x: Doubles) -> Doubles:
    return np.where(x < 0, np.exp(np.minimum(x, 0)) / (1 + np.exp(np.minimum(x, 0))), 1 / (1 + np.exp(-np.maximum(x, 0))))


def softplus(x: Doubles) -> Doubles:
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def gelu(x: Doubles) -> Doubles:
    return 0.5 * x * erfc(-x / math.sqrt(2)).astype("f8")


def gelu_tanh(x: Doubles) -> Doubles:
    bounded = np.clip(x, -1e3, 1e3)
    return x * sigmoid(2 * math.sqrt(2 / math.pi) * (bounded + 0.044715 * bounded**3))


@dataclass(frozen=True)
class Activation:
    """One node, what it computes in doubles, and the bars of its errors; `ulp` is that of arguments from `low` to `high`."""

    name: str
    exact: Callable[[Doubles], Doubles]
    low: float
    high: float
    ulp: float
    scale: float
    attributes: tuple = ()

    @property
    def operator(self) -> str:
        return self.name.split()[0]


EVERY = math.inf
ACTIVATIONS = [
    Activation("Sigmoid", sigmoid, -87, EVERY, 3, 3),
    Activation("Tanh", np.tanh, -EVERY, EVERY, 6, 5),
    Activation("Erf", lambda x: erf(x).astype("f8"), -EVERY, EVERY, 5, 4),
    Activation("SiLU", lambda x: x * sigmoid(x), -87, EVERY, 3, 3),
    Activation("Gelu", gelu, -1, EVERY, 6, 3),
    Activation("Gelu (tanh)", gelu_tanh, -1, EVERY, 7, 4, (("approximate", "tanh"),)),
    Activation("HardSigmoid", lambda x: np.clip(np.float32(0.2) * x + 0.5, 0, 1), -2, EVERY, 2, 1),
    Activation("HardSwish", lambda x: x * np.clip(x / 6 + 0.5, 0, 1), -2.5, EVERY, 4, 2),
    Activation("Mish", lambda x: x * np.tanh(softplus(x)), -87, EVERY, 7, 6),
    Activation("Softplus", softplus, -87, EVERY, 3, 3),
    Activation("Softsign", lambda x: x / (1 + np.abs(x)), -EVERY, EVERY, 2, 2),
    Activation("Elu", lambda x: np.where(x < 0, np.expm1(np.minimum(x, 0)), x), -EVERY, EVERY, 3, 3),
    Activation("Exp", np.exp, -87, EVERY, 5, 5),
    Activation("Log", np.log, 2.0**-126, EVERY, 2, 2),
]


def model(count: int) -> onnx.ModelProto:
    """All activations of one vector, one row each."""
    nodes, names = [], []
    for row in ACTIVATIONS:
        names.append(row.name)
        if row.operator == "SiLU":
            nodes.append(helper.make_node("Sigmoid", ["x"], ["sigmoid"]))
            nodes.append(helper.make_node("Mul", ["x", "sigmoid"], [row.name]))
        else:
            nodes.append(helper.make_node(row.operator, ["x"], [row.name], **dict(row.attributes)))
    nodes.append(helper.make_node("Concat", names, ["y"], axis=0))
    value = helper.make_tensor_value_info
    inputs = [value("x", TensorProto.FLOAT, [1, count])]
    outputs = [value("y", TensorProto.FLOAT, [len(names), count])]
    graph = helper.make_graph(nodes, "ulp", inputs, outputs)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)


@dataclass(frozen=True)
class Target:
    """What code is generated for, and how it is linked and run here."""

    name: str
    flags: tuple[str, ...]
    compiler: tuple[str, ...]
    run: tuple[str, ...] = ()

    def is_there(self) -> bool:
        return all(shutil.which(program) for program in (self.compiler[0], *self.run[:1]))


def host_variants() -> list[str]:
    """Those of x86-64 that this machine runs."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        flags = set(file.read().split())
    needs = {"x86-64-v4": {"avx512f", "avx512vl", "avx512bw", "avx512dq"}, "x86-64-v3": {"avx2", "fma"}, "x86-64-v2": {"sse4_2"}}
    return [name for name, wanted in needs.items() if wanted <= flags]


def known_targets() -> list[Target]:
    cc = (os.environ.get("CC", "cc"),)
    result = [Target(name, ("--cpu=" + name,), cc) for name in host_variants()]
    for name, triple, qemu in (("aarch64", "aarch64-linux-gnu", "qemu-aarch64"), ("armv7", "arm-linux-gnueabihf", "qemu-arm")):
        target = "armv7-linux-gnueabihf" if name == "armv7" else triple
        flags = ("--target=" + target, "--cpu=cortex-a15" if name == "armv7" else "--cpu=generic")
        result.append(Target(name, flags, (triple + "-gcc",), (qemu, "-L", "/usr/" + triple)))
    return [target for target in result if target.is_there()]


def build(target: Target, mlc: str, folder: str) -> list[str]:
    """The command that runs all activations on CHUNK floats: arguments INPUT, OUTPUT."""
    path = os.path.join(folder, "net.onnx")
    onnx.save(model(CHUNK), path)
    subprocess.run([mlc, "compile", path, "-q", "-o", folder, *target.flags], check=True)
    flags = ["-std=c11", "-O2", "-pthread", "-DBENCH_MODEL=net_model", "-I", os.path.join(ROOT, "runtime/include")]
    files = [os.path.join(HERE, "driver.c"), os.path.join(ROOT, "runtime/src/threads.c"), os.path.join(folder, "libnet.a")]
    program = os.path.join(folder, "net")
    subprocess.run([*target.compiler, *flags, *files, "-o", program], check=True)
    return [*target.run, program]


def evaluate(command: list[str], x: np.ndarray, folder: str) -> np.ndarray:
    """One row for each activation."""
    source, result = os.path.join(folder, "x"), os.path.join(folder, "y")
    np.resize(x, CHUNK).tofile(source)
    subprocess.run([*command, source, result, "0"], check=True, stdout=subprocess.DEVNULL)
    return np.fromfile(result, "f4").reshape(len(ACTIVATIONS), CHUNK)[:, : len(x)]


def spread(samples: int, part: int) -> np.ndarray:
    """Part of 2^samples bit patterns, one from each interval of equal length and at another place in each; finite ones."""
    index = np.arange(part * CHUNK, min((part + 1) * CHUNK, 1 << samples), dtype="u8")
    step = 1 << (32 - samples)
    values = (index * step + index * 7919 % step).astype("u4").view("f4")
    return values[np.isfinite(values)]


SPECIAL = np.array([0, -0.0, np.inf, -np.inf, np.nan, 1e-44, -1e-44, 3e38, -3e38], "f4")


class Errors:
    """The largest errors of one activation, and where."""

    def __init__(self, row: Activation):
        self.row = row
        self.ulp, self.scale, self.ulp_at, self.scale_at = 0.0, 0.0, 0.0, 0.0
        self.wrong: list[str] = []

    @np.errstate(all="ignore")
    def add(self, x: np.ndarray, y: np.ndarray) -> None:
        exact = self.row.exact(x.astype("f8"))
        rounded = exact.astype("f4")
        finite = np.isfinite(rounded)
        size = np.abs(np.where(finite, rounded, 0))
        error = np.where(finite, np.abs(y.astype("f8") - exact), 0)
        inside = (x >= self.row.low) & (x <= self.row.high) & (size >= SMALLEST)
        ulp = np.where(inside, error / np.spacing(np.maximum(size, SMALLEST)), 0)
        scale = np.where(np.abs(x) >= SMALLEST, error / np.spacing(np.maximum(np.maximum(size, np.abs(x)), SMALLEST)), 0)
        if ulp.max() > self.ulp:
            self.ulp, self.ulp_at = float(ulp.max()), float(x[ulp.argmax()])
        if scale.max() > self.scale:
            self.scale, self.scale_at = float(scale.max()), float(x[scale.argmax()])

    @np.errstate(all="ignore")
    def check_special(self, y: np.ndarray) -> None:
        """NaN and infinities where the doubles have them; signs of zeros are left open."""
        exact = self.row.exact(SPECIAL.astype("f8")).astype("f4")
        for argument, is_there, right in zip(SPECIAL, y, exact):
            unlike = np.isnan(is_there) != np.isnan(right) or np.isinf(is_there) != np.isinf(right)
            if unlike or (np.isinf(right) and is_there != right):
                self.wrong.append(f"{self.row.name}({argument:g}) = {is_there:g}, not {right:g}")

    def misses(self) -> list[str]:
        result = list(self.wrong)
        if not self.ulp <= self.row.ulp:
            result.append(f"{self.row.name}: {self.ulp:.2f} ulp at {self.ulp_at:g}, {self.row.ulp} are allowed")
        if not self.scale <= self.row.scale:
            result.append(f"{self.row.name}: {self.scale:.2f} ulp of the scale at {self.scale_at:g}, {self.row.scale} are allowed")
        return result


def measure(target: Target, mlc: str, samples: int) -> list[Errors]:
    result = [Errors(row) for row in ACTIVATIONS]
    with tempfile.TemporaryDirectory() as folder:
        command = build(target, mlc, folder)
        for errors, y in zip(result, evaluate(command, SPECIAL, folder)):
            errors.check_special(y)
        for part in range(max(1, (1 << samples) // CHUNK)):
            x = spread(samples, part)
            if len(x):
                for errors, y in zip(result, evaluate(command, x, folder)):
                    errors.add(x, y)
    return result


def span(row: Activation) -> str:
    if row.low == -EVERY:
        return "all"
    return f"from {row.low:.3g}"


def print_table(targets: list[Target], results: list[list[Errors]]) -> None:
    names = "".join(f"{target.name:>16}" for target in targets)
    print(f"{'':24}{names}{'allowed':>16}\n{'activation':13}{'ulp':11}" + f"{'ulp':>8}{'scale':>8}" * (len(targets) + 1))
    for i, row in enumerate(ACTIVATIONS):
        cells = "".join(f"{errors[i].ulp:8.2f}{errors[i].scale:8.3g}" for errors in results)
        print(f"{row.name:13}{span(row):11}{cells}{row.ulp:8}{row.scale:8.3g}")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/ulp", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--targets", default="all", help="of those that can run here (default: all)")
    parser.add_argument("--samples", type=int, default=20, help="floats, as a power of two: 10 to 32 (default 20)")
    parser.add_argument("--mlc", default=os.path.join(ROOT, "build/bin/mlc"))
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    if not 10 <= arguments.samples <= 32:
        sys.exit("bench/ulp: --samples from 10 to 32 is required")
    targets = known_targets()
    wanted = [t.name for t in targets] if arguments.targets == "all" else arguments.targets.split(",")
    for name in wanted:
        if name not in [target.name for target in targets]:
            sys.exit(f"bench/ulp: no target '{name}'; here are {', '.join(target.name for target in targets)}")
    targets = [target for target in targets if target.name in wanted]
    results = [measure(target, arguments.mlc, arguments.samples) for target in targets]
    print_table(targets, results)
    missed = [f"{t.name}: {miss}" for t, errors in zip(targets, results) for e in errors for miss in e.misses()]
    print(*missed, sep="\n", end="\n" if missed else "")
    print(f"{1 << arguments.samples} floats, {len(targets)} targets, {len(missed)} errors beyond what is allowed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
