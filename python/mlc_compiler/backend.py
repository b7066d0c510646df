"""mlc as a backend of ONNX (onnx.backend.base.Backend); onnx has to be installed.

    import mlc_compiler.backend as backend
    outputs = backend.run_model(onnx.load("model.onnx"), [x])

mlc compiles for one shape of each input, and for one value of those that decide shapes. What a model leaves open of these follows
from the inputs of the first run; a run with others compiles once more. Keyword arguments are options of `mlc compile`.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Dict, List, Optional, Tuple

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnx.backend.base import Backend, BackendRep, Device, DeviceType, namedtupledict

from ._compiler import shape_inputs
from ._errors import Error, refuse
from ._model import Model


def _is_open(value: onnx.ValueInfoProto) -> bool:
    """Whether the model leaves a dimension of an input open."""
    tensor = value.type.tensor_type
    return not tensor.HasField("shape") or any(not dim.HasField("dim_value") for dim in tensor.shape.dim)


class MlcRep(BackendRep):
    """A model, compiled for what it has been run on so far."""

    def __init__(self, model: onnx.ModelProto, options: Mapping[str, Any]) -> None:
        self._proto, self._options = model, dict(options)
        constants = {tensor.name for tensor in model.graph.initializer}
        self._inputs = [value for value in model.graph.input if value.name not in constants]
        self._outputs = [value.name for value in model.graph.output]
        self._tuple = namedtupledict("Outputs", self._outputs)
        self._models: Dict[Tuple[Any, ...], Model] = {}
        self._bound: List[str] = []  # inputs that become constants
        if any(map(_is_open, self._inputs)):
            return
        try:
            self._models[()] = Model(model.SerializeToString(), **self._options)
        except Error:
            names = {value.name for value in self._inputs}
            self._bound = [name for name in shape_inputs(model.SerializeToString()) if name in names]
            if not self._bound:
                raise

    def run(self, inputs: Any, **kwargs: Any) -> Tuple[Any, ...]:
        """`inputs`: a mapping, an array, or arrays in the model's order."""
        feed = self._feed(inputs)
        model = self._model(feed)
        results = model.run({tensor.name: feed[tensor.name] for tensor in model.inputs})
        return self._tuple(*(results[name] for name in self._outputs))

    def _feed(self, inputs: Any) -> Dict[str, np.ndarray]:
        names = [value.name for value in self._inputs]
        if isinstance(inputs, Mapping):
            given = dict(inputs)
        else:
            arrays = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
            given = dict(zip(names, arrays))
            if len(arrays) != len(names):
                raise refuse(f"{len(arrays)} inputs are given, {len(names)} are required")
        for name, value in given.items():
            if value is None or isinstance(value, (list, tuple)):
                raise refuse("sequences and optionals are no inputs of compiled models", f"input '{name}'")
        missing = [name for name in names if name not in given]
        if missing:
            raise refuse("is missing", f"input '{missing[0]}'")
        return {name: np.asarray(value) for name, value in given.items()}

    def _model(self, feed: Mapping[str, np.ndarray]) -> Model:
        opened = [value.name for value in self._inputs if _is_open(value)]
        key = tuple(feed[name].shape for name in opened) + tuple(
            (feed[name].shape, feed[name].tobytes()) for name in self._bound)
        if key not in self._models:
            self._models[key] = self._compile({name: feed[name].shape for name in opened if feed[name].ndim}, feed)
        return self._models[key]

    def _compile(self, shapes: Mapping[str, Tuple[int, ...]], feed: Mapping[str, np.ndarray]) -> Model:
        data = self._with_constants(feed).SerializeToString()
        shapes = {name: shape for name, shape in shapes.items() if name not in self._bound}
        options = {**self._options, "shape": {**shapes, **self._options.get("shape", {})}}
        try:
            return Model(data, **options)
        except Error:
            names = {value.name for value in self._inputs} - set(self._bound)
            more = [name for name in shape_inputs(data) if name in names]
            if not more:
                raise
        self._bound += more
        self._models.clear()
        return self._compile(shapes, feed)

    def _with_constants(self, feed: Mapping[str, np.ndarray]) -> onnx.ModelProto:
        if not self._bound:
            return self._proto
        model = onnx.ModelProto()
        model.CopyFrom(self._proto)
        kept = [value for value in model.graph.input if value.name not in self._bound]
        del model.graph.input[:]
        model.graph.input.extend(kept)
        model.graph.initializer.extend(numpy_helper.from_array(feed[name], name) for name in self._bound)
        return model


class MlcBackend(Backend):
    """The backend. `prepare` raises mlc_compiler.Error for models that cannot be compiled."""

    @classmethod
    def is_compatible(cls, model: onnx.ModelProto, device: str = "CPU", **kwargs: Any) -> bool:
        try:
            cls.prepare(model, device, **kwargs)
        except Error:
            return False
        return True

    @classmethod
    def prepare(cls, model: onnx.ModelProto, device: str = "CPU", **kwargs: Any) -> MlcRep:
        if not cls.supports_device(device):
            raise refuse(f"device '{device}' is not supported, 'CPU' is")
        # The official suite hands over the tolerances of its cases, too.
        return MlcRep(model, {name: value for name, value in kwargs.items() if name not in {"rtol", "atol"}})

    @classmethod
    def run_model(cls, model: onnx.ModelProto, inputs: Any, device: str = "CPU", **kwargs: Any) -> Tuple[Any, ...]:
        return cls.prepare(model, device, **kwargs).run(inputs)

    @classmethod
    def run_node(cls, node: onnx.NodeProto, inputs: Any, device: str = "CPU",
                 outputs_info: Optional[Sequence[Tuple[np.dtype, Tuple[int, ...]]]] = None, **kwargs: Any) -> Tuple[Any, ...]:
        """`opset_version` is the node's, by default the newest that onnx knows."""
        options = dict(kwargs)
        opset = options.pop("opset_version", onnx.defs.onnx_opset_version())
        super().run_node(node, inputs, device, outputs_info, opset_version=opset)
        names = [name for name in node.input if name]
        arrays = [inputs[name] for name in names] if isinstance(inputs, Mapping) else inputs
        arrays = [np.asarray(array) for array in (arrays if isinstance(arrays, (list, tuple)) else [arrays])]
        if len(arrays) != len(names):
            raise refuse(f"{len(arrays)} inputs are given, {len(names)} are required", f"node '{node.op_type}'")
        feed = dict(zip(names, arrays))  # a name that stands twice is one input
        values = [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
                  for name, array in feed.items()]
        results = [helper.make_empty_tensor_value_info(name) for name in node.output if name]
        graph = helper.make_graph([node], node.op_type, values, results)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid(node.domain, opset)])
        return cls.run_model(model, feed, device, **options)

    @classmethod
    def supports_device(cls, device: str) -> bool:
        try:
            return bool(Device(device).type == DeviceType.CPU)
        except (AttributeError, ValueError):
            return False


is_compatible = MlcBackend.is_compatible
prepare = MlcBackend.prepare
run_model = MlcBackend.run_model
run_node = MlcBackend.run_node
supports_device = MlcBackend.supports_device
