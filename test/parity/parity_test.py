"""The generic runner, natively and emulated, and what the harness calls an error. Argument: the build folder."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import numpy as np

import copies
import engine
import run
import zoo

BUILD = sys.argv.pop(1)
SCALE = os.path.join(engine.HERE, "Inputs/scale.c")
RUNTIMES = {"native": f"{os.uname().machine}.o", "aarch64": "aarch64.o"}


def fake_library(folder: str, target: str, flags: list[str]) -> engine.Compiled:
    """scale.c and the runtime in an archive, as `mlc compile` leaves one."""
    prefix, include = "p_scale", os.path.join(engine.ROOT, "runtime/include")
    thing, archive = os.path.join(folder, "scale.o"), os.path.join(folder, f"lib{prefix}.a")
    subprocess.run([*engine.TARGETS[target].compiler, *flags, "-I", include, "-c", SCALE, "-o", thing], check=True)
    runtime = os.path.join(BUILD, "lib/RuntimeObjects", RUNTIMES[target])
    subprocess.run(["ar", "rcs", archive, thing, runtime], check=True)
    return engine.Compiled(archive, {}, {}, prefix, 0.0, 0)


class Runner(unittest.TestCase):
    def execute(self, target: str, *flags: str):
        with tempfile.TemporaryDirectory() as folder:
            binary = engine.link(fake_library(folder, target, list(flags)), target)
            x = np.arange(12, dtype="f").reshape(4, 3)
            values, report = engine.execute(binary, target, [x], [((4, 3), x.dtype), ((4,), np.dtype("i4"))], 60)
            return x, values, report

    def test_every_sample_runs_natively(self):
        x, (y, z), report = self.execute("native")
        np.testing.assert_array_equal(y, 2 * x)
        np.testing.assert_array_equal(z, [1, 1, 1, 1])
        self.assertEqual((report["variant"], report["arena"], report["repeats"]), ("baseline", 128, True))

    @unittest.skipUnless(shutil.which("aarch64-linux-gnu-gcc") and shutil.which("qemu-aarch64"), "no cross tools")
    def test_every_sample_runs_emulated(self):
        x, (y, _), _ = self.execute("aarch64")
        np.testing.assert_array_equal(y, 2 * x)

    def test_a_model_that_depends_on_its_arena_is_told(self):
        _, (_, z), report = self.execute("native", "-DSCALE_FORGETFUL")
        np.testing.assert_array_equal(z, [1, 2, 3, 4])
        self.assertFalse(report["repeats"])

    def test_failures_carry_what_was_said(self):
        with self.assertRaisesRegex(engine.Failure, "error: no luck"):
            engine.run(["sh", "-c", "echo first; echo error: no luck; exit 3"], 10)
        with self.assertRaisesRegex(engine.Failure, "not done after 1 s"):
            engine.run(["sleep", "20"], 1)


class Errors(unittest.TestCase):
    row = {"rtol": 1e-3, "atol_of_scale": 1e-4}

    def share(self, found, wanted, row=None):
        return run.errors(np.array(found), np.array(wanted), row or self.row)[1]

    def test_floats(self):
        self.assertLess(self.share([100.0, 0.009], [100.0, 0.0]), 1)
        self.assertGreater(self.share([100.0, 0.011], [100.0, 0.0]), 1)
        self.assertGreater(self.share([100.2], [100.0]), 1)
        self.assertEqual(self.share([0.0], [0.0]), 0)
        self.assertLess(self.share([2.0], [1.5], {"rtol": 0, "atol": 0.51}), 1)

    def test_infinity_and_nan_must_be_where_they_are_expected(self):
        self.assertEqual(self.share([np.inf, np.nan, 1.0], [np.inf, np.nan, 1.0]), 0)
        for found, wanted in [(np.inf, 1.0), (np.nan, 1.0), (1.0, np.nan), (-np.inf, np.inf)]:
            self.assertEqual(self.share([found], [wanted]), np.inf)

    def test_integers_are_exact(self):
        self.assertEqual(self.share([1], [1]), 0)
        self.assertEqual(self.share([1], [2]), np.inf)


class Verdicts(unittest.TestCase):
    fine = {"error": 0, "share": 0.5, "compile": 1, "peak": 9, "arena": 64, "bound": 1, "milliseconds": 1}
    fine |= {"code": 2**16, "weights": 2**21, "is_network": True}
    fine |= {"repeats": True, "peak_limit": 10}

    def test_a_model_in_order_passes(self):
        self.assertTrue(run.describe("m", "native", self.fine)[1])

    def test_every_bar_can_fail(self):
        bad = [("share", 1.1, "beyond tolerance"), ("bound", 1.04, "arena over 1.03"), ("peak", 11, "took over")]
        bad += [("code", 2**17, "code over 5%")]
        for key, value, words in [*bad, ("repeats", False, "other bytes"), ("failure", "no", "FAIL no")]:
            line, good = run.describe("m", "native", {**self.fine, key: value})
            self.assertFalse(good)
            self.assertIn(words, line)


class Copies(unittest.TestCase):
    table = {"net": {"copy": [2, "why"]}}

    def test_more_and_fewer_and_unknown_are_named(self):
        self.assertEqual(copies.compare("net", {"copy": 2, "transpose": 0}, self.table), [])
        for found in ({"copy": 3, "transpose": 0}, {"copy": 1, "transpose": 0}, {"copy": 2, "transpose": 1}):
            self.assertEqual(len(copies.compare("net", found, self.table)), 1)
        self.assertEqual(len(copies.compare("other", {"copy": 0, "transpose": 0}, self.table)), 1)
        self.assertEqual(len(copies.compare("net", {"copy": 2, "transpose": 0}, {"net": {"copy": [2, ""]}})), 1)

    def test_operations_are_counted(self):
        text = "memref.copy %a, %b\nlinalg.transpose ins(%a)\nmemref.copy_not\n"
        self.assertEqual(copies.count(text), {"copy": 1, "transpose": 1})


class Feeds(unittest.TestCase):
    def test_random_feeds_depend_on_the_key_alone(self):
        def one(key):
            return zoo.feed({"normal": [0, 1]}, [2, 3], np.dtype("f"), 4, key, "")

        np.testing.assert_array_equal(one("m/x"), one("m/x"))
        self.assertFalse(np.array_equal(one("m/x"), one("m/y")))
        self.assertEqual(one("m/x").shape, (4, 2, 3))

    def test_preparation_follows_the_table(self):
        values = zoo.prepare(np.uint8([0, 255]), {"divide": 255, "subtract": 0.1307, "over": 0.3081})
        np.testing.assert_allclose(values, [-0.1307 / 0.3081, (1 - 0.1307) / 0.3081], rtol=1e-6)
        np.testing.assert_allclose(zoo.prepare(np.int8([85]), {"subtract": 83, "multiply": 0.5}), [1.0])

    def test_every_model_has_a_row(self):
        self.assertEqual(len(zoo.names(["models"])), 37)
        self.assertEqual(len(zoo.names(["nets"])), 19)
        self.assertEqual(zoo.row("resnet50")["rtol"], 1e-3)


if __name__ == "__main__":
    unittest.main()
