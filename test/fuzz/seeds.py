#!/usr/bin/env python3
"""The start of a corpus for mlc-import-fuzzer: the models that pipeline.py makes mutants of, and the words they are made of.

    seeds.py DIR           writes DIR/models, a file a model, and DIR/onnx.dict for -dict
    seeds.py DIR --few     one model of each operator: what CI runs

The dictionary has every operator, attribute and domain that ONNX and mlc's com.microsoft know, with its length before it, as a
protobuf file has it: a mutation that changes a name into another keeps the file whole.
"""
from __future__ import annotations

import argparse
import hashlib
import os

import onnx

import pipeline

DOMAINS = ("", "ai.onnx", "ai.onnx.ml", "com.microsoft")


def words(models: list[onnx.ModelProto]) -> set[str]:
    found = set(DOMAINS) - {""}
    for schema in onnx.defs.get_all_schemas_with_history():
        found.add(schema.name)
        found.update(schema.attributes)
    for model in models:
        for node in model.graph.node:
            found.add(node.op_type)
            found.update(a.name for a in node.attribute)
    return {word for word in found if 0 < len(word) < 64}


def entry(word: str) -> str:
    """A line of the dictionary: the word behind its length, in the escapes that libFuzzer reads."""
    return '"' + "".join(f"\\x{byte:02x}" for byte in bytes([len(word)]) + word.encode()) + '"'


def one_per_operator(seeds: list[pipeline.Seed]) -> list[pipeline.Seed]:
    """The smallest models that have all operators between them."""
    kept, seen = [], set()
    for seed in sorted(seeds, key=lambda s: len(s.data)):
        operators = {(node.domain, node.op_type) for node in seed.model.graph.node}
        if operators - seen:
            seen |= operators
            kept.append(seed)
    return kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="DIR")
    parser.add_argument("--few", action="store_true", help="one model of each operator")
    arguments = parser.parse_args()
    seeds = pipeline.seeds()
    chosen = one_per_operator(seeds) if arguments.few else seeds
    models = os.path.join(arguments.folder, "models")
    os.makedirs(models, exist_ok=True)
    for seed in chosen:
        # As libFuzzer names what it keeps: the same bytes are one file.
        with open(os.path.join(models, hashlib.sha1(seed.data).hexdigest()), "wb") as file:
            file.write(seed.data)
    lines = sorted(map(entry, words([s.model for s in seeds])))
    with open(os.path.join(arguments.folder, "onnx.dict"), "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")
    print(f"{len(os.listdir(models))} models and {len(lines)} words in {arguments.folder}")


if __name__ == "__main__":
    main()
