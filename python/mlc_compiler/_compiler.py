"""From a model to a library, and from floats to integers."""
from __future__ import annotations

import ctypes
import json
import os
import threading
from collections.abc import Callable, Mapping
from typing import Any, Dict, List, Optional, Tuple, Union

from . import _library
from ._errors import Diagnostic, Handle, Told, check, finish, take, text
from ._library import lib
from ._options import Files, model_of, set_all

#: A path, the bytes of a file, or an onnx.ModelProto.
AnyModel = Union[str, "os.PathLike[str]", bytes, Any]
#: Told of each phase when it begins: its name, its place among all, their number.
Progress = Callable[[str, int, int], None]
#: Told what is being done, how much of all is done (0 to 1), and the seconds that are left, None where that is unknown.
QuantizeProgress = Callable[[str, float, Optional[float]], None]


def told_shares(progress: Optional[QuantizeProgress]) -> Optional[Told]:
    """`progress` as the library calls it; None where nobody listens."""
    if not progress:
        return None
    return Told(_library.ShareFunction,
                lambda what, share, left: progress(text(what), share, left if left >= 0 else None))


class Source:
    """A model that has been read, with the options that it is compiled by."""

    def __init__(self, model: AnyModel, options: Mapping[str, Any], progress: Optional[Progress], name: Optional[str]) -> None:
        data, name = model_of(model, name)
        self.files, self.told = Files(), None
        # The library's rule: a graph and its clones belong to one thread at a time.
        self.lock = threading.RLock()
        self.compiler = Handle(lib.mlcCompilerCreate(_library.API_VERSION), lib.mlcCompilerDestroy)
        set_all(lambda *option: lib.mlcCompilerSet(self.compiler.value, *option), options, self.files)
        if progress:
            self.told = Told(_library.PhaseFunction, lambda phase, index, count: progress(text(phase), index, count))
            lib.mlcCompilerOnPhase(self.compiler.value, self.told.pointer, None)
        graph = ctypes.c_void_p()
        if data is None:
            self.check(lib.mlcGraphImportFile(self.compiler.value, os.fsencode(name), ctypes.byref(graph)))
        else:
            self.check(lib.mlcGraphImportBytes(self.compiler.value, data, len(data), os.fsencode(name), ctypes.byref(graph)))
        self.graph = Handle(graph, lib.mlcGraphDestroy, self.told)

    def check(self, wrong: Optional[int]) -> None:
        finish(wrong, self.told)

    def compile(self) -> Handle:
        return self._make(lib.mlcGraphCompile, lib.mlcLibraryDestroy)

    def load(self) -> Handle:
        return self._make(lib.mlcGraphLoad, lib.mlcExecutableDestroy)

    def _make(self, function: Any, destroy: Any) -> Handle:
        made = ctypes.c_void_p()
        with self.lock:
            wrong = function(self.compiler.value, self.graph.value, ctypes.byref(made))
        handle = Handle(made, destroy, self.told)
        self.check(wrong)
        return handle


def dictionary(text: Union[bytes, str]) -> Dict[str, Any]:
    """A JSON object that the library made."""
    value: Dict[str, Any] = json.loads(text)
    return value


def part_of(function: Any, handle: Handle, part: int) -> bytes:
    start, size = ctypes.c_void_p(), ctypes.c_size_t()
    check(function(handle.value, part, ctypes.byref(start), ctypes.byref(size)))
    return ctypes.string_at(start, size.value) if size.value else b""


