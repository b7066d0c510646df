"""Few seeds have the operators of all, and the dictionary is in the form that libFuzzer reads."""
import unittest

import onnx

import pipeline
import seeds


def seed(name: str, *operators: str) -> pipeline.Seed:
    nodes = [onnx.helper.make_node(operator, ["x"], ["x"]) for operator in operators]
    value = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1])
    return pipeline.Seed(name, onnx.helper.make_model(onnx.helper.make_graph(nodes, name, [value], [value])), [])


class Seeds(unittest.TestCase):
    def test_one_per_operator_is_few_and_has_all(self):
        kept = seeds.one_per_operator([seed("both", "Sin", "Cos"), seed("sin", "Sin"), seed("again", "Sin"), seed("tan", "Tan")])
        self.assertEqual([s.name for s in kept], ["sin", "tan", "both"])

    def test_a_word_stands_behind_its_length(self):
        self.assertEqual(seeds.entry("Sin"), r'"\x03\x53\x69\x6e"')

    def test_words_are_of_the_schemas_and_of_the_models(self):
        self.assertLessEqual({"Conv", "auto_pad", "com.microsoft", "FusedConv"}, seeds.words([seed("m", "FusedConv").model]))


if __name__ == "__main__":
    unittest.main()
