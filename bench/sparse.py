"""Times layers whose weights are partly zero, with their zeros left out and with all weights.

    bench/sparse                                          convolutions of networks, six shares of zeros
    bench/sparse --shapes 14x14x256x256,7x7x512x512 --zeros 50,90 --rounds 5
    bench/sparse --models a.onnx,b.onnx                   whole networks as they are
    bench/sparse --models a.onnx --prune --zeros 50,90    with that share of each layer's weights zero, those of least magnitude

A shape is HxWxCxO: H x W pixels, C channels to O; HxWxCxOxK with a window of K x K. Zeros lie anywhere, each with the same probability. In a round `mlc bench` runs
each layer with --sparse=true and with --sparse=false, one after the other, pinned to one core; the best of all rounds counts,
and of both the time of the layer's kernel alone, and of what pads its input. A ratio is the time of all weights over that of the default: above 1, the
default is the faster one; the spread is the largest round's ratio less the smallest one's. `kernel` says what the default is,
`size` is the share that its constants have of those of all weights. The exit status is 1 where the default takes longer by more than
--allowed.
"""
from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import helper, numpy_helper

HERE = os.path.dirname(os.path.abspath(__file__))
SHAPES = ("56x56x64x64,56x56x64x256,28x28x128x128,28x28x128x512,28x28x32x192,14x14x256x256,14x14x512x512,14x14x256x1024,"
          "7x7x512x512,7x7x1024x1024,7x7x512x2048,1x1x4096x4096,56x56x64x64x3,28x28x128x128x3,14x14x256x256x3,7x7x512x512x3")


def layer(shape: list[int], zeros: float, file: str) -> None:
    height, width, channels, outputs = shape[:4]
    window = shape[4] if len(shape) > 4 else 1
    random = np.random.default_rng(outputs * channels)
    weights = random.standard_normal((outputs, channels, window, window)).astype("f4")
    weights[random.random(weights.shape) < zeros] = 0
    bias = random.standard_normal(outputs).astype("f4")
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "w", "b"], ["c"], pads=[window // 2] * 4), helper.make_node("Relu", ["c"], ["y"])], "layer",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1, channels, height, width])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1, outputs, height, width])],
        [numpy_helper.from_array(weights, "w"), numpy_helper.from_array(bias, "b")])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), file)


def prune(model: str, zeros: float, file: str) -> None:
    """But for layers of few input channels: the first one, and depthwise ones."""
    least = 8
    network = onnx.load(model)
    constants = {each.name: each for each in network.graph.initializer}
    for node in network.graph.node:
        constant = constants.get(node.input[1]) if node.op_type in ("Conv", "Gemm", "MatMul") else None
        if constant is None:
            continue
        weights = numpy_helper.to_array(constant).copy()
        if weights.ndim < 2 or (node.op_type == "Conv" and weights.shape[1] < least):
            continue
        weights[np.abs(weights) <= np.quantile(np.abs(weights), zeros)] = 0
        constant.CopyFrom(numpy_helper.from_array(weights, constant.name))
    onnx.save(network, file)


class Variant:
    """A model compiled one way: what its runs took, and what it is."""

    def __init__(self, arguments: argparse.Namespace, file: str, sparse: bool, whole: bool):
        self.flags = [f"--sparse={'true' if sparse else 'false'}", f"--cpu={arguments.cpu}", "--batch=1", "-q"]
        self.arguments, self.file, self.whole = arguments, file, whole
        self.times: list[float] = []
        self.kinds: list[str] = []
        with tempfile.TemporaryDirectory() as folder:
            report = os.path.join(folder, "report.json")
            self.run(["compile", file, "-o", folder, f"--report={report}", *self.flags])
            with open(report, encoding="utf-8") as text:
                self.size = json.load(text)["weights_bytes"]

    def run(self, command: list[str]) -> None:
        core = str(max(os.sched_getaffinity(0)))
        done = subprocess.run(["taskset", "-c", core, self.arguments.mlc, *command], capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"bench/sparse: {' '.join(command)}: {done.stderr.strip()}")

    def time_once(self) -> float:
        with tempfile.TemporaryDirectory() as folder:
            report = os.path.join(folder, "report.json")
            self.run(["bench", self.file, f"--seconds={self.arguments.seconds}", "--threads=1", f"--json={report}", *self.flags])
            with open(report, encoding="utf-8") as text:
                found = json.load(text)
        layers = [each for each in found["operators"] if each["kernel"] != "transpose"]
        self.kinds = [each["kernel"] for each in layers if "conv" in each["kernel"] or each["kernel"] == "winograd"]
        self.times.append(found["best_ms"] if self.whole else sum(each["ms"] for each in layers))
        return self.times[-1]


def compare(arguments: argparse.Namespace, file: str, whole: bool) -> tuple[list[float], Variant, Variant]:
    """The rounds' ratios."""
    variants = [Variant(arguments, file, sparse, whole) for sparse in (True, False)]
    ratios = []
    for _ in range(arguments.rounds):
        times = [variant.time_once() for variant in variants]
        ratios.append(times[1] / times[0])
    return ratios, *variants


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("bench/sparse", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", default=SHAPES, help="HxWxCxO[xK], ...")
    parser.add_argument("--zeros", default="0,50,60,70,80,90,95", help="percent, ...")
    parser.add_argument("--models", default="", help="ONNX files instead")
    parser.add_argument("--prune", action="store_true", help="the models' weights")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.1, help="of a run")
    parser.add_argument("--allowed", type=float, default=0.1, help="share that the default may take longer")
    parser.add_argument("--cpu", default="native")
    parser.add_argument("--mlc", default=os.path.join(HERE, "../build/bin/mlc"))
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error("--rounds of 1 or more is required")
    return arguments


def main() -> int:
    arguments = parse_arguments()
    shares = [int(share) for share in arguments.zeros.split(",")]
    slower = 0
    print(f"{'layer':20}{'zeros':>6}{'all us':>10}{'us':>10}{'ratio':>8}{'spread':>8}{'size':>7}  kernel", flush=True)

    def report(name: str, share: str, file: str, whole: bool) -> None:
        nonlocal slower
        ratios, default, every = compare(arguments, file, whole)
        ratio = min(every.times) / min(default.times)
        slower += ratio < 1 - arguments.allowed
        kinds = ", ".join(f"{default.kinds.count(kind)} {kind}" for kind in sorted(set(default.kinds)))
        print(f"{name:20}{share:>6}{1e3 * min(every.times):10.1f}{1e3 * min(default.times):10.1f}{ratio:8.2f}"
              f"{max(ratios) - min(ratios):8.2f}{default.size / every.size:7.2f}  {kinds}", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        for model in filter(None, arguments.models.split(",")):
            for share in shares if arguments.prune else [0]:
                file = model
                if arguments.prune:
                    file = os.path.join(folder, "network.onnx")
                    prune(model, share / 100, file)
                report(os.path.basename(model)[:19], f"{share} %" if arguments.prune else "", file, True)
        for shape in [] if arguments.models else arguments.shapes.split(","):
            for share in shares:
                file = os.path.join(folder, "layer.onnx")
                layer([int(size) for size in shape.split("x")], share / 100, file)
                report(shape, f"{share} %", file, False)
    print(f"{slower} slower than with all weights")
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main())