class Library:
    """What `mlc compile` writes, in memory. `compile` makes it."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._handle = source.compile()
        #: What the compilation warned of.
        self.warnings: Tuple[Diagnostic, ...] = take(lib.mlcLibraryWarnings(self._handle.value))

    def _part(self, part: int) -> bytes:
        with self._source.lock:
            return part_of(lib.mlcLibraryPart, self._handle, part)

    @property
    def object(self) -> bytes:
        """Code and constants but the weights, a relocatable object file."""
        return self._part(_library.OBJECT)

    @property
    def archive(self) -> bytes:
        """The static library: the code, the weights, the runtime."""
        return self._part(_library.ARCHIVE)

    @property
    def header(self) -> str:
        """The header of C and C++."""
        return self._part(_library.HEADER).decode()

    @property
    def runtime_header(self) -> str:
        """mlc_runtime.h, which the header includes."""
        return self._part(_library.RUNTIME_HEADER).decode()

    @property
    def contract(self) -> Dict[str, Any]:
        """What inputs and outputs are and mean, and what memory a run takes."""
        return dictionary(self._part(_library.CONTRACT))

    @property
    def report(self) -> Dict[str, Any]:
        """What the compilation found out: sizes, kernels with their nodes and costs."""
        return dictionary(self._part(_library.REPORT))

    @property
    def memory_map(self) -> Any:
        """The plan of the arena."""
        return json.loads(self._part(_library.MEMORY_MAP))

    def write(self, folder: Union[str, "os.PathLike[str]"]) -> None:
        """Writes the archive, both headers and the contract, all or none, into a folder that is made where there is none."""
        check(lib.mlcLibraryWrite(self._handle.value, os.fsencode(folder)))


def compile(model: AnyModel, target: Optional[str] = None, precision: Optional[str] = None, *,
            progress: Optional[Progress] = None, name: Optional[str] = None, **options: Any) -> Library:
    """Compiles a model to a static library.

    `target` is a triple, as "aarch64-linux-gnu", by default this machine; `precision` in what an f32 model computes. `options`
    are those of `mlc compile --help`, with '_' for '-': max_ulp=0, dim={"N": 1}, cpu=["x86-64-v3"], contract={...}. `name` is
    what diagnostics and C names call a model that is no file, as "digits.onnx". Raises Error.
    """
    return Library(Source(model, {"target": target, "precision": precision, **options}, progress, name))


class QuantizedModel:
    """An ONNX model in QDQ form. `quantize` makes it."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def _part(self, part: int) -> bytes:
        return part_of(lib.mlcQuantizedModelPart, self._handle, part)

    @property
    def model(self) -> bytes:
        """The file, which `compile` and `Model` take."""
        return self._part(_library.QUANTIZED_FILE)

    @property
    def report(self) -> Dict[str, Any]:
        """Errors and sizes, by layer and by value."""
        return dictionary(self._part(_library.QUANTIZED_REPORT))

    @property
    def missed(self) -> str:
        """What of max_drop or max_size is not met; empty where all is."""
        return self._part(_library.QUANTIZED_MISSED).decode()

    def write(self, path: Union[str, "os.PathLike[str]"]) -> None:
        with open(path, "wb") as file:
            file.write(self.model)


def quantize(model: AnyModel, calibration: Any, *, progress: Optional[QuantizeProgress] = None, **options: Any) -> QuantizedModel:
    """Makes a model of floats one of integers, by samples of its inputs.

    `calibration` is an array for the only input, a mapping of arrays for several, or a file as `mlc quantize` takes it; so is the
    option `eval`. `options` are those of `mlc quantize --help`: dim={"N": 1}, weights="int8", max_drop=0.3. Raises Error.
    """
    files = Files()
    data, path = model_of(model, None)
    if data is not None:
        path = files.bytes(data, ".onnx")
    quantizer = Handle(lib.mlcQuantizerCreate(_library.API_VERSION), lib.mlcQuantizerDestroy)
    set_all(lambda *option: lib.mlcQuantizerSet(quantizer.value, *option), {"calibration": calibration, **options}, files)
    told = told_shares(progress)
    if told:
        lib.mlcQuantizerOnProgress(quantizer.value, told.pointer, None)
    made = ctypes.c_void_p()
    wrong = lib.mlcQuantize(quantizer.value, os.fsencode(path), ctypes.byref(made))
    handle = Handle(made, lib.mlcQuantizedModelDestroy)
    finish(wrong, told)
    return QuantizedModel(handle)


def targets() -> List[Dict[str, Any]]:
    """The machines that code is made for, as `mlc targets --json` prints them."""
    found: List[Dict[str, Any]] = json.loads(lib.mlcTargetsJson())
    return found


def shape_inputs(model: bytes) -> List[str]:
    """Inputs of an ONNX model that decide shapes, as the target of Reshape: the option `value` has to make them constants."""
    names = ctypes.c_void_p()
    check(lib.mlcShapeInputs(model, len(model), ctypes.byref(names)))
    handle = Handle(names, lib.mlcNamesDestroy)
    return [text(lib.mlcNamesGet(handle.value, i)) for i in range(lib.mlcNamesCount(handle.value))]
