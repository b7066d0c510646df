"""The models that parity is checked on, and what they are fed: the table `models.json`, read and put to work.

A model's row may give: `dims`, the sizes that symbolic dimensions are bound to; `shapes`, whole shapes by input name, where
dimensions have no names; `values`, inputs that the compiler binds to a value; `feeds`, by input name (see `feed`);
`samples`, how many inputs (networks: one); `rtol` with `atol` or `atol_of_scale` (in units of the output's largest magnitude);
`optimize: false` where the reference is the model as written, not as onnxruntime rewrites it; `note`, why.
"""
from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import wave
import zlib

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(HERE, "models.json"), encoding="utf-8") as _file:
    TABLE = json.load(_file)
GROUPS = ("models", "nets")


def default_shared() -> str:
    """The folder with models/, nets/ and data/: $MLC_SHARED, or `shared` beside the checkout."""
    return os.environ.get("MLC_SHARED") or os.path.join(HERE, "../../../shared")


def names(wanted: list[str]) -> list[str]:
    """All models and networks, or those wanted; a group's name stands for its members."""
    everything = [name for group in GROUPS for name in TABLE[group]]
    if not wanted:
        return everything
    chosen = [name for w in wanted for name in (TABLE[w] if w in GROUPS else [w])]
    unknown = [name for name in chosen if name not in everything]
    if unknown:
        sys.exit(f"unknown model '{unknown[0]}', required: one of {', '.join(everything)}")
    return chosen


def row(name: str) -> dict:
    """What models.json says about a model, defaults filled in."""
    group = next(group for group in GROUPS if name in TABLE[group])
    samples = {"samples": 1} if group == "nets" else {}
    return {**TABLE["defaults"], **samples, **TABLE[group][name]}


def bindings(row: dict) -> tuple[str, ...]:
    """The options of `mlc` that bind whole shapes and values of inputs."""
    shapes = [f"--shape={name}={'x'.join(map(str, shape))}" for name, shape in row.get("shapes", {}).items()]
    return (*shapes, *(f"--value={name}={value}" for name, value in row.get("values", {}).items()))


def model_file(name: str, shared: str, work: str) -> str:
    """The .onnx file of a model; networks get their weights in WORK first."""
    if name in TABLE["models"]:
        return os.path.join(shared, "models", name + ".onnx")
    filled = os.path.join(work, "nets", name + ".onnx")
    if not os.path.exists(filled):
        script = os.path.join(shared, "nets", "fill.py")
        subprocess.run([sys.executable, script, os.path.dirname(filled), name], check=True, stdout=subprocess.DEVNULL)
    return filled


@functools.lru_cache(maxsize=None)
def stored(name: str, shared: str) -> dict[str, np.ndarray]:
    with np.load(os.path.join(shared, "data", name + ".npz")) as file:
        return dict(file)


@functools.lru_cache(maxsize=None)
def speech(shared: str) -> np.ndarray:
    """The recording as f32 in [-1, 1)."""
    with wave.open(os.path.join(shared, "data", "speech_16k.wav")) as file:
        frames = file.readframes(file.getnframes())
    return np.frombuffer(frames, "<i2").astype("f") / 32768


def prepare(values: np.ndarray, spec: dict) -> np.ndarray:
    """Applies `divide`, `subtract`, then `multiply` or `over`, in f32 as a pre-processing step would."""
    values = values.astype("f") / np.float32(spec.get("divide", 1)) - np.float32(spec.get("subtract", 0))
    return values * np.float32(spec["multiply"]) if "multiply" in spec else values / np.float32(spec.get("over", 1))


def feed(spec: dict, shape: list[int], dtype: np.dtype, samples: int, key: str, shared: str) -> np.ndarray:
    """`samples` values of one input, first axis added. Random ones depend on `key` alone."""
    size = [samples, *shape]
    count = int(np.prod(size))
    rng = np.random.RandomState(zlib.crc32(key.encode()))
    if "data" in spec:
        arrays = stored(spec["data"], shared)
        values = arrays["inputs" if "inputs" in arrays else "x"][:samples]
        values = prepare(values, spec) if dtype == np.float32 else values
    elif "speech" in spec:
        recording = speech(shared)
        values = np.resize(recording[len(recording) // 4 :], count) * np.float32(spec["speech"]["gain"])
    elif "value" in spec:
        values = np.full(size, spec["value"])
    elif "uniform" in spec:
        values = rng.uniform(*spec["uniform"], size)
    else:
        mean, deviation = spec["normal"]
        values = mean + deviation * rng.standard_normal(size)
    return np.ascontiguousarray(values.astype(dtype).reshape(size))
