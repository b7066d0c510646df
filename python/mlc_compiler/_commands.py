"""Commands of the tool that work on files: pruning, factorising, compressing, judging and weighing models."""
from __future__ import annotations

import ctypes
import os
from collections.abc import Mapping
from typing import Any, Dict, Optional, Tuple, Union

from . import _library
from ._compiler import AnyModel, QuantizeProgress, dictionary, told_shares
from ._errors import Diagnostic, Handle, check, finish, take, text
from ._library import lib
from ._options import Files, model_of, set_all


def _path_of(model: AnyModel, files: Files) -> str:
    data, path = model_of(model, None)
    return path if data is None else files.bytes(data, ".onnx")


def _run(name: str, models: Tuple[AnyModel, ...], options: Mapping[str, Any], files: Files,
         progress: Optional[QuantizeProgress]) -> Tuple[str, Tuple[Diagnostic, ...]]:
    """What the command told, and what it warned of."""
    made = ctypes.c_void_p()
    check(lib.mlcCommandCreate(_library.API_VERSION, name.encode(), ctypes.byref(made)))
    command = Handle(made, lib.mlcCommandDestroy)
    set_all(lambda *option: lib.mlcCommandSet(command.value, *option), options, files)
    told = told_shares(progress)
    if told:
        lib.mlcCommandOnProgress(command.value, told.pointer, None)
    paths = [os.fsencode(_path_of(model, files)) for model in models]
    wrong = lib.mlcCommandRun(command.value, (ctypes.c_char_p * len(paths))(*paths), len(paths))
    finish(wrong, told)
    return text(lib.mlcCommandText(command.value)), take(lib.mlcCommandWarnings(command.value))


class _MadeModel:
    """An ONNX model of floats that was made of another by samples."""

    def __init__(self, model: bytes, report: Dict[str, Any], missed: str) -> None:
        #: The file, which `compile` and `Model` take.
        self.model = model
        #: What was done and what it costs, by layer.
        self.report = report
        #: What of the budget is not met; empty where all is.
        self.missed = missed

    def write(self, path: Union[str, "os.PathLike[str]"]) -> None:
        with open(path, "wb") as file:
            file.write(self.model)


class PrunedModel(_MadeModel):
    """An ONNX model of floats, many of which are zero or gone. `prune` makes it."""


class FactorizedModel(_MadeModel):
    """An ONNX model of floats, some layers of which are several smaller ones. `factorize` makes it."""


def _make(name: str, model: AnyModel, calibration: Any, options: Mapping[str, Any],
          progress: Optional[QuantizeProgress]) -> Tuple[bytes, Dict[str, Any], str]:
    """What a _MadeModel is made of."""
    files = Files()
    made, report = files.make(".onnx"), files.make(".json")
    _, warnings = _run(name, (model,), {"calibration": calibration, "o": made, "report": report, **options}, files, progress)
    with open(made, "rb") as file, open(report, encoding="utf-8") as found:
        return (file.read(), dictionary(found.read()),
                "; ".join(warning.message.removeprefix(f"{made}: ") for warning in warnings))


def prune(model: AnyModel, calibration: Any, *, progress: Optional[QuantizeProgress] = None, **options: Any) -> PrunedModel:
    """Makes weights zero, by samples of the model's inputs, and has the others make up for it.

    Arguments as of `quantize`; `options` are those of `mlc prune --help`: sparsity=0.7, or max_drop=0.5 with eval=samples.
    """
    return PrunedModel(*_make("prune", model, calibration, options, progress))


def factorize(model: AnyModel, calibration: Any = "none", *, progress: Optional[QuantizeProgress] = None,
              **options: Any) -> FactorizedModel:
    """Makes layers two or three smaller ones each, by samples of the model's inputs; without a budget what is exact alone.

    Arguments as of `quantize`; `options` are those of `mlc factorize --help`: saving=0.3, or max_drop=0.5 with eval=samples.
    """
    return FactorizedModel(*_make("factorize", model, calibration, options, progress))


def compress(model: AnyModel, calibration: Any, eval: Any, max_drop: float, folder: Union[str, "os.PathLike[str]"], *,
             progress: Optional[QuantizeProgress] = None, **options: Any) -> Dict[str, Any]:
    """Searches what of pruning, integers and narrow floats makes a model smallest and fastest, and loses no more than `max_drop`.

    The result is `folder`/best.onnx, beside all candidates; the same call goes on with what is there. Returns the report:
    "candidates" with what each loses and takes, "command" that compiles the result, "missed" of the budget, empty where nothing is.
    `options` are those of `mlc compress --help`: max_size="500K", max_ms=3, time_limit=30. Raises Error.
    """
    files = Files()
    options = {"calibration": calibration, "eval": eval, "max_drop": max_drop, "o": folder, **options}
    return dictionary(_run("compress", (model,), options, files, progress)[0])


def evaluate(model: AnyModel, data: Any, *, progress: Optional[QuantizeProgress] = None, **options: Any) -> Dict[str, Any]:
    """Judges a model on labelled samples: "metric" and "value", and with reference="float.onnx" how far both agree.

    `data` is a file as `mlc eval` takes it, or a mapping of arrays, with "labels" among them; `options` are those of
    `mlc eval --help`.
    """
    files = Files()
    return dictionary(_run("eval", (model,), {"data": data, **options}, files, progress)[0])


def report(*models: AnyModel, progress: Optional[QuantizeProgress] = None, **options: Any) -> Dict[str, Any]:
    """What models cost on this machine, side by side: sizes, operations, memory, times, energy, and with `data` accuracy.

    `options` are those of `mlc report --help`: data=samples, html="page.html", measure=False.
    """
    return dictionary(_run("report", models, options, Files(), progress)[0])
