"""ONNX models of a number of like parts, for bench/growth: a family is a function of that number."""
from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Graph:
    def __init__(self):
        self.nodes: list[onnx.NodeProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.random = np.random.RandomState(1)

    def node(self, kind: str, *inputs: str, count: int = 1, **attributes) -> str | list[str]:
        results = [f"v{len(self.nodes)}_{i}" for i in range(count)]
        self.nodes.append(helper.make_node(kind, inputs, results, **attributes))
        return results[0] if count == 1 else results

    def constant(self, values) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def weights(self, *shape: int) -> str:
        return self.constant((self.random.standard_normal(shape) / np.sqrt(shape[-1])).astype("f4"))

    def input(self, *shape: int) -> str:
        name = f"x{len(self.inputs)}"
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        return name

    def output(self, name: str, *shape: int) -> None:
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def model(self) -> onnx.ModelProto:
        graph = helper.make_graph(self.nodes, "growth", self.inputs, self.outputs, self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)


def pieces(n: int, axis: int) -> Graph:
    """A Concat of n products."""
    g = Graph()
    x, u = g.input(1, n, 8), g.weights(8, 16)
    parts = []
    for i in range(n):
        row = g.node("Gather", x, g.constant(np.int64([i])), axis=1)
        parts.append(g.node("MatMul", row, u))
    g.output(g.node("Concat", *parts, axis=axis), *((1, n, 16) if axis == 1 else (1, 1, 16 * n)))
    return g


def joined_inputs(n: int) -> Graph:
    """A Concat of n inputs."""
    g = Graph()
    g.output(g.node("Concat", *[g.input(4) for _ in range(n)], axis=0), 4 * n)
    return g


def recurrent(n: int) -> Graph:
    """n steps of an LSTM cell, written out, whose states are joined."""
    g = Graph()
    size = 16
    x, w, u = g.input(1, n, 8), g.weights(8, 4 * size), g.weights(size, 4 * size)
    h = c = g.constant(np.zeros((1, size), "f4"))
    states = []
    for i in range(n):
        step = g.node("Gather", x, g.constant(np.int64(i)), axis=1)
        gates = g.node("Add", g.node("MatMul", step, w), g.node("MatMul", h, u))
        i_gate, o_gate, f_gate, new = g.node("Split", gates, count=4, axis=1, num_outputs=4)
        kept = g.node("Mul", g.node("Sigmoid", f_gate), c)
        c = g.node("Add", kept, g.node("Mul", g.node("Sigmoid", i_gate), g.node("Tanh", new)))
        h = g.node("Mul", g.node("Sigmoid", o_gate), g.node("Tanh", c))
        states.append(g.node("Unsqueeze", h, g.constant(np.int64([1]))))
    g.output(g.node("Concat", *states, axis=1), 1, n, size)
    return g


def chain(n: int, kind: str) -> Graph:
    """n elementwise operators, one behind the other."""
    g = Graph()
    v = g.input(4)
    for _ in range(n):
        v = g.node(kind, v)
    g.output(v, 4)
    return g


def tail(n: int) -> Graph:
    """n elementwise operators behind a product."""
    g = Graph()
    v = g.node("MatMul", g.input(4, 8), g.weights(8, 16))
    for _ in range(n):
        v = g.node("Sin", v)
    g.output(v, 4, 16)
    return g


def sums(n: int) -> Graph:
    """One Sum of n inputs."""
    g = Graph()
    g.output(g.node("Sum", *[g.input(4) for _ in range(n)]), 4)
    return g


def split(n: int) -> Graph:
    """A Split into n pieces, each an output of its own behind an operator."""
    g = Graph()
    pieces = g.node("Split", g.input(4 * n), count=n, axis=0, num_outputs=n)
    for piece in [pieces] if n == 1 else pieces:
        g.output(g.node("Neg", piece), 4)
    return g


def outputs(n: int) -> Graph:
    """n outputs of n inputs."""
    g = Graph()
    for _ in range(n):
        g.output(g.node("Neg", g.input(4)), 4)
    return g


def shapes(n: int) -> Graph:
    """n operators of as many shapes."""
    g = Graph()
    for i in range(n):
        g.output(g.node("Sqrt", g.input(i + 2)), i + 2)
    return g


def residual(n: int) -> Graph:
    """n blocks of a convolution and a skip."""
    g = Graph()
    v, w = g.input(1, 8, 8, 8), g.weights(8, 8, 3, 3)
    for _ in range(n):
        v = g.node("Relu", g.node("Add", g.node("Conv", v, w, pads=[1, 1, 1, 1]), v))
    g.output(v, 1, 8, 8, 8)
    return g


def road(n: int) -> Graph:
    """A small segmentation network of about n nodes: encoder, branches of several dilations, skips, decoder."""
    g = Graph()
    v, shape, skips = g.input(1, 3, 64, 96), [3, 64, 96], []

    def conv(v, out, kernel=3, stride=1, dilation=1, groups=1):
        w, b = g.weights(out, shape[0] // groups, kernel, kernel), g.weights(out)
        pad = dilation * (kernel // 2)
        shape[0] = out
        shape[1:] = [(s + 2 * pad - dilation * (kernel - 1) - 1) // stride + 1 for s in shape[1:]]
        return g.node(
            "Relu",
            g.node("Conv", v, w, b, pads=[pad] * 4, strides=[stride] * 2, dilations=[dilation] * 2, group=groups),
        )

    for width in (8, 16, 24):
        v = conv(v, width, stride=2)
        skips.append((v, list(shape)))
    made = len(g.nodes)
    while len(g.nodes) - made < n - 20:
        before, width = v, shape[0]
        parts = []
        for dilation in (1, 2, 4):
            shape[0] = width
            parts.append(conv(v, 8, dilation=dilation))
        shape[0] = 24
        v = g.node("Concat", *parts, axis=1)
        v = conv(v, width, kernel=1)
        v = g.node("Add", v, before)
        v = conv(v, width, groups=width)
    for skip, skip_shape in reversed(skips[:-1]):
        v = g.node("Resize", v, "", "", g.constant(np.int64([1, shape[0], *skip_shape[1:]])), mode="linear")
        v = g.node("Concat", v, skip, axis=1)
        shape[:] = [shape[0] + skip_shape[0], *skip_shape[1:]]
        v = conv(v, skip_shape[0])
    g.output(v, 1, *shape)
    return g


def varied(n: int) -> Graph:
    """About n nodes of branches, hardly two convolutions of which have the same shape: n / 400 MB of weights."""
    g = Graph()
    height, width = 32, 48
    widths = [4 + (7 * i * i + 3 * i) % 17 for i in range(n)]

    def conv(v, before, after, kernel, dilation=1, groups=1):
        w = g.weights(after, before // groups, kernel, kernel)
        conv = g.node("Conv", v, w, g.weights(after), pads=[dilation * (kernel // 2)] * 4, dilations=[dilation] * 2, group=groups)
        return g.node("Relu", conv)

    v, channels, block = g.input(1, 3, height, width), 3, 0
    while len(g.nodes) < n - 2:
        a, b, c = (widths[(3 * block + i) % n] + i for i in range(3))
        left = conv(v, channels, a, 3, dilation=1 + block % 3)
        right = conv(conv(v, channels, b, 1), b, b, 3, groups=b)
        pooled = g.node("MaxPool", right, kernel_shape=[3, 3], pads=[1] * 4)
        joined = g.node("Concat", left, pooled, axis=1)
        v, channels, block = conv(joined, a + b, c, 1 + 2 * (block % 2)), c, block + 1
    half = g.node("AveragePool", v, kernel_shape=[2, 2], strides=[2, 2])
    v = g.node("Resize", half, "", "", g.constant(np.int64([1, channels, height, width])), mode="linear")
    g.output(v, 1, channels, height, width)
    return g


def scatter(n: int) -> Graph:
    """ScatterElements at n constant places."""
    g = Graph()
    places = g.random.permutation(4 * n)[:n].astype("i8")
    g.output(g.node("ScatterElements", g.input(4 * n), g.constant(places), g.input(n)), 4 * n)
    return g


def scatters(n: int) -> Graph:
    """n ScatterElements, one behind the other, each at a constant place."""
    g = Graph()
    v = g.input(2 * n)
    for i in range(n):
        v = g.node("ScatterElements", v, g.constant(np.int64([i * 7 % (2 * n)])), g.constant(np.float32([i])))
    g.output(v, 2 * n)
    return g


def norm(n: int) -> Graph:
    """LRN over n channels' neighbourhood."""
    g = Graph()
    g.output(g.node("LRN", g.input(1, 6, 3, 4), size=n), 1, 6, 3, 4)
    return g


def transposed(n: int) -> Graph:
    """ConvTranspose with a kernel n wide."""
    g = Graph()
    g.output(g.node("ConvTranspose", g.input(1, 1, 3), g.weights(1, 2, n)), 1, 2, n + 2)
    return g


def dense(n: int) -> Graph:
    """Layers with n MB of weights."""
    g = Graph()
    v = g.input(1, 512)
    for _ in range(n):
        v = g.node("Relu", g.node("Gemm", v, g.weights(512, 512)))
    g.output(v, 1, 512)
    return g


def taps(n: int) -> Graph:
    """Convolutions of each channel, and of groups of two, over windows of n."""
    g = Graph()
    v = g.input(1, 8, 3 * n)
    for channels in 1, 2:
        v = g.node("Conv", v, g.weights(8, channels, n), group=8 // channels)
    g.output(v, 1, 8, n + 2)
    return g


# The least of three sizes that bench/growth takes unless told otherwise, by family.
def standardized(n: int) -> Graph:
    """n convolutions of 2.25 MiB whose weights are standardised in the graph, as of networks without batch normalisation."""
    g = Graph()
    x = g.input(1, 256, 8, 8)
    for _ in range(n):
        w = g.weights(256, 256, 3, 3)
        centred = g.node("Sub", w, g.node("ReduceMean", w, g.constant(np.int64([1, 2, 3])), keepdims=1))
        squares = g.node("ReduceMean", g.node("Mul", centred, centred), g.constant(np.int64([1, 2, 3])), keepdims=1)
        deviation = g.node("Sqrt", g.node("Add", squares, g.constant(np.float32(1e-5))))
        scaled = g.node("Div", centred, deviation)
        x = g.node("Relu", g.node("Conv", x, scaled, pads=[1, 1, 1, 1]))
    g.output(x, 1, 256, 8, 8)
    return g


def blocks(n: int) -> Graph:
    """Blocks of MobileNet's kind, none as wide as another: much code for few weights."""
    g = Graph()
    x, width = g.input(1, 16, 14, 14), 16
    for i in range(n):
        wide, out = 4 * width, 24 + 4 * i
        y = g.node("Relu", g.node("Conv", x, g.weights(wide, width, 1, 1), g.weights(wide)))
        y = g.node("Relu", g.node("Conv", y, g.weights(wide, 1, 3, 3), g.weights(wide), pads=[1, 1, 1, 1], group=wide))
        x, width = g.node("Conv", y, g.weights(out, wide, 1, 1), g.weights(out)), out
    g.output(x, 1, width, 14, 14)
    return g


FAMILIES = {
    "pieces": (125, lambda n: pieces(n, 1)),
    "lanes": (125, lambda n: pieces(n, 2)),
    "joined_inputs": (250, joined_inputs),
    "recurrent": (75, recurrent),
    "chain_sin": (250, lambda n: chain(n, "Sin")),
    "chain_softsign": (250, lambda n: chain(n, "Softsign")),
    "tail": (250, tail),
    "sums": (250, sums),
    "split": (500, split),
    "outputs": (500, outputs),
    "shapes": (125, shapes),
    "residual": (250, residual),
    "road": (100, road),
    "varied": (100, varied),
    "scatter": (32, scatter),
    "scatters": (64, scatters),
    "norm": (4096, norm),
    "transposed": (1024, transposed),
    "dense": (20, dense),
    "taps": (256, taps),
    "standardized": (8, standardized),
    "blocks": (40, blocks),
}
