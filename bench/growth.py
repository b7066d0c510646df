"""Compile time and peak memory of families of models that grow, and how fast they do.

    bench/growth                             every family at three sizes, each twice the last
    bench/growth pieces recurrent --sizes 100,200,400
    bench/growth --phases pieces             the seconds of each phase as well
    bench/growth --stop-after bufferize-model split   the phases up to this one alone
    bench/growth --counts                    no times: how the text between phases grows, which a test can decide by
    bench/growth --memory 4 layers m.onnx    peak memory over the size of the model: families at --sizes, and files

A row is a model: its family and size, seconds of CPU and peak megabytes of `mlc compile`, and of both the exponent by which
they grew since the last size: 1 is linear growth. What the family takes at size 1 is subtracted before: a compiler's code and
constants do not grow.

With --counts, a row has lines of IR behind the phases `lower` and `lower-to-llvm`, insertions into tensors behind the first
(bufferization compares each of a chain with all others), and lines of the largest kernel behind the second. The exit status is
1 where lines grew by more than in proportion, or the largest kernel or the insertions grew at all.

With --memory, a row has megabytes of the model's file, megabytes that the compilation took at most, of its own making (pages of
mlc's file and of the model's do not count), and their ratio, of 2 threads. The exit status is 1 where that is above the bar.
"""
from __future__ import annotations

import argparse
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

import growth_models

HERE = os.path.dirname(os.path.abspath(__file__))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench/growth", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("families", nargs="*", help=f"of {', '.join(growth_models.FAMILIES)}; default: all")
    parser.add_argument("--memory", type=float, metavar="BAR", help="peak memory over the size of the model, and its bar")
    parser.add_argument("--sizes", help="as 100,200,400; default: the family's")
    parser.add_argument("--phases", action="store_true", help="print the seconds of each phase")
    parser.add_argument("--stop-after", metavar="PHASE", help="measure mlc compile up to this phase")
    parser.add_argument("--counts", action="store_true", help="count instead of measuring")
    parser.add_argument("--limit", type=float, default=300, help="seconds that a compilation may take (300)")
    parser.add_argument("--keep", help="folder for the models")
    parser.add_argument("--mlc", default=os.path.join(HERE, "../build/bin/mlc"))
    arguments = parser.parse_args()
    for name in arguments.families:
        if name not in growth_models.FAMILIES and not (arguments.memory and name.endswith(".onnx")):
            parser.error(f"no family '{name}'")
    return arguments


@dataclass
class Cost:
    seconds: float
    megabytes: float
    text: str


