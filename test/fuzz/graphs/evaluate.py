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


def run(session: onnxruntime.InferenceSession, feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
    try:
        return [np.asarray(value) for value in session.run(None, feeds)]
    except Exception as error:
        raise Refused(str(error)) from error


# Where products of bytes have their second operand and its zero point.
SECOND = {"MatMulInteger": (1, 3), "ConvInteger": (1, 3), "QLinearMatMul": (3, 5), "QLinearConv": (3, 5),
          "DynamicQuantizeMatMul": (1, 3), "MatMulIntegerToFloat": (1, 5)}


def unsigned(name: str, new: str) -> list[onnx.NodeProto]:
    """What gives signed bytes plus 128 as unsigned ones."""
    return [
        helper.make_node("Cast", [name], [f"{new}_wide"], to=onnx.TensorProto.INT32),
        helper.make_node("Constant", [], [f"{new}_half"], value_int=128),
        helper.make_node("Cast", [f"{new}_half"], [f"{new}_step"], to=onnx.TensorProto.INT32),
        helper.make_node("Add", [f"{new}_wide", f"{new}_step"], [f"{new}_sum"]),
        helper.make_node("Cast", [f"{new}_sum"], [new], to=onnx.TensorProto.UINT8),
    ]


def widened(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same model, whose products of bytes have unsigned second operands.

    Of unsigned bytes by signed ones onnxruntime adds pairs in 16 bits where an x86 CPU has no VNNI, and these saturate.
    """
    if not any(node.op_type in SECOND for node in model.graph.node):
        return model
    types = {v.name: v.type.tensor_type.elem_type for v in onnx.shape_inference.infer_shapes(model).graph.value_info}
    types |= {v.name: v.type.tensor_type.elem_type for v in model.graph.input}
    types |= {v.name: v.data_type for v in model.graph.initializer}
    result, nodes = onnx.ModelProto(), []
    result.CopyFrom(model)
    for i, given in enumerate(model.graph.node):
        node = onnx.NodeProto()
        node.CopyFrom(given)
        second, zero = SECOND.get(node.op_type, (0, 0))
        if second and types.get(node.input[second]) == onnx.TensorProto.INT8:
            nodes += unsigned(node.input[second], f"unsigned_{i}_operand")
            node.input[second] = f"unsigned_{i}_operand"
            node.input.extend([""] * (zero + 1 - len(node.input)))
            if node.input[zero]:
                nodes += unsigned(node.input[zero], f"unsigned_{i}_zero")
            else:
                half = helper.make_tensor("half", onnx.TensorProto.UINT8, [], [128])
                nodes.append(helper.make_node("Constant", [], [f"unsigned_{i}_zero"], value=half))
            node.input[zero] = f"unsigned_{i}_zero"
        nodes.append(node)
    del result.graph.node[:]
    result.graph.node.extend(nodes)
    return result


def session_of(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    try:
        return onnxruntime.InferenceSession(widened(model).SerializeToString(), OPTIONS, providers=["CPUExecutionProvider"])
    except Exception as error:  # its exceptions share no base class
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
