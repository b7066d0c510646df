"""Two builds of mlc side by side: whether they generate the same bytes, and what each costs.

    bench/builds                                   build (shared libraries) and build-install (static ones)
    bench/builds build-a/bin/mlc build-b/bin/mlc   any two
    bench/builds --targets native,aarch64,armv7,riscv64 --models 'conv_*'

Compiles the models of test/models with both and compares every file and message. Then a row for each build: megabytes of the
program without symbols, of the shared libraries that it loads beyond the C and C++ ones, milliseconds of CPU and peak memory of
a start (`mlc --version`, the best and the median of 20, by turns), and CPU seconds and largest peak of all compilations. Exit
status 1 where an output differs, or where no model compiled.
"""
from __future__ import annotations

import argparse
import fnmatch
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, ".."))
MODELS = os.path.join(ROOT, "test/models")
sys.path[:0] = [os.path.join(ROOT, "test/e2e/Inputs"), os.path.join(ROOT, "test/parity")]

import engine  # noqa: E402
import models  # noqa: E402

# Of every C++ program; what else a build loads is its own cost.
COMMON = re.compile(r"(linux-vdso|ld-linux|lib(c|m|gcc_s|stdc\+\+|pthread|dl|rt))[-.]")


@dataclass
class Run:
    """How a process ended, and what it took."""

    status: int
    text: str
    seconds: float
    megabytes: float


@dataclass
class Build:
    mlc: str
    starts: list[Run] = field(default_factory=list)
    compilations: list[Run] = field(default_factory=list)

    def size(self) -> float:
        """Megabytes without symbols, as `cmake --install --strip` installs it."""
        with tempfile.TemporaryDirectory() as folder:
            stripped = os.path.join(folder, "mlc")
            shutil.copy(self.mlc, stripped)
            subprocess.run(["strip", stripped], check=False, stderr=subprocess.DEVNULL)  # a script has no symbols
            return os.path.getsize(stripped) / 1e6

    def libraries(self) -> float:
        """Megabytes of the shared libraries that it loads."""
        listed = subprocess.run(["ldd", self.mlc], check=False, capture_output=True, text=True).stdout
        files = [line.split("=>")[1].split()[0] for line in listed.splitlines() if "=> /" in line]
        return sum(os.path.getsize(f) for f in files if not COMMON.match(os.path.basename(f))) / 1e6


def run(command: list[str]) -> Run:
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        log.seek(0)
        text = log.read().decode(errors="replace")
    return Run(process.returncode, text, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def read_folder(folder: str) -> dict[str, bytes]:
    files = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as file:
            files[name] = file.read()
    return files


def compile_model(build: Build, name: str, target: str) -> tuple[int, str, dict[str, bytes]]:
    """What a build makes of a model: its exit status, its messages, its files."""
    dims, options = models.BOUND.get(name, ({}, ()))
    with tempfile.TemporaryDirectory() as folder:
        command = [build.mlc, "compile", os.path.join(MODELS, name + ".onnx"), "-o", folder, *options]
        command += [f"--dim={dim}={size}" for dim, size in dims.items()] + engine.TARGETS[target].flags
        done = run(command)
        build.compilations.append(done)
        return done.status, done.text.replace(folder, "OUT"), read_folder(folder)


def differences(builds: list[Build], name: str, target: str) -> list[str]:
    with ThreadPoolExecutor() as side_by_side:
        made = side_by_side.map(lambda build: compile_model(build, name, target), builds)
    (status, text, files), (other_status, other_text, other_files) = made
    found = []
    if (status, text) != (other_status, other_text):
        found.append(f"status {status} and {other_status}, messages:\n{text}\n{other_text}")
    found += [f for f in sorted({*files, *other_files}) if files.get(f) != other_files.get(f)]
    return [f"{name} for {target}: {what}" for what in found]


def print_costs(builds: list[Build]) -> None:
    print(f"{'':28} {'MB':>6} {'lib MB':>6} {'start ms':>14} {'MB':>5} {'compile s':>9} {'peak MB':>7}")
    for build in builds:
        starts = sorted(s.seconds * 1000 for s in build.starts)
        start = f"{starts[0]:.0f} ({statistics.median(starts):.0f})"
        print(
            f"{os.path.relpath(build.mlc, ROOT):28} {build.size():6.1f} {build.libraries():6.1f} {start:>14}"
            f" {max(s.megabytes for s in build.starts):5.0f} {sum(c.seconds for c in build.compilations):9.1f}"
            f" {max((c.megabytes for c in build.compilations), default=0):7.0f}"
        )


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench/builds", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("mlc", nargs="*", help="two programs; default: build/bin/mlc build-install/bin/mlc")
    parser.add_argument("--targets", default="native", help=f"of {', '.join(engine.TARGETS)} (native)")
    parser.add_argument("--models", default="*", help="pattern of the names in test/models")
    arguments = parser.parse_args()
    arguments.mlc = arguments.mlc or [os.path.join(ROOT, b, "bin/mlc") for b in ("build", "build-install")]
    if len(arguments.mlc) != 2:
        parser.error("two builds are compared")
    for mlc in arguments.mlc:
        if not shutil.which(mlc):
            parser.error(f"no program '{mlc}': cmake --preset install && cmake --build --preset install")
    return arguments


def main() -> int:
    arguments = parse_arguments()
    builds = [Build(os.path.abspath(mlc)) for mlc in arguments.mlc]
    for _ in range(20):
        for build in builds:
            build.starts.append(run([build.mlc, "--version"]))
    names = sorted(f[: -len(".onnx")] for f in os.listdir(MODELS) if f.endswith(".onnx"))
    names = fnmatch.filter(names, arguments.models)
    targets = arguments.targets.split(",")
    different = [d for target in targets for name in names for d in differences(builds, name, target)]
    compiled = sum(c.status == 0 for c in builds[0].compilations)
    print_costs(builds)
    for difference in different:
        print(difference)
    print(f"{compiled} of {len(names) * len(targets)} compiled, differences: {len(different)}")
    return 1 if different or not compiled else 0


if __name__ == "__main__":
    sys.exit(main())
