"""The lines of mlc_compiler/_library.py against the header that they declare."""
import ctypes
import os
import pathlib
import re
import unittest

from mlc_compiler import _library

INCLUDE = pathlib.Path(os.environ.get("MLC_INCLUDE", pathlib.Path(__file__).parents[2] / "include"))
NUMBERS = {"uint32_t": ctypes.c_uint32, "int": ctypes.c_int, "size_t": ctypes.c_size_t, "MlcPart": ctypes.c_int,
           "MlcQuantizedPart": ctypes.c_int, "MlcDiagnostic": _library.CDiagnostic, "MlcTensor": _library.CTensor,
           "MlcPhaseFunction": _library.PhaseFunction, "MlcShareFunction": _library.ShareFunction, "void": None}


def header():
    text = re.sub(r"/\*.*?\*/", "", (INCLUDE / "mlc-c/mlc.h").read_text(), flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"^\s*#.*$", "", text, flags=re.M))


def kind(text):
    """"pointer", or the type of a number; `text` is a type, perhaps with a name behind it."""
    if "*" in text:
        return "pointer"
    return NUMBERS[re.sub(r"\b(const|struct)\b", "", text).split()[0]]


def kind_of(declared):
    pointers = (ctypes.c_void_p, ctypes.c_char_p)
    return "pointer" if declared in pointers or hasattr(declared, "contents") else declared


class Library(unittest.TestCase):
    def test_declares_every_function(self):
        found = {}
        for result, name, arguments in re.findall(r"([\w ]+[ *])(mlc[A-Z]\w*)\(([^)]*)\);", header()):
            parts = [] if arguments.strip() == "void" else arguments.split(",")
            found[name] = (kind(result), [kind(part) for part in parts])
        self.assertGreater(len(found), 40)
        declared = {name: (kind_of(result), [kind_of(argument) for argument in arguments])
                    for name, (result, arguments) in _library.FUNCTIONS.items()}
        self.assertEqual(found, declared)

    def test_declares_structs_as_they_are(self):
        for name, struct in (("MlcDiagnostic", _library.CDiagnostic), ("MlcTensor", _library.CTensor)):
            body = re.search(r"typedef struct %s {([^}]*)}" % name, header())[1]
            names = re.findall(r"(\w+) *(?=[,;])", body)
            self.assertEqual(names, [field for field, _ in struct._fields_])

    def test_declares_parts_by_their_numbers(self):
        numbers = dict(re.findall(r"MLC_(?:PART_|QUANTIZED_)(\w+) = (\d+)", header()))
        self.assertEqual(int(numbers["MEMORY_MAP"]), _library.MEMORY_MAP)
        self.assertEqual(int(numbers["REPORT"]), _library.QUANTIZED_REPORT)
        for name in ("OBJECT", "ARCHIVE", "HEADER", "CONTRACT", "RUNTIME_HEADER"):
            self.assertEqual(int(numbers[name]), getattr(_library, name))
        self.assertEqual((int(numbers["FILE"]), int(numbers["MISSED"])), (_library.QUANTIZED_FILE, _library.QUANTIZED_MISSED))

    def test_has_the_version_of_the_header(self):
        self.assertEqual(int(re.search(r"MLC_C_API_VERSION (\d+)u", (INCLUDE / "mlc-c/mlc.h").read_text())[1]),
                         _library.API_VERSION)


if __name__ == "__main__":
    unittest.main()
