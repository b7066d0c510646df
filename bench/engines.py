"""How each engine gets from an ONNX file to a process that times it."""
from __future__ import annotations

import functools
import json
import os
import re
import subprocess
from dataclasses import dataclass
from typing import Callable

import numpy as np
import onnx

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)


class Failure(Exception):
    """A step that an engine did not manage, in one line."""


@dataclass(frozen=True)
class Network:
    """One filled network: its file, a folder for what is made of it, and the input that every engine gets."""

    name: str
    file: str
    folder: str
    input_name: str
    output_name: str
    shape: tuple[int, ...]

    def path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    @property
    def data(self) -> str:
        return self.path("input.npy")


@dataclass
class Sample:
    """One process of one engine: its times, and what it computed."""

    ms: list[float]
    peak_mib: float
    output: np.ndarray


def execute(command: list[str], timeout: int, env: dict | None = None) -> str:
    """Standard output of a command; Failure with its first error where it fails, or the last line that it said."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, env={**os.environ, **(env or {})})
    except subprocess.TimeoutExpired as late:
        raise Failure(f"{os.path.basename(command[0])}: not done after {timeout} s") from late
    if done.returncode:
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        said = next((line for line in lines if "error:" in line), lines[-1] if lines else "")
        raise Failure(said[:300] or f"{' '.join(command[:5])}: exit status {done.returncode}")
    return done.stdout


@functools.lru_cache(maxsize=None)
def environment(name: str) -> str:
    """Python of one of bench/setup's environments; Failure where it is not installed."""
    python = execute([os.path.join(HERE, "setup"), "--print", name], 60).strip()
    if not os.path.exists(os.path.join(os.path.dirname(python), "../complete")):
        raise Failure(f"bench/setup {name} has not been run")
    return python


def tool(env: str, name: str) -> str:
    return os.path.join(os.path.dirname(environment(env)), name)


@functools.lru_cache(maxsize=None)
def pnnx() -> str:
    """The program of pnnx's wheel: the package around it cannot be imported without torch."""
    script = "import importlib.util as u; print(u.find_spec('pnnx').submodule_search_locations[0])"
    return os.path.join(execute([environment("peers"), "-c", script], 60).strip(), "pnnx")


def prepare_nothing(net: Network) -> str:
    return net.file


Prepare = Callable[[Network], str]


def read_stamp(path: str, key: list) -> str | None:
    """How the last attempt failed, "" where it did not; None where there was none with this key."""
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        stamp = json.load(file)
    return stamp["failure"] if stamp["key"] == key else None


def write_stamp(path: str, key: list, failure: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"key": key, "failure": failure}, file)


def kept(env: str, name: str) -> Callable[[Prepare], Prepare]:
    """Makes the file `name` of a network once, while neither the network nor the environment changes. What failed is not
    tried again either, since some take an hour to."""

    def decorate(prepare: Prepare) -> Prepare:
        @functools.wraps(prepare)
        def run(net: Network) -> str:
            stamp, about = net.path(name + ".made"), os.stat(net.file)
            key = [os.path.dirname(os.path.dirname(environment(env))), about.st_size, about.st_mtime_ns, *net.shape]
            before = read_stamp(stamp, key)
            if before:
                raise Failure(f"{before} (of an earlier run; delete {stamp} to try again)")
            if before is not None and os.path.exists(net.path(name)):
                return net.path(name)
            try:
                made = prepare(net)
            except Failure as error:
                write_stamp(stamp, key, str(error))
                raise
            write_stamp(stamp, key, "")
            return made

        return run

    return decorate


@kept("peers", "ncnn.ncnn.param")
def prepare_ncnn(net: Network) -> str:
    # pnnx writes beside the model and into the working folder.
    link = net.path("ncnn.onnx")
    if not os.path.exists(link):
        os.symlink(net.file, link)
    shape = "[" + ",".join(map(str, net.shape)) + "]"
    execute([pnnx(), link, f"inputshape={shape}", "fp16=0"], 600)
    return net.path("ncnn.ncnn.param")


@kept("peers", "net.mnn")
def prepare_mnn(net: Network) -> str:
    target = net.path("net.mnn")
    command = [tool("peers", "mnnconvert"), "-f", "ONNX", "--modelFile", net.file, "--MNNModel", target, "--bizCode", "x"]
    execute(command, 600)
    with open(target + ".json", "w", encoding="utf-8") as file:
        json.dump({"input": net.input_name, "output": net.output_name}, file)
    return target


@kept("iree", "net.vmfb")
def prepare_iree(net: Network) -> str:
    text, target = net.path("iree.mlir"), net.path("net.vmfb")
    execute([tool("iree", "iree-import-onnx"), net.file, "-o", text], 600)
    with open(text, encoding="utf-8") as file:
        function = re.search(r"func\.func @([\w$.]+|\"[^\"]+\")", file.read(1 << 20))
    flags = ["--iree-hal-target-device=local", "--iree-hal-local-target-device-backends=llvm-cpu"]
    flags += ["--iree-llvmcpu-target-cpu=host", "--iree-opt-level=O3"]
    # Half of it is the default, which igcv3 exceeds.
    flags += ["--iree-llvmcpu-stack-allocation-limit=65536"]
    execute([tool("iree", "iree-compile"), text, *flags, "-o", target], 900)
    os.remove(text)
    if not function:
        raise Failure("iree-import-onnx wrote no function")
    with open(target + ".json", "w", encoding="utf-8") as file:
        json.dump({"function": function[1].strip('"')}, file)
    return target


