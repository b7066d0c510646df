"""Compiles a model with `mlc compile`, links the generic runner with its archive, and runs it: as a user would."""
from __future__ import annotations

import functools
import json
import os
import re
import resource
import subprocess
import tempfile
import time
from dataclasses import dataclass

import contract_schema
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "../..")


@dataclass(frozen=True)
class Target:
    """How to compile, link and run for one kind of machine."""

    flags: list[str]
    compiler: list[str]
    launcher: list[str]
    sources: tuple[str, ...] = ()  # of the runtime, instead of what the archive has
    renames: bool = True  # whether the linker gives a symbol a second name


CC = os.environ.get("CC", "cc")
TARGETS = {
    "native": Target([], [CC], []),
    # Valgrind sees what generated code reads before it is written, and what lies beyond a buffer; it knows no AVX-512.
    "valgrind": Target(["--cpu=x86-64-v3"], [CC, "-g"], ["valgrind", "-q", "--error-exitcode=99"]),
    # The runtime and calls of memory functions under Address- and UndefinedBehaviorSanitizer.
    "sanitized": Target(
        [],
        ["gcc", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
        ["env", "ASAN_OPTIONS=detect_leaks=0"],
        ("runtime.c",),
    ),
    "aarch64-bf16": Target(
        ["--target=aarch64-linux-gnu", "--cpu=generic+bf16"],
        ["aarch64-linux-gnu-gcc", "-static"],
        ["qemu-aarch64", "-cpu", "max"],
    ),
    "aarch64-v1": Target(
        ["--target=aarch64-linux-gnu", "--cpu=neoverse-v1"],
        ["aarch64-linux-gnu-gcc", "-static"],
        ["qemu-aarch64", "-cpu", "max"],
    ),
    "aarch64-f16": Target(
        ["--target=aarch64-linux-gnu", "--cpu=generic+fp16"],
        ["aarch64-linux-gnu-gcc", "-static"],
        ["qemu-aarch64", "-cpu", "max"],
    ),
    # Several CPUs, of which RUNNER_VARIANT names the one whose code runs.
    "x86-64-variants": Target(["--cpu=x86-64-v4+vnni,x86-64-v3,x86-64-v2"], [CC], []),
    "aarch64-variants": Target(
        ["--target=aarch64-linux-gnu", "--cpu=generic+i8mm,generic+dotprod,generic"],
        ["aarch64-linux-gnu-gcc", "-static"],
        ["qemu-aarch64", "-cpu", "max"],
    ),
    "aarch64": Target(
        ["--target=aarch64-linux-gnu", "--cpu=cortex-a76"], ["aarch64-linux-gnu-gcc", "-static"], ["qemu-aarch64"]
    ),
    "armv7": Target(
        ["--target=armv7-linux-gnueabihf", "--cpu=cortex-a7"], ["arm-linux-gnueabihf-gcc", "-static"], ["qemu-arm"]
    ),
    "riscv64": Target(["--target=riscv64-linux-gnu"], ["riscv64-linux-gnu-gcc", "-static"], ["qemu-riscv64"]),
    "wasm32": Target(
        ["--target=wasm32-wasi"],
        ["clang-22", "--target=wasm32-wasi"],
        ["node", "--no-warnings", "--experimental-wasi-unstable-preview1", os.path.join(HERE, "wasi.mjs")],
        renames=False,
    ),
    "windows": Target(
        ["--target=x86_64-windows-gnu", "--cpu=x86-64-v3"], ["x86_64-w64-mingw32-gcc", "-static"], ["wine"]
    ),
}


class Failure(Exception):
    """A step of the way that did not succeed, with what it said."""


@dataclass
class Compiled:
    """A model's archive, contract and memory map, and what it took to make them."""

    archive: str
    contract: dict
    memory: dict
    prefix: str
    seconds: float
    peak_bytes: int


def limit_memory(size: int):
    """For a child: so much address space, that a runaway ends as a failure and not the machine's."""
    return lambda: resource.setrlimit(resource.RLIMIT_AS, (size, size))


def run(command: list[str], timeout: int, memory: int = 0) -> tuple[str, float, int]:
    """Standard output, seconds and peak resident bytes of a command. Failure where it fails or takes too long."""
    start = time.time()
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=limit_memory(memory) if memory else None,
    )
    try:
        output, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired as late:
        process.kill()
        process.communicate()
        raise Failure(f"not done after {timeout} s") from late
    if process.returncode != 0:
        lines = [line for line in output.splitlines() if line.strip()] or [f"exit status {process.returncode}"]
        named = [line for line in lines if "error" in line] or lines[-1:]
        raise Failure(named[0])
    return output, time.time() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


