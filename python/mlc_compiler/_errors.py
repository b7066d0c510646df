"""What is wrong, and where: mlc/Diagnostics.h."""
from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any, Callable, Optional, Sequence, Tuple

from ._library import lib


@dataclass(frozen=True)
class Diagnostic:
    """One thing that is wrong, or that is to be known. Texts are empty where there is nothing to say."""

    severity: str  #: "error" or "warning"
    message: str
    text: str  #: all of it on one line, as the tool prints it
    file: str = ""
    place: str = ""  #: in the file, for people: "input 'x'", or a node
    node: str = ""  #: of the model
    operator: str = ""
    opset: Optional[int] = None
    index: Optional[int] = None  #: of the node in its graph

    def __str__(self) -> str:
        return self.text


class Error(Exception):
    """A model, an option or an array is not as required. `diagnostics` says why, one for each problem."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("\n".join(map(str, diagnostics)))
        self.diagnostics: Tuple[Diagnostic, ...] = tuple(diagnostics)

    def __reduce__(self) -> Tuple[Any, ...]:
        return Error, (self.diagnostics,)


def refuse(message: str, place: str = "") -> Error:
    """An error that is found on this side of the library."""
    return Error([Diagnostic("error", message, f"{place}: {message}" if place else message, place=place)])


def text(value: Optional[bytes]) -> str:
    """Names in models may be any bytes."""
    return (value or b"").decode("utf-8", "replace")


def take(handle: Optional[int]) -> Tuple[Diagnostic, ...]:
    """The diagnostics of a handle, which goes."""
    if not handle:
        return ()
    try:
        return tuple(_one(handle, i) for i in range(lib.mlcDiagnosticsCount(handle)))
    finally:
        lib.mlcDiagnosticsDestroy(handle)


def _one(handle: int, i: int) -> Diagnostic:
    found = lib.mlcDiagnosticsGet(handle, i)
    about_node = found.index >= 0
    return Diagnostic("warning" if found.severity == 1 else "error", text(found.message),
                      text(lib.mlcDiagnosticsLine(handle, i)), text(found.file), text(lib.mlcDiagnosticsPlace(handle, i)),
                      text(found.node), text(found.op), found.opset if about_node else None,
                      found.index if about_node else None)


def check(handle: Optional[int]) -> None:
    """Raises what a function that can fail has returned."""
    if handle:
        raise Error(take(handle))


def finish(handle: Optional[int], told: Optional["Told"]) -> None:
    """Raises what a callback has raised, or what the function that called it has returned."""
    diagnostics = take(handle)
    if told:
        told.check()
    if diagnostics:
        raise Error(diagnostics)


class Handle:
    """An object of the library, and what it needs to live."""

    def __init__(self, value: ctypes.c_void_p, destroy: Callable[[ctypes.c_void_p], None], *needs: object) -> None:
        self.value, self._destroy, self.needs = value, destroy, needs

    def __del__(self) -> None:
        self._destroy(self.value)


class Told:
    """A callback for the library. What it raises is kept, since C has no place for it, and raised by `check`."""

    def __init__(self, function_type: Callable[[Any], Any], function: Callable[..., None]) -> None:
        self._raised: Optional[BaseException] = None

        def call(_context: object, *arguments: object) -> None:
            if self._raised is None:
                try:
                    function(*arguments)
                except BaseException as error:  # noqa: B902 - KeyboardInterrupt, too
                    self._raised = error

        self.pointer = function_type(call)

    def check(self) -> None:
        raised, self._raised = self._raised, None
        if raised is not None:
            raise raised
