"""What the model definitions of this folder share: short forms of onnx.helper, seeded weights, a registry.

A model is a function whose name is the file's name and whose doc string says what it proves. It returns a
ModelProto or, for a file that is no model, bytes; `Files` adds side files."""

import dataclasses
import zlib

import numpy as np
from onnx import TensorProto, helper, numpy_helper

F32, F64, F16, BF16 = TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16
I64, I32, I8, U8, BOOL = (TensorProto.INT64, TensorProto.INT32, TensorProto.INT8, TensorProto.UINT8,
                          TensorProto.BOOL)

# The IR version that came with each opset used here; fixed, so that files do not change with onnx's version.
IR_OF_OPSET = {7: 3, 8: 3, 13: 7, 17: 8, 21: 10, 25: 13, 28: 14, 99: 14}
OPSET = 17

VALID = {}    # name -> function; these compile (with the options their doc string names)
REFUSED = {}  # name -> function; each gives one located message and exit status 1


def valid(function):
    VALID[function.__name__] = function
    return function


def refused(function):
    REFUSED[function.__name__] = function
    return function


@dataclasses.dataclass
class Link:
    """A side file that is a symbolic link."""
    target: str


@dataclasses.dataclass
class Files:
    """A model and the files it needs: name -> bytes or Link."""
    model: object
    side: dict


def random(name, *shape, dtype=np.float32):
    """Weights seeded by `name`: multiples of 1/64 in [-1,1], so that they are exact in every float type."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    return (rng.integers(-64, 65, shape) / 64).astype(dtype)


def const(name, array, dtype=None):
    return numpy_helper.from_array(np.asarray(array, dtype), name)


def weights(name, *shape):
    return const(name, random(name, *shape))


def value(name, shape, dtype=F32, doc=""):
    return helper.make_tensor_value_info(name, dtype, shape, doc)


def node(op, inputs, outputs, name=None, **attributes):
    """A node from space-separated value names; '-' is an omitted optional input."""
    ins = ["" if i == "-" else i for i in inputs.split()]
    return helper.make_node(op, ins, outputs.split(), name=name or f"{op.lower()}_{outputs.split()[0]}",
                            **attributes)


def graph(name, nodes, inputs, outputs, initializers=(), **fields):
    return helper.make_graph(nodes, name, inputs, outputs, list(initializers), **fields)


def model(body, opset=OPSET, domains=(), functions=()):
    imports = [helper.make_opsetid("", opset)] + [helper.make_opsetid(d, 1) for d in domains]
    return helper.make_model(body, opset_imports=imports, ir_version=IR_OF_OPSET[opset],
                             functions=list(functions), producer_name="test/models/make.py")


def simple(name, nodes, inputs, outputs, initializers=(), **options):
    return model(graph(name, nodes, inputs, outputs, initializers), **options)
