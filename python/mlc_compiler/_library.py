"""The functions of mlc-c/mlc.h, as ctypes knows them.

test/python/library_test.py holds these lines against the header.
"""
from __future__ import annotations

import ctypes
import importlib.metadata
import os
from ctypes import POINTER, c_char_p, c_double, c_int, c_int64, c_size_t, c_uint32, c_uint64, c_void_p

API_VERSION = 1

PhaseFunction = ctypes.CFUNCTYPE(None, c_void_p, c_char_p, ctypes.c_uint, ctypes.c_uint)
ShareFunction = ctypes.CFUNCTYPE(None, c_void_p, c_char_p, c_double, c_double)


class CDiagnostic(ctypes.Structure):
    _fields_ = [("file", c_char_p), ("message", c_char_p), ("node", c_char_p), ("op", c_char_p), ("opset", c_int64),
                ("index", c_int64), ("severity", c_int)]


class CTensor(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("shape", POINTER(c_int64)), ("rank", c_size_t), ("bytes", c_uint64), ("type", c_int)]


# Of MlcPart and MlcQuantizedPart.
OBJECT, ARCHIVE, HEADER, CONTRACT, RUNTIME_HEADER, REPORT, MEMORY_MAP = range(7)
QUANTIZED_FILE, QUANTIZED_REPORT, QUANTIZED_MISSED = range(3)

# Handles, and diagnostics where the function can fail, are pointers.
FUNCTIONS = {
    "mlcApiVersion": (c_uint32, []),
    "mlcVersion": (c_char_p, []),
    "mlcDiagnosticsCount": (c_size_t, [c_void_p]),
    "mlcDiagnosticsGet": (CDiagnostic, [c_void_p, c_size_t]),
    "mlcDiagnosticsPlace": (c_char_p, [c_void_p, c_size_t]),
    "mlcDiagnosticsLine": (c_char_p, [c_void_p, c_size_t]),
    "mlcDiagnosticsText": (c_char_p, [c_void_p]),
    "mlcDiagnosticsDestroy": (None, [c_void_p]),
    "mlcCompilerCreate": (c_void_p, [c_uint32]),
    "mlcCompilerDestroy": (None, [c_void_p]),
    "mlcCompilerSet": (c_void_p, [c_void_p, c_char_p, c_char_p]),
    "mlcCompilerOnPhase": (None, [c_void_p, PhaseFunction, c_void_p]),
    "mlcTargetsJson": (c_char_p, []),
    "mlcOptionAt": (c_int, [c_size_t, POINTER(c_char_p), POINTER(c_char_p)]),
    "mlcGraphImportFile": (c_void_p, [c_void_p, c_char_p, POINTER(c_void_p)]),
    "mlcGraphImportBytes": (c_void_p, [c_void_p, c_char_p, c_size_t, c_char_p, POINTER(c_void_p)]),
    "mlcShapeInputs": (c_void_p, [c_char_p, c_size_t, POINTER(c_void_p)]),
    "mlcNamesCount": (c_size_t, [c_void_p]),
    "mlcNamesGet": (c_char_p, [c_void_p, c_size_t]),
    "mlcNamesDestroy": (None, [c_void_p]),
    "mlcGraphClone": (c_void_p, [c_void_p]),
    "mlcGraphRunTo": (c_void_p, [c_void_p, c_char_p]),
    "mlcGraphPrint": (c_char_p, [c_void_p]),
    "mlcGraphDestroy": (None, [c_void_p]),
    "mlcGraphCompile": (c_void_p, [c_void_p, c_void_p, POINTER(c_void_p)]),
    "mlcLibraryPart": (c_void_p, [c_void_p, c_int, POINTER(c_void_p), POINTER(c_size_t)]),
    "mlcLibraryWarnings": (c_void_p, [c_void_p]),
    "mlcLibraryWrite": (c_void_p, [c_void_p, c_char_p]),
    "mlcLibraryDestroy": (None, [c_void_p]),
    "mlcGraphLoad": (c_void_p, [c_void_p, c_void_p, POINTER(c_void_p)]),
    "mlcExecutableInputCount": (c_size_t, [c_void_p]),
    "mlcExecutableOutputCount": (c_size_t, [c_void_p]),
    "mlcExecutableInput": (CTensor, [c_void_p, c_size_t]),
    "mlcExecutableOutput": (CTensor, [c_void_p, c_size_t]),
    "mlcExecutableContract": (c_char_p, [c_void_p]),
    "mlcExecutableReport": (c_char_p, [c_void_p]),
    "mlcExecutableWarnings": (c_void_p, [c_void_p]),
    "mlcExecutableUseThreads": (c_void_p, [c_void_p, c_uint32]),
    "mlcExecutableRun": (c_void_p, [c_void_p, POINTER(c_void_p), POINTER(c_void_p)]),
    "mlcExecutableDestroy": (None, [c_void_p]),
    "mlcQuantizerCreate": (c_void_p, [c_uint32]),
    "mlcQuantizerDestroy": (None, [c_void_p]),
    "mlcQuantizerSet": (c_void_p, [c_void_p, c_char_p, c_char_p]),
    "mlcQuantizerOnProgress": (None, [c_void_p, ShareFunction, c_void_p]),
    "mlcQuantize": (c_void_p, [c_void_p, c_char_p, POINTER(c_void_p)]),
    "mlcQuantizedModelPart": (c_void_p, [c_void_p, c_int, POINTER(c_void_p), POINTER(c_size_t)]),
    "mlcQuantizedModelDestroy": (None, [c_void_p]),
    "mlcCommandCreate": (c_void_p, [c_uint32, c_char_p, POINTER(c_void_p)]),
    "mlcCommandDestroy": (None, [c_void_p]),
    "mlcCommandSet": (c_void_p, [c_void_p, c_char_p, c_char_p]),
    "mlcCommandOnProgress": (None, [c_void_p, ShareFunction, c_void_p]),
    "mlcCommandRun": (c_void_p, [c_void_p, POINTER(c_char_p), c_size_t]),
    "mlcCommandText": (c_char_p, [c_void_p]),
    "mlcCommandWarnings": (c_void_p, [c_void_p]),
}


def path() -> str:
    """The shared library: $MLC_COMPILER_LIBRARY, or the one that was installed with this package."""
    named = os.environ.get("MLC_COMPILER_LIBRARY")
    if named:
        return named
    try:
        files = importlib.metadata.files("mlc-compiler") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name.startswith("libmlc-compiler.so"):
            return os.path.realpath(file.locate())
    raise ImportError("mlc_compiler: libmlc-compiler is not installed; install the wheel mlc-compiler, or name the library in "
                      "$MLC_COMPILER_LIBRARY")


def _load() -> ctypes.CDLL:
    library = ctypes.CDLL(path())
    for name, (result, arguments) in FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    version = library.mlcApiVersion()
    if version != API_VERSION:
        raise ImportError(f"mlc_compiler: {path()} has version {version} of the API, {API_VERSION} is required")
    return library


lib = _load()
