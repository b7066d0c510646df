"""Runs random quantised networks with onnxruntime and with `mlc run`, in both modes, and compares the stored integers.

    random_networks.py FOLDER FIRST LAST       seeds; FOLDER takes files

Prints the largest difference of each mode; exits with the first network in which an element is further than one step a
layer away, or more than one in fifty differ. mlc is on the PATH.
"""
import os
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

SHARE = 0.02


class Network:
    """A chain of layers, each between DequantizeLinear and QuantizeLinear."""

    def __init__(self, seed: int):
        self.random = np.random.default_rng(seed)
        self.nodes, self.initializers, self.layers = [], [], []
        self.stored = np.int8 if self.random.integers(2) else np.uint8
        size = int(self.random.integers(6, 13))
        self.input_shape = self.shape = [1, int(self.random.integers(1, 9)), size, size]
        self.quantize("x")
        names = list(LAYERS)
        for _ in range(int(self.random.integers(2, 7))):
            self.layers.append(str(self.random.choice(names)))
            self.quantize(LAYERS[self.layers[-1]](self))
        if self.random.integers(2):
            self.classify()

    def name(self) -> str:
        return f"v{len(self.nodes) + len(self.initializers)}"

    def const(self, array) -> str:
        name = self.name()
        self.initializers.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def op(self, kind: str, *inputs: str, **attributes) -> str:
        result = self.name()
        self.nodes.append(helper.make_node(kind, inputs, [result], **attributes))
        return result

    def quantize(self, v: str) -> None:
        """Sets `v`, quantised and dequantised with other parameters than before, as the value of the network."""
        self.scale = np.float32(self.random.uniform(0.01, 0.08))
        info = np.iinfo(self.stored)
        zero_point = self.stored(self.random.integers(info.min + 90, info.max - 90))
        parameters = self.const(self.scale), self.const(zero_point)
        self.integers = self.op("QuantizeLinear", v, *parameters)
        self.value = self.op("DequantizeLinear", self.integers, *parameters)

    def weights(self, *shape: int) -> tuple[str, np.ndarray]:
        """Dequantised weights, signed or unsigned, and the scale: of each filter, or of all."""
        if self.random.integers(2):
            scale, axis = self.random.uniform(0.002, 0.01, shape[0]).astype("f4"), {"axis": 0}
            array, zero_point = self.random.integers(-127, 128, shape).astype("i1"), np.zeros(shape[0], "i1")
        else:
            scale, axis = np.float32(self.random.uniform(0.002, 0.01)), {}
            array, zero_point = self.random.integers(0, 256, shape).astype("u1"), np.uint8(self.random.integers(100, 150))
        return self.op("DequantizeLinear", self.const(array), self.const(scale), self.const(zero_point), **axis), scale

    def convolution(self, filters: int, groups: int) -> str:
        kernel, pad = int(self.random.choice([1, 3])), int(self.random.integers(2))
        pad = min(pad, kernel // 2)
        w, scale = self.weights(filters, self.shape[1] // groups, kernel, kernel)
        scales = np.broadcast_to(self.scale * scale, [filters]).astype("f4")
        bias = self.const(self.random.integers(-500, 500, filters).astype("i4")), self.const(scales)
        b = self.op("DequantizeLinear", *bias, self.const(np.zeros(filters, "i4")), axis=0)
        self.shape = [1, filters, *(d + 2 * pad - kernel + 1 for d in self.shape[2:])]
        v = self.op("Conv", self.value, w, b, group=groups, pads=[pad] * 4, kernel_shape=[kernel] * 2)
        return self.op("Relu", v) if self.random.integers(2) else v

    def pool(self, kind: str, kernel: int, pads: list[int], **attributes) -> str:
        self.shape = [*self.shape[:2], *(d + a + b - kernel + 1 for d, a, b in zip(self.shape[2:], pads, pads[2:]))]
        return self.op(kind, self.value, kernel_shape=[kernel] * 2, pads=pads, **attributes)

    def binary(self, kind: str) -> str:
        left = self.value
        self.quantize(self.op("Sigmoid", left))
        return self.op(kind, left, self.value)

    def concat(self) -> str:
        left = self.value
        self.quantize(self.op("Tanh", left))
        self.shape = [1, 2 * self.shape[1], *self.shape[2:]]
        return self.op("Concat", left, self.value, axis=1)

    def pad(self) -> str:
        self.shape = [*self.shape[:2], self.shape[2] + 2, self.shape[3] + 1]
        pads = self.const(np.array([0, 0, 1, 1, 0, 0, 1, 0], "i8"))
        return self.op("Pad", self.value, pads, self.const(np.float32(0.5)))

    def transpose(self) -> str:
        self.shape = [*self.shape[:2], self.shape[3], self.shape[2]]
        return self.op("Transpose", self.value, perm=[0, 1, 3, 2])

    def classify(self) -> None:
        self.quantize(self.op("GlobalAveragePool", self.value))
        flat = self.op("Flatten", self.value)
        w, _ = self.weights(5, self.shape[1])
        self.quantize(self.op("Gemm", flat, w, transB=1))

    def model(self) -> onnx.ModelProto:
        """The network up to its last QuantizeLinear, whose integers are the output."""
        stored = helper.np_dtype_to_tensor_dtype(np.dtype(self.stored))
        graph = helper.make_graph(
            self.nodes[:-1],
            "random",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, self.input_shape)],
            [helper.make_tensor_value_info(self.integers, stored, None)],
            self.initializers,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        return onnx.shape_inference.infer_shapes(model)


LAYERS = {
    "convolution": lambda n: n.convolution(int(n.random.integers(1, 9)), 1),
    "depthwise": lambda n: n.convolution(n.shape[1], n.shape[1]),
    "add": lambda n: n.binary("Add"),
    "subtract": lambda n: n.binary("Sub"),
    "multiply": lambda n: n.binary("Mul"),
    "double": lambda n: n.op("Add", n.value, n.value),
    "concat": Network.concat,
    "pad": Network.pad,
    "transpose": Network.transpose,
    "maximum": lambda n: n.pool("MaxPool", 2, [1, 0, 0, 1]),
    "average": lambda n: n.pool("AveragePool", 2, [0] * 4),
    "average at edges": lambda n: n.pool("AveragePool", 3, [1] * 4, count_include_pad=int(n.random.integers(2))),
    "relu": lambda n: n.op("Relu", n.value),
    "clip": lambda n: n.op("Clip", n.value, n.const(np.float32(-1)), n.const(np.float32(2))),
    "leaky relu": lambda n: n.op("LeakyRelu", n.value, alpha=0.1),
    "sigmoid": lambda n: n.op("Sigmoid", n.value),
    "tanh": lambda n: n.op("Tanh", n.value),
}


def expected(path: str, x: np.ndarray) -> np.ndarray:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})[0].astype("i4")


def main() -> int:
    folder, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    os.makedirs(folder, exist_ok=True)
    path, x_file, y_file = (os.path.join(folder, name) for name in ("random.onnx", "x.npy", "y.npy"))
    worst = {"onnx": 0, "integer": 0}
    for seed in range(first, last + 1):
        network = Network(seed)
        onnx.save(network.model(), path)
        x = network.random.normal(0, 1.5, network.input_shape).astype("f4")
        np.save(x_file, x)
        wanted = expected(path, x)
        for mode in worst:
            command = ["mlc", "run", path, f"--input=x={x_file}", f"--output={network.integers}={y_file}"]
            subprocess.run([*command, f"--arithmetic={mode}"], check=True)
            differences = np.abs(np.load(y_file).astype("i4") - wanted)
            worst[mode] = max(worst[mode], int(differences.max()))
            if differences.max() > len(network.layers) or (differences > 0).mean() > SHARE:
                print(f"seed {seed} ({', '.join(network.layers)}), {mode}: {(differences > 0).sum()} of {differences.size}"
                      f" differ, by {differences.max()} at most")
                return 1
    print(*(f"{mode}: within {steps}" for mode, steps in worst.items()), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
