"""What the families of the contrib grid share: points, nodes, random values, and what NumPy computes."""
from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import helper

DOMAIN = "com.microsoft"
LAYOUT = "com.ms.internal.nhwc"
DOMAINS = (DOMAIN, LAYOUT)


@dataclass
class Point:
    """One node on inputs and constants; `types` of outputs that do not follow, `answers` where onnxruntime has none."""

    name: str
    node: onnx.NodeProto
    inputs: dict[str, np.ndarray]
    weights: dict[str, np.ndarray] = field(default_factory=dict)
    types: dict[str, int] = field(default_factory=dict)
    answers: list[np.ndarray] | None = None


def ms(op: str, inputs: list[str], outputs: list[str] | str = "y", domain: str = DOMAIN, **attributes) -> onnx.NodeProto:
    return helper.make_node(op, inputs, [outputs] if isinstance(outputs, str) else outputs, domain=domain, **attributes)


def flags(names: str, values: tuple) -> str:
    """`ab` for the names whose flags are set."""
    return "".join(n for n, v in zip(names, values) if v) or "none"


def integers(rng: np.random.RandomState, kind: type, *shape: int) -> np.ndarray:
    bounds = np.iinfo(kind)
    return rng.randint(bounds.min, bounds.max + 1, shape).astype(kind)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def erf(x: np.ndarray) -> np.ndarray:
    return np.vectorize(math.erf)(x)


def gelu(x: np.ndarray) -> np.ndarray:
    return 0.5 * x * (1 + erf(x / np.sqrt(2)))
