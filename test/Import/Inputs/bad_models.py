#!/usr/bin/env python3
"""Compiles every model of a folder; each must be refused with the messages that a table lists.

    bad_models.py MLC FOLDER TABLE            exit status 1 at any difference
    bad_models.py MLC FOLDER TABLE --update   writes the table from this run

The table has a block for each file: its name, then the messages on standard error, indented, without "mlc: error: " and
the file's path. It is strict both ways. A model is refused with exit status 1, within SECONDS, and without output.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

SECONDS = 20


def refusal(mlc: str, model: pathlib.Path) -> tuple[list[str], str]:
    """(messages, what is wrong with the way it was refused)."""
    with tempfile.TemporaryDirectory() as temporary:
        out = pathlib.Path(temporary) / "out"
        try:
            done = subprocess.run([mlc, "compile", model, "-o", out], capture_output=True, text=True, timeout=SECONDS,
                                  check=False)
        except subprocess.TimeoutExpired:
            return [], f"takes more than {SECONDS} s"
        prefix = f"mlc: error: {model}: "
        lines = done.stderr.splitlines()
        unlocated = [line for line in lines if not line.startswith(prefix)]
        left = [str(path.relative_to(temporary)) for path in out.rglob("*") if path.is_file()]
    problems = []
    if done.returncode != 1:
        problems.append(f"has exit status {done.returncode}, 1 is required")
    if unlocated:
        problems.append(f"prints '{unlocated[0]}', '{prefix}...' is required")
    if done.stdout or left:
        problems.append(f"leaves output: {done.stdout!r} {left}")
    return [line.removeprefix(prefix) for line in lines], ", ".join(problems)


def read(table: pathlib.Path) -> dict[str, list[str]]:
    rows: dict[str, list[str]] = {}
    for line in table.read_text().splitlines():
        if re.match(r"\s", line):
            rows[name].append(line.strip())
        elif line:
            name = line
            rows[name] = []
    return rows


def main() -> int:
    mlc, folder, table = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    update = sys.argv[4:] == ["--update"]
    expected = {} if update else read(table)
    found, failures = {}, []
    for model in sorted(folder.glob("*.onnx")):
        found[model.name], problem = refusal(mlc, model)
        if problem:
            failures.append(f"{model.name} {problem}")
        if not update and found[model.name] != expected.get(model.name):
            failures.append(f"{model.name} says {found[model.name]}, {expected.get(model.name)} is required")
    failures += [f"{name} is no file of {folder}" for name in expected if name not in found]
    if update:
        table.write_text("".join(f"{name}\n" + "".join(f"  {line}\n" for line in lines) for name, lines in found.items()))
    print(*failures, f"{len(found)} models, {len(failures)} failures", sep="\n")
    return bool(failures) or not found


if __name__ == "__main__":
    sys.exit(main())
