"""Times mlc and other engines side by side: the same networks, inputs and cores, interleaved, each in a process of its own.

    bench/setup                                                     once
    bench/compare --nets all --engines all --threads 1,2 --rounds 3
    bench/compare --nets resnet50,vgg16 --engines onnxruntime,mnn
    bench/compare --cpu x86-64-v3               mlc's AVX2 code, whatever the others take
    bench/compare --precision int8              networks that onnxruntime's own tool has quantised; engines that read them
    bench/compare --precision int8 --floats     mlc's f32 code of the float networks beside
    bench/compare --busy                        the processor's time of one thread, where others use the machine
    bench/compare --precision bf16              mlc and OpenVINO multiply bf16, ncnn stores it, onnxruntime has f32 alone
    bench/compare --precision f16               the same of mlc and OpenVINO with f16; --floats goes with both

For each network: fill it, prepare it for each engine, run each once and compare all outputs with the first engine's; then
rounds, in each of which every engine runs for --seconds, and the machine's f32 peak and read bandwidth are measured by `mlc
bench`. The best run of an engine's rounds counts; the spread is how much worse the best of its worst round was. An engine that
fails or disagrees is named, with the reason, and takes no part; the exit status is then 1.

`ratio` is mlc's time over the best peer's, `of peak` what mlc reaches of the measured f32 peak on nominal multiply-adds (of
f32 alone); `x f32`, with --floats, how much faster it is than its own f32 code. Behind the
times comes the memory that each process had resident at most.
"""
from __future__ import annotations

import argparse
import dataclasses
import glob
import json
import math
import os
import subprocess
import sys
import time

import numpy as np

import engines
from engines import Failure, PEERS, Sample

OURS = "mlc"
# Ours of the float network.
FLOATS = "mlc f32"
# Of the output's largest magnitude, by precision. Sums in another order move the outputs of deep networks by up to 1e-4;
# one of them is chaotic (see test/parity/models.json). A wrong kernel is wrong by far more. Of quantised networks engines
# keep different parts in floats and round steps differently, which random weights carry on to the end. Those of
# ghostnet carry the 8 bits of bf16 so far, in any engine.
TOLERANCE = {"f32": 5e-3, "int8": 0.5, "bf16": 0.5, "f16": 0.1}


