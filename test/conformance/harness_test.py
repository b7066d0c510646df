"""The harness is strict both ways, and never accepts a wrong answer, a crash or a missing case. A stand-in plays mlc."""
import contextlib
import io
import json
import os
import sys
import tempfile
import unittest

import numpy as np
import onnx
from onnx import TensorProto, helper

import cases
import run

FAKE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Inputs/fake-mlc")


def relu(name: str, kind: str) -> cases.Case:
    x, y = (helper.make_tensor_value_info(n, TensorProto.FLOAT, [2]) for n in "xy")
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], name, [x], [y])
    return cases.Case(name, kind, "Relu", helper.make_model(graph), [np.float32([-1, 1])], [np.float32([0, 1])])


SUITE = [relu("a", "core"), relu("b", "core"), relu("c", "training")]


class Harness(unittest.TestCase):
    def harness(self, status: str, passed: str, refused: str = "", count: int = 3, skip: str = "", options=()):
        """(exit status, output) of a run where every case has `status`, and these are expected."""
        expected = {"onnx": onnx.__version__, "cases": count, "passed": list(passed), "refused": {"r": list(refused)}}
        run.SUITES = {"node": (lambda: SUITE, "core", ["--atol=1e-7"])}
        os.environ.update(FAKE_STATUS=status, FAKE_SKIP=skip)
        output = io.StringIO()
        with tempfile.NamedTemporaryFile("w+") as file:
            json.dump(expected, file)
            file.flush()
            sys.argv = ["run.py", f"--mlc={FAKE}", f"--expected={file.name}", *options]
            with contextlib.redirect_stdout(output):
                code = run.main()
            with open(file.name, encoding="utf-8") as rewritten:
                self.rewritten = json.load(rewritten)
        return code, output.getvalue()

    def test_all_as_expected(self):
        code, output = self.harness("passed", "abc")
        self.assertEqual(code, 0, output)
        self.assertRegex(output, r"core +2 +2 +0 +0 +0 +0 +0 +100.0%\n")
        self.assertIn("core numeric: 2 of 2 passed (100.0 %), 0 of them with shape inputs bound", output)

    def test_refused_where_a_pass_is_expected(self):
        code, output = self.harness("refused", "abc")
        self.assertEqual((code, output.count("refused, expected: passed: error: 'n' is 7")), (1, 3))
        self.assertIn("2  error: * is *\n       Relu 2", output)

    def test_an_unexpected_pass_fails(self):
        code, output = self.harness("passed", "c", refused="a")
        self.assertEqual(code, 1)
        self.assertIn("FAIL a: passed, expected: refused", output)
        self.assertIn("FAIL b: passed, expected: unlisted", output)

    def test_wrong_crashed_and_slow_always_fail(self):
        for status in ("wrong", "crashed", "timeout"):
            code, output = self.harness(status, "", refused="abc")
            self.assertEqual((code, output.count(f": {status}: error: 'n' is 7")), (1, 3))

    def test_a_missing_case_or_a_smaller_suite_fails(self):
        code, output = self.harness("passed", "abc", skip="b")
        self.assertEqual(code, 1)
        self.assertIn("FAIL b: did not run", output)
        code, output = self.harness("passed", "abc", count=4)
        self.assertEqual(code, 1)
        self.assertIn("FAIL the suite has 3 cases, required: 4", output)

    def test_reasons_lose_what_differs_from_case_to_case(self):
        for reason, generic in [
            ("/tmp/x y/m.onnx: node 'a' (Loop, opset 11): operator 'Loop' is not supported", "operator 'Loop' is not supported"),
            ("m.onnx: input 'x': has 3 of -4 'dims'", "has * of * *"),
        ]:
            self.assertEqual(run.generic(reason), generic)

    def test_update_lists_what_passed_and_never_what_is_wrong(self):
        code, _ = self.harness("refused", "", options=["--update"])
        self.assertEqual(code, 0)
        self.assertEqual(self.rewritten["refused"], {"core: error: * is *": ["a", "b"], "training: error: * is *": ["c"]})
        code, _ = self.harness("wrong", "abc", options=["--update"])
        self.assertEqual((code, self.rewritten["passed"]), (1, ["a", "b", "c"]))


class Classes(unittest.TestCase):
    def test_an_expansion_belongs_where_its_operator_does(self):
        self.assertEqual(cases.base_name("test_elu_expanded_ver18"), "test_elu")
        self.assertEqual(cases.base_name("test_elu"), "test_elu")

    def test_kinds(self):
        def kind(op, input_type=TensorProto.FLOAT, domain="", **attributes):
            x = helper.make_tensor_value_info("x", input_type, [1])
            node = helper.make_node(op, ["x"], ["y"], domain=domain, **attributes)
            return cases.kind_of(helper.make_model(helper.make_graph([node], "g", [x], [])))

        self.assertEqual(kind("Relu"), "core")
        self.assertEqual(kind("Cast", TensorProto.FLOAT8E5M2), "narrow")
        self.assertEqual(kind("Cast", TensorProto.UINT4), "narrow")
        self.assertEqual(kind("Equal", TensorProto.STRING), "string")
        self.assertEqual(kind("Adam", domain="ai.onnx.preview.training"), "training")
        self.assertEqual(kind("BatchNormalization", training_mode=1), "training")
        self.assertEqual(kind("BatchNormalization", training_mode=0), "core")
        self.assertEqual(kind("Bernoulli"), "random")
        self.assertEqual(kind("OptionalHasElement"), "sequence")
        self.assertEqual(kind("TreeEnsemble", domain="ai.onnx.ml"), "ml")


if __name__ == "__main__":
    unittest.main()
