"""onnxruntime's answers, without its optimiser: what every random graph is measured by."""
from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
from onnx import helper

IR_VERSION = 10
MS_DOMAIN = "com.microsoft"


class Refused(Exception):
    """onnxruntime knows no such model, or ended it with an error."""


def options() -> onnxruntime.SessionOptions:
    chosen = onnxruntime.SessionOptions()
    chosen.log_severity_level = 4
    chosen.intra_op_num_threads = 1
    chosen.inter_op_num_threads = 1
    chosen.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return chosen


OPTIONS = options()


def session_of(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    try:
        return onnxruntime.InferenceSession(model.SerializeToString(), OPTIONS, providers=["CPUExecutionProvider"])
    except Exception as error:  # its exceptions share no base class
        raise Refused(str(error)) from error


def run(session: onnxruntime.InferenceSession, feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
    try:
        return [np.asarray(value) for value in session.run(None, feeds)]
    except Exception as error:
        raise Refused(str(error)) from error


def info_of(name: str, value: np.ndarray) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)


def model_of(nodes, inputs, outputs, constants, opset: int) -> onnx.ModelProto:
    """A model of nodes, from lists of ValueInfoProto and of TensorProto."""
    graph = helper.make_graph(nodes, "random", inputs, outputs, constants)
    domains = [helper.make_opsetid("", opset), helper.make_opsetid(MS_DOMAIN, 1)]
    return helper.make_model(graph, opset_imports=domains, ir_version=IR_VERSION)


def node_session(node: onnx.NodeProto, feeds: dict[str, np.ndarray], opset: int) -> onnxruntime.InferenceSession:
    """A model of this node alone; what it reads, its inner graphs too, are inputs."""
    outputs = [helper.make_empty_tensor_value_info(name) for name in node.output if name]
    return session_of(model_of([node], [info_of(k, v) for k, v in feeds.items()], outputs, [], opset))