def tool_parser(name: str, description: str | None, rounds: int) -> argparse.ArgumentParser:
    """The options that all tools of this folder have that time networks."""
    parser = argparse.ArgumentParser(
        prog=f"bench/{name}", description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    shared = os.environ.get("MLC_SHARED") or os.path.join(engines.ROOT, "../shared")
    parser.add_argument("--nets", default="all", help="names, or all (default)")
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--folder", default=os.path.join(shared, "nets"), help="of NAME.onnx, and fill.py if they need it")
    parser.add_argument("--mlc", default=os.path.join(engines.ROOT, "build/bin/mlc"))
    parser.add_argument("--cpu", default="native", help="that mlc generates code for (default: native), see mlc targets")
    parser.add_argument("--work", default=os.path.join(engines.ROOT, "build/bench"), help="folder for what is made")
    return parser


def parse_arguments() -> argparse.Namespace:
    parser = tool_parser("compare", __doc__, rounds=3)
    parser.add_argument("--engines", default="all", help=f"of {', '.join(e.name for e in PEERS)}, or all (default)")
    parser.add_argument("--precision", default="f32", choices=list(TOLERANCE), help="of the networks (default: f32)")
    parser.add_argument("--threads", default="1", help="1 (default), 2 or 1,2")
    parser.add_argument("--seconds", type=float, default=1.5, help="of each engine in each round")
    parser.add_argument("--floats", action="store_true", help="time mlc's f32 code of the same networks too")
    parser.add_argument("--busy", action="store_true", help="time what a thread has of its core, not the clock: one thread only")
    parser.add_argument("--json", default=None, help="file for the report (default: WORK/compare.json)")
    return parser.parse_args()


def chosen(wanted: str, known: list[str], what: str) -> list[str]:
    if wanted == "all":
        return known
    names = [name for name in wanted.split(",") if name]
    for name in names:
        if name not in known:
            sys.exit(f"bench/compare: no {what} '{name}'; known are {', '.join(known) or 'none'}")
    return names


def known_networks(folder: str) -> list[str]:
    return sorted(os.path.basename(file)[:-5] for file in glob.glob(os.path.join(folder, "*.onnx")))


def fill(name: str, folder: str, work: str) -> str:
    """The network with weights: made once where the folder has a script that makes them."""
    script = os.path.join(folder, "fill.py")
    if not os.path.exists(script):
        return os.path.join(folder, name + ".onnx")
    target = os.path.join(work, "filled", name + ".onnx")
    if not os.path.exists(target):
        engines.execute([sys.executable, script, os.path.dirname(target), name], 600)
    return target


def machine_limits(arguments: argparse.Namespace, core: int) -> dict:
    """What `mlc bench` measures on the core that the engines run on."""
    report = os.path.join(arguments.work, "machine.json")
    model = os.path.join(engines.ROOT, "examples/digits/digits.onnx")
    command = [arguments.mlc, "bench", model, f"--cpu={arguments.cpu}", "--dim=N=1", "--runs=3", "-q", f"--json={report}"]
    engines.execute(engines.pinned([core], command), 120)
    with open(report, encoding="utf-8") as file:
        return json.load(file)


class Entry:
    """One engine's part in one network's comparison."""

    def __init__(self, name: str, run):
        self.name, self.run = name, run
        self.rounds: list[list[float]] = []
        self.peak_mib = 0.0
        self.difference = 0.0

    def add(self, sample: Sample) -> None:
        self.rounds.append(sample.ms)
        self.peak_mib = max(self.peak_mib, sample.peak_mib)

    @property
    def best(self) -> float:
        return min(min(times) for times in self.rounds)

    @property
    def spread(self) -> float:
        return max(min(times) for times in self.rounds) / self.best - 1

    def report(self) -> dict:
        return {
            "best_ms": self.best,
            "median_ms": float(np.median(np.concatenate(self.rounds))),
            "spread": self.spread,
            "rounds_best_ms": [min(times) for times in self.rounds],
            "runs": sum(map(len, self.rounds)),
            "peak_mib": self.peak_mib,
            "difference": self.difference,
        }


class Comparison:
    """All engines on one network."""

    def __init__(self, name: str, arguments: argparse.Namespace, peers: list[engines.Engine]):
        self.name, self.arguments, self.peers = name, arguments, peers
        self.failures: dict[str, str] = {}
        self.net = engines.load_network(
            name, fill(name, arguments.folder, arguments.work), os.path.join(arguments.work, name)
        )
        self.floats = None
        if arguments.floats:
            self.floats = engines.load_network(name, self.net.file, self.net.path("float"))
        if arguments.precision == "int8":
            self.net = dataclasses.replace(self.net, file=engines.quantize(self.net))
        self.prepared: dict[str, str] = {}
        self.compile_seconds = 0.0
        self.contract: dict = {}

    def prepare(self) -> None:
        for peer in self.peers:
            self.attempt(peer.name, lambda: peer.prepare(self.net))
        start = time.time()
        precision = "f32" if self.arguments.precision == "int8" else self.arguments.precision
        self.attempt(OURS, lambda: engines.prepare_mlc(self.net, self.arguments.mlc, self.arguments.cpu, precision))
        self.compile_seconds = time.time() - start
        if self.floats:
            self.attempt(FLOATS, lambda: engines.prepare_mlc(self.floats, self.arguments.mlc, self.arguments.cpu, "f32"))
        contract = self.net.path("mlc/net.json")
        if OURS in self.prepared:
            with open(contract, encoding="utf-8") as file:
                self.contract = json.load(file)

    def attempt(self, name: str, step) -> None:
        try:
            self.prepared[name] = step()
        except (Failure, OSError) as error:
            self.failures[name] = str(error)

    def entries(self, cores: list[int], seconds: float) -> list[Entry]:
        def runner(name: str, run, net=self.net):
            return Entry(name, lambda length: run(self.prepared[name], net, cores, length))

        def peer_run(peer: engines.Engine):
            return lambda *parts: peer.run(*parts, self.arguments.precision)

        result = [runner(peer.name, peer_run(peer)) for peer in self.peers if peer.name in self.prepared]
        if OURS in self.prepared:
            result.append(runner(OURS, engines.run_mlc))
        if FLOATS in self.prepared:
            result.append(runner(FLOATS, engines.run_mlc, self.floats))
        return result

    def agreeing(self, entries: list[Entry], failures: dict[str, str]) -> list[Entry]:
        """Those whose output is the first's."""
        reference, good = None, []
        for entry in entries:
            try:
                output = entry.run(0).output.astype("f8")
            except (Failure, OSError, ValueError) as error:
                failures[entry.name] = str(error)
                continue
            reference = output if reference is None else reference
            if output.shape != reference.shape or not np.isfinite(output).all():
                failures[entry.name] = f"gives {output.size} numbers, not all finite, or not {reference.size}"
                continue
            entry.difference = float(np.abs(output - reference).max() / (np.abs(reference).max() or 1))
            if entry.name != FLOATS and entry.difference > TOLERANCE[self.arguments.precision]:
                failures[entry.name] = f"differs by {entry.difference:.1e} of the output's scale"
                continue
            good.append(entry)
        return good

    def run(self, cores: list[int]) -> dict:
        failures = dict(self.failures)
        entries = self.agreeing(self.entries(cores, self.arguments.seconds), failures)
        peak, read = 0.0, 0.0
        for _ in range(self.arguments.rounds):
            limits = machine_limits(self.arguments, cores[0])
            peak, read = max(peak, limits["peak_gflops"]), max(read, limits["read_gb_per_s"])
            entries = self.time(entries, failures)
        return self.report(cores, entries, failures, peak, read)

    def time(self, entries: list[Entry], failures: dict[str, str]) -> list[Entry]:
        """One round; those that got through it."""
        good = []
        for entry in entries:
            try:
                entry.add(entry.run(self.arguments.seconds))
                good.append(entry)
            except (Failure, OSError, ValueError) as error:
                failures[entry.name] = str(error)
        return good

    def report(self, cores: list[int], entries: list[Entry], failures: dict, peak: float, read: float) -> dict:
        rows = {entry.name: entry.report() for entry in entries}
        macs = self.contract.get("macs", 0)
        result = {
            "network": self.name,
            "threads": len(cores),
            "macs": macs,
            "engines": rows,
            "failures": failures,
            "peak_gflops": peak,
            "read_gb_per_s": read,
            "compile_seconds": self.compile_seconds,
            "arena_bytes": self.contract.get("memory", {}).get("arena_bytes", self.contract.get("arena_bytes")),
        }
        peers = {name: row["best_ms"] for name, row in rows.items() if name not in (OURS, FLOATS)}
        if peers:
            result["best_peer"] = min(peers, key=peers.get)
        if OURS in rows:
            ours = rows[OURS]["best_ms"]
            is_f32 = self.arguments.precision == "f32"
            result["peak_share"] = 2e-6 * macs / ours / (peak * len(cores)) if peak and is_f32 else None
            if peers:
                result["ratio"] = ours / min(peers.values())
            result["ratios"] = {name: ours / best for name, best in peers.items()}
            if FLOATS in rows:
                result["times_f32"] = rows[FLOATS]["best_ms"] / ours
        return result


def heading(names: list[str]) -> str:
    last = "x f32" if FLOATS in names else "of peak"
    return f"{'network':22}{'GMAC':>7}" + "".join(f"{name:>13}" for name in names) + f"{'ratio':>8}{last:>9}"


def line(result: dict, names: list[str]) -> str:
    cells = []
    for name in names:
        row = result["engines"].get(name)
        cells.append(f"{row['best_ms']:8.2f} {100 * row['spread']:3.0f}%" if row else f"{'-':>13}")
    ratio = f"{result['ratio']:8.2f}" if "ratio" in result else f"{'-':>8}"
    share = f"{100 * result['peak_share']:8.0f}%" if result.get("peak_share") else f"{'-':>9}"
    if "times_f32" in result:
        share = f"{result['times_f32']:9.2f}"
    return f"{result['network']:22}{result['macs'] / 1e9:7.3f}" + "".join(f"{c:>13}" for c in cells) + ratio + share


def on_threads(results: list[dict]) -> str:
    """What a line says of its threads, with the speed-up of mlc over the network's first line; nothing for one thread."""
    last, times = results[-1], [r["engines"][OURS]["best_ms"] for r in results if OURS in r["engines"]]
    if last["threads"] == 1:
        return ""
    if len(times) < 2 or results[0]["threads"] != 1:
        return f"  {last['threads']} threads"
    last["speedup"] = times[0] / times[-1]
    return f"  {last['threads']} threads, mlc {last['speedup']:.2f} times as fast as with one"


def memory_table(results: list[dict], names: list[str]) -> list[str]:
    """Peak resident memory of each engine's process, MiB, and mlc's arena, which is all that it writes."""
    lines = [f"{'peak memory, MiB':29}" + "".join(f"{name:>13}" for name in names) + f"{'arena':>8}"]
    for result in results:
        cells = [result["engines"].get(name, {}).get("peak_mib") for name in names]
        arena = (result.get("arena_bytes") or 0) / 2**20
        lines.append(
            f"{result['network']:29}" + "".join(f"{c:13.1f}" if c else f"{'-':>13}" for c in cells) + f"{arena:8.1f}"
        )
    return lines


def geometric_mean(values: list[float]) -> float | None:
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


def describe_machine(arguments: argparse.Namespace, core: int) -> dict:
    limits = machine_limits(arguments, core)
    return {
        "cpu": limits["cpu"],
        "target": limits["target"],
        "vector_bits": limits["vector_bits"],
        "cores": os.cpu_count(),
        "load_at_start": os.getloadavg()[0],
    }


def revision() -> str:
    done = subprocess.run(["git", "-C", engines.ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True)
    return done.stdout.strip()


def peers_of(wanted: str, precision: str) -> tuple[list[engines.Engine], dict[str, str]]:
    """The engines that are installed and take networks of the precision, and why others are not there."""
    able = [engine for engine in PEERS if precision in engine.precisions]
    names = chosen(wanted, [engine.name for engine in able], f"engine for {precision}")
    there, missing = [], {}
    for engine in able:
        if engine.name not in names:
            continue
        try:
            engines.environment(engine.env)
            there.append(engine)
        except Failure as error:
            missing[engine.name] = str(error)
    return there, missing


def columns(arguments: argparse.Namespace, peers: list[engines.Engine]) -> list[str]:
    return [peer.name for peer in peers] + [OURS] + [FLOATS] * arguments.floats


def means(results: list[dict]) -> dict:
    """Geometric means of what mlc takes over the best peer, over each of them, and of f32 over what it takes."""
    names = sorted({name for result in results for name in result.get("ratios", {})})
    values = {
        "best": [r["ratio"] for r in results if "ratio" in r],
        **{name: [r["ratios"][name] for r in results if name in r.get("ratios", {})] for name in names},
        "times_f32": [r["times_f32"] for r in results if "times_f32" in r],
    }
    return {name: geometric_mean(ratios) for name, ratios in values.items() if ratios}


def compare(name: str, arguments: argparse.Namespace, peers: list[engines.Engine], core_lists: list[list[int]]) -> list[dict]:
    """Results of one network, one for each number of threads; a broken network is a result with nothing but failures."""
    names = columns(arguments, peers)
    results = []
    try:
        comparison = Comparison(name, arguments, peers)
        comparison.prepare()
        for cores in core_lists:
            results.append(comparison.run(cores))
            print(line(results[-1], names) + on_threads(results), flush=True)
    except Failure as error:
        results.append({"network": name, "macs": 0, "threads": 0, "engines": {}, "failures": {"all": str(error)}})
    for engine, reason in results[-1]["failures"].items():
        print(f"  {engine}: {reason}", flush=True)
    return results


def main() -> int:
    arguments = parse_arguments()
    os.makedirs(arguments.work, exist_ok=True)
    nets = chosen(arguments.nets, known_networks(arguments.folder), "network")
    peers, missing = peers_of(arguments.engines, arguments.precision)
    cores = sorted(os.sched_getaffinity(0), reverse=True)
    counts = [int(n) for n in arguments.threads.split(",")]
    if not counts or min(counts) < 1 or max(counts) > len(cores):
        sys.exit(f"bench/compare: --threads={arguments.threads}: numbers from 1 to {len(cores)} are required")
    if arguments.floats and arguments.precision == "f32":
        sys.exit("bench/compare: --floats goes with another --precision than f32")
    if arguments.busy and counts != [1]:
        sys.exit(f"bench/compare: --busy times one thread, --threads={arguments.threads} is given")
    # Read by driver.c and worker.py.
    os.environ["BENCH_CLOCK"] = "processor" if arguments.busy else "wall"
    report = {
        "machine": describe_machine(arguments, cores[0]),
        "revision": revision(),
        "versions": {peer.name: engines.versions(peer) for peer in peers},
        "missing": missing,
        "precision": arguments.precision,
        "rounds": arguments.rounds,
        "seconds": arguments.seconds,
        "clock": os.environ["BENCH_CLOCK"],
    }
    machine = report["machine"]
    print(f"{machine['cpu']}, code for {machine['target']}, {machine['vector_bits']}-bit vectors, {machine['cores']} cores")
    if arguments.busy:
        print("times are what the processor gave to each process")
    elif machine["load_at_start"] > 0.3:
        print(f"the machine is busy: load {machine['load_at_start']:.1f}; times are worth little")
    for engine, reason in missing.items():
        print(f"{engine}: {reason}")
    print(heading(columns(arguments, peers)), flush=True)
    results = [row for name in nets for row in compare(name, arguments, peers, [cores[:n] for n in counts])]
    report["networks"] = results
    report["geometric_means"] = {str(n): means([r for r in results if r["threads"] == n]) for n in counts}
    report["geometric_mean"] = {n: found.get("best") for n, found in report["geometric_means"].items()}
    for n, found in report["geometric_means"].items():
        mean = found.get("best")
        print(f"geometric mean of the ratio, threads {n}: " + (f"{mean:.3f}" if mean else "-"))
        for name, value in found.items():
            if name != "best":
                print(f"  times as fast as f32: {value:.3f}" if name == "times_f32" else f"  over {name} alone: {value:.3f}")
    print("\n".join(memory_table([r for r in results if r["threads"] == counts[0]], columns(arguments, peers))))
    target = arguments.json or os.path.join(arguments.work, "compare.json")
    with open(target, "w", encoding="utf-8") as file:
        json.dump(report, file, indent=1)
        file.write("\n")
    print(f"report: {target}")
    return 1 if missing or any(r["failures"] for r in results) else 0


if __name__ == "__main__":
    sys.exit(main())
