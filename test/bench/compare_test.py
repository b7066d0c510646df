"""What bench/compare makes of engines' outputs and times; the engines here are made up."""
import argparse
import os
import sys
import tempfile
import unittest
from unittest import mock

import numpy as np
import onnx
from onnx import TensorProto, helper

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../bench"))
import compare  # noqa: E402
import engines  # noqa: E402
from engines import Failure, Sample, load_network  # noqa: E402


def save_network(folder: str) -> str:
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("Relu", ["x"], ["y"])],
        "g",
        [value("x", TensorProto.FLOAT, ["N", 3])],
        [value("y", TensorProto.FLOAT, ["N", 3])],
    )
    path = os.path.join(folder, "tiny.onnx")
    onnx.save(helper.make_model(graph), path)
    return path


def comparison(folder: str) -> compare.Comparison:
    save_network(folder)
    arguments = argparse.Namespace(folder=folder, work=os.path.join(folder, "work"), rounds=2, seconds=0, mlc="mlc", precision="f32", floats=False)
    return compare.Comparison("tiny", arguments, [])


def entry(name: str, output: list[float], rounds: list[list[float]]) -> compare.Entry:
    def run(_seconds: float) -> Sample:
        return Sample([1.0], 1, np.array(output, "f4"))

    result = compare.Entry(name, run)
    result.rounds = rounds
    return result


