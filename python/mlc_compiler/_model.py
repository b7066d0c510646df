"""Models that run in this process."""
from __future__ import annotations

import ctypes
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Tuple, Union

import numpy as np

from ._compiler import AnyModel, Library, Progress, Source, dictionary
from ._errors import Diagnostic, Error, check, refuse, take, text
from ._library import CTensor, lib

# By the numbers of ONNX's TensorProto.DataType.
_DTYPES: Dict[int, type] = {1: np.float32, 2: np.uint8, 3: np.int8, 4: np.uint16, 5: np.int16, 6: np.int32, 7: np.int64,
                            9: np.bool_, 10: np.float16, 11: np.float64, 12: np.uint32, 13: np.uint64}
_BFLOAT16 = 16


def _dtype(number: int, name: str) -> np.dtype:
    if number == _BFLOAT16:
        # numpy has none of its own: ml_dtypes', which onnx and others use, or the bits.
        try:
            import ml_dtypes
        except ImportError:
            return np.dtype(np.uint16)
        bfloat16: np.dtype[Any] = np.dtype(ml_dtypes.bfloat16)
        return bfloat16
    if number not in _DTYPES:
        raise refuse(f"its elements, type {number} of ONNX, are none that numpy has", f"tensor '{name}'")
    return np.dtype(_DTYPES[number])


@dataclass(frozen=True)
class Tensor:
    """An input or output. What the model and its contract do not say is empty or None."""

    name: str
    shape: Tuple[int, ...]
    dtype: np.dtype
    meaning: str = ""
    layout: str = ""  #: a letter a dimension, as "NCHW"
    range: Optional[Tuple[float, float]] = None  #: normal values, inclusive
    labels: Tuple[str, ...] = ()
    scale: Optional[float] = None  #: of integers: real = scale * (integer - zero_point)
    zero_point: Optional[int] = None
    preprocessing: Mapping[str, Any] = field(default_factory=dict)
    #: Dimensions that are as long as another output says, by their index.
    counted: Mapping[int, str] = field(default_factory=dict)


def _describe(tensor: CTensor, contract: Mapping[str, Any]) -> Tensor:
    name = text(tensor.name)
    bounds = contract.get("range")
    return Tensor(
        name, tuple(tensor.shape[i] for i in range(tensor.rank)), _dtype(tensor.type, name), contract.get("meaning", ""),
        contract.get("layout", ""), tuple(bounds) if bounds else None, tuple(contract.get("labels", ())),
        contract.get("scale"), contract.get("zero_point"), contract.get("preprocessing", {}),
        {row["dimension"]: row["output"] for row in contract.get("counted", [])})


def _form(dtype: np.dtype, shape: Tuple[int, ...]) -> str:
    return f"{dtype}[{', '.join(map(str, shape))}]"


def _fits(array: np.ndarray, tensor: Tensor) -> bool:
    same = array.dtype == tensor.dtype or (array.dtype == np.uint16 and tensor.dtype.name == "bfloat16")
    return same and array.shape == tensor.shape


