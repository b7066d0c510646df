"""Models for compare.test: one of floats, one of bytes by hand, and ones in which one thing is wrong.

    compare.py FOLDER    float.onnx, good.onnx, saturated.onnx, wide.onnx, weights.onnx, rescaled.onnx, nan.onnx, sign.onnx,
                         renamed.onnx, half.onnx, other_input.onnx; samples.npz, wrong.npz
"""
import os
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

random = np.random.RandomState(3)
WEIGHTS = {
    "w0": random.normal(0, 0.4, (6, 3, 3, 3)),
    "b0": random.uniform(0, 0.5, 6),
    "w1": random.normal(0, 0.3, (4, 6, 1, 1)),
    "b1": random.uniform(0, 0.5, 4),
    "w2": random.normal(0, 0.5, (4, 5)),
    "b2": random.normal(0, 1, 5),
}
# Values that are stored as bytes: scale and zero point.
STORED = {"x": (1 / 127, 128), "r0": (8 / 255, 0), "r1": (6 / 255, 0), "f": (4 / 255, 0)}


class Network:
    """Two convolutions and a fully connected layer; with `stored`, weights and those values rounded to bytes."""

    def __init__(self, stored=None, weights=None):
        self.stored, self.weights = stored or {}, dict(WEIGHTS, **(weights or {}))
        self.nodes, self.constants = [], []
        self.renamed = {}

    def constant(self, name, array):
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def node(self, op, inputs, output, **attributes):
        read = [self.renamed.get(name, name) for name in inputs]
        self.nodes.append(helper.make_node(op, read, [output], output + "_node", **attributes))
        self.store(output)

    def store(self, value):
        if value not in self.stored:
            return
        scale, zero = self.stored[value]
        names = [self.constant(value + "_scale", np.float32(scale)), self.constant(value + "_zero", np.uint8(zero))]
        self.nodes.append(helper.make_node("QuantizeLinear", [value, *names], [value + "_bytes"]))
        self.nodes.append(helper.make_node("DequantizeLinear", [value + "_bytes", *names], [value + "_back"]))
        self.renamed[value] = value + "_back"

    def weight(self, name):
        array = self.weights[name].astype("f4")
        if not self.stored:
            return self.constant(name, array)
        scale = np.float32(np.abs(WEIGHTS[name]).max() / 127)
        self.constant(name + "_bytes", np.clip(np.rint(array / scale), -128, 127).astype("i1"))
        names = [self.constant(name + "_scale", scale), self.constant(name + "_zero", np.int8(0))]
        self.nodes.append(helper.make_node("DequantizeLinear", [name + "_bytes", *names], [name + "_back"]))
        return name + "_back"

    def bias(self, name):
        return self.constant(name, self.weights[name].astype("f4"))

    def model(self, relu="Relu", batch="N", last="y"):
        self.store("x")
        self.node("Conv", ["x", self.weight("w0"), self.bias("b0")], "c0", pads=[1, 1, 1, 1])
        self.node("Relu", ["c0"], "r0")
        self.node("Conv", ["r0", self.weight("w1"), self.bias("b1")], "c1")
        self.node(relu, ["c1"], "r1")
        self.node("GlobalAveragePool", ["r1"], "p")
        self.node("Flatten", ["p"], "f")
        self.node("Gemm", ["f", self.weight("w2"), self.bias("b2")], last)
        x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, 3, 6, 6])
        y = helper.make_tensor_value_info(last, TensorProto.FLOAT, [batch, 5])
        graph = helper.make_graph(self.nodes, "g", [x], [y], self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def equalized():
    """Channels of the first convolution with factors that the second one takes back."""
    factors = np.exp2(np.arange(6) - 3.0)
    return Network(weights={"w0": WEIGHTS["w0"] * factors[:, None, None, None], "b0": WEIGHTS["b0"] * factors,
                            "w1": WEIGHTS["w1"] / factors[None, :, None, None]})


def main(folder):
    os.makedirs(folder, exist_ok=True)
    swapped = WEIGHTS["w1"][[1, 0, 2, 3]]
    models = {
        "float": Network().model(),
        "good": Network(STORED).model(),
        "saturated": Network(dict(STORED, r0=(0.6 / 255, 0))).model(),
        "wide": Network(dict(STORED, r1=(400 / 255, 0))).model(),
        "weights": Network(STORED, {"w1": swapped}).model(),
        "rescaled": equalized().model(),
        "nan": Network(weights={"b1": np.full(4, np.nan)}).model(),
        "sign": Network(STORED).model(relu="Abs"),
        "renamed": Network(STORED).model(last="scores"),
    }
    other = Network().model()
    other.graph.input[0].type.tensor_type.shape.dim[2].dim_value = 8
    models["other_input"] = other
    for name, model in models.items():
        onnx.save(model, os.path.join(folder, name + ".onnx"))
    np.savez(os.path.join(folder, "samples.npz"), x=random.uniform(-1, 1, (40, 3, 6, 6)).astype("f4"))
    np.savez(os.path.join(folder, "wrong.npz"), x=np.zeros((4, 3, 6, 7), "f4"))


if __name__ == "__main__":
    main(sys.argv[1])
