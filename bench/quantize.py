"""Accuracy of quantised models: mlc's, and those of other tools, on the same samples, scored by the same judge.

    bench/setup nncf inc                                # the other tools, pinned, from PyPI
    bench/quantize                                      # every task and tool; minutes
    bench/quantize cifar10_resnet8 kws --tools mlc-int8,onnxruntime-minmax --json table.json
    bench/quantize cifar10_resnet20 --tools float,mlc-zeros70,magnitude-zeros70
    bench/quantize cifar10_resnet20 --tools float,mlc-channels20,magnitude-channels20 --time
    bench/quantize cifar10_resnet20 --tools float,mlc-factorize30,svd-factorize30 --time

Each tool calibrates with the same samples (--samples), none of which is scored (bench/quantize_tasks.py). A row has the accuracy
in percent, the percent of samples on which it agrees with the float model, the SQNR of its output in dB, the bytes of its
weights, and the seconds that quantising took. `mlc eval` scores: it computes exactly what the file says, on any CPU;
onnxruntime's kernels saturate on x86 without VNNI. --judge=onnxruntime scores with these, for comparison.

mlc-unseen is `mlc quantize --calibration=none`, which gets no samples.

mlc-zeros70 is `mlc prune --sparsity=0.7`, and magnitude-zeros70 the float model with the 70 % of each layer's weights zero that
are smallest; both with 50, 70, 80 or 90, and only when named. Their bytes are those of the weights that are left, as floats.

mlc-channels20 is `mlc prune --pattern=channels --sparsity=0.2`, and magnitude-channels20 the float model without as many channels
of each group, those of least L1 norm (bench/channels.py); both with 10, 20, 30 or 50, and only when named.

mlc-factorize30 is `mlc factorize --saving=0.3`, of what layers take by themselves on this machine (--cost=macs counts
multiplications instead), and svd-factorize30 the float model with the same layers as products of the same kinds and ranks, by the
weights alone (bench/factors.py); both with 10, 20, 30, 40, 50 or 60, and only when named.

--time adds how many times faster than the float model mlc's library is, one sample at a time on one thread: the best of runs that
take turns.

Behind mlc's rows stands what is asked of it where it falls short; the exit status is then 1. Tools that are not installed, or
fail on a model, are named with the reason.
"""
from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnx
from onnx import numpy_helper

import channels
import factors
from quantize_tasks import SHARED, TASKS, Data, Task

HERE = os.path.dirname(os.path.abspath(__file__))
OURS = {"mlc-int8": [], "mlc-int4": ["--weights=int4"], "mlc-unseen": []}
UNSEEN_LOSS = 0.3  # points that mlc-unseen may lose to mlc-int8
OTHERS = ["onnxruntime-minmax", "onnxruntime-entropy", "onnxruntime-percentile", "nncf", "inc"]
TOOLS = ["float", *OTHERS, *OURS]
SHARES = (50, 70, 80, 90)
PRUNERS = [f"{kind}-zeros{share}" for kind in ("mlc", "magnitude") for share in SHARES]
CHANNELS = [f"{kind}-channels{share}" for kind in ("mlc", "magnitude") for share in (10, 20, 30, 50)]
FACTORIZERS = [f"{kind}-factorize{share}" for kind in ("mlc", "svd") for share in (10, 20, 30, 40, 50, 60)]
NAMED = [*PRUNERS, *CHANNELS, *FACTORIZERS]  # only when named


class Failure(Exception):
    """Why a tool gives no row."""


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench/quantize", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tasks", nargs="*", help=f"of {', '.join(TASKS)}; default: all")
    parser.add_argument("--tools", default=",".join(TOOLS),
                        help=f"of {', '.join(TOOLS + NAMED)}; default: all that quantise")
    parser.add_argument("--samples", type=int, default=256, help="that calibrate, at most (256)")
    parser.add_argument("--judge", choices=["mlc", "onnxruntime"], default="mlc")
    parser.add_argument("--time", action="store_true", help="how much faster than the float model each model runs")
    parser.add_argument("--cost", default="ms", help="what mlc factorize saves (ms)")
    parser.add_argument("--options", default="", help="more options of mlc quantize, separated by spaces")
    parser.add_argument("--timeout", type=float, default=1800, help="seconds that a tool may take (1800)")
    parser.add_argument("--json", metavar="FILE", help="write all rows")
    parser.add_argument("--keep", metavar="FOLDER", help="keep models and samples there")
    parser.add_argument("--mlc", default=os.path.join(HERE, "../build/bin/mlc"))
    arguments = parser.parse_args()
    arguments.tools = arguments.tools.split(",")
    arguments.mlc = os.path.abspath(arguments.mlc)
    for name in arguments.tasks:
        if name not in TASKS:
            parser.error(f"no task '{name}'")
    for name in arguments.tools:
        if name not in TOOLS + NAMED:
            parser.error(f"no tool '{name}'")
    return arguments