class Model:
    """A model compiled for this machine, in memory.

        model = Model("digits.onnx", dim={"N": 1})
        scores = model(image=pixels)["scores"]

    Takes what `compile` takes, with its options, or a Library, of which it is the same model with the same options; `target` and
    `cpu` do not count. Contiguous arrays are read where they are. One run at a time: threads that call one model wait for each
    other.
    """

    def __init__(self, model: Union[Library, AnyModel], precision: Optional[str] = None, *, progress: Optional[Progress] = None,
                 name: Optional[str] = None, **options: Any) -> None:
        given = {key: value for key, value in {"precision": precision, **options}.items() if value is not None}
        if isinstance(model, Library):
            if given or progress or name:
                raise TypeError("a Library has its options already; compile takes others")
            source = model._source
        else:
            source = Source(model, given, progress, name)
        self._handle = source.load()
        self._lock = threading.Lock()
        handle = self._handle.value
        #: As in a library's contract, for this machine.
        self.contract: Dict[str, Any] = dictionary(lib.mlcExecutableContract(handle))
        #: As in a library, but for the sizes of code and stack.
        self.report: Dict[str, Any] = dictionary(lib.mlcExecutableReport(handle))
        self.warnings: Tuple[Diagnostic, ...] = take(lib.mlcExecutableWarnings(handle))
        self.inputs: List[Tensor] = [
            _describe(lib.mlcExecutableInput(handle, i), self.contract["inputs"][i])
            for i in range(lib.mlcExecutableInputCount(handle))]
        self.outputs: List[Tensor] = [
            _describe(lib.mlcExecutableOutput(handle, i), self.contract["outputs"][i])
            for i in range(lib.mlcExecutableOutputCount(handle))]

    def use_threads(self, threads: int) -> None:
        """Makes later runs use as many threads, the caller's among them. Results do not depend on it."""
        if not 1 <= threads < 2**32:
            raise refuse(f"{threads} threads cannot be; 1 or more are required")
        with self._lock:
            check(lib.mlcExecutableUseThreads(self._handle.value, threads))

    def __call__(self, /, **inputs: Any) -> Dict[str, np.ndarray]:
        """Runs once: an array for each input, by name; of each output one that is new."""
        return self.run(inputs)

    def run(self, inputs: Mapping[str, Any], out: Optional[Mapping[str, np.ndarray]] = None) -> Dict[str, np.ndarray]:
        """The same for names that are no identifiers of Python, and with arrays to write outputs to. Raises Error.

        Of outputs whose length the data decide (`Tensor.counted`), results are views of what was found.
        """
        arrays = self._arrays(inputs)
        results = self._results(out or {})
        sources = (ctypes.c_void_p * len(arrays))(*(array.ctypes.data for array in arrays))
        targets = (ctypes.c_void_p * len(results))(*(array.ctypes.data for array in results))
        with self._lock:
            check(lib.mlcExecutableRun(self._handle.value, sources, targets))
        return self._cut(dict(zip((tensor.name for tensor in self.outputs), results)))

    def _arrays(self, inputs: Mapping[str, Any]) -> List[np.ndarray]:
        wrong = self._unknown(inputs, self.inputs, "input")
        arrays = []
        for tensor in self.inputs:
            place = f"input '{tensor.name}'"
            if tensor.name not in inputs:
                wrong.append(refuse(f"is missing, {_form(tensor.dtype, tensor.shape)} is required", place))
                continue
            array = np.asarray(inputs[tensor.name])
            if not _fits(array, tensor):
                wrong.append(refuse(f"is {_form(array.dtype, array.shape)}, {_form(tensor.dtype, tensor.shape)} is required",
                                    place))
            arrays.append(np.require(array, requirements=["C", "A"]))
        if wrong:
            raise Error([one for error in wrong for one in error.diagnostics])
        return arrays

    def _results(self, out: Mapping[str, np.ndarray]) -> List[np.ndarray]:
        wrong = self._unknown(out, self.outputs, "output")
        results = []
        for tensor in self.outputs:
            array = out.get(tensor.name)
            if array is None:
                array = np.empty(tensor.shape, tensor.dtype)
            elif not (isinstance(array, np.ndarray) and _fits(array, tensor) and array.flags.carray):
                wrong.append(refuse(f"a contiguous, writable array {_form(tensor.dtype, tensor.shape)} is required",
                                    f"output '{tensor.name}'"))
            results.append(array)
        if wrong:
            raise Error([one for error in wrong for one in error.diagnostics])
        return results

    @staticmethod
    def _unknown(given: Mapping[str, Any], tensors: List[Tensor], role: str) -> List[Error]:
        known = [tensor.name for tensor in tensors]
        names = ", ".join(f"'{name}'" for name in known) or "none"
        return [refuse(f"the model has no {role} of this name; it has {names}", f"{role} '{name}'")
                for name in given if name not in known]

    def _cut(self, results: Dict[str, np.ndarray]) -> Dict[str, np.ndarray]:
        for tensor in self.outputs:
            for axis, count in tensor.counted.items():
                length = int(results[count].reshape(-1)[0])
                results[tensor.name] = results[tensor.name][(slice(None),) * axis + (slice(length),)]
        return results