class CompareTest(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.comparison = comparison(self.folder.name)

    def tearDown(self) -> None:
        self.folder.cleanup()

    def test_networks_get_the_same_input_each_time(self) -> None:
        first = np.load(self.comparison.net.data)
        again = load_network("tiny", self.comparison.net.file, os.path.join(self.folder.name, "again"))
        self.assertEqual(again.shape, (1, 3))
        np.testing.assert_array_equal(first, np.load(again.data))

    def test_who_disagrees_takes_no_part(self) -> None:
        def broken(_seconds: float) -> Sample:
            raise Failure("no such kernel")

        failures: dict[str, str] = {}
        entries = [
            entry("a", [1, 2, 3], []),
            entry("b", [1, 2, 3.0001], []),
            entry("c", [1, 2, 3.1], []),
            entry("d", [1, 2], []),
            entry("e", [1, 2, np.nan], []),
            compare.Entry("f", broken),
        ]
        good = self.comparison.agreeing(entries, failures)
        self.assertEqual([e.name for e in good], ["a", "b"])
        self.assertEqual(sorted(failures), ["c", "d", "e", "f"])
        self.assertIn("differs by", failures["c"])
        self.assertEqual(failures["f"], "no such kernel")

    def test_who_breaks_down_later_takes_no_part(self) -> None:
        def broken(_seconds: float) -> Sample:
            raise Failure("crashed")

        failures: dict[str, str] = {}
        rows = [entry("a", [1], []), compare.Entry("b", broken)]
        self.assertEqual([e.name for e in self.comparison.time(rows, failures)], ["a"])
        self.assertEqual(failures, {"b": "crashed"})
        self.assertEqual(rows[0].rounds, [[1.0]])

    def test_conversions_are_kept_and_so_are_failures(self) -> None:
        calls: list[str] = []

        @engines.kept("any", "made")
        def prepare(net: engines.Network) -> str:
            calls.append(net.name)
            if len(calls) == 3:
                raise Failure("no such operator")
            with open(net.path("made"), "w", encoding="utf-8") as file:
                file.write(net.name)
            return net.path("made")

        net = self.comparison.net
        with mock.patch.object(engines, "environment", lambda name: f"/{name}/bin/python"):
            self.assertEqual(prepare(net), prepare(net))
            self.assertEqual(len(calls), 1)
            os.remove(net.path("made"))
            prepare(net)
            self.assertEqual(len(calls), 2)
            os.utime(net.file, (1, 1))
            for message in ("no such operator", "no such operator.*of an earlier run"):
                with self.assertRaisesRegex(Failure, message):
                    prepare(net)
            self.assertEqual(len(calls), 3)

    def test_best_of_all_rounds_counts(self) -> None:
        self.comparison.contract = {"macs": 4_000_000}
        rows = [entry("x", [], [[5, 4], [6, 8]]), entry("y", [], [[3, 9], [9, 9]]), entry("mlc", [], [[2, 2.5], [2.2, 3]])]
        result = self.comparison.report([0], rows, {}, peak=8, read=1)
        self.assertEqual(result["best_peer"], "y")
        self.assertAlmostEqual(result["ratio"], 2 / 3)
        self.assertAlmostEqual(result["engines"]["x"]["spread"], 0.5)
        self.assertEqual(result["engines"]["x"]["runs"], 4)
        # 8 million operations in 2 ms are 4 GFLOP/s.
        self.assertAlmostEqual(result["peak_share"], 0.5)

    def test_floats_are_no_peer(self) -> None:
        self.comparison.contract = {"macs": 4_000_000}
        rows = [entry("x", [], [[4]]), entry("mlc", [], [[2]]), entry(compare.FLOATS, [], [[3]])]
        result = self.comparison.report([0], rows, {}, peak=8, read=1)
        self.assertEqual(result["ratios"], {"x": 0.5})
        self.assertEqual(result["times_f32"], 1.5)
        self.assertEqual(compare.line(result, ["x", "mlc", compare.FLOATS]).split()[-2:], ["0.50", "1.50"])
        # They differ from quantised networks as they may.
        failures: dict[str, str] = {}
        good = self.comparison.agreeing([entry("x", [1, 2], []), entry(compare.FLOATS, [2, 1], [])], failures)
        self.assertEqual([e.name for e in good], ["x", compare.FLOATS])

    def test_means_are_of_networks_that_have_them(self) -> None:
        results = [{"ratio": 0.5, "ratios": {"x": 0.5, "y": 0.25}, "times_f32": 2.0}, {"ratio": 2.0, "ratios": {"x": 2.0}}, {}]
        means = compare.means(results)
        self.assertEqual(sorted(means), ["best", "times_f32", "x", "y"])
        for name, value in (("best", 1.0), ("x", 1.0), ("y", 0.25), ("times_f32", 2.0)):
            self.assertAlmostEqual(means[name], value)

    def test_two_threads_have_twice_the_peak(self) -> None:
        self.comparison.contract = {"macs": 4_000_000}
        result = self.comparison.report([0, 1], [entry("mlc", [], [[2]])], {}, peak=8, read=1)
        self.assertAlmostEqual(result["peak_share"], 0.25)
        self.assertNotIn("ratio", result)

    def test_more_threads_tell_their_speed_up(self) -> None:
        def result(threads: int, ms: float) -> dict:
            return {"network": "n", "threads": threads, "engines": {"mlc": {"best_ms": ms, "peak_mib": 2}}, "arena_bytes": 2**20}

        one, two = result(1, 3), result(2, 2)
        self.assertEqual(compare.on_threads([one]), "")
        self.assertIn("1.50 times", compare.on_threads([one, two]))
        self.assertEqual(two["speedup"], 1.5)
        self.assertEqual(compare.on_threads([two]), "  2 threads")

    def test_memory_has_a_row_for_each_network(self) -> None:
        row = {"network": "n", "engines": {"mlc": {"peak_mib": 2.5}}, "arena_bytes": 2**20}
        lines = compare.memory_table([row], ["x", "mlc"])
        self.assertEqual(lines[1].split(), ["n", "-", "2.5", "1.0"])

    def test_means_are_geometric(self) -> None:
        self.assertAlmostEqual(compare.geometric_mean([0.5, 2.0]), 1.0)
        self.assertIsNone(compare.geometric_mean([]))

    def test_unknown_names_are_refused(self) -> None:
        self.assertEqual(compare.chosen("all", ["a", "b"], "network"), ["a", "b"])
        with self.assertRaisesRegex(SystemExit, "no network 'c'; known are a, b"):
            compare.chosen("a,c", ["a", "b"], "network")


if __name__ == "__main__":
    unittest.main()
