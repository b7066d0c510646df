"""Models and samples for quantize.test, and what it checks of the results.

    quantize.py make FOLDER                 model.onnx and others, samples.npz and others
    quantize.py agree FLOAT QDQ SAMPLES STEPS [MLC_Y.npy]
                                            onnxruntime's results of both models are as near as that many steps of the
                                            outputs' range in 256; mlc's of the first sample is onnxruntime's
    quantize.py types QDQ                   what is stored, by type, and the opset
    quantize.py label FLOAT SAMPLES OUT     samples with onnxruntime's results and answers, as targets and labels
    quantize.py bytes QDQ                   what weights, scales and biases take
"""
import collections
import os
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def network(random, batch="N", opset=17):
    """A convolution with BatchNormalization, a depthwise one, a sum, a pool and a fully connected layer."""
    weights = {
        "w0": random.normal(0, 0.3, (8, 3, 3, 3)),
        "gamma": random.uniform(0.5, 2, 8),
        "beta": random.normal(0, 1, 8),
        "mean": random.normal(0, 1, 8),
        "variance": random.uniform(0.5, 2, 8),
        "w1": random.normal(0, 0.5, (8, 1, 3, 3)),
        "b1": random.normal(0, 1, 8),
        "w2": random.normal(0, 0.3, (8, 8, 1, 1)),
        "w3": random.normal(0, 0.5, (8, 5)),
        "b3": random.normal(0, 1, 5),
    }
    weights["w2"][3] = 0
    nodes = [
        helper.make_node("Conv", ["x", "w0"], ["c0"], "conv0", pads=[1, 1, 1, 1], strides=[2, 2]),
        helper.make_node("BatchNormalization", ["c0", "gamma", "beta", "mean", "variance"], ["n0"]),
        helper.make_node("Relu", ["n0"], ["r0"]),
        helper.make_node("Conv", ["r0", "w1", "b1"], ["c1"], "conv1", pads=[1, 1, 1, 1], group=8),
        helper.make_node("Relu", ["c1"], ["r1"]),
        helper.make_node("Conv", ["r1", "w2"], ["c2"], "conv2"),
        helper.make_node("Add", ["c2", "r0"], ["s"]),
        helper.make_node("GlobalAveragePool", ["s"], ["p"]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("MatMul", ["f", "w3"], ["m"], "dense"),
        helper.make_node("Add", ["m", "b3"], ["y"]),
    ]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, 3, 8, 8])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [batch, 5])
    graph = helper.make_graph(
        nodes, "g", [x], [y], [numpy_helper.from_array(w.astype("f4"), name) for name, w in weights.items()]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    helper.set_model_props(model, {"author": "nobody"})
    return model


def small(nodes, shape, weights=()):
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(w, "f4"), name) for name, w in weights],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def make(folder):
    os.makedirs(folder, exist_ok=True)
    random = np.random.RandomState(0)
    save = lambda name, model: onnx.save(model, f"{folder}/{name}.onnx")
    samples = lambda name, **arrays: np.savez(f"{folder}/{name}.npz", **arrays)
    save("model", network(random))
    save("fixed", network(np.random.RandomState(0), batch=2))
    save("old", network(np.random.RandomState(0), opset=9))
    save("relu", small([helper.make_node("Relu", ["x"], ["y"])], [1, 4]))
    save("zeros", small([helper.make_node("Gemm", ["x", "w"], ["y"])], ["N", 4], [("w", np.zeros((4, 2)))]))
    save("log", small([helper.make_node("Log", ["x"], ["l"]), helper.make_node("MatMul", ["l", "w"], ["y"])],
                      ["N", 4], [("w", np.ones((4, 2)))]))
    x = random.normal(0, 1, (37, 3, 8, 8)).astype("f4")
    samples("samples", x=x)
    samples("even", x=x[:36])
    samples("one", x=x[:1])
    samples("none", x=x[:0])
    samples("flat", x=np.full((5, 3, 8, 8), 0.5, "f4"))
    samples("zero", x=np.zeros((5, 3, 8, 8), "f4"))
    samples("shape", x=x[:, :, :7])
    samples("name", z=x)
    samples("type", x=x.astype("f8"))
    samples("nan", x=np.where(x > 2, np.nan, x).astype("f4"))
    samples("rows", x=random.normal(0, 1, (9, 4)).astype("f4"))
    np.save(f"{folder}/first.npy", x[:1])


def run(path, x):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # Without VNNI onnxruntime's products of signed weights saturate unless told not to.
    options.add_session_config_entry("session.x64quantprecision", "1")
    return onnxruntime.InferenceSession(path, options).run(None, {"x": x})[0]


def agree(reference, quantised, samples, steps, mlc=None):
    x = np.load(samples)["x"]
    wanted, found = run(reference, x), run(quantised, x)
    step = (wanted.max() - wanted.min()) / 255
    worst = np.abs(wanted - found).max() / step
    assert worst <= float(steps), f"{worst} steps"
    if mlc:
        # An onnxruntime that computes a sum or product of floats in another order may round one value differently.
        np.testing.assert_allclose(np.load(mlc), run(quantised, x[:1]), atol=step / 4)


def label(model, samples, out):
    x = np.load(samples)["x"]
    y = run(model, x)
    np.savez(out, x=x, y=y, labels=y.argmax(1))


def stored_bytes(path):
    """Of what DequantizeLinear reads but zero points and what belongs to activations."""
    model = onnx.load(path)
    constants = {t.name: t for t in model.graph.initializer}
    total = 0
    for node in model.graph.node:
        if node.op_type == "DequantizeLinear" and node.input[0] in constants:
            tensor = constants[node.input[0]]
            size = int(np.prod(tensor.dims))
            is_bias = tensor.data_type == TensorProto.INT32
            is_half = tensor.data_type == TensorProto.INT4
            total += 4 * size if is_bias else (size + 1) // 2 if is_half else size
            # A bias has the scales of its weights.
            total += 0 if is_bias else 4 * int(np.prod(constants[node.input[1]].dims))
    print("bytes", total)


def types(path):
    model = onnx.load(path)
    stored = collections.Counter(TensorProto.DataType.Name(t.data_type) for t in model.graph.initializer if t.dims)
    print("opset", model.opset_import[0].version, dict(sorted(stored.items())))
    print("inputs", [i.name for i in model.graph.input], "outputs", [o.name for o in model.graph.output])
    print("metadata", {p.key: p.value for p in model.metadata_props})
    onnx.checker.check_model(model, full_check=True)


if __name__ == "__main__":
    {"make": make, "agree": agree, "types": types, "label": label, "bytes": stored_bytes}[sys.argv[1]](*sys.argv[2:])
