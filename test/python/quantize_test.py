"""From floats to integers."""
import gc
import os
import tempfile
import unittest

import mlc_compiler
import numpy as np
from files import DIGITS, MODELS
from mlc_compiler._options import Files

QUICK = {"observer": "minmax", "rounding": "nearest", "bias_correction": False, "equalize": False}


class Quantize(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.images = np.load(DIGITS / "input.npy")
        cls.path = DIGITS / "digits.onnx"
        cls.told = []
        cls.made = mlc_compiler.quantize(cls.path, cls.images, progress=lambda *step: cls.told.append(step), **QUICK)

    def test_makes_a_model_that_runs(self):
        made, told = self.made, self.told
        self.assertLess(len(made.model), len(self.path.read_bytes()))
        self.assertEqual(made.missed, "")
        self.assertEqual({layer["op"] for layer in made.report["layers"]} - {"Conv", "Gemm", "MatMul"}, set())
        model = mlc_compiler.Model(made.model, dim={"N": 10})
        self.assertEqual(list(model(image=self.images)["scores"].argmax(1)), list(range(10)))
        self.assertTrue(told)
        self.assertTrue(all(what and 0 <= share <= 1 and (left is None or left >= 0) for what, share, left in told))

    def test_takes_bytes_files_and_mappings(self):
        """All at once: the same bytes."""
        with tempfile.TemporaryDirectory() as folder:
            np.savez(folder + "/samples.npz", image=self.images)
            named = mlc_compiler.quantize(self.path, folder + "/samples.npz", weights="int8", **QUICK)
            named.write(folder + "/made.onnx")
            with open(folder + "/made.onnx", "rb") as file:
                written = file.read()
        given = mlc_compiler.quantize(self.path.read_bytes(), {"image": self.images}, weights="int8", **QUICK)
        self.assertEqual(given.model, written)
        self.assertNotEqual(given.model, self.made.model)

    def test_inputs_may_have_any_name(self):
        files = Files()
        path = files.arrays({"file": self.images, "a/b": self.images[:1]})
        with np.load(path) as samples:
            np.testing.assert_array_equal(samples["file"], self.images)
            self.assertEqual(samples["a/b"].shape, (1, 1, 8, 8))
        self.assertTrue(os.path.exists(path))
        del files
        gc.collect()
        self.assertFalse(os.path.exists(path))

    def test_refuses(self):
        def text_of(*arguments, **keywords):
            with self.assertRaises(mlc_compiler.Error) as caught:
                mlc_compiler.quantize(*arguments, **keywords)
            return str(caught.exception)

        self.assertEqual(text_of(self.path, self.images, observers="mse"), "--observers: no such option; did you mean --observer?")
        for name in ("o", "report", "q"):
            self.assertIn("no such option", text_of(self.path, self.images, **{name: "x"}))
        self.assertIn("--threads=0: 1 to 256 are required", text_of(self.path, self.images, threads=0))
        self.assertTrue(text_of(self.path, self.images[:, :, :4]))
        self.assertTrue(text_of(b"no model", self.images))
        self.assertTrue(text_of(MODELS / "bools.onnx", self.images))
        self.assertIn("quantised already", text_of(self.made.model, self.images))

    def test_what_progress_raises_comes_out(self):
        def stop(*step):
            raise ValueError("enough")

        with self.assertRaisesRegex(ValueError, "enough"):
            mlc_compiler.quantize(self.path, self.images, progress=stop, **QUICK)


if __name__ == "__main__":
    unittest.main()
