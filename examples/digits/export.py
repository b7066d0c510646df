"""Writes a trained digits network as ONNX (f32 and int8) and as the small files of the C example."""

import json
import pathlib
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import (CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType,
                                      quantize_static)
from onnxruntime.quantization.shape_inference import quant_pre_process

import network

OPSET = 17
LABELS = [str(digit) for digit in range(network.CLASSES)]
PREPROCESSING = "raw 0..16"
METADATA = {
    "author": "the mlc authors",
    "licence": "Apache-2.0 WITH LLVM-exception",
    "data": "UCI Optical Recognition of Handwritten Digits (CC BY 4.0), as carried by scikit-learn",
    "labels": ",".join(LABELS),
    "input_range": "0..16",
    "preprocessing": PREPROCESSING,
}


class _Graph:
    """Collects nodes and initializers; each method appends one layer and returns the name of its result."""

    def __init__(self, params):
        self.params, self.nodes, self.initializers = params, [], []

    def constant(self, name, array):
        self.initializers.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def node(self, op, name, inputs, output=None, **attributes):
        output = output or f"{name}.out"
        self.nodes.append(helper.make_node(op, inputs, [output], name=name, **attributes))
        return output

    def conv_norm(self, name, x):
        _, _, kernel, groups = network.CONVOLUTIONS[name]
        weight = self.constant(f"{name}.weight", self.params[f"{name}.weight"])
        x = self.node("Conv", f"{name}.conv", [x, weight], kernel_shape=[kernel] * 2, pads=[kernel // 2] * 4,
                      group=groups)
        fields = [self.constant(f"{name}.{f}", self.params[f"{name}.{f}"]) for f in ("scale", "bias", "mean", "var")]
        return self.node("BatchNormalization", f"{name}.norm", [x, *fields], epsilon=network.EPSILON)

    def separable_block(self, name, x):
        y = self.node("Relu", f"{name}.depthwise.relu", [self.conv_norm(f"{name}.depthwise", x)])
        y = self.node("Add", f"{name}.add", [self.conv_norm(f"{name}.pointwise", y), x])
        return self.node("Relu", f"{name}.relu", [y])


def float_model(params):
    """The network as an opset 17 model with every operator explicit, so that fusing them is the compiler's work."""
    g = _Graph(params)
    x = g.node("Mul", "scale", ["image", g.constant("input_scale", np.float32(network.INPUT_SCALE))])
    x = g.node("Relu", "stem.relu", [g.conv_norm("stem", x)])
    x = g.separable_block("block1", x)
    x = g.node("MaxPool", "pool", [x], kernel_shape=[2, 2], strides=[2, 2])
    x = g.node("Relu", "widen.relu", [g.conv_norm("widen", x)])
    x = g.separable_block("block2", x)
    x = g.node("GlobalAveragePool", "average", [x])
    x = g.node("Flatten", "flatten", [x], axis=1)
    weight, bias = (g.constant(f"fc.{f}", params[f"fc.{f}"]) for f in ("weight", "bias"))
    x = g.node("Gemm", "fc", [x, weight, bias], transB=1)
    g.node("Softmax", "softmax", [x], output="scores", axis=1)
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 1, 8, 8],
                                          "grey levels of an 8x8 image, 0 (paper) to 16 (ink), rows from the top")
    scores = helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["N", network.CLASSES],
                                           "probability of each digit, 0 to 9; they add up to 1")
    graph = helper.make_graph(g.nodes, "digits", [image], [scores], g.initializers,
                              doc_string="Tells which digit an 8x8 image shows.")
    return _labelled(helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)]),
                     "Handwritten digits, a small residual network with depthwise-separable convolutions.")


def _labelled(model, doc):
    model.ir_version = 8
    model.producer_name = "examples/digits/train.py"
    model.producer_version = ""
    model.model_version = 1
    model.doc_string = doc
    del model.metadata_props[:]
    helper.set_model_props(model, METADATA)
    return model


