"""Labelled tasks for bench/quantize: a float model, what calibrates, what is scored, and what is asked of mlc.

The tasks of data/tasks.py in the shared folder, and the digits and file types beside them: digits are scored on all images but
the first 500, which calibrate, and file types on all of their few files, while files of this repository calibrate. Nothing that
is scored ever calibrates.
"""
from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import Callable

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = os.environ.get("MLC_SHARED", os.path.join(HERE, "../../shared"))


@dataclass
class Data:
    model: str
    calibration: np.ndarray
    test: np.ndarray
    labels: np.ndarray


@dataclass
class Task:
    load: Callable[[], Data]
    int8: float  # accuracy in percent that is asked for, of this one in floats where it is negative
    agreement: float | None
    int4: float  # with weights of 4 bits, as int8
    unseen: bool = False  # without samples at most 0.3 points are lost to those with samples


def shared(name: str) -> Callable[[], Data]:
    def load() -> Data:
        space: dict = {"__file__": f"{SHARED}/data/tasks.py", "__name__": "tasks"}
        with open(f"{SHARED}/data/tasks.py") as file:
            exec(compile(file.read(), "tasks.py", "exec"), space)
        model, read, feed = space["TASKS"][name]
        test, labels, calibration = read()
        return Data(model, feed(calibration), feed(test), labels)

    return load


def digits(model: str, scale: float, mean: float, deviation: float) -> Callable[[], Data]:
    def load() -> Data:
        data = np.load(f"{SHARED}/data/mnist_t10k.npz")
        images = data["inputs"].astype(np.float32)[:, None] * np.float32(scale)
        images = (images - np.float32(mean)) / np.float32(deviation)
        return Data(model, images[:500], images[500:], data["labels"][500:])

    return load


def tokens(content: bytes) -> np.ndarray:
    """A file as magika reads it: 1024 bytes of either end, 256 where there are none."""
    row = np.full(2048, 256, np.int32)
    head, tail = content.lstrip()[:1024], content.rstrip()[-1024:]
    row[: len(head)] = np.frombuffer(head, np.uint8)
    row[2048 - len(tail) :] = np.frombuffer(tail, np.uint8)
    return row


def file_types() -> Data:
    data = np.load(f"{SHARED}/data/magika_files.npz")
    root = os.path.join(HERE, "..")
    names = subprocess.run(["git", "-C", root, "ls-files", "-z"], capture_output=True, text=True, check=True).stdout
    files = [f"{root}/{name}" for name in names.split("\0") if name]
    rows = []
    # One of each of many endings, and of the frequent ones some.
    seen: dict[str, int] = {}
    for name in files:
        ending = os.path.splitext(name)[1]
        seen[ending] = seen.get(ending, 0) + 1
        if seen[ending] % 10 == 1 and os.path.isfile(name):
            with open(name, "rb") as file:
                rows.append(tokens(file.read()))
    return Data("magika_v3_3", np.stack(rows), data["inputs"], data["labels"])


NORMAL = (1 / 255, 0.1307, 0.3081)
TASKS = {
    "cifar10_resnet8": Task(shared("cifar10_resnet8"), 76.0, 98.3, 75.0, unseen=True),
    "cifar10_resnet20": Task(shared("cifar10_resnet20"), 81.8, 98.7, 81.2, unseen=True),
    "cifar10_resnet56": Task(shared("cifar10_resnet56"), 84.0, 98.7, 83.5, unseen=True),
    "kws": Task(shared("kws"), 91.5, 99.5, 90.8, unseen=True),
    "ocr_cls": Task(shared("ocr_cls"), 98.2, 99.6, 97.5),
    "mnist_8": Task(digits("mnist_8", 1, 0, 1), -0.03, None, -0.05),
    "mnist_cnn_pytorch": Task(digits("mnist_cnn_pytorch", *NORMAL), -0.03, None, -0.05),
    "mnist_cnn_bn": Task(digits("mnist_cnn_bn", *NORMAL), -0.03, None, -0.05),
    "magika": Task(file_types, 100.0, None, 98.68),
}
