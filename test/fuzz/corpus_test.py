"""The corpus is the same bytes everywhere, damages structure rather than weights, and what is complained about is right."""
import hashlib
import os
import tempfile
import unittest

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import corpus
import run


def model_bytes() -> bytes:
    x, y = (helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 64]) for n in "xy")
    weights = numpy_helper.from_array(np.arange(64 * 64, dtype="f").reshape(64, 64), "w")
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"])], "g", [x], [y], [weights])
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8, producer_name="").SerializeToString()


class Corpus(unittest.TestCase):
    def test_weights_are_not_structure(self):
        data = model_bytes()
        parts = corpus.structure(data)
        self.assertEqual(len(parts), 2)
        self.assertEqual(sum(len(part) for part in parts), len(data) - 64 * 64 * 4)

    def test_the_bytes_are_fixed(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "m.onnx")
            with open(path, "wb") as file:
                file.write(model_bytes())
            mutants = [mutant for mutants in corpus.make([path], 200) for mutant in mutants]
        digest = hashlib.sha256(b"".join(name.encode() + data for name, data in mutants)).hexdigest()
        self.assertEqual(len({name for name, _ in mutants}), 200)
        self.assertEqual(digest[:16], "a85649f82a2eaa2d")
        kinds = {name.split("-", 2)[2] for name, _ in mutants}
        self.assertEqual(kinds, set(corpus.KINDS))

    def test_the_model_itself_is_valid(self):
        onnx.checker.check_model(model_bytes())


class Complaints(unittest.TestCase):
    def test_only_a_located_message_or_a_pass_is_fine(self):
        self.assertEqual(run.complaint({"status": "passed"}), "")
        self.assertEqual(run.complaint({"status": "refused", "reason": "error: m.onnx: not a model"}), "")
        self.assertIn("without a message", run.complaint({"status": "refused", "reason": " "}))
        self.assertIn("does not say where", run.complaint({"status": "refused", "reason": "error: bad"}))
        self.assertIn("crashed: Aborted", run.complaint({"status": "crashed", "reason": "Aborted"}))
        self.assertIn("timeout", run.complaint({"status": "timeout", "reason": "not done after 1 s"}))


if __name__ == "__main__":
    unittest.main()
