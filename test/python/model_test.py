"""Models in this process."""
import concurrent.futures
import gc
import subprocess
import sys
import unittest

import mlc_compiler
import numpy as np
from files import DIGITS, MODELS
from mlc_compiler import Error, Model


class Digits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.images = np.load(DIGITS / "input.npy")
        cls.expected = np.load(DIGITS / "expected.npy")
        cls.model = Model(DIGITS / "digits.onnx", dim={"N": 1}, contract=DIGITS / "digits.contract.json")

    def test_computes_what_onnxruntime_does(self):
        model = Model(DIGITS / "digits.onnx", dim={"N": 10})
        scores = model(image=self.images)["scores"]
        np.testing.assert_allclose(scores, self.expected, atol=1e-5)
        self.assertEqual(list(scores.argmax(1)), list(range(10)))

    def test_integers_are_onnxruntimes(self):
        model = Model(DIGITS / "digits_int8.onnx", dim={"N": 10})
        np.testing.assert_allclose(model(image=self.images)["scores"], np.load(DIGITS / "expected_int8.npy"), atol=1e-5)

    def test_a_library_is_the_same_model(self):
        library = mlc_compiler.compile(DIGITS / "digits.onnx", dim={"N": 10})
        one, two = Model(library), Model(library)
        del library
        gc.collect()
        np.testing.assert_array_equal(one(image=self.images)["scores"], two(image=self.images)["scores"])
        np.testing.assert_allclose(one(image=self.images)["scores"], self.expected, atol=1e-5)

    def test_a_library_for_another_machine_runs_on_this_one(self):
        model = Model(mlc_compiler.compile(DIGITS / "digits.onnx", target="aarch64-linux-gnu", dim={"N": 10}))
        np.testing.assert_allclose(model(image=self.images)["scores"], self.expected, atol=1e-5)

    def test_describes_inputs_and_outputs(self):
        image, = self.model.inputs
        self.assertEqual((image.name, image.shape, image.dtype, image.layout, image.range),
                         ("image", (1, 1, 8, 8), np.float32, "NCHW", (0, 16)))
        self.assertIn("grey levels", image.meaning)
        scores, = self.model.outputs
        self.assertEqual((scores.shape, scores.labels[3]), ((1, 10), "3"))
        self.assertEqual(self.model.contract["inputs"][0]["shape"], [1, 1, 8, 8])
        self.assertTrue(self.model.report["kernels"])

    def test_reads_and_writes_arrays_where_they_are(self):
        out = {"scores": np.full((1, 10), np.nan, np.float32)}
        result = self.model.run({"image": self.images[3:4]}, out=out)
        self.assertIs(result["scores"], out["scores"])
        np.testing.assert_allclose(out["scores"], self.expected[3:4], atol=1e-5)
        fresh = self.model(image=self.images[3:4])["scores"]
        self.assertFalse(np.shares_memory(fresh, self.model(image=self.images[3:4])["scores"]))

    def test_rows_need_not_be_contiguous(self):
        turned = np.asfortranarray(self.images[5:6])
        self.assertFalse(turned.flags.c_contiguous)
        np.testing.assert_array_equal(self.model(image=turned)["scores"], self.model(image=self.images[5:6])["scores"])
        bytes_between = np.zeros(8 * 8 * 4 + 1, np.uint8)
        moved = bytes_between[1:].view(np.float32).reshape(1, 1, 8, 8)
        moved[...] = self.images[5:6]
        self.assertFalse(moved.flags.aligned)
        np.testing.assert_array_equal(self.model(image=moved)["scores"], self.model(image=self.images[5:6])["scores"])

    def refused(self, expected, inputs, out=None):
        with self.assertRaises(Error) as caught:
            self.model.run(inputs, out)
        self.assertEqual(str(caught.exception).splitlines(), expected)

    def test_refuses_other_arrays(self):
        required = "float32[1, 1, 8, 8] is required"
        self.refused([f"input 'image': is float32[1, 8, 8], {required}"], {"image": self.images[0]})
        self.refused([f"input 'image': is float64[1, 1, 8, 8], {required}"], {"image": self.images[:1].astype(float)})
        self.refused([f"input 'image': is >f4[1, 1, 8, 8], {required}"], {"image": self.images[:1].astype(">f4")})
        self.refused([f"input 'image': is float32[10, 1, 8, 8], {required}"], {"image": self.images})
        self.refused([f"input 'image': is object[], {required}"], {"image": None})
        self.refused(["input 'picture': the model has no input of this name; it has 'image'",
                      f"input 'image': is missing, {required}"], {"picture": self.images[:1]})
        image = {"image": self.images[:1]}
        self.refused(["output 'scores': a contiguous, writable array float32[1, 10] is required"], image,
                     {"scores": np.zeros((10, 2), np.float32)[:, :1].T})
        self.refused(["output 'score': the model has no output of this name; it has 'scores'"], image,
                     {"score": np.zeros((1, 10), np.float32)})
        frozen = np.zeros((1, 10), np.float32)
        frozen.flags.writeable = False
        self.refused(["output 'scores': a contiguous, writable array float32[1, 10] is required"], image, {"scores": frozen})

    def test_uses_threads(self):
        before = self.model(image=self.images[:1])["scores"]
        self.model.use_threads(2)
        np.testing.assert_array_equal(self.model(image=self.images[:1])["scores"], before)
        self.model.use_threads(1)
        for threads in (0, -1, 100000):
            with self.assertRaises(Error):
                self.model.use_threads(threads)

    def test_threads_may_share_a_model(self):
        want = self.model(image=self.images[:1])["scores"]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for scores in pool.map(lambda _: self.model(image=self.images[:1])["scores"], range(200)):
                np.testing.assert_array_equal(scores, want)

    def test_a_library_takes_no_options_again(self):
        with self.assertRaisesRegex(TypeError, "has its options already"):
            Model(mlc_compiler.compile(MODELS / "mlp.onnx"), precision="bf16")