@kept("executorch", "net.pte")
def prepare_executorch(net: Network) -> str:
    target = net.path("net.pte")
    script = os.path.join(HERE, "export_executorch.py")
    execute([environment("executorch"), "-B", script, net.file, net.data, target], 900)
    return target


def prepare_mlc(net: Network, mlc: str, cpu: str, precision: str) -> str:
    """The program: driver.c with the thread pool and the compiled network."""
    out = net.path("mlc")
    execute([mlc, "compile", net.file, "-q", "-o", out, "--prefix=net", f"--cpu={cpu}", f"--precision={precision}"], 1800)
    flags = ["-std=c11", "-O2", "-pthread", "-DBENCH_MODEL=net_model", "-I", os.path.join(ROOT, "runtime/include")]
    files = [os.path.join(HERE, "driver.c"), os.path.join(ROOT, "runtime/src/threads.c"), os.path.join(out, "libnet.a")]
    execute([os.environ.get("CC", "cc"), *flags, *files, "-o", net.path("mlc/net")], 300)
    return net.path("mlc/net")


@kept("peers", "int8.onnx")
def quantize(net: Network) -> str:
    """The network as onnxruntime quantises it (quantize_onnx.py)."""
    target = net.path("int8.onnx")
    execute([environment("peers"), "-B", os.path.join(HERE, "quantize_onnx.py"), net.file, net.data, target], 1800)
    return target


def pinned(cores: list[int], command: list[str]) -> list[str]:
    return ["taskset", "-c", ",".join(map(str, cores)), *command]


def run_mlc(program: str, net: Network, cores: list[int], seconds: float) -> Sample:
    raw, output = net.path("input.bin"), net.path("mlc.out")
    np.load(net.data).tofile(raw)
    report = json.loads(execute(pinned(cores, [program, raw, output, str(seconds), str(len(cores))]), 600))
    return Sample(report["ms"], report["peak_mib"], np.fromfile(output, "f4"))


def run_worker(
    env: str, engine: str, prepared: str, net: Network, cores: list[int], seconds: float, precision: str
) -> Sample:
    output = net.path(engine + ".npy")
    command = [environment(env), os.path.join(HERE, "worker.py"), engine, prepared, net.data, output]
    command += [str(seconds), str(len(cores)), precision]
    threads = str(len(cores))
    variables = {"OMP_NUM_THREADS": threads, "IREE_TASK_TOPOLOGY_MAX_GROUP_COUNT": threads}
    text = execute(pinned(cores, command), 900, variables)
    report = json.loads(text.splitlines()[-1])
    return Sample(report["ms"], report["peak_mib"], np.load(output).ravel())


@dataclass(frozen=True)
class Engine:
    """A row of the comparison."""

    name: str
    env: str  # of bench/setup
    prepare: Prepare
    packages: tuple[str, ...]  # whose versions are reported
    precisions: tuple[str, ...] = ("f32",)  # of the networks that it takes

    def run(self, prepared: str, net: Network, cores: list[int], seconds: float, precision: str) -> Sample:
        return run_worker(self.env, self.name, prepared, net, cores, seconds, precision)


PEERS = [
    Engine("onnxruntime", "peers", prepare_nothing, ("onnxruntime",), ("f32", "int8", "bf16", "f16")),
    Engine("openvino", "peers", prepare_nothing, ("openvino",), ("f32", "int8", "bf16", "f16")),
    Engine("ncnn", "peers", prepare_ncnn, ("ncnn", "pnnx"), ("f32", "bf16")),
    Engine("mnn", "peers", prepare_mnn, ("MNN",)),
    Engine("iree", "iree", prepare_iree, ("iree-base-compiler", "iree-base-runtime")),
    Engine("executorch", "executorch", prepare_executorch, ("executorch", "torch")),
]


def versions(engine: Engine) -> dict[str, str]:
    script = "import sys,importlib.metadata as m; print(*[m.version(p) for p in sys.argv[1:]])"
    text = execute([environment(engine.env), "-c", script, *engine.packages], 60)
    return dict(zip(engine.packages, text.split()))


def load_network(name: str, file: str, folder: str) -> Network:
    """Reads names and shape of a network of one input; makes its folder and the input."""
    import zlib

    model = onnx.load(file, load_external_data=False)
    constants = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in constants]
    if len(inputs) != 1:
        raise Failure(f"{name}: {len(inputs)} inputs, one is required")
    shape = tuple(d.dim_value or 1 for d in inputs[0].type.tensor_type.shape.dim)
    os.makedirs(folder, exist_ok=True)
    net = Network(name, os.path.abspath(file), os.path.abspath(folder), inputs[0].name, model.graph.output[0].name, shape)
    values = np.random.RandomState(zlib.crc32(name.encode())).standard_normal(shape)
    np.save(net.data, values.astype("f4"))
    return net
