"""Convolutions and products by weights of 4 bits, compiled and run on each target named, against sums of products.

    nibbles.py MLC ARITHMETIC TARGET ...

Channels that fill quads and such that do not, windows, strides, groups, types of 4 bits with zero points that leave -8 to 7 and
such that do not, inputs of both signs: every element as Quantize/Arithmetic.h defines it for this mode. Then the library: weights of
4 bits in it take about half of what bytes take.
"""
import os
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../parity"))
import engine  # noqa: E402

SAMPLES, INPUT_SCALE = 6, np.float32(0.05)
FLAGS = {cpu: ("native", [f"--cpu={cpu}"]) for cpu in ("x86-64", "x86-64-v2", "x86-64-v3")}
FLAGS["aarch64-generic"] = ("aarch64", ["--cpu=generic"])
FLAGS["aarch64-usdot"] = ("aarch64", ["--cpu=neoverse-v1"])
# Channels, rows and columns of the input, output channels, window, stride, padding, groups, type and zero point of weights.
CONVOLUTIONS = [
    (5, 4, 7, 3, 1, 1, 0, 1, TensorProto.INT4, 0),
    (9, 5, 5, 17, 3, 1, 1, 1, TensorProto.INT4, 0),
    (12, 6, 9, 20, 3, 2, 1, 1, TensorProto.UINT4, 8),
    (16, 3, 23, 32, 1, 1, 0, 1, TensorProto.UINT4, 5),
    (20, 9, 10, 24, 3, 1, 1, 1, TensorProto.INT4, 0),
    (36, 4, 4, 70, 1, 2, 0, 1, TensorProto.UINT4, 8),
    (64, 8, 9, 33, 3, 1, 1, 1, TensorProto.INT4, 0),
    (24, 5, 6, 18, 3, 1, 1, 2, TensorProto.INT4, 0),
    (4, 5, 6, 8, 3, 1, 1, 1, TensorProto.INT4, 0),
    (6, 7, 7, 6, 3, 1, 1, 6, TensorProto.INT4, 0),
]
# Rows, depth, columns.
PRODUCTS = [(1, 37, 10), (3, 64, 33), (1, 300, 65), (17, 8, 5)]


