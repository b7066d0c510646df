"""What bench/compress asks of a report, and how it divides samples."""
import os
import sys
import tempfile
import unittest

import numpy as np
import onnx
from onnx import TensorProto, helper

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../bench"))
import compress  # noqa: E402
import quantize_tasks  # noqa: E402

SMALL, STEPS = "none is 4 times smaller and 2.5 times faster", "no two steps reach what one alone does not"


def candidate(recipe, drop, size, ms):
    return {"recipe": recipe, "drop": drop, "flash_bytes": size, "best_ms": ms}


BASE = candidate("f32", 0, 1000, 10)


class Misses(unittest.TestCase):
    def found(self, *candidates):
        return compress.misses({"candidates": [BASE, *candidates]}, 0.5)

    def test_small_and_fast(self):
        self.assertEqual(self.found(candidate("int8", 0.5, 250, 4)), [STEPS])
        self.assertEqual(self.found(candidate("int8", 0.51, 250, 4)), [SMALL, STEPS])
        self.assertEqual(self.found(candidate("int8", 0, 251, 4)), [SMALL, STEPS])
        self.assertEqual(self.found(candidate("int8", 0, 250, 4.1)), [SMALL, STEPS])

    def test_two_steps(self):
        one, other = candidate("int8", 0.1, 250, 5), candidate("channels50", 0.2, 500, 4)
        self.assertEqual(self.found(one, other, candidate("channels50+int8", 0.4, 200, 5)), [SMALL])
        self.assertEqual(self.found(one, other, candidate("channels50+int8", 0.4, 300, 6)), [SMALL, STEPS])
        self.assertEqual(self.found(one, other, candidate("channels50+int8", None, 200, 1)), [SMALL, STEPS])


class Samples(unittest.TestCase):
    def test_nothing_scored_chooses_or_calibrates(self):
        x = np.arange(60, dtype="f4")[:, None]
        data = quantize_tasks.Data("m", -1 - x[:20], x, np.arange(60))
        with tempfile.TemporaryDirectory() as path:
            os.makedirs(f"{path}/models")
            value = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 1])
            graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", [value],
                                      [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 1])])
            onnx.save(helper.make_model(graph), f"{path}/models/m.onnx")
            compress.SHARED = path
            compress.TASKS["made up"] = quantize_tasks.Task(lambda: data, 0, None, 0)
            compress.write_samples("made up", path, 7)
            files = {stem: dict(np.load(f"{path}/{stem}.npz")) for stem in ("calibration", "eval", "test")}
        self.assertEqual(len(files["calibration"]["x"]), 7)
        seen = [set(files[stem]["x"].ravel().tolist()) for stem in files]
        self.assertEqual(sum(map(len, seen)), len(set.union(*seen)))
        for stem in ("eval", "test"):
            self.assertEqual(files[stem]["x"].ravel().tolist(), files[stem]["labels"].tolist())


if __name__ == "__main__":
    unittest.main()
