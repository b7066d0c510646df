"""Write models whose constant tables would take more than the compiler has: large_tables.py FOLDER."""
import sys

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper

LARGE = 2**31 - 1


def save(name, node, inputs, outputs, constants=(), opset=21):
    graph = h.make_graph([node], "g", [h.make_tensor_value_info(*v) for v in inputs],
                         [h.make_tensor_value_info(*v) for v in outputs],
                         [numpy_helper.from_array(np.asarray(v, np.int64), n) for n, v in constants])
    onnx.save(h.make_model(graph, opset_imports=[h.make_opsetid("", opset)], ir_version=10), f"{sys.argv[1]}/{name}.onnx")


save("affine", h.make_node("AffineGrid", ["t", "s"], ["y"]), [("t", T.FLOAT, [1, 2, 3])],
     [("y", T.FLOAT, [1, LARGE, 6, 2])], [("s", [1, 2, LARGE, 6])])
save("deform", h.make_node("DeformConv", ["x", "w", "o"], ["y"], kernel_shape=[1, 1]),
     [("x", T.FLOAT, [1, 1, LARGE, 1]), ("w", T.FLOAT, [1, 1, 1, 1]), ("o", T.FLOAT, [1, 2, LARGE, 1])],
     [("y", T.FLOAT, [1, 1, LARGE, 1])])
save("draws", h.make_node("Multinomial", ["x"], ["y"], sample_size=1), [("x", T.FLOAT, [1, 100000])], [("y", T.INT32, [1, 1])])
