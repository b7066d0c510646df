"""A grid over the operators of com.microsoft, with onnxruntime's answers, or NumPy's where its CPU has no kernel.

Each family is a product of attributes, of forms of optional operands, and of odd sizes. A point that onnxruntime refuses is
left out, unless it brings answers of its own; how many there are is pinned by expected_contrib.json.
"""
from __future__ import annotations

import contrib_attention as attention
import contrib_float as floats
import contrib_quantized as quantized
import grid
from cases import Case
from contrib_points import DOMAINS

FAMILIES = (
    floats.fused_convolutions,
    floats.nhwc,
    floats.fused_products,
    floats.biased,
    floats.gates,
    floats.layers,
    floats.embeddings,
    floats.groups,
    floats.tensors,
    attention.attentions,
    attention.head_attentions,
    attention.rotations,
    attention.group_queries,
    quantized.quantised_binary,
    quantized.quantised_unary,
    quantized.quantised_windows,
    quantized.quantised_products,
    quantized.quantised_recurrent,
    quantized.blocks,
)


def collect() -> list[Case]:
    """Every point that onnxruntime runs or that brings its answers, sorted by name."""
    cases = []
    for family in FAMILIES:
        for point in family():
            made = grid.build(point.name, [point.node], point.inputs, point.weights, DOMAINS, point.answers)
            if made:
                inputs = list(point.inputs.values())
                cases.append(Case(point.name, family.__name__, point.node.op_type, made[0], inputs, made[1]))
    return sorted(cases, key=lambda case: case.name)
