"""Writes a small network of every kind of layer, each worth several threads: threads.py FILE."""
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper

random = np.random.default_rng(1)
nodes: list[onnx.NodeProto] = []
weights: list[onnx.TensorProto] = []


def weight(*shape: int) -> str:
    name = f"w{len(weights)}"
    values = random.standard_normal(shape).astype(np.float32) / np.sqrt(max(1, np.prod(shape[1:])))
    weights.append(onnx.numpy_helper.from_array(values.astype(np.float32), name))
    return name


def pruned(*shape: int, zeros: float = 0.67) -> str:
    """Weights of which a share is zero."""
    name = weight(*shape)
    values = onnx.numpy_helper.to_array(weights[-1]).copy()
    values[random.random(shape) < zeros] = 0
    weights[-1] = onnx.numpy_helper.from_array(values, name)
    return name


def add(op: str, *inputs: str, **attributes) -> str:
    name = f"t{len(nodes)}"
    nodes.append(helper.make_node(op, inputs, [name], **attributes))
    return name


def conv(x: str, out: int, inside: int, kernel: int, **attributes) -> str:
    pad = kernel // 2
    return add("Conv", x, weight(out, inside, kernel, kernel), weight(out), pads=[pad] * 4, **attributes)


stem = add("Relu", conv("x", 40, 3, 3, strides=[2, 2]))
wide = add("Sigmoid", conv(stem, 96, 40, 1))
depthwise = add("Clip", conv(wide, 96, 1, 5, group=96))
narrow = add("Add", conv(depthwise, 40, 96, 1), stem)
winograd = conv(narrow, 72, 40, 3)
sparse = add("Relu", add("Conv", winograd, pruned(72, 72, 1, 1), weight(72)))
grouped = conv(sparse, 72, 18, 3, group=4)
joined = add("Concat", winograd, grouped, axis=1)
pooled = add("AveragePool", joined, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
normal = add("Softmax", add("Erf", pooled), axis=1)
attention = add("MatMul", add("Transpose", normal, perm=[0, 1, 3, 2]), pooled)
reduced = add("Flatten", add("ReduceMean", attention, axes=[2], keepdims=0))
# Few pixels, whose output channels are divided.
small = add("MaxPool", pooled, kernel_shape=[3, 3], strides=[2, 2])
window = add("Conv", small, pruned(250, 144, 3, 3, zeros=0.92), weight(250), pads=[1] * 4)
deep = add("Conv", window, pruned(301, 250, 1, 1))
mean = add("Flatten", add("GlobalAveragePool", deep))
logits = add("Add", add("Gemm", reduced, weight(144 * 29, 301), weight(301)), mean)
nodes.append(helper.make_node("Softmax", [logits], ["y"], axis=1))
graph = helper.make_graph(
    nodes,
    "threads",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 115, 115])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 301])],
    weights,
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
onnx.checker.check_model(model, full_check=True)
onnx.save(model, sys.argv[1])
