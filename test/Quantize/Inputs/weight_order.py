"""A quantised network, compiled for several CPUs with --weight-order=shared and own, run as each of them: the same bits.

    weight_order.py MLC TARGET ...

Layers are those whose weights a CPU may want in an order of its own: two convolutions of one shape (one function of two constants,
whose pairs differ), one of few channels, a grouped one, 4-bit weights, a product, and a depthwise one, whose order no CPU changes.
Prints a line for each variant, and by how much the constants grow, with all CPUs and with one less.
"""
import os
import sys
import tempfile

import numpy as np
import onnx
from onnx import helper, numpy_helper

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../parity"))
import engine  # noqa: E402

SAMPLES, SIZE, CHANNELS = 20, 9, 5


class Network:
    """Layers of signed weights on unsigned bytes, one behind the other."""

    def __init__(self):
        self.random = np.random.default_rng(7)
        self.nodes, self.constants, self.value, self.channels = [], [], "x", CHANNELS
        self.scale, self.zero = 0.02, 121  # of the value

    def constant(self, values: np.ndarray) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(values, name))
        return name

    def scalars(self, scale: float, zero: int, dtype: type) -> list[str]:
        return [self.constant(np.float32(scale)), self.constant(np.asarray(zero, dtype))]

    def layer(self, op: str, weights: np.ndarray, depth: int, **attributes) -> None:
        of_weights = 0.01
        gain = np.sqrt((weights.astype("f8") ** 2).mean() * depth) * of_weights
        # Scales that are powers of two apart: layers of one shape requantise alike, and share a function.
        ratio = 2.0 ** np.rint(np.log2(gain))
        inputs = [self.value, *self.scalars(self.scale, self.zero, np.uint8), self.constant(weights),
                  *self.scalars(of_weights, 0, np.int8)]
        self.scale, self.zero = self.scale * ratio, 130
        inputs += self.scalars(self.scale, self.zero, np.uint8)
        self.value = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [self.value], **attributes))

    def conv(self, outputs: int, window: int, groups: int = 1, most: int = 127, spread: float = 4) -> None:
        shape = (outputs, self.channels // groups, window, window)
        # Nearly all such weights can be given pairs that fit 16 bits; the more that cannot, the less the spread is.
        weights = np.clip(np.rint(self.random.normal(0, most / spread, shape)), -most - 1, most).astype(np.int8)
        self.layer("QLinearConv", weights, int(np.prod(shape[1:])), pads=[window // 2] * 4, group=groups)
        self.channels = outputs

    def product(self, outputs: int) -> None:
        rows = self.channels * SIZE * SIZE
        self.nodes.append(helper.make_node("Flatten", [self.value], ["flat"]))
        self.value = "flat"
        weights = self.random.integers(-128, 128, (rows, outputs)).astype(np.int8)
        self.layer("QLinearMatMul", weights, rows)

    def save(self, path: str) -> None:
        byte = onnx.TensorProto.UINT8
        graph = helper.make_graph(self.nodes, "network", [helper.make_tensor_value_info("x", byte, [1, CHANNELS, SIZE, SIZE])],
                                  [helper.make_tensor_value_info(self.value, byte, [1, 10])], self.constants)
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def network(path: str) -> None:
    made = Network()
    made.conv(40, 3)
    made.conv(40, 3)
    made.conv(40, 3, spread=3.2)
    made.conv(40, 3, groups=40)
    made.conv(48, 1, most=7)
    made.conv(48, 3, groups=2)
    made.product(10)
    made.save(path)


def build(mlc: str, path: str, folder: str, target: str, order: str, *options: str) -> engine.Compiled:
    out = os.path.join(folder, target, order, str(len(options)))
    return engine.compile_model(mlc, path, "order", out, target, {}, 120, (f"--weight-order={order}", *options))


def growth(shared: engine.Compiled, own: engine.Compiled) -> int:
    return own.contract["memory"]["weights_bytes"] - shared.contract["memory"]["weights_bytes"]


def agree(target: str, variant: str, x: np.ndarray, *binaries: str) -> bool:
    os.environ["RUNNER_VARIANT"] = variant
    shape = [((SAMPLES, 10), np.dtype(np.uint8))]
    try:
        shared, own = (engine.execute(binary, target, [x], shape, 120)[0][0] for binary in binaries)
    except engine.Failure as failure:
        if "lacks" not in str(failure):
            raise
        print(f"{target} {variant}: not on this CPU")
        return True
    differ, levels, least = int((shared != own).sum()), len(np.unique(shared)), 50
    print(f"{target} {variant}: {differ} of {shared.size} differ, of {levels} levels")
    return differ == 0 and levels >= least


def main() -> int:
    mlc, *targets = sys.argv[1:]
    failed = 0
    x = np.random.default_rng(9).integers(0, 256, (SAMPLES, 1, CHANNELS, SIZE, SIZE), dtype=np.uint8)
    x[0], x[1] = 0, 255
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "network.onnx")
        network(path)
        for target in targets:
            shared, own = (build(mlc, path, folder, target, order) for order in ("shared", "own"))
            variants = shared.contract["target"]["variants"]
            for variant in variants:
                failed += not agree(target, variant, x, engine.link(shared, target), engine.link(own, target))
            few = [build(mlc, path, folder, target, order, f"--cpu={','.join(variants[:-1])}") for order in ("shared", "own")]
            print(f"{target}: {growth(shared, own)} bytes more, {growth(*few)} without the last CPU")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