def measure(model: str, folder: str, arguments: argparse.Namespace) -> Cost | None:
    """What one compilation takes; None if that is more than the limit of seconds."""
    command = [arguments.mlc, "compile", model]
    command += [f"--stop-after={arguments.stop_after}"] if arguments.stop_after else ["-o", folder, "--timing"]
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        signal.signal(signal.SIGALRM, lambda *_: process.kill())
        signal.setitimer(signal.ITIMER_REAL, arguments.limit)
        # Of this child alone, which subprocess does not tell.
        _, status, used = os.wait4(process.pid, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        log.seek(0)
        text = log.read()
    if process.returncode == -signal.SIGKILL:
        return None
    if process.returncode != 0:
        sys.exit(f"bench/growth: {model}: {text.strip()}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, text)


def exponent(before: float, after: float, factor: float) -> str:
    """Of growth from `before` to `after` for a size `factor` times as large; "-" below what a clock tells."""
    if before < 0.05 or after < 0.05:
        return "-"
    return f"{math.log(after / before) / math.log(factor):.1f}"


def measure_family(name: str, arguments: argparse.Namespace, folder: str) -> bool:
    """Prints the rows of one family; whether all sizes compiled within the limit."""
    least, build = growth_models.FAMILIES[name]
    sizes = [int(s) for s in arguments.sizes.split(",")] if arguments.sizes else [least, 2 * least, 4 * least]
    base, last = None, None
    for size in [1, *sizes]:
        model = os.path.join(folder, f"{name}_{size}.onnx")
        with open(model, "wb") as file:
            file.write(build(size).model().SerializeToString())
        cost = measure(model, os.path.join(folder, "out"), arguments)
        if base is None:
            base = cost
            continue
        if cost is None:
            print(f"{name:14} {size:6}  more than {arguments.limit:.0f} s", flush=True)
            return False
        seconds, megabytes = "-", "-"
        if last:
            factor = size / last[0]
            seconds = exponent(last[1].seconds - base.seconds, cost.seconds - base.seconds, factor)
            megabytes = exponent(last[1].megabytes - base.megabytes, cost.megabytes - base.megabytes, factor)
        print(f"{name:14} {size:6} {cost.seconds:8.2f} s {seconds:>5} {cost.megabytes:8.0f} MB {megabytes:>5}", flush=True)
        if arguments.phases:
            print(cost.text.rstrip(), flush=True)
        last = (size, cost)
    return True


@dataclass
class Counts:
    lower: int
    llvm: int
    inserts: int
    largest: int


def text_behind(mlc: str, model: str, phase: str) -> list[str]:
    command = [mlc, "compile", model, f"--stop-after={phase}", "--threads=1", "--cpu=x86-64-v3", "--target=x86_64-linux-gnu"]
    process = subprocess.run(command, capture_output=True, text=True)
    if process.returncode != 0:
        sys.exit(f"bench/growth: {model}: {process.stderr.strip()}")
    return process.stdout.splitlines()


def count(mlc: str, model: str) -> Counts:
    lower, llvm = text_behind(mlc, model, "lower"), text_behind(mlc, model, "lower-to-llvm")
    starts = [i for i, line in enumerate(llvm) if "llvm.func" in line] + [len(llvm)]
    largest = max(end - start for start, end in zip(starts, starts[1:]) if "_main_v" not in llvm[start])
    return Counts(len(lower), len(llvm), sum("tensor.insert_slice" in line for line in lower), largest)


def is_linear(sizes: list[int], counts: list[int]) -> bool:
    """Whether the last step adds at most a tenth more a part than the one before, and a few lines."""
    before = (counts[1] - counts[0]) / (sizes[1] - sizes[0])
    last = (counts[2] - counts[1]) / (sizes[2] - sizes[1])
    return (last - 1.1 * max(before, 0)) * (sizes[2] - sizes[1]) <= 50


def faults_of(sizes: list[int], counts: list[Counts]) -> list[str]:
    """What grew too fast."""
    faults = [
        f"lines behind {phase}" for phase in ("lower", "llvm") if not is_linear(sizes, [getattr(c, phase) for c in counts])
    ]
    if counts[2].inserts > counts[1].inserts:
        faults.append("insertions into one tensor")
    if counts[2].largest > 1.1 * counts[1].largest:
        faults.append("the largest kernel")
    return faults


def count_family(name: str, arguments: argparse.Namespace, folder: str) -> bool:
    """Prints the counts of one family at three sizes; whether they grow as they should."""
    least, build = growth_models.FAMILIES[name]
    sizes = [int(s) for s in arguments.sizes.split(",")] if arguments.sizes else [least, 2 * least, 4 * least]
    counts = []
    for size in sizes:
        model = os.path.join(folder, f"{name}_{size}.onnx")
        with open(model, "wb") as file:
            file.write(build(size).model().SerializeToString())
        counts.append(count(arguments.mlc, model))
    faults = faults_of(sizes, counts)
    row = "  ".join(f"{c.lower} {c.llvm} {c.inserts} {c.largest}" for c in counts)
    print(f"{name:14} {'grows too fast: ' + ', '.join(faults) if faults else 'linear'}  [{row}]", flush=True)
    return not faults


def anonymous_bytes(pid: int) -> int:
    """Of a process now; 0 where it has ended."""
    try:
        with open(f"/proc/{pid}/status") as status:
            return next((int(line.split()[1]) << 10 for line in status if line.startswith("RssAnon:")), 0)
    except OSError:
        return 0


def peak_of(model: str, folder: str, arguments: argparse.Namespace) -> int:
    """The most anonymous memory of a compilation, looked at every millisecond or two."""
    command = [arguments.mlc, "compile", model, "-o", folder, "--jobs=2"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    peak = 0
    while process.poll() is None:
        peak = max(peak, anonymous_bytes(process.pid))
        time.sleep(0.001)
    if process.returncode != 0:
        sys.exit(f"bench/growth: {model}: {process.stderr.read().strip()}")
    return peak


def measure_memory(name: str, arguments: argparse.Namespace, folder: str) -> bool:
    """Prints a row for each size of a family, or for a file; whether all are below the bar."""
    models = [name]
    if name in growth_models.FAMILIES:
        models = []
        for size in arguments.sizes.split(",") if arguments.sizes else [str(growth_models.FAMILIES[name][0])]:
            models.append(os.path.join(folder, f"{name}_{size}.onnx"))
            with open(models[-1], "wb") as file:
                file.write(growth_models.FAMILIES[name][1](int(size)).model().SerializeToString())
    below = True
    for model in models:
        size, peak = os.path.getsize(model), peak_of(model, os.path.join(folder, "out"), arguments)
        below = below and peak <= arguments.memory * size
        print(f"{os.path.basename(model):24} {size / 1e6:7.1f} MB {peak / 1e6:7.1f} MB {peak / size:5.2f}", flush=True)
    return below


def main() -> int:
    arguments = parse_arguments()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.keep or scratch
        os.makedirs(folder, exist_ok=True)
        names = arguments.families or growth_models.FAMILIES
        measure_one = count_family if arguments.counts else measure_memory if arguments.memory else measure_family
        return 0 if all([measure_one(name, arguments, folder) for name in names]) else 1


if __name__ == "__main__":
    sys.exit(main())
