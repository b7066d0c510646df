"""Writes the small models that the tests read: ./*.onnx compile, bad/*.onnx are refused.

    python3 test/models/make.py           write them all, and README.md, which lists what each one proves
    python3 test/models/make.py --check   fail if a committed file is not what this script makes

Needs onnx==1.23.2 and numpy==2.4.6. The definitions are in layers.py, control.py, contrib.py, graphs.py, indexing.py,
recurrent.py, tensors.py, found.py, special.py, refused.py and hostile.py; the function's name is the file's name. A new
model goes there, and this script is run again."""

import pathlib
import sys

import build
import contrib  # noqa: F401  these register their models
import control  # noqa: F401
import found  # noqa: F401
import graphs  # noqa: F401
import hostile  # noqa: F401
import indexing  # noqa: F401
import layers  # noqa: F401
import recurrent  # noqa: F401
import refused  # noqa: F401
import special  # noqa: F401
import tensors  # noqa: F401

HERE = pathlib.Path(__file__).parent
SIZE_LIMIT = 20_000


def contents():
    """Every file this script is responsible for: path -> bytes or Link."""
    files = {}
    for folder, models in (("", build.VALID), ("bad/", build.REFUSED)):
        for name, function in models.items():
            made = function()
            if not isinstance(made, build.Files):
                made = build.Files(made, {})
            data = made.model if isinstance(made.model, bytes) else made.model.SerializeToString(deterministic=True)
            assert len(data) <= SIZE_LIMIT, f"{name} has {len(data)} bytes, the limit is {SIZE_LIMIT}"
            files[f"{folder}{name}.onnx"] = data
            files.update({f"{folder}{side}": data for side, data in made.side.items()})
    files["README.md"] = listing().encode()
    return files


def listing():
    lines = ["# Models for the tests", "",
             "Written by `make.py` (this list too); `make.py --check` tells whether they still are what it makes.", ""]
    for title, models in (("These compile", build.VALID), ("These are refused", build.REFUSED)):
        lines += [f"## {title}", "", "| model | what it proves |", "|---|---|"]
        prefix = "" if models is build.VALID else "bad/"
        lines += [f"| `{prefix}{name}.onnx` | {' '.join(f.__doc__.split())} |" for name, f in models.items()]
        lines.append("")
    return "\n".join(lines)


def is_same(path, data):
    if isinstance(data, build.Link):
        return path.is_symlink() and str(path.readlink()) == data.target
    return path.is_file() and not path.is_symlink() and path.read_bytes() == data


def write(path, data):
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    if isinstance(data, build.Link):
        path.symlink_to(data.target)
    else:
        path.write_bytes(data)


def main():
    files = contents()
    if sys.argv[1:] == ["--check"]:
        wrong = [name for name, data in files.items() if not is_same(HERE / name, data)]
        committed = {str(p.relative_to(HERE)) for p in HERE.rglob("*.onnx")}
        wrong += sorted(committed - set(files))
        sys.exit(f"make.py: not as this script makes them: {' '.join(wrong)}" if wrong else 0)
    if sys.argv[1:]:
        sys.exit(__doc__)
    for name, data in files.items():
        write(HERE / name, data)
    print(f"{len(build.VALID)} models that compile, {len(build.REFUSED)} that are refused")


if __name__ == "__main__":
    main()
