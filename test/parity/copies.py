#!/usr/bin/env python3
"""Counts the copies and transposes that each network's code still makes, and compares with copies.json: exit status 1 where
they differ, more or fewer.

    copies.py WORK [NAME ...]          fills the networks in WORK; without names, all of them

A concatenation, split, slice or shuffle is to be addressing: what is left has its reason in copies.json, beside its number.
"""
from __future__ import annotations

import argparse
import json
import os
import re
import sys

import engine
import zoo

KINDS = {"copy": r"\bmemref\.copy\b", "transpose": r"\blinalg\.transpose\b"}


def count(ir: str) -> dict[str, int]:
    """Operations of each kind in the module's text."""
    return {kind: len(re.findall(pattern, ir)) for kind, pattern in KINDS.items()}


def compare(name: str, found: dict[str, int], table: dict) -> list[str]:
    """What differs from the table, in words."""
    expected = table.get(name)
    if expected is None:
        return [f"{name}: not in copies.json"]
    differences = []
    for kind, number in found.items():
        wanted, reason = expected.get(kind, [0, ""])
        if number != wanted:
            differences.append(f"{name}: {number} of {kind} found, {wanted} expected")
        if wanted and not reason:
            differences.append(f"{name}: no reason is given for {kind}")
    return differences


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", help="folder for the filled networks")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--mlc", default=os.path.join(engine.ROOT, "build/bin/mlc"))
    parser.add_argument("--shared", default=zoo.default_shared())
    arguments = parser.parse_args()
    with open(os.path.join(engine.HERE, "copies.json"), encoding="utf-8") as file:
        table = json.load(file)
    names = arguments.names or list(zoo.TABLE["nets"])
    differences = []
    print(f"{'network':24}" + "".join(f"{kind:>12}" for kind in KINDS))
    for name in names:
        model = zoo.model_file(name, arguments.shared, arguments.work)
        command = [arguments.mlc, "compile", model, "--cpu=x86-64-v4", "--stop-after=unit-strides"]
        found = count(engine.run(command, 600)[0])
        print(f"{name:24}" + "".join(f"{found[kind]:>12}" for kind in KINDS))
        differences += compare(name, found, table)
    print("\n".join(differences) or f"{len(names)} of {len(names)} as expected")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