def compile_model(
    mlc: str, model: str, name: str, out: str, target: str, dims: dict, timeout: int, options: tuple[str, ...] = ()
) -> Compiled:
    """Runs `mlc compile`, with further options, and holds the contract to its schema. Peak memory is that of the largest child so far: one process a model."""
    prefix = "p_" + re.sub(r"\W", "_", name)
    os.makedirs(out, exist_ok=True)
    memory_map = os.path.join(out, "memory.json")
    command = [mlc, "compile", model, "-q", "-o", out, f"--prefix={prefix}", f"--memory-map={memory_map}"]
    command += [*TARGETS[target].flags, *options]
    command += [f"--dim={key}={size}" for key, size in dims.items()]
    _, seconds, peak = run(command, timeout)
    with open(memory_map, encoding="utf-8") as file:
        memory = json.load(file)
    with open(os.path.join(out, f"{prefix}.json"), encoding="utf-8") as file:
        contract = json.load(file)
    contract_schema.validate(contract)
    return Compiled(os.path.join(out, f"lib{prefix}.a"), contract, memory, prefix, seconds, peak)


@functools.lru_cache(maxsize=None)
def objects_of(target: str, model: str) -> tuple[tempfile.TemporaryDirectory, list[str]]:
    """The runner of `model` and what of the runtime is not the archive's, compiled once, and the folder that they are in."""
    folder = tempfile.TemporaryDirectory()
    flags = ["-std=c11", "-O2", f"-DMLC_RUNNER_MODEL={model}", "-I", os.path.join(ROOT, "runtime/include"), "-c"]
    sources = [os.path.join(HERE, "runner.c"), *(os.path.join(ROOT, "runtime/src", s) for s in TARGETS[target].sources)]
    objects = [os.path.join(folder.name, os.path.basename(source) + ".o") for source in sources]
    for source, compiled in zip(sources, objects):
        run([*TARGETS[target].compiler, *flags, source, "-o", compiled], 120)
    return folder, objects


def link(compiled: Compiled, target: str) -> str:
    """The runner, linked with the archive. What it calls its model is that of the archive."""
    binary = compiled.archive[:-2] + ".run"
    model = f"{compiled.prefix}_model"
    symbols = [f"-Wl,--undefined={model}", f"-Wl,--defsym=runner_model={model}"] if TARGETS[target].renames else []
    _, objects = objects_of(target, "runner_model" if symbols else model)
    run([*TARGETS[target].compiler, *symbols, *objects, compiled.archive, "-lm", "-o", binary], 120)
    return binary


def execute(
    binary: str, target: str, inputs: list[np.ndarray], outputs: list[tuple[tuple, np.dtype]], timeout: int
) -> tuple[list[np.ndarray], dict]:
    """Runs all samples in one process. `outputs` are shapes (samples first) and types; returns values and the report."""
    folder = os.path.dirname(binary)
    files = []
    for i, values in enumerate(inputs):
        files.append(os.path.join(folder, f"input_{i}.bin"))
        values.tofile(files[-1])
    results = [os.path.join(folder, f"output_{i}.bin") for i in range(len(outputs))]
    command = [*TARGETS[target].launcher, binary, str(len(inputs[0])), *files, *results]
    output, _, _ = run(command, timeout)
    values = [np.fromfile(path, dtype).reshape(shape) for path, (shape, dtype) in zip(results, outputs)]
    for path in files + results:
        os.remove(path)
    return values, json.loads(output.splitlines()[-1])
