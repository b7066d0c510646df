"""What compress.test checks of a folder that mlc compress wrote.

    compress.py sizes FOLDER RECIPE CONTRACT    flash and arena of a candidate are those of a compilation's contract
    compress.py best FOLDER                     best.onnx is the chosen candidate, and the front is one
    compress.py times FOLDER                    when each candidate was written
    compress.py changed FOLDER TIMES            candidates that were written since then
"""
import json
import os
import sys

import onnx


def report_of(folder):
    with open(os.path.join(folder, "report.json")) as file:
        return json.load(file)


def sizes(folder, recipe, contract):
    with open(contract) as file:
        memory = json.load(file)["memory"]
    found = next(c for c in report_of(folder)["candidates"] if c["recipe"] == recipe)
    assert found["flash_bytes"] == memory["weights_bytes"] + memory["code_bytes"], (found, memory)
    assert found["arena_bytes"] == memory["arena_bytes"], (found, memory)


def best(folder):
    candidates = report_of(folder)["candidates"]
    chosen, = (c for c in candidates if c["chosen"])
    assert onnx.load(os.path.join(folder, "best.onnx")) == onnx.load(chosen["model"])
    print(chosen["recipe"], chosen["precision"])
    keys = ("drop", "flash_bytes", "best_ms", "energy_uj")
    whole = [tuple(c[key] for key in keys) + (c["arena_bytes"] + c["stack_bytes"],) for c in candidates]
    for candidate, figures in zip(candidates, whole):
        beaten = any(other != figures and all(o <= f for o, f in zip(other, figures)) for other in whole)
        assert candidate["pareto"] != beaten, candidate


def lines(folder):
    for name in sorted(os.listdir(os.path.join(folder, "candidates"))):
        yield f"{name} {os.stat(os.path.join(folder, 'candidates', name)).st_mtime_ns}"


def times(folder):
    print("\n".join(lines(folder)))


def changed(folder, before):
    with open(before) as file:
        known = set(file.read().splitlines())
    for line in lines(folder):
        if line not in known:
            print(line)


if __name__ == "__main__":
    {"sizes": sizes, "best": best, "times": times, "changed": changed}[sys.argv[1]](*sys.argv[2:])
