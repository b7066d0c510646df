"""A network of every operator that mode integer has integers for, and so has mode tflite: no float in its code, and the same bits on
each target named.

    no_floats.py MLC OBJDUMP MODE TARGET ...

Of native and aarch64 the code is disassembled. Targets are compared with this machine, x86-64 is its first CPU, and one-thread
its code without parts for threads. x86-64 and AArch64 have vectors of different sizes, and kernels of their own for tables.
"""
import os
import re
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../parity"))
import engine  # noqa: E402

SAMPLES, SHAPE = 8, [1, 12, 11, 9]
FLAGS = {"x86-64": ("native", ["--cpu=x86-64"]), "x86-64-v3": ("native", ["--cpu=x86-64-v3"]), "one-thread": ("native", ["--threads=1"])}
# What computes with numbers; moves and bitwise operations of vectors are named after floats as well.
FLOATS = {
    "x86": r"v?(cvt|fn?m(add|sub)|addsub|hadd|hsub|(add|sub|mul|div|sqrt|min|max|round|rcp|rsqrt|cmp\w*|u?comi|dp)(s|p)[sd]$)|f[a-z]",
    "aarch64": r"f(add|sub|n?mul|div|n?m(add|sub)|ml|max|min|sqrt|cvt|c?cmp|rint|recp|rsqrt)|[su]cvtf|bf",
}


class Graph:
    """Operators from the quantised inputs a and b, each to a quantised output of its own."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(4)
        self.nodes, self.constants, self.outputs = [], [], []
        self.floats = [self.dequantize(name, 0.021 + 0.01 * i, 120 + i) for i, name in enumerate("ab")]

    def const(self, array) -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(array), f"c{len(self.constants)}"))
        return self.constants[-1].name

    def parameters(self, scale: float, zero: int) -> list[str]:
        return [self.const(np.float32(scale)), self.const(np.uint8(zero))]

    def op(self, kind: str, inputs: list[str], **attributes) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [f"v{len(self.nodes)}"], **attributes))
        return self.nodes[-1].output[0]

    def dequantize(self, stored: str, scale: float, zero: int) -> str:
        return self.op("DequantizeLinear", [stored, *self.parameters(scale, zero)])

    def end(self, v: str, scale: float, zero: int = 101) -> None:
        self.outputs.append(self.op("QuantizeLinear", [v, *self.parameters(scale, zero)]))

    def channels(self, *shape: int) -> str:
        return self.const(self.random.standard_normal(shape).astype("f"))

    def weights(self, *shape: int) -> str:
        """With a scale for each of 7 outputs, which are dimension 0 or 1."""
        stored = self.const(self.random.integers(-127, 128, shape).astype(np.int8))
        scales = self.const(self.random.uniform(0.003, 0.005, 7).astype("f"))
        return self.op("DequantizeLinear", [stored, scales, self.const(np.zeros(7, np.int8))], axis=shape.index(7))

    def fill(self) -> None:
        a, b = self.floats
        statistics = [self.channels(12) for _ in range(3)] + [self.const(self.random.uniform(0.1, 3, 12).astype("f"))]
        self.end(self.op("BatchNormalization", [a, *statistics]), 0.02)
        self.end(self.op("PRelu", [a, self.channels(12, 1, 1)]), 0.018)
        # Ties: rows of a table.
        self.end(self.op("Mul", [a, self.const(np.float32([0.5, 0.25, 1.5] * 4).reshape(12, 1, 1))]), 0.021)
        self.end(self.op("Sigmoid", [a]), 1 / 256, 0)
        for kind, scale in ("Add", 0.05), ("Sub", 0.05), ("Mul", 0.06), ("Div", 0.3), ("Max", 0.03), ("Min", 0.031):
            self.end(self.op(kind, [a, b]), scale)
        for kind in "Max", "Min", "Mean":
            self.end(self.op(f"Reduce{kind}", [a], axes=[1]), 0.019)
        self.end(self.op("ReduceSum", [a, self.const(np.int64([0, 1, 3]))]), 0.4)
        self.end(self.op("AveragePool", [a], kernel_shape=[3, 2], pads=[1, 0, 1, 0]), 0.02)
        self.end(self.op("GlobalAveragePool", [self.op("Div", [a, self.const(np.float32(6))])]), 0.001)
        self.end(self.op("InstanceNormalization", [a, self.channels(12), self.channels(12)]), 0.03)
        self.end(self.op("LayerNormalization", [a, self.channels(9), self.channels(9)]), 0.03)
        for axis in -1, 1:
            self.end(self.op("Softmax", [a], axis=axis), 1 / 256, 0)
            self.end(self.op("LogSoftmax", [a], axis=axis), 1 / 32, 255)
        self.end(self.op("Relu", [self.op("Conv", [a, self.weights(7, 12, 3, 3)], pads=[1, 1, 1, 1])]), 0.05, 0)
        self.end(self.op("ConvTranspose", [a, self.weights(12, 7, 3, 3)], strides=[2, 2], dilations=[1, 2]), 0.05)
        sizes = self.const(np.int64([1, 12, 23, 14]))
        self.end(self.op("Resize", [a, "", "", sizes], mode="linear"), 0.019)
        self.end(self.op("Resize", [a, "", "", sizes], mode="cubic", coordinate_transformation_mode="align_corners"), 0.02)

    def save(self, path: str) -> None:
        inputs = [helper.make_tensor_value_info(n, TensorProto.UINT8, SHAPE) for n in "ab"]
        outputs = [helper.make_tensor_value_info(n, TensorProto.UINT8, None) for n in self.outputs]
        graph = helper.make_graph(self.nodes, "integers", inputs, outputs, self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.save(onnx.shape_inference.infer_shapes(model), path)


def float_instructions(objdump: str, archive: str, machine: str) -> int:
    listing = subprocess.run([objdump, "-d", "--no-show-raw-insn", archive], check=True, capture_output=True, text=True).stdout
    mnemonics = re.findall(r"^\s*[0-9a-f]+:\s+(\S+)", listing, re.M)
    assert len(mnemonics) > 1000, listing[:500]
    return sum(re.match(FLOATS[machine], mnemonic) is not None for mnemonic in mnemonics)


def main() -> int:
    mlc, objdump, mode, *targets = sys.argv[1:]
    x = np.random.default_rng(5).integers(0, 256, (2, SAMPLES, *SHAPE), dtype=np.uint8)
    x[:, 0], x[:, 1], x[0, 2], x[1, 2] = 0, 255, 255, 121
    graph, wanted, failed = Graph(), None, 0
    graph.fill()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "integers.onnx")
        graph.save(path)
        for target in ("native", *targets):
            machine, flags = FLAGS.get(target, (target, []))
            compiled = engine.compile_model(mlc, path, "integers", os.path.join(folder, target), machine, {}, 300,
                                            (f"--arithmetic={mode}", *flags))
            if target in ("native", "aarch64"):
                found = float_instructions(objdump, compiled.archive, "x86" if target == "native" else target)
                print(f"{target}: {found} instructions of floats")
                failed += found
            shapes = [((SAMPLES, *output["shape"]), np.dtype(np.uint8)) for output in compiled.contract["outputs"]]
            values, _ = engine.execute(engine.link(compiled, machine), machine, list(x), shapes, 300)
            wanted = values if wanted is None else wanted
            differ = sum(int((v != w).sum()) for v, w in zip(values, wanted))
            print(f"{target}: {differ} of {sum(v.size for v in values)} differ")
            failed += differ
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
