#!/usr/bin/env python3
"""Holds documents against the tree: quoted code must stand in the file named before it, linked and named paths must exist.

    quotes.py ROOT [DOCUMENT...]        by default README.md and docs/**/*.md
"""
import pathlib
import re
import sys

PATH = re.compile(r"`((?:dialects|include|lib|runtime|tools|test|scripts|docs|examples|cmake|bench)/[\w./-]+)`")
LINK = re.compile(r"\]\(([^)#:]+)\)")


def squeeze(text):
    return re.sub(r"\s+", " ", text).strip()


def quotes(text):
    """(path, code) for each fenced block whose last line of text before it names a file."""
    path, code, inside = None, [], False
    for line in text.splitlines():
        if line.strip().startswith("```"):
            if inside and path:
                yield path, "\n".join(code)
            if inside:
                path = None
            inside, code = not inside, []
        elif inside:
            code.append(line)
        elif line.strip():
            named = PATH.findall(line)
            path = named[-1] if named and line.rstrip().endswith(":") else None


def check(root, document):
    text = document.read_text()
    findings = []
    for path, code in quotes(text):
        file = root / path
        if not file.is_file() or squeeze(code) not in squeeze(file.read_text()):
            findings.append(f"quotes what {path} does not say: {squeeze(code)[:60]}")
    for path in PATH.findall(text):
        if not (root / path.rstrip(".")).exists():
            findings.append(f"names {path}, which does not exist")
    for link in LINK.findall(text):
        if not (document.parent / link).exists():
            findings.append(f"links to {link}, which does not exist")
    return [f"{document.relative_to(root)}: {finding}" for finding in findings]


def rooms(root):
    """Every library has its row in the map of rooms."""
    text = (root / "docs/architecture.md").read_text()
    folders = [p.parent.relative_to(root) for p in root.glob("lib/*/CMakeLists.txt")]
    folders += [p.parent.relative_to(root) for p in root.glob("dialects/*/*/CMakeLists.txt")]
    return [f"docs/architecture.md: has no row for {f}" for f in sorted(folders) if f"| `{f}` |" not in text]


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    named = [pathlib.Path(p).resolve() for p in sys.argv[2:]]
    documents = named or [root / "README.md", *sorted(root.glob("docs/**/*.md"))]
    findings = [f for document in documents for f in check(root, document)]
    findings += [] if named else rooms(root)
    print("\n".join(findings))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