class Others(unittest.TestCase):
    def test_values_become_constants(self):
        """By a number, an array and the text of the tool."""
        model = Model(MODELS / "initializer_inputs.onnx")
        name, shape = model.inputs[0].name, model.inputs[0].shape
        value = np.full(shape, 2, model.inputs[0].dtype)
        bound = Model(MODELS / "initializer_inputs.onnx", value={name: value})
        self.assertEqual(len(bound.inputs), len(model.inputs) - 1)
        others = {tensor.name: np.ones(tensor.shape, tensor.dtype) for tensor in bound.inputs}
        for output, result in model.run({name: value, **others}).items():
            np.testing.assert_allclose(bound.run(others)[output], result, rtol=1e-6)

    def test_types_of_the_program_by_option(self):
        model = Model(DIGITS / "digits.onnx", dim={"N": 10}, io={"image": "u8,scale=1,zero=0"})
        self.assertEqual(model.inputs[0].dtype, np.uint8)
        images = np.load(DIGITS / "input.npy")
        np.testing.assert_allclose(model(image=images.astype(np.uint8))["scores"], np.load(DIGITS / "expected.npy"), atol=1e-5)
        half = Model(DIGITS / "digits.onnx", dim={"N": 10}, io={"scores": "bf16"})
        self.assertEqual(half.outputs[0].dtype.itemsize, 2)
        bits = half(image=images)["scores"].view(np.uint16).astype(np.uint32) << 16
        np.testing.assert_allclose(bits.view(np.float32), np.load(DIGITS / "expected.npy"), atol=4e-3)

    def test_what_is_counted_is_cut(self):
        model = Model(MODELS / "unique_values.onnx")
        counted = {tensor.name: tensor for tensor in model.outputs if tensor.counted}
        self.assertTrue(counted)
        results = model.run({tensor.name: np.zeros(tensor.shape, tensor.dtype) for tensor in model.inputs})
        for name, tensor in counted.items():
            for axis, count in tensor.counted.items():
                self.assertEqual(results[name].shape[axis], int(results[count]))
                self.assertLess(results[name].shape[axis], tensor.shape[axis])

    def test_values_that_a_model_does_not_take_are_told(self):
        model = Model(MODELS / "gathers.onnx")
        inputs = {tensor.name: np.zeros(tensor.shape, tensor.dtype) for tensor in model.inputs}
        model.run(inputs)
        wild = {name: np.full_like(array, 10**6) if array.dtype.kind == "i" else array for name, array in inputs.items()}
        with self.assertRaises(Error):
            model.run(wild)

    def test_a_program_can_end_at_any_time(self):
        """No message, no crash where objects go in the order of the interpreter."""
        program = "import sys, mlc_compiler; model = mlc_compiler.Model(sys.argv[1]); model.use_threads(2)"
        done = subprocess.run([sys.executable, "-c", program, MODELS / "mlp.onnx"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
