"""What bench/ulp counts as an error."""
import math
import os
import sys
import unittest

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../bench"))
import ulp  # noqa: E402

ROW = ulp.Activation("Exp", np.exp, -87, math.inf, 1, 1)


def errors(x: list[float], change: float = 0.0) -> ulp.Errors:
    """Of exact results that are moved by a share of themselves."""
    result = ulp.Errors(ROW)
    values = np.array(x, "f4")
    result.add(values, (np.exp(values.astype("f8")) * (1 + change)).astype("f4"))
    return result


class UlpTest(unittest.TestCase):
    def test_rounded_results_are_within_a_half(self) -> None:
        self.assertLessEqual(errors([0, 1, -3, 50]).ulp, 0.5)
        self.assertEqual(errors([0, 1, -3, 50]).misses(), [])

    def test_wrong_results_miss_with_their_place(self) -> None:
        found = errors([1], 1e-6)
        self.assertGreater(found.ulp, 8)
        self.assertRegex(found.misses()[0], r"Exp: 1\d\.\d+ ulp at 1, 1 are allowed")

    def test_results_next_to_zero_count_by_the_scale(self) -> None:
        found = errors([-87.5], -1)
        self.assertEqual(found.ulp, 0)
        self.assertLess(found.scale, 0.01)

    @np.errstate(over="ignore")
    def test_special_arguments_must_agree(self) -> None:
        found, right = ulp.Errors(ROW), np.exp(ulp.SPECIAL.astype("f8")).astype("f4")
        found.check_special(right)
        self.assertEqual(found.misses(), [])
        found.check_special(np.where(np.isnan(right), 0, right))
        self.assertEqual(found.misses(), ["Exp(nan) = 0, not nan"])

    def test_samples_are_spread_over_all_floats(self) -> None:
        values = ulp.spread(16, 0)
        self.assertEqual(len(np.unique(values.view("u4") >> 16)), 65536 - 2 * 128)
        self.assertTrue(np.isfinite(values).all())


if __name__ == "__main__":
    unittest.main()
