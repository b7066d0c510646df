"""Times products of floats by weights of 4 and 8 bits, beside onnxruntime and beside the same products by floats.

    bench/weight-only                                    both forms, four shapes, three counts of rows
    bench/weight-only --shapes 1024x1024 --rows 1 --forms int4 --rounds 5
    bench/weight-only --engine ""                        without onnxruntime

A shape is KxN, the weights of one layer. A model is --layers such layers, one behind the other and every second one NxK, so that
what an engine needs for a run counts less; times and sizes are of one layer, the mean. `int4` are MatMulNBits with blocks of
--block, symmetric; `int8` are MatMul of a DequantizeLinear with a scale a column. In a round `mlc bench` runs the model, then
the model with float weights, then onnxruntime (bench/setup peers installs it) runs the first, each on one core; the best of all
rounds counts. onnxruntime computes in floats, or, with --accuracy-level=4 and by itself where it makes MatMulNBits of int8, on
activations that it quantises to 8 bits in each run; we on floats. `by ort` and `by f32` are their times over ours: above 1, we are faster. `error` is our result's largest difference
from that of a product in double precision of what the weights stand for, relative to the result's largest element, for one layer.
The exit status is 1 where a ratio to onnxruntime is below --least.
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
from onnx import TensorProto, helper, numpy_helper

HERE = os.path.dirname(os.path.abspath(__file__))


class Network:
    """Layers with weights of one form, and what these stand for."""

    def __init__(self, form: str, k: int, n: int, arguments: argparse.Namespace):
        layers, block = arguments.layers, arguments.block
        self.level = arguments.accuracy_level
        self.random = np.random.default_rng(k * n + block)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.floats: list[np.ndarray] = []
        self.width = k
        for i in range(layers):
            getattr(self, form)(i, *((k, n) if i % 2 == 0 else (n, k)), block)

    def add(self, name: str, value: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def int4(self, i: int, k: int, n: int, block: int) -> None:
        blocks = -(-k // block)
        packed = self.random.integers(0, 256, (n, blocks, block // 2), np.uint8)
        scale = self.random.uniform(0.5, 1.5, (n, blocks)).astype("f4") / np.float32(4 * np.sqrt(k))
        values = np.stack([packed & 15, packed >> 4], -1).reshape(n, blocks, block).astype("f4") - 8
        self.floats.append((values * scale[..., None]).reshape(n, -1)[:, :k].T.astype("f4"))
        self.nodes.append(helper.make_node("MatMulNBits", [f"x{i}", self.add(f"w{i}", packed), self.add(f"s{i}", scale.reshape(-1))], [f"x{i + 1}"],
                                           domain="com.microsoft", K=k, N=n, bits=4, block_size=block, accuracy_level=self.level))

    def int8(self, i: int, k: int, n: int, block: int) -> None:
        values = self.random.integers(-127, 128, (k, n), np.int8)
        scale = self.random.uniform(0.5, 1.5, n).astype("f4") / np.float32(64 * np.sqrt(k))
        self.floats.append(values.astype("f4") * scale)
        self.nodes.append(helper.make_node("DequantizeLinear", [self.add(f"w{i}", values), self.add(f"s{i}", scale)], [f"d{i}"], axis=1))
        self.nodes.append(helper.make_node("MatMul", [f"x{i}", f"d{i}"], [f"x{i + 1}"]))

    def save(self, file: str, rows: int, as_floats: bool = False, layers: int = 0) -> None:
        nodes, constants = self.nodes, self.constants
        if as_floats:
            constants = [numpy_helper.from_array(w, f"f{i}") for i, w in enumerate(self.floats)]
            nodes = [helper.make_node("MatMul", [f"x{i}", f"f{i}"], [f"x{i + 1}"]) for i in range(len(self.floats))]
        layers = layers or len(self.floats)
        nodes = nodes[:len(nodes) * layers // len(self.floats)]
        used = {name for node in nodes for name in node.input}
        last = self.floats[layers - 1].shape[1]
        graph = helper.make_graph(nodes, "layers", [helper.make_tensor_value_info("x0", TensorProto.FLOAT, [rows, self.width])],
                                  [helper.make_tensor_value_info(f"x{layers}", TensorProto.FLOAT, [rows, last])],
                                  [each for each in constants if each.name in used])
        opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
        onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=10), file)


class Bench:
    def __init__(self, arguments: argparse.Namespace, folder: str):
        self.arguments, self.folder = arguments, folder

    def path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def run(self, command: list[str]) -> str:
        core = str(max(os.sched_getaffinity(0)))
        done = subprocess.run(["taskset", "-c", core, *command], capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"bench/weight-only: {' '.join(command)}: {done.stderr.strip()}")
        return done.stdout

    def bytes_of(self, model: str) -> int:
        self.run([self.arguments.mlc, "compile", model, "-o", self.path("out"), f"--report={self.path('r.json')}", f"--cpu={self.arguments.cpu}", "-q"])
        with open(self.path("r.json"), encoding="utf-8") as text:
            return json.load(text)["weights_bytes"]

    def ours(self, model: str) -> float:
        self.run([self.arguments.mlc, "bench", model, f"--seconds={self.arguments.seconds}", "--threads=1", f"--json={self.path('b.json')}",
                  f"--cpu={self.arguments.cpu}", "-q"])
        with open(self.path("b.json"), encoding="utf-8") as text:
            return json.load(text)["best_ms"]

    def theirs(self, model: str, rows: int, width: int) -> float:
        np.save(self.path("x.npy"), np.random.default_rng(0).standard_normal((rows, width)).astype("f4"))
        line = self.run([self.arguments.engine, os.path.join(HERE, "worker.py"), "onnxruntime", model, self.path("x.npy"), self.path("y.npy"),
                         str(self.arguments.seconds), "1", "f32"])
        return min(json.loads(line.splitlines()[-1])["ms"])

    def error(self, network: Network, rows: int) -> float:
        x = np.random.default_rng(1).standard_normal((rows, network.width)).astype("f4")
        np.save(self.path("x0.npy"), x)
        network.save(self.path("one.onnx"), rows, layers=1)
        self.run([self.arguments.mlc, "run", self.path("one.onnx"), f"--input=x0={self.path('x0.npy')}", f"--output=x1={self.path('x1.npy')}"])
        right = x.astype("f8") @ network.floats[0].astype("f8")
        return float(np.abs(np.load(self.path("x1.npy")) - right).max() / np.abs(right).max())


def parse_arguments() -> argparse.Namespace:
    peers = subprocess.run([os.path.join(HERE, "setup"), "--print", "peers"], capture_output=True, text=True).stdout.strip()
    parser = argparse.ArgumentParser("bench/weight-only", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", default="1024x1024,1024x4096,4096x1024,4096x4096", help="KxN, ...")
    parser.add_argument("--rows", default="1,4,32")
    parser.add_argument("--forms", default="int4,int8")
    parser.add_argument("--layers", type=int, default=4, help="of a model")
    parser.add_argument("--block", type=int, default=32, help="of int4")
    parser.add_argument("--accuracy-level", type=int, default=4, help="that onnxruntime's int4 has")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.2, help="of a run")
    parser.add_argument("--least", type=float, default=0, help="ratio to onnxruntime")
    parser.add_argument("--cpu", default="native")
    parser.add_argument("--engine", default=peers, help="a Python with onnxruntime; empty: none")
    parser.add_argument("--mlc", default=os.path.join(HERE, "../build/bin/mlc"))
    arguments = parser.parse_args()
    if arguments.rounds < 1 or arguments.layers < 1:
        parser.error("--rounds and --layers of 1 or more are required")
    return arguments


def main() -> int:
    arguments = parse_arguments()
    slower = 0
    print(f"{'layer':18}{'rows':>5}{'us':>10}{'ort us':>10}{'f32 us':>10}{'by ort':>8}{'by f32':>8}{'KiB':>8}{'f32 KiB':>9}{'error':>9}", flush=True)
    for form in arguments.forms.split(","):
        for shape in arguments.shapes.split(","):
            k, n = (int(size) for size in shape.split("x"))
            network = Network(form, k, n, arguments)
            for rows in (int(count) for count in arguments.rows.split(",")):
                with tempfile.TemporaryDirectory() as folder:
                    bench = Bench(arguments, folder)
                    narrow, floats = bench.path("narrow.onnx"), bench.path("floats.onnx")
                    network.save(narrow, rows)
                    network.save(floats, rows, as_floats=True)
                    times = [[bench.ours(narrow), bench.ours(floats), bench.theirs(narrow, rows, k) if arguments.engine else float("nan")]
                             for _ in range(arguments.rounds)]
                    own, wide, ort = (1e3 * min(each) / arguments.layers for each in zip(*times))
                    sizes = [bench.bytes_of(each) / 1024 / arguments.layers for each in (narrow, floats)]
                    error = bench.error(network, rows)
                slower += ort / own < arguments.least
                print(f"{form + ' ' + shape:18}{rows:5}{own:10.1f}{ort:10.1f}{wide:10.1f}{ort / own:8.2f}{wide / own:8.2f}"
                      f"{sizes[0]:8.0f}{sizes[1]:9.0f}{error:9.1e}", flush=True)
    print(f"{slower} below {arguments.least} of onnxruntime")
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main())
