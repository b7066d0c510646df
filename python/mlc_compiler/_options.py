"""Python's values as the texts of options, by the names of mlc/Options.def with '_' for '-'."""
from __future__ import annotations

import json
import os
import shutil
import tempfile
import weakref
import zipfile
from collections.abc import Mapping
from typing import Any, Callable, Iterator, Optional, Tuple

import numpy as np

from ._errors import check, refuse

# What says where the tool writes or what it prints: here is neither.
_OF_THE_TOOL = {"stop-after", "print-weights"}
# Of samples, and of what completes the contract, the file may be made here.
_SAMPLES = {"calibration", "eval", "data"}


class Files:
    """Files for options that name one, gone with this object."""

    def __init__(self) -> None:
        self._folder: Optional[str] = None
        self._count = 0

    def make(self, suffix: str) -> str:
        if self._folder is None:
            self._folder = tempfile.mkdtemp(prefix="mlc_compiler-")
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._count += 1
        return os.path.join(self._folder, f"{self._count}{suffix}")

    def array(self, value: Any) -> str:
        path = self.make(".npy")
        np.save(path, np.asarray(value))
        return path

    def arrays(self, values: Mapping[str, Any]) -> str:
        path = self.make(".npz")
        # Not numpy.savez, which has arguments of its own: inputs may have any name.
        with zipfile.ZipFile(path, "w") as archive:
            for name, value in values.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                    np.lib.format.write_array(file, np.asarray(value), allow_pickle=False)
        return path

    def json(self, value: Mapping[str, Any]) -> str:
        path = self.make(".json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(value, file)
        return path

    def bytes(self, value: bytes, suffix: str) -> str:
        path = self.make(suffix)
        with open(path, "wb") as file:
            file.write(value)
        return path


def _scalar(value: Any) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    return os.fspath(value) if isinstance(value, (str, os.PathLike)) else str(value)


def _entry(name: str, value: Any, files: Files) -> str:
    """The value of one name in an option that is a mapping."""
    if name == "shape" and not isinstance(value, str):
        return "x".join(str(int(size)) for size in value)
    if name == "value" and not isinstance(value, (str, int, float)):
        return "@" + files.array(value)
    return _scalar(value)


def texts(name: str, value: Any, files: Files) -> Iterator[str]:
    """What an option is set to, one after the other: none for None."""
    if value is None:
        return
    if name in _SAMPLES and isinstance(value, Mapping):
        yield files.arrays(value)
    elif name in _SAMPLES and isinstance(value, np.ndarray):
        yield files.array(value)
    elif name == "contract" and isinstance(value, Mapping):
        yield files.json(value)
    elif isinstance(value, Mapping):
        between = ":" if name == "io" else "="
        for key, one in value.items():
            yield f"{key}{between}{_entry(name, one, files)}"
    elif isinstance(value, (list, tuple)):
        each = [_scalar(one) for one in value]
        yield from [",".join(each)] if name == "cpu" else each
    else:
        yield _scalar(value)


def set_all(set_one: Callable[[bytes, bytes], Optional[int]], options: Mapping[str, Any], files: Files) -> None:
    for keyword, value in options.items():
        name = keyword.replace("_", "-")
        if name in _OF_THE_TOOL:
            raise refuse(f"{keyword}: is for the tool alone: mlc compile prints the IR")
        for text in texts(name, value, files):
            check(set_one(name.encode(), os.fsencode(text)))


def model_of(model: Any, name: Optional[str]) -> Tuple[Optional[bytes], str]:
    """Of a model its bytes, None for a file, and its path or name."""
    if isinstance(model, (str, os.PathLike)):
        return None, os.fspath(model)
    if isinstance(model, (bytes, bytearray, memoryview)):
        return bytes(model), name or "model.onnx"
    if hasattr(model, "SerializeToString") and hasattr(model, "graph"):
        return model.SerializeToString(), name or f"{model.graph.name or 'model'}.onnx"
    raise TypeError(f"a model is a path, bytes or an onnx.ModelProto, not {type(model).__name__}")
