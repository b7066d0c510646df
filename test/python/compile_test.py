"""compile, Library, targets, and what is refused."""
import json
import pathlib
import pickle
import re
import subprocess
import sys
import tempfile
import unittest

import mlc_compiler
from files import DIGITS, MODELS
from mlc_compiler import Error


def diagnostics_of(test, function, *arguments, **keywords):
    with test.assertRaises(Error) as caught:
        function(*arguments, **keywords)
    return caught.exception.diagnostics


class Compile(unittest.TestCase):
    def test_makes_all_parts(self):
        library = mlc_compiler.compile(DIGITS / "digits.onnx", dim={"N": 1})
        self.assertEqual(library.object[:4], b"\x7fELF")
        self.assertEqual(library.archive[:8], b"!<arch>\n")
        self.assertIn("digits_run(", library.header)
        self.assertIn("mlc_status", library.runtime_header)
        self.assertEqual(library.contract["inputs"][0]["shape"], [1, 1, 8, 8])
        self.assertEqual(library.report["macs"], library.contract["macs"])
        self.assertIn("Conv", {node["operator"] for kernel in library.report["kernels"] for node in kernel["nodes"]})
        self.assertTrue(library.memory_map)
        self.assertEqual(library.warnings, ())

    def test_writes_what_the_tool_writes(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            library = mlc_compiler.compile(DIGITS / "digits.onnx", dim={"N": 2}, cpu=["x86-64-v2", "x86-64-v3"],
                                           target="x86_64-linux-gnu", max_ulp=0, prefix="two")
            library.write(folder / "python")
            subprocess.run([tool(), "compile", DIGITS / "digits.onnx", "--dim=N=2", "--cpu=x86-64-v2,x86-64-v3",
                            "--target=x86_64-linux-gnu", "--max-ulp=0", "--prefix=two", "-q", "-o", folder / "tool"], check=True)
            written = sorted(path.name for path in (folder / "tool").iterdir())
            self.assertEqual(written, ["libtwo.a", "mlc_runtime.h", "two.h", "two.json"])
            for name in written:
                self.assertEqual((folder / "python" / name).read_bytes(), (folder / "tool" / name).read_bytes(), name)
            self.assertEqual((folder / "tool/libtwo.a").read_bytes(), library.archive)
            self.assertEqual(json.loads((folder / "tool/two.json").read_text()), library.contract)

    def test_compiles_for_other_machines(self):
        library = mlc_compiler.compile(DIGITS / "digits.onnx", target="aarch64-linux-gnu", dim={"N": 1})
        self.assertRegex(library.contract["target"]["triple"], "aarch64")
        self.assertEqual(int.from_bytes(library.object[18:20], "little"), 183)  # EM_AARCH64

    def test_takes_bytes_with_a_name(self):
        data = (DIGITS / "digits.onnx").read_bytes()
        self.assertEqual(mlc_compiler.compile(data, dim={"N": 1}, name="net.onnx").contract["prefix"], "net")
        self.assertEqual(mlc_compiler.compile(bytearray(data), dim={"N": 1}).contract["prefix"], "model")

    def test_takes_a_contract_as_a_mapping(self):
        contract = json.loads((DIGITS / "digits.contract.json").read_text())
        given = mlc_compiler.compile(DIGITS / "digits.onnx", dim={"N": 1}, contract=contract)
        named = mlc_compiler.compile(DIGITS / "digits.onnx", dim={"N": 1}, contract=DIGITS / "digits.contract.json")
        self.assertEqual(given.contract, named.contract)
        self.assertEqual(given.contract["outputs"][0]["labels"], list("0123456789"))

    def test_precision_is_half_the_weights(self):
        full = mlc_compiler.compile(DIGITS / "digits.onnx", dim={"N": 1}).report
        half = mlc_compiler.compile(DIGITS / "digits.onnx", dim={"N": 1}, precision="bf16").report
        self.assertLess(half["weights_bytes"], 0.7 * full["weights_bytes"])
        self.assertEqual(half["narrow_floats"]["type"], "bf16")

    def test_warnings_are_diagnostics(self):
        library = mlc_compiler.compile(DIGITS / "digits.onnx", dim={"N": 1}, fc_weights="f16")
        self.assertTrue(library.warnings)
        self.assertEqual({warning.severity for warning in library.warnings}, {"warning"})
        self.assertTrue(any(warning.operator for warning in library.warnings), library.warnings)

    def test_tells_progress(self):
        phases = []
        library = mlc_compiler.compile(DIGITS / "digits.onnx", dim={"N": 1}, progress=lambda *phase: phases.append(phase))
        names = [name for name, _, _ in phases]
        self.assertEqual(names[0], "import")
        self.assertEqual(names[-1], "emit")
        indices = [index for _, index, _ in phases]
        self.assertEqual(indices, sorted(indices))
        self.assertTrue(all(index < count for _, index, count in phases))
        before = len(phases)
        mlc_compiler.Model(library)
        self.assertGreater(len(phases), before)

    def test_what_progress_raises_comes_out(self):
        def stop(phase, index, count):
            raise KeyboardInterrupt(phase)

        with self.assertRaisesRegex(KeyboardInterrupt, "import"):
            mlc_compiler.compile(DIGITS / "digits.onnx", dim={"N": 1}, progress=stop)

    def test_lists_targets(self):
        by_triple = {target["triple"]: target for target in mlc_compiler.targets()}
        self.assertIn("x86-64-v3", {cpu["name"] for target in by_triple.values() for cpu in target["cpus"]})

    def test_has_one_version(self):
        version = subprocess.run([tool(), "--version"], check=True, capture_output=True, text=True).stdout
        self.assertEqual(version, f"mlc {mlc_compiler.__version__}\n")


class Refused(unittest.TestCase):
    def test_operators_by_their_nodes(self):
        first, second = diagnostics_of(self, mlc_compiler.compile, MODELS / "bad/unsupported_two.onnx")
        self.assertEqual((second.severity, second.node, second.operator, second.opset, second.index),
                         ("error", "second", "Wobble", 17, 2))
        self.assertRegex(second.file, "unsupported_two.onnx$")
        self.assertIn(second.message, str(second))
        self.assertIn("node 'second' (Wobble, opset 17)", second.text)
        self.assertNotEqual(first.node, second.node)

    def test_bytes_that_are_no_model(self):
        for data in (b"", b"\x00", b"no model", (DIGITS / "digits.onnx").read_bytes()[:5000], bytes(range(256)) * 40):
            with self.subTest(data=data[:8]):
                for function in (mlc_compiler.compile, mlc_compiler.Model):
                    for found in diagnostics_of(self, function, data, name="bad.onnx", dim={"N": 1}):
                        self.assertEqual(found.severity, "error")
                        self.assertIn("bad.onnx", found.text)

    def test_damaged_models_never_crash(self):
        """In a process of its own, which must end by itself: a bit of a byte here and there, and what is before it."""
        program = """
import sys, mlc_compiler
data = open(sys.argv[1], "rb").read()
counts = [0, 0]
for place in range(0, len(data), len(data) // 29):
    for damaged in (data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1:], data[:place]):
        try:
            mlc_compiler.shape_inputs(damaged)
            mlc_compiler.Model(damaged)
            counts[0] += 1
        except mlc_compiler.Error as error:
            assert error.diagnostics and all(one.message for one in error.diagnostics)
            counts[1] += 1
print(*counts)
"""
        done = subprocess.run([sys.executable, "-c", program, MODELS / "mlp.onnx"], capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        compiled, refused = map(int, done.stdout.split())
        self.assertGreater(compiled, 10)
        self.assertGreater(refused, 30)

    def test_files_that_are_not_there(self):
        found, = diagnostics_of(self, mlc_compiler.compile, "nowhere/none.onnx")
        self.assertIn("nowhere/none.onnx", found.text)

    def test_options_by_their_names(self):
        path = DIGITS / "digits.onnx"
        found, = diagnostics_of(self, mlc_compiler.compile, path, max_ulps=0)
        self.assertEqual(found.text, "--max-ulps: no such option; did you mean --max-ulp?")
        found, = diagnostics_of(self, mlc_compiler.compile, path, precision="f8")
        self.assertRegex(found.text, "^--precision=f8: .* is required$")
        found, = diagnostics_of(self, mlc_compiler.compile, path, dim={"N": "one"})
        self.assertIn("'one' is not a size", found.text)
        found, = diagnostics_of(self, mlc_compiler.compile, path, target="vax-linux")
        self.assertIn("vax", found.text)
        for name in ("stop_after", "print_weights", "o", "timing", "report"):
            with self.subTest(name=name):
                diagnostics_of(self, mlc_compiler.compile, path, **{name: "fuse"})

    def test_dimensions_that_are_open(self):
        found, = diagnostics_of(self, mlc_compiler.compile, DIGITS / "digits.onnx")
        self.assertRegex(found.text, "'N'")

    def test_other_objects(self):
        with self.assertRaisesRegex(TypeError, "a model is a path, bytes or an onnx.ModelProto, not dict"):
            mlc_compiler.compile({})

    def test_errors_can_be_sent(self):
        with self.assertRaises(Error) as caught:
            mlc_compiler.compile(b"no model")
        again = pickle.loads(pickle.dumps(caught.exception))
        self.assertEqual((again.diagnostics, str(again)), (caught.exception.diagnostics, str(caught.exception)))

    def test_folders_that_cannot_be(self):
        library = mlc_compiler.compile(MODELS / "mlp.onnx")
        with tempfile.NamedTemporaryFile() as file:
            found, = diagnostics_of(self, library.write, file.name + "/out")
            self.assertIn(file.name, found.text)


def tool():
    """The mlc beside the library that is tested."""
    from mlc_compiler import _library

    prefix = pathlib.Path(re.sub(r"/lib/[^/]*$", "", _library.path()))
    return prefix / "bin/mlc"


if __name__ == "__main__":
    unittest.main()
