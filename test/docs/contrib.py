#!/usr/bin/env python3
"""Holds docs/contrib.md against the converters: each operator outside of the default domain is named there, and no other.

    contrib.py SOURCE [PAGE]
"""
import glob
import os
import re
import sys

DOMAINS = {"kMicrosoft": "tables", "layout": "text"}


def converters(source: str) -> dict[str, set[str]]:
    """Operators by where the page names them: com.microsoft in its tables, the layout's domain in its text."""
    found: dict[str, set[str]] = {place: set() for place in DOMAINS.values()}
    for path in glob.glob(os.path.join(source, "lib/Import/Convert*.cpp")):
        with open(path, encoding="utf-8") as file:
            for name, domain in re.findall(r'\{"(\w+)",\s*[\w<>:,\s]+?,\s*(\w+)\}', file.read()):
                if domain in DOMAINS:
                    found[DOMAINS[domain]].add(name)
    return found


def documented(page: str) -> dict[str, set[str]]:
    with open(page, encoding="utf-8") as file:
        lines = file.read()
    cells = [line.split("|")[1] for line in lines.splitlines() if line.startswith("|")]
    names = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
    layout = re.search(r"`com\.ms\.internal\.nhwc`.*?\.\n?(?= `com|\Z|`com)", lines, re.S)
    return {"tables": names, "text": set(re.findall(r"`(\w+)`", layout.group() if layout else ""))}


def main() -> int:
    source = sys.argv[1]
    page = sys.argv[2] if len(sys.argv) > 2 else os.path.join(source, "docs/contrib.md")
    there, said = converters(source), documented(page)
    problems = 0
    for place, names in there.items():
        for name in sorted(names - said[place]):
            problems += 1
            print(f"{os.path.basename(page)}: does not name {name}, which a converter takes")
        for name in sorted(said[place] - names):
            problems += 1
            print(f"{os.path.basename(page)}: names {name}, which no converter takes")
    return 1 if problems or not there["tables"] else 0


if __name__ == "__main__":
    sys.exit(main())