class Network:
    """Layers from inputs of their own, each with its result in integers."""

    def __init__(self, bits: int) -> None:
        self.random = np.random.default_rng(7)
        self.bits = bits
        self.nodes, self.constants, self.layers = [], [], []

    def const(self, array, kind=None) -> str:
        name = f"c{len(self.constants)}"
        array = np.asarray(array)
        if kind is None:
            self.constants.append(numpy_helper.from_array(array, name))
        else:
            self.constants.append(helper.make_tensor(name, kind, array.shape, array.flatten().tolist()))
        return name

    def op(self, kind: str, inputs: list[str], **attributes) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [f"v{len(self.nodes)}"], **attributes))
        return self.nodes[-1].output[0]

    def weights(self, shape, axis: int, kind: int, zero: int):
        """Their name, their values without the zero point, and their scales."""
        if self.bits == 8:
            kind, zero = TensorProto.INT8, 0
        least = {TensorProto.INT4: -8, TensorProto.UINT4: 0, TensorProto.INT8: -127}[kind]
        stored = self.random.integers(least, least + (255 if self.bits == 8 else 16), shape)
        scales = self.random.uniform(0.01, 0.02, shape[axis]).astype("f")
        points = self.const(np.full(shape[axis], zero), kind)
        return self.op("DequantizeLinear", [self.const(stored, kind), self.const(scales), points], axis=axis), stored - zero, scales

    def layer(self, shape, op, weights, sums) -> None:
        """`op` of the dequantised input and weights; `sums` of integers less their zero points."""
        kind = (np.uint8, np.int8)[len(self.layers) % 2]
        name, zero = f"x{len(self.layers)}", kind(3)
        x = self.op("DequantizeLinear", [name, self.const(INPUT_SCALE), self.const(zero)])
        w, values, scales = weights
        # Inputs at random give about all results; extreme ones leave their range.
        typical = 75 * INPUT_SCALE * scales.mean() * np.abs(values).mean() * np.sqrt(values.size / len(scales))
        y_scale = np.float32(typical / 40)
        y = self.op("QuantizeLinear", [op(x, w), self.const(y_scale), self.const(kind(1))])
        self.layers.append({"name": name, "shape": shape, "type": kind, "zero": zero, "weights": values, "scales": scales,
                            "y_scale": y_scale, "sums": sums, "output": y})

    def convolution(self, c, h, w, o, k, stride, pad, groups, kind, zero) -> None:
        def sums(x, values):
            x = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
            windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(2, 3))[:, :, ::stride, ::stride]
            inputs, outputs = c // groups, o // groups
            parts = [np.einsum("ncijyx,ocyx->noij", windows[:, g * inputs:(g + 1) * inputs], values[g * outputs:(g + 1) * outputs])
                     for g in range(groups)]
            return np.concatenate(parts, 1)

        self.layer([1, c, h, w], lambda x, w: self.op("Conv", [x, w], kernel_shape=[k, k], strides=[stride] * 2, pads=[pad] * 4,
                                                      group=groups), self.weights([o, c // groups, k, k], 0, kind, zero), sums)

    def product(self, rows: int, depth: int, columns: int) -> None:
        self.layer([rows, depth], lambda x, w: self.op("MatMul", [x, w]),
                   self.weights([depth, columns], 1, TensorProto.INT4, 0), lambda x, values: x @ values)

    def save(self, path: str) -> None:
        types = {np.uint8: TensorProto.UINT8, np.int8: TensorProto.INT8}
        inputs = [helper.make_tensor_value_info(l["name"], types[l["type"]], l["shape"]) for l in self.layers]
        outputs = [helper.make_tensor_value_info(l["output"], types[l["type"]], None) for l in self.layers]
        graph = helper.make_graph(self.nodes, "nibbles", inputs, outputs, self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
        onnx.save(onnx.shape_inference.infer_shapes(model), path)


def rounded(layer: dict, sums: np.ndarray, arithmetic: str) -> np.ndarray:
    scales = layer["scales"].reshape((-1, 1, 1) if sums.ndim == 4 else (-1,))
    if arithmetic == "onnx":
        scale = (INPUT_SCALE * scales) / layer["y_scale"]
        result = np.rint(sums.astype("f4") * scale).astype("i8")
    else:
        mantissa, exponent = np.frexp(np.float64(INPUT_SCALE) * scales.astype("f8") / np.float64(layer["y_scale"]))
        multiplier = np.floor(np.ldexp(mantissa, 31) + 0.5).astype("i8")
        shift = (31 - exponent).astype("i8")
        result = (sums * multiplier + (np.int64(1) << (shift - 1))) >> shift
    limits = np.iinfo(layer["type"])
    return np.clip(result + 1, limits.min, limits.max).astype(layer["type"])


def build(bits: int, path: str) -> Network:
    network = Network(bits)
    for each in CONVOLUTIONS:
        network.convolution(*each)
    for each in PRODUCTS:
        network.product(*each)
    network.save(path)
    return network


def main() -> int:
    mlc, arithmetic, *targets = sys.argv[1:]
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        paths = {bits: os.path.join(folder, f"weights{bits}.onnx") for bits in (4, 8)}
        network, _ = build(4, paths[4]), build(8, paths[8])
        random = np.random.default_rng(11)
        inputs = []
        for layer in network.layers:
            limits = np.iinfo(layer["type"])
            x = random.integers(limits.min, limits.max + 1, (SAMPLES, *layer["shape"])).astype(layer["type"])
            x[0], x[1] = limits.min, limits.max
            inputs.append(x)
        sums = [layer["sums"]((x.astype("i8") - int(layer["zero"])).reshape(-1, *layer["shape"][1:]), layer["weights"].astype("i8"))
                for layer, x in zip(network.layers, inputs)]
        wanted = [rounded(layer, s, arithmetic) for layer, s in zip(network.layers, sums)]
        for target in targets:
            machine, flags = FLAGS.get(target, (target, []))
            compiled = engine.compile_model(mlc, paths[4], "nibbles", os.path.join(folder, target), machine, {}, 300,
                                            (f"--arithmetic={arithmetic}", *flags))
            shapes = [((SAMPLES, *output["shape"]), np.dtype(layer["type"]))
                      for layer, output in zip(network.layers, compiled.contract["outputs"])]
            found, _ = engine.execute(engine.link(compiled, machine), machine, inputs, shapes, 300)
            differ = sum(int((f.reshape(w.shape) != w).sum()) for f, w in zip(found, wanted))
            failed += differ
            print(f"{arithmetic} {target}: {differ} of {sum(w.size for w in wanted)} differ")
        sizes = [engine.compile_model(mlc, paths[bits], "nibbles", os.path.join(folder, f"size{bits}"), targets[0], {}, 300,
                                      (f"--arithmetic={arithmetic}",)).contract["memory"]["weights_bytes"] for bits in (4, 8)]
        print(f"weights take {100 * sizes[0] // sizes[1]} % of those of bytes")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
