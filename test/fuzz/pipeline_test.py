"""Mutants are the same everywhere and differ from what they are made of; verdicts are what the figures are made of."""
import random
import unittest

import ml_dtypes
import numpy as np
import onnx
from onnx import numpy_helper

import corpus_test
import mutate
import pipeline


def seed() -> pipeline.Seed:
    model = onnx.ModelProto.FromString(corpus_test.model_bytes())
    return pipeline.Seed("m", model, [np.zeros((1, 64), "f")])


class Mutants(unittest.TestCase):
    def test_the_same_number_makes_the_same_bytes(self):
        first, second = seed(), seed()
        self.assertEqual([first.mutant(n, 3) for n in range(50)], [second.mutant(n, 3) for n in range(50)])
        self.assertNotEqual(first.mutant(1, 3)[1], first.mutant(1, 4)[1])

    def test_structure_is_changed_and_stays_a_model(self):
        source = seed()
        mutants = [mutate.mutate(source.model, source.values, n) for n in range(200)]
        for _, data in mutants:
            onnx.ModelProto.FromString(data)
        self.assertGreater(sum(data != source.data for _, data in mutants), 150)
        found = {kind for kinds, _ in mutants for kind in kinds.split("+")}
        self.assertEqual(found, {kind.__name__ for kind, _ in mutate.KINDS})

    def test_constants_of_every_type_change(self):
        kinds = ["int4", "uint4", "int8", "uint64", "bool", "float16", "bfloat16", "float8_e4m3fn", "float64"]
        for kind in kinds:
            dtype = np.dtype(getattr(ml_dtypes, kind, kind))
            tensor = numpy_helper.from_array(np.zeros((2, 3), dtype), "t")
            for seed in range(200):
                mutate.mutate_tensor(random.Random(seed), tensor)

    def test_small_integers_become_constants(self):
        graph = onnx.parser.parse_model('<ir_version: 8, opset_import: ["" : 17]>'
                                        "g (float[2] x, int64[1] s) => (float[2] y) { y = Reshape(x, s) }")
        bound = [onnx.ModelProto.FromString(mutate.mutate(graph, [np.zeros(2, "f"), np.array([2])], n)[1])
                 for n in range(100)]
        self.assertGreater(sum(any(t.name == "s" for t in m.graph.initializer) for m in bound), 50)


class Verdicts(unittest.TestCase):
    def test_each_status_has_one(self):
        verdict = pipeline.verdict
        self.assertEqual(verdict({"status": "passed"})[0], "ran")
        large = "its inputs have 2047 MiB, values are made up for 256 at most"
        self.assertEqual(verdict({"status": "passed", "note": large})[0], "compiled")
        self.assertEqual(verdict({"status": "refused", "reason": "error: m.onnx: no"})[0], "refused")
        self.assertEqual(verdict({"status": "refused", "reason": "no"})[0], "SILENT")
        self.assertEqual(verdict({"status": "refused", "reason": ""})[0], "SILENT")
        self.assertEqual(verdict({"status": "timeout", "reason": "late"})[0], "HANG")
        crash = verdict({"status": "crashed", "reason": "exit status 1", "note": "mlc: error:\nout of memory"})
        self.assertEqual(crash, ("CRASH", "exit status 1: mlc: error: out of memory"))


if __name__ == "__main__":
    unittest.main()
