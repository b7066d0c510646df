"""Damaged models: a fixed corpus, the same bytes on every machine for the same models.

Each is made from one model by one of KINDS, chosen and placed by a generator seeded with the model's name and a number.
Most bytes of a model are weights, where a flipped bit is no damage; `flip` and `splice` therefore leave long runs of
weights alone and strike the structure around them. `flip-anywhere` does not.
"""
from __future__ import annotations

import os
import random
import zlib

import onnx

KINDS = ("truncate", "flip", "flip", "flip-anywhere", "splice")


def structure(data: bytes) -> list[range]:
    """The parts of a model's file that are not the raw data of larger initializers."""
    model = onnx.ModelProto.FromString(data)
    parts, spans, position = [], [], 0
    for tensor in model.graph.initializer:
        if len(tensor.raw_data) >= 64:
            start = data.find(tensor.raw_data)
            spans.append((start, start + len(tensor.raw_data)))
    for start, end in sorted(spans):
        if start >= position:
            parts.append(range(position, start))
            position = end
    parts.append(range(position, len(data)))
    return [part for part in parts if len(part)]


def place(rng: random.Random, parts: list[range]) -> int:
    """A byte of the structure, each as likely as any other."""
    index = rng.randrange(sum(len(part) for part in parts))
    for part in parts:
        if index < len(part):
            return part[index]
        index -= len(part)
    raise AssertionError("the index is within the sum of lengths")


def mutate(data: bytes, parts: list[range], seed: int) -> tuple[str, bytes]:
    """(kind, bytes) of one damaged model."""
    rng = random.Random(seed)
    kind = rng.choice(KINDS)
    if kind == "truncate":
        at = rng.choice([rng.randrange(len(data)), place(rng, parts)])
        return kind, data[:at]
    if kind == "splice":
        at, size, source = place(rng, parts), rng.randrange(1, 33), place(rng, parts)
        middle = rng.choice([b"", data[source : source + size], rng.randbytes(size), b"\xff" * size])
        return kind, data[:at] + middle + data[at + rng.choice([0, size]) :]
    damaged = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 4, 16])):
        at = rng.randrange(len(data)) if kind == "flip-anywhere" else place(rng, parts)
        damaged[at] ^= 1 << rng.randrange(8)
    return kind, bytes(damaged)


def make(models: list[str], count: int):
    """Yields lists of (name, bytes), one list a model; `count` in all, spread evenly."""
    for i, path in enumerate(models):
        stem = os.path.splitext(os.path.basename(path))[0]
        with open(path, "rb") as file:
            data = file.read()
        parts = structure(data)
        mutants = []
        for number in range(count * i // len(models), count * (i + 1) // len(models)):
            kind, damaged = mutate(data, parts, zlib.crc32(f"{stem}/{number}".encode()))
            mutants.append((f"{stem}-{number:04}-{kind}", damaged))
        yield mutants
