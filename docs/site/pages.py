#!/usr/bin/env python3
"""Lays out the pages of the documentation site, as Markdown for MkDocs.

    docs/site/pages.py --mlc=build/bin/mlc --tblgen=mlir-tblgen-22 FOLDER

README.md becomes index.md, docs/*.md and the examples keep their names, files of the source that they link to become pages of their
own below source/, and links follow. What tables know is made from them: reference/commands.md from mlc's own help,
reference/nn.md and kernel.md from the dialects, reference/passes.md from the passes. A link to nothing is an error.
"""
from __future__ import annotations

import argparse
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LINK = re.compile(r"(?<!!)\[([^\]\n]*(?:\n[^\]\n]*)?)\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(```|~~~)", re.M)
LANGUAGES = {".h": "cpp", ".cpp": "cpp", ".def": "cpp", ".c": "c", ".py": "python", ".json": "json", ".td": "text", ".mlir": "text"}
FAMILIES = ["Core", "Elementwise", "Linear", "Spatial", "Movement", "Indexing", "Reduction", "Quant", "Control", "Bounded"]
DIALECTS = {"nn": ["dialects/NN/IR/NNBase.td"] + [f"dialects/NN/IR/NN{family}.td" for family in FAMILIES],
            "kernel": ["dialects/Kernel/IR/ConvolutionOps.td", "dialects/Kernel/IR/KernelOps.td"]}
PASSES = ["dialects/NN/Transforms/Passes.td", "lib/Quantize/Passes.td", "lib/Backend/Passes.td"]


class Broken(Exception):
    """A link that leads nowhere."""


def page_of(path: str) -> str:
    """Where a file of the tree, by its path there, is on the site."""
    if path == "README.md":
        return "index.md"
    if path.endswith(".md"):
        return path.removeprefix("docs/")
    return f"source/{path}.md"


def written(root: pathlib.Path) -> list[str]:
    """The files that are pages by themselves."""
    found = ["README.md", *(f"docs/{path.relative_to(root / 'docs').as_posix()}" for path in (root / "docs").rglob("*.md"))]
    return sorted(found + [path.relative_to(root).as_posix() for path in (root / "examples").rglob("*.md")])


def outside_fences(text: str, change) -> str:
    """`change` applied to what is no code block."""
    parts, inside, start = [], False, 0
    for match in [*FENCE.finditer(text), None]:
        end = match.start() if match else len(text)
        parts.append(text[start:end] if inside else change(text[start:end]))
        if match:
            parts.append(match[0])
            start, inside = match.end(), not inside
    return "".join(parts)


def relinked(text: str, path: str, root: pathlib.Path, sources: set[str]) -> str:
    """The text of a file with links to where things are on the site; files of the source that it links to go to `sources`."""
    here = pathlib.PurePosixPath(page_of(path)).parent

    def follow(match: re.Match) -> str:
        label, target = match[1], match[2]
        if target.startswith("#") or "://" in target or target.startswith("mailto:"):
            return match[0]
        file, _, anchor = target.partition("#")
        there = os.path.normpath(os.path.join(os.path.dirname(path), file))
        if there.startswith("..") or not (root / there).is_file():
            raise Broken(f"{path}: a link to {target}, which is not there")
        if not there.endswith(".md"):
            sources.add(there)
        page = os.path.relpath(page_of(there), here)
        return f"[{label}]({page}{'#' + anchor if anchor else ''})"

    return outside_fences(text, lambda part: LINK.sub(follow, part))


def source_page(path: str, text: str) -> str:
    """A file of the source as a page; the fence is longer than any in it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * max(3, longest + 1)
    return f"# {path}\n\n{fence}{LANGUAGES.get(pathlib.PurePosixPath(path).suffix, 'text')}\n{text.rstrip()}\n{fence}\n"


def execute(words: list[str]) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT).stdout


def commands_page(mlc: str) -> str:
    """The help of each command, as the tool prints it."""
    overview = execute([mlc, "help"])
    names = dict.fromkeys(re.findall(r"^  mlc (\w+)", overview, re.M))
    parts = [f"# Commands and options\n\n```text\n{overview.rstrip()}\n```\n"]
    for name in names:
        done = subprocess.run([mlc, "help", name], capture_output=True, text=True)
        if done.returncode == 0:
            parts.append(f"## mlc {name}\n\n```text\n{done.stdout.rstrip()}\n```\n")
    return "\n".join(parts)


def tidy(text: str) -> str:
    """tblgen's Markdown without what only its own site understands."""
    text = re.sub(r"<!--.*?-->\n*", "", text, flags=re.S)
    return re.sub(r"^\[TOC\]\n", "", text, flags=re.M)


def dialect_page(tblgen: str, name: str) -> str:
    head, *files = DIALECTS[name]
    flags = ["-Idialects", "-Ilib", f"-I{include_of(tblgen)}"]
    text = tidy(execute([tblgen, "-gen-dialect-doc", f"-dialect={name}", *flags, head]))
    for file in files:
        family = pathlib.PurePosixPath(file).stem.removeprefix("NN")
        text += f"\n## {family}\n\n{tidy(execute([tblgen, '-gen-op-doc', *flags, file]))}"
    return text


def passes_page(tblgen: str) -> str:
    text = "# Passes\n\nof `mlc-opt`, by the folder that has them; `mlc compile --list-phases` tells in which order they run.\n"
    for file in PASSES:
        folder = os.path.dirname(file)
        text += f"\n## {folder}\n\n" + tidy(execute([tblgen, "-gen-pass-doc", "-Idialects", "-Ilib", f"-I{include_of(tblgen)}", file]))
    return text


def include_of(tblgen: str) -> str:
    return str(pathlib.Path(os.path.realpath(execute(["sh", "-c", f"command -v {tblgen}"]).strip())).parents[1] / "include")


def site(root: pathlib.Path, mlc: str, tblgen: str) -> dict[str, str]:
    """All pages, by their places."""
    pages: dict[str, str] = {}
    sources: set[str] = set()
    for path in written(root):
        pages[page_of(path)] = relinked((root / path).read_text(), path, root, sources)
    for path in sorted(sources):
        pages[page_of(path)] = source_page(path, (root / path).read_text())
    pages["reference/commands.md"] = commands_page(mlc)
    for name in DIALECTS:
        pages[f"reference/{name}.md"] = dialect_page(tblgen, name)
    pages["reference/passes.md"] = passes_page(tblgen)
    return pages


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--mlc", default=str(ROOT / "build/bin/mlc"))
    parser.add_argument("--tblgen", default="mlir-tblgen-22")
    arguments = parser.parse_args()
    try:
        pages = site(ROOT, os.path.abspath(arguments.mlc), arguments.tblgen)
    except Broken as broken:
        print(f"docs/site/pages.py: {broken}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as failed:
        print(f"docs/site/pages.py: {' '.join(failed.cmd)}: {failed.stderr.strip()}", file=sys.stderr)
        return 1
    for place, text in pages.items():
        file = arguments.folder / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    print(f"{len(pages)} pages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
