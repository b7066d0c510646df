"""What bench/growth says of growth, and that its models are valid."""
import os
import sys
import unittest

import onnx

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../bench"))
import growth  # noqa: E402
import growth_models  # noqa: E402
from growth import Counts  # noqa: E402

SIZES = [10, 20, 40]


class Growth(unittest.TestCase):
    def faults(self, *rows):
        return growth.faults_of(SIZES, [Counts(*row) for row in rows])

    def test_linear_growth_is_no_fault(self):
        self.assertEqual(self.faults((100, 1000, 0, 50), (200, 2000, 0, 50), (400, 4000, 0, 50)), [])
        self.assertEqual(self.faults((100, 1000, 3, 50), (120, 1100, 3, 50), (130, 1120, 3, 52)), [])

    def test_each_fault_is_named(self):
        self.assertEqual(self.faults((100, 1000, 0, 50), (200, 2000, 0, 50), (600, 4000, 0, 50)), ["lines behind lower"])
        self.assertEqual(self.faults((100, 1000, 0, 50), (200, 2000, 0, 50), (400, 8000, 0, 50)), ["lines behind llvm"])
        self.assertEqual(
            self.faults((100, 1000, 10, 50), (200, 2000, 20, 100), (400, 4000, 40, 200)),
            ["insertions into one tensor", "the largest kernel"],
        )

    def test_exponents(self):
        self.assertEqual(growth.exponent(1, 16, 2), "4.0")
        self.assertEqual(growth.exponent(0.01, 16, 2), "-")

    def test_models_are_valid(self):
        for name, (least, build) in growth_models.FAMILIES.items():
            for size in (1, 3):
                with self.subTest(name, size=size):
                    onnx.checker.check_model(build(size).model(), full_check=True)


if __name__ == "__main__":
    unittest.main()
