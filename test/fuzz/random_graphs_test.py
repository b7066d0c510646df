"""Random graphs are the same everywhere, rows give nodes, doubtful nodes are rejected, failures are found and shrunk."""
import os
import stat
import sys
import tempfile
import unittest

import numpy as np
import onnx
from onnx import TensorProto, helper

from graphs import generate, shrink
from graphs.builder import Builder, Rejected, Value
from graphs.verdict import Tool, Verdict, check

# Plays mlc: answers are wrong where a model holds an Erf whose operand is the result of a node.
FAKE = """#!{python}
import json, os, sys
import onnx
folder = next(a.split("=", 1)[1] for a in sys.argv if a.startswith("--suite="))
for name in sorted(os.listdir(folder)):
    graph = onnx.load(os.path.join(folder, name, "model.onnx")).graph
    made = {{o for n in graph.node for o in n.output}}
    wrong = any(n.op_type == "Erf" and n.input[0] in made for n in graph.node)
    print(json.dumps({{"case": name, "status": "wrong" if wrong else "passed", "reason": "found 1" if wrong else ""}}))
"""


class Generation(unittest.TestCase):
    def test_a_seed_is_a_graph(self):
        first, second = generate.generate(7), generate.generate(7)
        self.assertEqual(first.model.SerializeToString(), second.model.SerializeToString())
        self.assertTrue(all(np.array_equal(a, b) for a, b in zip(first.answers, second.answers)))
        onnx.checker.check_model(first.model)

    def test_every_row_gives_nodes(self):
        for rows in generate.FAMILIES.values():
            for name, _, make in rows:
                self.assertTrue(any(self.gives(make, seed) for seed in range(60)), name)

    @staticmethod
    def gives(make, seed: int) -> bool:
        b = Builder(seed, generate.OPSETS[seed % len(generate.OPSETS)])
        try:
            make(b)
        except Rejected:
            return False
        return any(node.op_type != "Constant" for node in b.scope.nodes)

    def test_a_decision_within_rounding_is_rejected(self):
        b = Builder(1, 17)
        near, far = (Value(name, np.asarray([x], "f"), off=1e-3) for name, x in (("near", 1.0001), ("far", 2.0)))
        b.scope.values += [near, far]
        one = b.input(np.asarray([1], "f"))
        b.node("Greater", [far, one])
        with self.assertRaises(Rejected):
            b.node("Greater", [near, one])

    def test_a_tie_is_rejected_wherever_it_is(self):
        for first, second in ((0, 1), (3, 11), (6, 5), (12, 2)):
            b = Builder(1, 17)
            array = np.arange(13, dtype="f").reshape(1, 13)
            array[0, [first, second]] = 20, 20.0001
            b.scope.values.append(Value("near", array, off=1e-4))
            with self.assertRaises(Rejected):
                b.node("Hardmax", [b.scope.values[-1]])

    def test_what_a_body_cancels_is_rejected(self):
        b = Builder(1, 17)
        a, c = b.input(np.full(8, 1.0000001, "f")), b.input(np.full(8, 1, "f"))
        b.node("Sub", [a, c])  # exact operands
        result = helper.make_tensor_value_info("z", TensorProto.FLOAT, [8])
        body = helper.make_graph([helper.make_node("Sub", [a.name, c.name], ["z"])], "body", [], [result])
        with self.assertRaises(Rejected):
            b.node("If", [b.input(np.asarray(True))], then_branch=body, else_branch=body)


class Doubt(unittest.TestCase):
    """Integers that overflow on the way are told from those that do not, whatever the result is."""

    def check(self, op: str, values, over: bool, **attributes):
        b = Builder(1, 18)
        operands = [b.input(np.asarray(value)) for value in values]
        if not over:
            b.node(op, operands, **attributes)
            return
        with self.assertRaises(Rejected) as raised:
            b.node(op, operands, **attributes)
        self.assertEqual(str(raised.exception), "integers overflow")

    def test_sums_products_and_powers(self):
        big, small = np.int32([1 << 30, -5]), np.int32([1, 5])
        self.check("Add", [big, big], True)
        self.check("Add", [big, small], False)
        self.check("Mul", [big, np.int32([0, 2])], False)
        self.check("Mul", [big, np.int32([3, 2])], True)
        self.check("Pow", [np.int32([50000]), np.int32([2])], True)
        self.check("Pow", [np.int32([40000]), np.float32([2])], False)
        self.check("Add", [big.astype(np.int64), big.astype(np.int64)], False)
        self.check("Add", [big.astype(np.uint32) * 2, big.astype(np.uint32) * 2], False)

    def test_reductions_count_what_is_on_the_way(self):
        self.check("ReduceSumSquare", [np.int32([[40000, 2]])], False)
        self.check("ReduceSumSquare", [np.int32([[40000, 30000]])], True)
        self.check("ReduceL2", [np.int32([[40000, 30000]])], True)
        self.check("ReduceL2", [np.int32([[40000], [30000]]), np.int64([1])], False)
        self.check("ReduceProd", [np.int32([70000, 70000, 0])], True)
        self.check("ReduceSum", [np.int32([2000000000, -2000000000])], True)

    def test_updates_that_meet(self):
        data, places = np.int32([7, 7]), np.int64([0, 0])
        self.check("ScatterElements", [data, places, np.int32([1 << 30, 1 << 30])], True, reduction="add")
        self.check("ScatterElements", [data, places, np.int32([1 << 30, 1 << 30])], False)


class Shrinking(unittest.TestCase):
    def test_a_failure_becomes_its_two_nodes(self):
        with tempfile.TemporaryDirectory() as folder:
            fake = os.path.join(folder, "mlc")
            with open(fake, "w") as file:
                file.write(FAKE.format(python=sys.executable))
            os.chmod(fake, os.stat(fake).st_mode | stat.S_IXUSR)
            tool = Tool(fake)
            case = self.case_with_erf()
            verdict = check([case], tool)[case.name]
            self.assertEqual(verdict.kind, "DIFFER")
            small, _ = shrink.shrink(case, verdict, tool)
        kinds = [node.op_type for node in small.model.graph.node]
        self.assertEqual((len(kinds), kinds[-1]), (2, "Erf"))
        self.assertEqual(sum(value.size for value in small.feeds.values()), 1)

    @staticmethod
    def case_with_erf() -> generate.Case:
        b = Builder(5, 17)
        value = b.input(np.linspace(-1, 1, 24).astype("f").reshape(2, 3, 4))
        for op in ("Tanh", "Neg", "Sin", "Erf", "Relu", "Cos"):
            value = b.node(op, [value])[0]
        model, feeds = generate.assemble(b, [value])
        return generate.Case("erf", model, feeds, [value.array], 1e-4)

    def test_a_reason_is_alike_whatever_its_names(self):
        alike = [Verdict("refused", f"/tmp/{n}/model.onnx: node 'Add_{n}' (Add, opset 17): has {n} axes") for n in (3, 14)]
        self.assertEqual(*(shrink.likeness(v) for v in alike))


if __name__ == "__main__":
    unittest.main()
