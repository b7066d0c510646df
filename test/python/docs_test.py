"""The examples of docs/python.md and of the README's Python, one after the other: they print what stands below them."""
import contextlib
import io
import os
import pathlib
import re
import shutil
import tempfile
import unittest

from files import DIGITS, ROOT

BLOCK = re.compile(r"^```python\n(.*?)^```\n(?:```\n(.*?)^```\n)?", re.S | re.M)


def examples(document):
    return BLOCK.findall((ROOT / document).read_text())


class Documents(unittest.TestCase):
    def runs(self, document, least):
        blocks = examples(document)
        self.assertGreaterEqual(len(blocks), least)
        names, before = {}, os.getcwd()
        with tempfile.TemporaryDirectory() as folder:
            for file in DIGITS.iterdir():
                if file.suffix in {".onnx", ".npy", ".json", ".pgm"}:
                    shutil.copy(file, pathlib.Path(folder) / file.name)
            os.chdir(folder)
            try:
                for code, printed in blocks:
                    with self.subTest(code=code), contextlib.redirect_stdout(io.StringIO()) as out:
                        exec(compile(code, document, "exec"), names)
                        self.assertEqual(out.getvalue(), printed)
            finally:
                os.chdir(before)

    def test_page(self):
        self.runs("docs/python.md", 8)

    def test_readme(self):
        self.runs("README.md", 1)


if __name__ == "__main__":
    unittest.main()