def execute(words: list[str], seconds: float, folder: str | None = None) -> str:
    """Standard output of a program in a folder; what it says last where it fails."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=seconds, cwd=folder)
    except subprocess.TimeoutExpired:
        raise Failure(f"took more than {seconds:g} s") from None
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise Failure(lines[-1][:150] if lines else f"status {done.returncode}")
    return done.stdout


def environment(tool: str) -> str:
    """The Python that has a tool."""
    if tool.startswith("onnxruntime"):
        return sys.executable
    python = execute([os.path.join(HERE, "setup"), "--print", tool], 60).strip()
    if not os.path.exists(os.path.join(os.path.dirname(python), "../complete")):
        raise Failure(f"not installed; bench/setup {tool} does it")
    return python


def prune_by_magnitude(source: str, share: float, target: str) -> None:
    """That share of each constant of two dimensions and more is zero, the smallest."""
    model = onnx.load(source)
    for tensor in model.graph.initializer:
        weights = numpy_helper.to_array(tensor).copy()
        if weights.ndim > 1 and weights.dtype == np.float32:
            weights[np.abs(weights) <= np.quantile(np.abs(weights), share)] = 0
            tensor.CopyFrom(numpy_helper.from_array(weights, tensor.name))
    onnx.save(model, target)


def left_bytes(path: str) -> int:
    """Of constants that are not zero."""
    constants = onnx.load(path).graph.initializer
    return sum(np.count_nonzero(array) * array.itemsize for array in map(numpy_helper.to_array, constants))


def weight_bytes(path: str) -> int:
    """Of all constants, of which 4-bit ones take half a byte."""
    model = onnx.load(path)
    tensors = list(model.graph.initializer)
    tensors += [item.t for node in model.graph.node for item in node.attribute if item.HasField("t")]
    total = 0
    for tensor in tensors:
        if tensor.data_type in (onnx.TensorProto.INT4, onnx.TensorProto.UINT4):
            total += (int(np.prod(tensor.dims)) + 1) // 2
        else:
            total += numpy_helper.to_array(tensor).nbytes
    return total


class Bench:
    """One task: its files, and how its models score."""

    def __init__(self, task: Task, folder: str, arguments: argparse.Namespace) -> None:
        self.arguments = arguments
        self.folder = folder
        self.data: Data = task.load()
        self.float_model = f"{SHARED}/models/{self.data.model}.onnx"
        model = onnx.load(self.float_model)
        constants = {tensor.name for tensor in model.graph.initializer}
        first = next(value for value in model.graph.input if value.name not in constants)
        self.input = first.name
        # mlc finds the batch by itself, no other size.
        inner = first.type.tensor_type.shape.dim[1:]
        sizes = "x".join(str(size) for size in (1, *self.data.test.shape[1:]))
        self.shape = [f"--shape={self.input}={sizes}"] if any(not dim.dim_value for dim in inner) else []
        self.calibration, self.test = f"{folder}/calibration.npz", f"{folder}/test.npz"
        np.savez(self.calibration, **{self.input: self.data.calibration[: arguments.samples]})
        labels = self.data.labels.astype(np.int64)
        np.savez(self.test, **{self.input: self.data.test, "labels": labels})

    def quantize(self, tool: str, target: str) -> str:
        """A remark on how it went."""
        if tool in PRUNERS:
            return self.prune(tool, target)
        if tool in CHANNELS:
            return self.remove_channels(tool, target)
        if tool in FACTORIZERS:
            return self.factorize(tool, target)
        if tool in OURS:
            options = OURS[tool] + self.arguments.options.split()
            samples = "none" if tool == "mlc-unseen" else self.calibration
            words = [self.arguments.mlc, "quantize", self.float_model, "--calibration", samples, "-o", target]
            execute(words + ["-q"] + self.shape + options, self.arguments.timeout)
            return ""
        script = os.path.join(HERE, "quantizers.py")
        words = [environment(tool), "-B", script, tool, self.float_model, self.calibration, target]
        lines = execute(words, self.arguments.timeout, self.folder).splitlines()
        return next((line for line in lines if line.startswith("per tensor")), "")

    def prune(self, tool: str, target: str) -> str:
        kind, share = tool.split("-zeros")
        if kind == "magnitude":
            prune_by_magnitude(self.float_model, int(share) / 100, target)
            return ""
        words = [self.arguments.mlc, "prune", self.float_model, "--calibration", self.calibration, "-o", target]
        execute([*words, "-q", f"--sparsity={int(share) / 100}", *self.shape], self.arguments.timeout)
        return ""

    def channels_file(self, tool: str) -> str:
        return f"{self.folder}/mlc-channels{tool.split('-channels')[1]}.onnx"

    def remove_channels(self, tool: str, target: str) -> str:
        """Ours first: the other one goes by its report."""
        ours = self.channels_file(tool)
        if tool.startswith("mlc") or not os.path.exists(ours):
            words = [self.arguments.mlc, "prune", self.float_model, "--calibration", self.calibration, "-o", ours, "-q"]
            words += ["--pattern=channels", f"--sparsity={int(tool.split('-channels')[1]) / 100}", f"--report={ours}.json"]
            execute(words + self.shape, self.arguments.timeout)
        if tool.startswith("magnitude"):
            channels.prune_by_magnitude(self.float_model, f"{ours}.json", target)
        return ""

    def factors_file(self, tool: str) -> str:
        return f"{self.folder}/mlc-factorize{tool.split('-factorize')[1]}.onnx"

    def factorize(self, tool: str, target: str) -> str:
        """Ours first, as for channels."""
        ours = self.factors_file(tool)
        if tool.startswith("mlc") or not os.path.exists(ours):
            words = [self.arguments.mlc, "factorize", self.float_model, "--calibration", self.calibration, "-o", ours, "-q"]
            words += [f"--saving={int(tool.split('-factorize')[1]) / 100}", f"--cost={self.arguments.cost}", f"--report={ours}.json"]
            execute(words + self.shape, self.arguments.timeout)
        if tool.startswith("svd"):
            factors.factorize_plainly(self.float_model, f"{ours}.json", target)
        return ""

    def milliseconds(self, model: str) -> float:
        words = [self.arguments.mlc, "bench", model, "-q", "--json=-", "--seconds=0.5", "--threads=1"]
        report = json.loads(execute(words + (self.shape or ["--batch=1"]), self.arguments.timeout))
        return report["best_ms"]

    def speed(self, model: str) -> float:
        """Times that of the float model."""
        rounds = [(self.milliseconds(self.float_model), self.milliseconds(model)) for _ in range(3)]
        return min(base for base, _ in rounds) / min(own for _, own in rounds)

    def bytes(self, tool: str, target: str) -> int:
        if tool in CHANNELS:
            return weight_bytes(self.channels_file(tool))
        if tool in FACTORIZERS:
            return weight_bytes(self.factors_file(tool))
        return left_bytes(target) if tool in PRUNERS else weight_bytes(target)

    def score(self, model: str) -> dict:
        if self.arguments.judge == "onnxruntime":
            return self.score_with_onnxruntime(model)
        words = [self.arguments.mlc, "eval", model, "--data", self.test, "--metric=top1", "--reference", self.float_model]
        report = json.loads(execute(words + ["-q", "--json=-"] + self.shape, self.arguments.timeout))
        sqnr = next(output["sqnr"] for output in report["outputs"] if output["name"] == report["output"])
        return {"accuracy": report["value"], "agreement": report["agreement"], "sqnr": sqnr}

    def score_with_onnxruntime(self, model: str) -> dict:
        import onnxruntime

        def outputs(path: str) -> np.ndarray:
            session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
            rows = [session.run(None, {self.input: row[None]})[0] for row in self.data.test]
            return np.concatenate(rows).reshape(len(rows), -1).astype(np.float64)

        try:
            found, wanted = outputs(model), outputs(self.float_model)
        except Exception as error:
            raise Failure(str(error).splitlines()[0][:150]) from None
        noise = np.square(found - wanted).sum()
        return {
            "accuracy": 100 * float((found.argmax(1) == self.data.labels).mean()),
            "agreement": 100 * float((found.argmax(1) == wanted.argmax(1)).mean()),
            "sqnr": 10 * float(np.log10(np.square(wanted).sum() / noise)) if noise else None,
        }

    def row(self, tool: str) -> dict:
        target = self.float_model if tool == "float" else f"{self.folder}/{tool}.onnx"
        start = time.monotonic()
        remark = "" if tool == "float" else self.quantize(tool, target)
        seconds = time.monotonic() - start
        if self.arguments.time and not tool.startswith(("magnitude-channels", "svd")):
            remark += f" {self.speed(target):.2f} times as fast"
        return {**self.score(target), "bytes": self.bytes(tool, target), "seconds": seconds, "remark": remark.strip()}


def asked_accuracy(task: Task, tool: str, seen: dict[str, float]) -> float:
    """Of a row of ours, where other rows have the accuracies `seen`; 0 where nothing is asked."""
    if tool == "mlc-unseen":
        return seen["mlc-int8"] - UNSEEN_LOSS if task.unseen and "mlc-int8" in seen else 0.0
    asked = {"mlc-int8": task.int8, "mlc-int4": task.int4}.get(tool, 0.0)
    return asked if asked >= 0 else seen["float"] + asked if "float" in seen else 0.0


def shortfall(task: Task, tool: str, row: dict, seen: dict[str, float]) -> str:
    """What is asked of a row of ours and not there, "" where all is."""
    missing = []
    asked = asked_accuracy(task, tool, seen)
    # What is asked is given to a tenth or hundredth of a percent.
    if row["accuracy"] < asked - 0.005:
        missing.append(f"{asked:.2f} %")
    if tool == "mlc-int8" and task.agreement and row["agreement"] < task.agreement - 0.005:
        missing.append(f"agreement {task.agreement:.1f} %")
    return "asked: " + ", ".join(missing) if missing else ""


def run_task(name: str, folder: str, arguments: argparse.Namespace) -> list[dict]:
    task = TASKS[name]
    bench = Bench(task, folder, arguments)
    print(f"{name}: {len(bench.data.test)} scored, {min(arguments.samples, len(bench.data.calibration))} calibrate")
    results = []
    seen: dict[str, float] = {}
    for tool in arguments.tools:
        result = {"task": name, "tool": tool}
        results.append(result)
        try:
            row = bench.row(tool)
        except Failure as failure:
            result["failure"] = str(failure)
            print(f"  {tool:24}{failure}", flush=True)
            continue
        seen[tool] = row["accuracy"]
        result.update(row, shortfall=shortfall(task, tool, row, seen))
        sqnr = "  same" if row["sqnr"] is None else f"{row['sqnr']:6.1f}"
        print(
            f"  {tool:24}{row['accuracy']:7.2f} %{row['agreement']:9.2f} %{sqnr} dB{row['bytes']:11,} B{row['seconds']:8.1f} s"
            f"  {row['remark'] or result['shortfall']}",
            flush=True,
        )
    return results


def main() -> int:
    arguments = parse_arguments()
    if not os.path.isdir(f"{SHARED}/data"):
        print("bench/quantize: no folder of models and data; MLC_SHARED names it", file=sys.stderr)
        return 1
    results = []
    for name in arguments.tasks or TASKS:
        with tempfile.TemporaryDirectory() as scratch:
            folder = os.path.abspath(os.path.join(arguments.keep, name)) if arguments.keep else scratch
            os.makedirs(folder, exist_ok=True)
            results += run_task(name, folder, arguments)
    if arguments.json:
        with open(arguments.json + ".partial", "w") as file:
            json.dump(results, file, indent=2)
        os.replace(arguments.json + ".partial", arguments.json)
    return 1 if any(result.get("shortfall") for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