class _Images(CalibrationDataReader):
    def __init__(self, images, batch=64):
        self._feeds = iter([{"image": images[i : i + batch]} for i in range(0, len(images) - batch + 1, batch)])

    def get_next(self):
        return next(self._feeds, None)


def int8_model(model, images):
    """`model` in QDQ form: int8 weights per output channel, uint8 activations, calibrated on `images`.

    onnxruntime folds the BatchNorms first, as its quantiser requires. Softmax stays in f32."""
    with tempfile.TemporaryDirectory() as folder:
        source, folded, result = (pathlib.Path(folder) / f"{n}.onnx" for n in ("f32", "folded", "int8"))
        onnx.save(model, source)
        quant_pre_process(source, folded, skip_symbolic_shape=True)
        quantize_static(folded, result, _Images(images), quant_format=QuantFormat.QDQ, per_channel=True,
                        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
                        calibrate_method=CalibrationMethod.MinMax,
                        op_types_to_quantize=["Conv", "Relu", "Gemm", "Add", "MaxPool", "GlobalAveragePool"])
        quantised = onnx.load(result)
    # The pre-processing leaves inferred types and opset imports of domains that no node uses.
    del quantised.graph.value_info[:]
    used = {node.domain for node in quantised.graph.node}
    kept = [opset for opset in quantised.opset_import if opset.domain in used]
    del quantised.opset_import[:]
    quantised.opset_import.extend(kept)
    for target, origin in ((quantised.graph.input[0], model.graph.input[0]),
                           (quantised.graph.output[0], model.graph.output[0])):
        target.CopyFrom(origin)
    quantised.graph.name, quantised.graph.doc_string = "digits_int8", model.graph.doc_string
    return _labelled(quantised, model.doc_string + " int8 QDQ, per channel.")


def _c_table(comment, name, rows):
    """A table of floats; each row is a list of lines of C."""
    body = ",\n".join("    {" + ",\n     ".join(lines) + "}" for lines in rows)
    return f"/* {comment} */\nstatic const float {name} = {{\n{body}}};\n"


def _c_float(value):
    text = str(np.float32(value))  # the shortest decimal that reads back as the same f32
    return text + ("f" if "." in text or "e" in text else ".0f")


def write_samples(path, images, labels, scores):
    """samples.h: the images, labels and expected scores as C arrays. Grey levels are whole numbers."""
    pictures = [[", ".join(f"{int(v):2d}" for v in row) for row in image[0]] for image in images]
    answers = [[", ".join(map(_c_float, row[:5])), ", ".join(map(_c_float, row[5:]))] for row in scores]
    path.write_text("\n".join([
        "/* Ten held-out images of the digits data set with labels and the scores that onnxruntime gives them.",
        "   Written by train.py; see README.md for the origin and licence of the data. */",
        "#ifndef DIGITS_SAMPLES_H",
        "#define DIGITS_SAMPLES_H",
        "",
        f"enum {{ SAMPLE_COUNT = {len(images)} }};",
        "",
        _c_table("8x8 grey levels, 0 to 16, row by row.", "sample_images[SAMPLE_COUNT][64]", pictures),
        "/* The digit that a person wrote. */",
        f"static const int sample_labels[SAMPLE_COUNT] = {{{', '.join(str(v) for v in labels)}}};",
        "",
        _c_table("Expected probabilities of 0 to 9.", "sample_scores[SAMPLE_COUNT][10]", answers),
        "#endif /* DIGITS_SAMPLES_H */",
        ""]), encoding="ascii")


def write_contract(path):
    """digits.contract.json: what a user of the compiled model must know and ONNX has no field for."""
    contract = {
        "inputs": {"image": {
            "layout": "NCHW", "range": [0, 16], "preprocessing": PREPROCESSING,
            "meaning": "grey levels of an 8x8 image, 0 (paper) to 16 (ink), rows from the top"}},
        "outputs": {"scores": {
            "layout": "NC", "range": [0, 1], "labels": LABELS,
            "meaning": "probability of each digit"}},
    }
    path.write_text(json.dumps(contract, indent=2) + "\n", encoding="ascii")
