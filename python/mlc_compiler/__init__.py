"""mlc: lowers trained models to native code, as a library for C programs or to run in this process.

    import mlc_compiler
    library = mlc_compiler.compile("digits.onnx", dim={"N": 1})
    library.write("out")                               # libdigits.a, digits.h, digits.json, mlc_runtime.h
    model = mlc_compiler.Model(library)
    scores = model(image=pixels)["scores"]

docs/python.md of the project has the rest.
"""
from ._compiler import Library, QuantizedModel, compile, quantize, shape_inputs, targets
from ._commands import FactorizedModel, PrunedModel, compress, evaluate, factorize, prune, report
from ._errors import Diagnostic, Error
from ._images import images
from ._library import lib as _lib
from ._model import Model, Tensor

__version__: str = _lib.mlcVersion().decode()
__all__ = ["Diagnostic", "Error", "FactorizedModel", "Library", "Model", "PrunedModel", "QuantizedModel", "Tensor", "compile",
           "compress", "evaluate", "factorize", "images", "prune", "quantize", "report", "shape_inputs", "targets"]
