"""What bench/quantize asks, counts and reports, with a task made up on the spot."""
import argparse
import json
import os
import sys
import tempfile
import unittest

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../bench"))
import quantize  # noqa: E402
import quantize_tasks  # noqa: E402

MLC = sys.argv.pop()


def save_model(path):
    """Scores of three classes: a product with weights, which tools quantise."""
    random = np.random.RandomState(0)
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 16])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 3])
    weights = numpy_helper.from_array(random.randn(16, 3).astype("f4"), "w")
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"])], "g", [x], [y], [weights])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return numpy_helper.to_array(weights)


class Quantize(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        path = self.folder.name
        os.makedirs(f"{path}/models")
        weights = save_model(f"{path}/models/m.onnx")
        x = np.random.RandomState(1).uniform(-1, 1, (60, 16)).astype("f4")
        # Wider than what is scored: the other tool cuts at the largest values that it sees.
        data = quantize_tasks.Data("m", 1.5 * x[:20], x[20:], (x[20:] @ weights).argmax(1))
        quantize.SHARED = path
        self.task = quantize_tasks.Task(lambda: data, 99.0, 99.5, 90.0)
        self.arguments = argparse.Namespace(samples=10, judge="mlc", timeout=100, mlc=MLC, options="", time=False, cost="macs")
        self.bench = quantize.Bench(self.task, path, self.arguments)

    def tearDown(self):
        self.folder.cleanup()

    def test_calibrates_with_other_samples_than_it_scores(self):
        calibration, test = np.load(self.bench.calibration)["x"], np.load(self.bench.test)["x"]
        self.assertEqual((len(calibration), len(test)), (10, 40))
        self.assertFalse(any((row == test).all(1).any() for row in calibration))

    def test_the_float_model_agrees_with_itself(self):
        row = self.bench.row("float")
        self.assertEqual((row["accuracy"], row["agreement"], row["sqnr"]), (100, 100, None))
        self.assertEqual(row["bytes"], 16 * 3 * 4)

    def test_both_judges_score_another_tool(self):
        row = self.bench.row("onnxruntime-minmax")
        self.assertLess(row["bytes"], 16 * 3 * 2)
        self.assertGreater(row["accuracy"], 90)
        self.assertGreater(row["sqnr"], 20)
        self.arguments.judge = "onnxruntime"
        other = self.bench.score(f"{self.folder.name}/onnxruntime-minmax.onnx")
        # Its sums may saturate: the same only roughly.
        self.assertGreater(other["accuracy"], 80)
        self.assertGreater(other["sqnr"], 5)

    def test_pruned_models_are_beside_those_of_magnitude(self):
        ours, others = self.bench.row("mlc-zeros50"), self.bench.row("magnitude-zeros50")
        for row in (ours, others):
            self.assertEqual(row["bytes"], 16 * 3 * 4 / 2)
            # Ten samples of inputs that have nothing to do with each other: magnitudes tell as much.
            self.assertGreater(row["sqnr"], 8)

    def test_channels_go_by_magnitude_in_the_same_groups(self):
        random = np.random.RandomState(2)
        x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 16])
        y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 3])
        first, second = random.randn(16, 8).astype("f4"), random.randn(8, 3).astype("f4")
        first[:, [1, 6]] = 0
        first[:, 4] *= 0.01
        second[4] *= 1000
        nodes = [helper.make_node("MatMul", ["x", "first"], ["a"]), helper.make_node("Relu", ["a"], ["b"]),
                 helper.make_node("MatMul", ["b", "second"], ["y"])]
        constants = [numpy_helper.from_array(first, "first"), numpy_helper.from_array(second, "second")]
        model = helper.make_model(helper.make_graph(nodes, "g", [x], [y], constants),
                                  opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.save(model, self.bench.float_model)
        # What is never anything goes first; then what is large behind a small weight stays with us.
        self.arguments.time = True
        ours = self.bench.row("mlc-channels20")
        self.assertEqual((ours["bytes"], ours["agreement"]), (4 * 6 * (16 + 3), 100))
        self.assertRegex(ours["remark"], "^[0-9.]+ times as fast$")
        more, others = self.bench.row("mlc-channels30"), self.bench.row("magnitude-channels30")
        self.assertEqual(more["bytes"], others["bytes"])
        self.assertGreater(more["sqnr"], others["sqnr"] + 10)

    def test_factors_are_of_the_same_kinds_and_ranks(self):
        random = np.random.RandomState(4)
        x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 16])
        y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 3])
        weights = {"first": random.randn(16, 24), "second": random.randn(24, 20), "third": random.randn(20, 3)}
        # Four inputs of the second layer are all that counts, which its own weights do not show.
        weights["first"][:, 4:] *= 0.01
        nodes = [helper.make_node("MatMul", ["x", "first"], ["a"]), helper.make_node("Relu", ["a"], ["b"]),
                 helper.make_node("MatMul", ["b", "second"], ["c"]), helper.make_node("Relu", ["c"], ["d"]),
                 helper.make_node("MatMul", ["d", "third"], ["y"])]
        constants = [numpy_helper.from_array(w.astype("f4"), name) for name, w in weights.items()]
        model = helper.make_model(helper.make_graph(nodes, "g", [x], [y], constants),
                                  opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.save(model, self.bench.float_model)
        ours, others = self.bench.row("mlc-factorize30"), self.bench.row("svd-factorize30")
        self.assertEqual(ours["bytes"], others["bytes"])
        self.assertLess(ours["bytes"], 0.7 * 4 * (16 * 24 + 24 * 20 + 20 * 3) + 1)
        self.assertGreater(ours["sqnr"], others["sqnr"] + 10)

    def test_all_kinds_are_factorized_plainly(self):
        random = np.random.RandomState(5)
        low = quantize.factors.low_rank(random.randn(7, 9), 2)
        self.assertEqual(np.linalg.matrix_rank(low), 2)
        vertical, horizontal = random.randn(2, 5, 3), random.randn(8, 2, 4)
        exact = {"spatial": (np.einsum("qcy,oqx->ocyx", vertical, horizontal), [2]),
                 "low-rank": (np.einsum("or,rcyx->ocyx", random.randn(8, 3), random.randn(3, 5, 3, 4)), [3]),
                 "tucker": (np.einsum("op,pqyx,qc->ocyx", random.randn(8, 3), random.randn(3, 2, 3, 4), random.randn(2, 5)), [2, 3]),
                 "depthwise": (np.einsum("oct,ctyx->ocyx", random.randn(8, 5, 2), random.randn(5, 2, 3, 4)), [2])}
        for kind, (weights, ranks) in exact.items():
            with self.subTest(kind):
                np.testing.assert_allclose(quantize.factors.factorized(weights, kind, ranks), weights, atol=1e-12)
                less = quantize.factors.factorized(weights, kind, [ranks[0] - 1, *ranks[1:]])
                self.assertGreater(np.abs(less - weights).max(), 0.01)

    def test_samples_may_be_made_up(self):
        row = self.bench.row("mlc-unseen")
        self.assertLess(row["bytes"], 16 * 3 * 2)
        self.assertGreater(row["accuracy"], 90)

    def test_failures_have_a_reason(self):
        self.arguments.mlc = os.devnull
        with self.assertRaises((quantize.Failure, OSError)):
            self.bench.row("mlc-int8")
        with self.assertRaisesRegex(quantize.Failure, "no such file|nosuch"):
            self.arguments.mlc = MLC
            self.bench.score("nosuch.onnx")

    def test_what_falls_short_is_named(self):
        def shortfall(tool, accuracy, agreement):
            seen = {"float": 99.2, "mlc-int8": 99.0}
            return quantize.shortfall(self.task, tool, {"accuracy": accuracy, "agreement": agreement}, seen)

        self.assertEqual(shortfall("mlc-int8", 99.0, 99.5), "")
        self.assertEqual(shortfall("mlc-int8", 98.9, 99.4), "asked: 99.00 %, agreement 99.5 %")
        self.assertEqual(shortfall("mlc-int4", 90.0, 10), "")
        self.assertEqual(shortfall("nncf", 0, 0), "")
        self.task.int8 = -0.1
        self.assertEqual(shortfall("mlc-int8", 99.1, 100), "")
        self.assertEqual(shortfall("mlc-int8", 99.0, 100), "asked: 99.10 %")
        self.assertEqual(shortfall("mlc-unseen", 98.0, 100), "")
        self.task.unseen = True
        self.assertEqual(shortfall("mlc-unseen", 98.7, 50), "")
        self.assertEqual(shortfall("mlc-unseen", 98.6, 100), "asked: 98.70 %")

    def test_a_task_is_a_table(self):
        quantize.TASKS = {"made-up": self.task}
        self.arguments.tools = ["float", "onnxruntime-percentile"]
        rows = quantize.run_task("made-up", self.folder.name, self.arguments)
        json.dumps(rows)
        self.assertEqual([row["tool"] for row in rows], self.arguments.tools)

    def test_files_as_tokens(self):
        row = quantize_tasks.tokens(b"  ab \n")
        self.assertEqual(list(row[:3]), [97, 98, 32])
        self.assertEqual(row[1023], 256)
        self.assertEqual(list(row[-3:]), [32, 97, 98])


unittest.main()
