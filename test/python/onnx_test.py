"""What needs the package onnx: models as protos, and mlc as a backend."""
import unittest

import mlc_compiler
import mlc_compiler.backend as backend
import numpy as np
import onnx
from files import DIGITS, MODELS
from onnx import TensorProto, helper, numpy_helper


def model_of(nodes, inputs, outputs, **keywords):
    graph = helper.make_graph(nodes, "small", inputs, outputs, **keywords)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def value(name, shape, dtype=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, dtype, shape)


class Backend(unittest.TestCase):
    def test_protos_are_models(self):
        proto = onnx.load(DIGITS / "digits.onnx")
        library = mlc_compiler.compile(proto, dim={"N": 1}, name="digits")
        self.assertEqual(library.archive, mlc_compiler.compile(DIGITS / "digits.onnx", dim={"N": 1}).archive)

    def test_runs_models(self):
        images, expected = np.load(DIGITS / "input.npy"), np.load(DIGITS / "expected.npy")
        proto = onnx.load(DIGITS / "digits.onnx")
        rep = backend.prepare(proto)
        for count in (1, 10, 3):
            outputs = rep.run([images[:count]])
            np.testing.assert_allclose(outputs.scores, expected[:count], atol=1e-5)
        np.testing.assert_allclose(rep.run({"image": images})["scores"], expected, atol=1e-5)
        np.testing.assert_allclose(backend.run_model(proto, images)[0], expected, atol=1e-5)
        coarse = backend.run_model(proto, [images], precision="bf16")[0]
        self.assertGreater(np.abs(coarse - expected).max(), 0)

    def test_runs_nodes(self):
        x, y = np.arange(6, dtype=np.float32).reshape(2, 3), np.ones((3, 2), np.float32)
        product, = backend.run_node(helper.make_node("MatMul", ["x", "y"], ["z"]), [x, y])
        np.testing.assert_array_equal(product, x @ y)
        twice, = backend.run_node(helper.make_node("Add", ["x", "x"], ["z"]), {"x": x})
        np.testing.assert_array_equal(twice, 2 * x)
        ends = backend.run_node(helper.make_node("TopK", ["x", "k"], ["values", "indices"]), [x, np.array([2])], opset_version=11)
        np.testing.assert_array_equal(ends.indices, [[2, 1], [2, 1]])

    def test_values_that_decide_shapes_may_change(self):
        proto = model_of([helper.make_node("Reshape", ["x", "shape"], ["y"])], [value("x", [12]), value("shape", [2], TensorProto.INT64)],
                         [value("y", None)])
        self.assertEqual(mlc_compiler.shape_inputs(proto.SerializeToString()), ["shape"])
        rep = backend.prepare(proto)
        x = np.arange(12, dtype=np.float32)
        for shape in ([3, 4], [2, 6], [3, 4]):
            y, = rep.run([x, np.array(shape)])
            np.testing.assert_array_equal(y, x.reshape(shape))

    def test_initializers_are_no_inputs(self):
        weights = numpy_helper.from_array(np.full(3, 2, np.float32), "w")
        proto = model_of([helper.make_node("Mul", ["x", "w"], ["y"])], [value("x", [3]), value("w", [3])], [value("y", [3])],
                         initializer=[weights])
        y, = backend.run_model(proto, [np.ones(3, np.float32)])
        np.testing.assert_array_equal(y, [2, 2, 2])

    def test_counts_are_lengths(self):
        proto = onnx.load(MODELS / "unique_values.onnx")
        inputs = [np.zeros([dim.dim_value for dim in each.type.tensor_type.shape.dim],
                           helper.tensor_dtype_to_np_dtype(each.type.tensor_type.elem_type)) for each in proto.graph.input]
        outputs = backend.run_model(proto, inputs)
        self.assertEqual(len(outputs), len(proto.graph.output))
        self.assertIn(1, outputs[0].shape)

    def test_refuses(self):
        def text_of(function, *arguments, **keywords):
            with self.assertRaises(mlc_compiler.Error) as caught:
                function(*arguments, **keywords)
            return str(caught.exception)

        bad = onnx.load(MODELS / "bad/unsupported_two.onnx")
        self.assertIn("node 'second' (Wobble, opset 17)", text_of(backend.prepare, bad))
        self.assertFalse(backend.is_compatible(bad))
        good = onnx.load(MODELS / "mlp.onnx")
        self.assertTrue(backend.is_compatible(good))
        self.assertIn("'CUDA' is not supported", text_of(backend.prepare, good, "CUDA"))
        self.assertTrue(backend.supports_device("CPU:0"))
        self.assertFalse(backend.supports_device("TPU"))
        self.assertIn("2 inputs are given, 1 are required", text_of(backend.run_model, good, [1, 2]))
        self.assertIn("input 'x': is missing", text_of(backend.run_model, good, {"y": 1}))
        self.assertIn("sequences and optionals", text_of(backend.run_model, good, {"x": None}))
        self.assertIn("no such option; did you mean", text_of(backend.prepare, good, max_ulps=1))


if __name__ == "__main__":
    unittest.main()
