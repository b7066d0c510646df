"""What `mlc check` says about cases: agree, refused, DIFFER, CRASH or HANG."""
from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import onnx

from graphs.generate import Case

NAMES = {"passed": "agree", "refused": "refused", "wrong": "DIFFER", "crashed": "CRASH", "timeout": "HANG"}
FAULTS = ("DIFFER", "CRASH", "HANG")
# Graphs compute with numbers of about one. What is so small besides is a rest that one library rounds to 0 and another keeps,
# as of Sigmoid(-40), and may be all of an output.
NEXT_TO_ZERO = 1e-12
ERROR = re.compile(r"max error (\S+) absolute")


@dataclass
class Verdict:
    kind: str
    reason: str = ""


@dataclass
class Tool:
    mlc: str
    jobs: int = 1
    timeout: int = 20
    memory: int = 4096
    flags: tuple[str, ...] = ()


def write(case: Case, folder: str) -> None:
    """FOLDER/<case>/model.onnx and its data, as `mlc check` reads them."""
    data = os.path.join(folder, case.name, "test_data_set_0")
    os.makedirs(data)
    onnx.save(case.model, os.path.join(folder, case.name, "model.onnx"))
    for stem, values in (("input", case.feeds.values()), ("output", case.answers)):
        for i, value in enumerate(values):
            np.save(os.path.join(data, f"{stem}_{i}.npy"), value)


def parse(line: str) -> tuple[str, Verdict]:
    result = json.loads(line)
    reason = f"{result.get('reason', '')} {result.get('note', '')}".strip()
    kind, errors = NAMES[result["status"]], ERROR.findall(reason)
    if kind == "DIFFER" and errors and max(map(float, errors)) < NEXT_TO_ZERO:
        kind = "agree"
    return result["case"], Verdict(kind, reason)


def check(cases: list[Case], tool: Tool) -> dict[str, Verdict]:
    """A verdict for each case, by its name. Cases of one tolerance share a run of the tool."""
    steps, verdicts = defaultdict(list), {}
    for case in cases:
        steps[case.tolerance].append(case)
    for tolerance, members in steps.items():
        with tempfile.TemporaryDirectory() as folder:
            for case in members:
                write(case, folder)
            command = [tool.mlc, "check", f"--suite={folder}", f"--jobs={tool.jobs}", f"--timeout={tool.timeout}",
                       f"--memory={tool.memory}", "--atol-of-scale", f"--atol={tolerance}", f"--rtol={tolerance}", *tool.flags]
            run = subprocess.run(command, capture_output=True, text=True, check=False)
        verdicts.update(parse(line) for line in run.stdout.splitlines())
        for case in members:
            verdicts.setdefault(case.name, Verdict("CRASH", f"no result: {run.stderr[-300:]}"))
    return verdicts
