"""Commands that work on files: compress, eval, factorize, prune and report."""
import ctypes
import os
import tempfile
import unittest

import mlc_compiler
import numpy as np
from files import DIGITS
from mlc_compiler._errors import check
from mlc_compiler._library import API_VERSION, lib

QUICK = {"observer": "minmax", "rounding": "nearest", "bias_correction": False, "equalize": False}


class Commands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.images = np.load(DIGITS / "input.npy")
        cls.path = DIGITS / "digits.onnx"
        cls.labelled = {"image": cls.images, "labels": np.arange(10)}

    def refused(self, function, *arguments, **keywords):
        with self.assertRaises(mlc_compiler.Error) as caught:
            function(*arguments, **keywords)
        return str(caught.exception)

    def test_evaluates(self):
        told = []
        found = mlc_compiler.evaluate(self.path, self.labelled, progress=lambda *step: told.append(step))
        self.assertEqual((found["metric"], found["value"], found["samples"]), ("top1", 100, 10))
        self.assertTrue(told)
        self.assertTrue(all(what and 0 <= share <= 1 and left is None for what, share, left in told))
        wrong = {"image": self.images, "labels": np.arange(10)[::-1].copy()}
        self.assertEqual(mlc_compiler.evaluate(self.path.read_bytes(), wrong)["value"], 0)
        beside = mlc_compiler.evaluate(self.path, {"image": self.images}, reference=self.path)
        self.assertEqual(beside["agreement"], 100)

    def test_reports_models_side_by_side(self):
        found = mlc_compiler.report(self.path, self.path.read_bytes(), data=self.labelled, seconds=0.05)["models"]
        self.assertEqual(len(found), 2)
        self.assertEqual(found[0]["flash_bytes"], found[1]["flash_bytes"])
        self.assertEqual(found[0]["score"]["value"], 100)
        self.assertGreater(found[0]["time"]["best_ms"], 0)
        unmeasured = mlc_compiler.report(self.path, batch=1, measure=False)["models"][0]
        self.assertNotIn("time", unmeasured)

    def test_prunes(self):
        pruned = mlc_compiler.prune(self.path, self.images, sparsity=0.5)
        self.assertGreaterEqual(pruned.report["zeros"], 0.5 * pruned.report["weights"])
        self.assertEqual(pruned.missed, "")
        with tempfile.TemporaryDirectory() as folder:
            pruned.write(folder + "/pruned.onnx")
            found = mlc_compiler.report(folder + "/pruned.onnx", batch=1, measure=False)["models"][0]
        self.assertLessEqual(found["nonzero_parameters"], found["parameters"] - pruned.report["zeros"])
        missed = mlc_compiler.prune(self.path, self.images, sparsity=0.99).missed
        self.assertRegex(missed, r"^--sparsity=0.99: 0\.\d+ of the weights are zero, more is not to be had$")

    def test_factorizes(self):
        made = mlc_compiler.factorize(self.path, self.images, saving=0.3, cost="macs")
        before, after = made.report["before"], made.report["after"]
        self.assertLessEqual(after["macs"], 0.7 * before["macs"])
        self.assertLess(after["weights"], before["weights"])
        self.assertEqual(made.missed, "")
        with tempfile.TemporaryDirectory() as folder:
            made.write(folder + "/factors.onnx")
            found = mlc_compiler.report(folder + "/factors.onnx", batch=1, measure=False)["models"][0]
        self.assertLess(found["parameters"], 0.9 * before["weights"] + 500)
        exact = mlc_compiler.factorize(self.path)
        self.assertEqual(exact.report["samples"], 0)
        self.assertGreater(exact.report["outputs_sqnr_db"], 100)
        self.assertIn("samples are required with --saving", self.refused(mlc_compiler.factorize, self.path, saving=0.5))

    def test_compresses_and_goes_on(self):
        with tempfile.TemporaryDirectory() as folder:
            arguments = (self.path, self.images, self.labelled, 10, os.path.join(folder, "out"))
            first = mlc_compiler.compress(*arguments, time_limit=0, **QUICK)
            self.assertTrue(first["unfinished"])
            self.assertEqual([c["recipe"] for c in first["candidates"]], ["f32"])
            missed = mlc_compiler.compress(*arguments, max_size=1, time_limit=0, **QUICK)["missed"]
            self.assertRegex(missed, r"^--max-size=1: \d+ bytes of weights and code$")
            model = mlc_compiler.Model(os.path.join(folder, "out/best.onnx"), dim={"N": 10})
            self.assertEqual(list(model(image=self.images)["scores"].argmax(1)), list(range(10)))

    def test_refuses(self):
        self.assertEqual(self.refused(mlc_compiler.evaluate, self.path, self.labelled, datum="x"),
                         "--datum: no such option; did you mean --data?")
        self.assertEqual(self.refused(mlc_compiler.report), "report: a model is required")
        self.assertEqual(self.refused(mlc_compiler.report, self.path, calibration="x"), "--calibration: no such option")
        self.assertIn("--sparsity or --max-drop is required", self.refused(mlc_compiler.prune, self.path, self.images))
        self.assertIn("is not an ONNX model", self.refused(mlc_compiler.evaluate, b"no model", self.labelled))
        made = ctypes.c_void_p()
        self.assertEqual(self.refused(lambda: check(lib.mlcCommandCreate(API_VERSION, b"bench", ctypes.byref(made)))),
                         "'bench' is not compress, eval, factorize, prune or report")
        for version, name in ((API_VERSION + 1, b"eval"), (API_VERSION, b"bench")):
            wrong = lib.mlcCommandCreate(version, name, ctypes.byref(made))
            self.assertTrue(wrong)
            lib.mlcDiagnosticsDestroy(wrong)

    def test_raises_what_progress_raises(self):
        def stop(*_):
            raise KeyError("enough")

        with self.assertRaises(KeyError):
            mlc_compiler.evaluate(self.path, self.labelled, progress=stop)


if __name__ == "__main__":
    unittest.main()
