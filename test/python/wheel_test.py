"""What the wheel puts into an environment, which is the one that runs this: sys.prefix is a venv's with the wheel in it."""
import importlib.metadata
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

import mlc_compiler
from files import DIGITS, ROOT

PREFIX = pathlib.Path(sys.prefix)
DISTRIBUTION = importlib.metadata.distribution("mlc-compiler")


def run(*command, **keywords):
    environment = {**os.environ, "PATH": f"{PREFIX}/bin:{os.environ['PATH']}"}
    environment.pop("LD_LIBRARY_PATH", None)
    return subprocess.run([str(word) for word in command], env=environment, capture_output=True, text=True, **keywords)


class Wheel(unittest.TestCase):
    def ran(self, *command, **keywords):
        done = run(*command, **keywords)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_is_what_python_imports(self):
        self.assertEqual(pathlib.Path(mlc_compiler.__file__).parents[4], PREFIX)
        self.assertNotIn("MLC_COMPILER_LIBRARY", os.environ)

    def test_says_what_it_is(self):
        about = DISTRIBUTION.metadata
        self.assertEqual((about["Name"], about["Version"]), ("mlc-compiler", mlc_compiler.__version__))
        hard = [name for name in DISTRIBUTION.requires if "extra ==" not in name]
        self.assertEqual([name.split(">")[0] for name in hard], ["numpy"])
        self.assertIn("Apache-2.0", about["License-Expression"])
        names = [str(file) for file in DISTRIBUTION.files]
        self.assertTrue(any(name.endswith("licenses/LICENSE") for name in names))
        self.assertTrue(any(name.endswith("mlc_compiler/py.typed") for name in names))

    def test_holds_nothing_twice(self):
        large = [file for file in DISTRIBUTION.files if (file.size or 0) > 1 << 20]
        self.assertEqual(len(large), len({file.hash.value for file in large}), large)

    def test_brings_the_licences_of_others(self):
        texts = {path.name: path.read_text(errors="replace") for path in (PREFIX / "share/doc/mlc/third-party").iterdir()}
        packages = ["libeigen3-dev", "libjpeg62-turbo-dev", "libminizip-dev", "libpng-dev", "libprotobuf-dev", "libzstd-dev", "llvm-22-dev",
                    "zlib1g-dev"]
        self.assertEqual(set(texts), {"README.md", *(f"{package}.txt" for package in packages)})
        self.assertTrue(all("icen" in text or "ICEN" in text for text in texts.values()))

    def test_needs_only_what_every_system_has(self):
        allowed = {"libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1", "libz.so.1", "ld-linux-x86-64.so.2", "libdl.so.2",
                   "libpthread.so.0"}
        files = [PREFIX / "bin/mlc", PREFIX / "bin/mlc-opt", *PREFIX.glob("lib/libmlc-compiler.so*"), *PREFIX.glob("lib/mlc/*.so*")]
        self.assertEqual(len(files), 6, files)
        own = {file.name for file in files}
        for file in files:
            lines = self.ran("readelf", "-d", file).splitlines()
            needed = {line.split("[")[1].rstrip("]") for line in lines if "(NEEDED)" in line}
            self.assertEqual(needed - allowed - own, set(), file)

    def test_tools_start_at_once(self):
        seconds = []
        for _ in range(5):
            start = time.monotonic()
            self.ran("mlc", "--help")
            seconds.append(time.monotonic() - start)
        self.assertLess(min(seconds), 0.1)
        self.assertIn(mlc_compiler.__version__, self.ran("mlc-opt", "--version"))
        module = "func.func @f(%x: index) -> index { %y = arith.addi %x, %x : index return %y : index }"
        self.assertIn("llvm.add", self.ran("mlc-opt", "--convert-to-llvm", input=module))
        self.assertIn("kernel.conv", self.ran("mlc-opt", DIGITS / "digits.onnx", "--dim=N=1", "--phase-simplify", "--phase-fuse",
                                              "--phase-restructure", "--phase-layout", "--phase-lower"))

    def test_compiles_and_links_a_program(self):
        with tempfile.TemporaryDirectory() as folder:
            self.ran("mlc", "compile", DIGITS / "digits.onnx", "--dim=N=1", "-q", "-o", folder)
            self.ran("cc", "-I", folder, DIGITS / "main.c", f"{folder}/libdigits.a", "-o", f"{folder}/digits")
            self.ran(f"{folder}/digits")

    def test_is_a_cmake_package(self):
        with tempfile.TemporaryDirectory() as folder:
            self.ran("cmake", "-G", "Ninja", "-S", ROOT / "test/e2e/Inputs/installed", "-B", folder,
                     f"-DCMAKE_PREFIX_PATH={PREFIX}", f"-DEXAMPLES={ROOT}/examples")
            self.ran("cmake", "--build", folder)
            self.ran(f"{folder}/digits_c")
            self.assertIn("scores:", self.ran(f"{folder}/embed_c", DIGITS / "digits.onnx", f"{folder}/c"))
            self.assertIn("scores:", self.ran(f"{folder}/embed_cpp", DIGITS / "digits.onnx", f"{folder}/cpp"))


if __name__ == "__main__":
    unittest.main()
