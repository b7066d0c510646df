"""Images as programs have them, against a scalar reference: images.py MLC TARGET FOLDER      TARGET is one of engine.py

Each case is a convolution whose input --io describes, compiled to a library that a C program calls. The reference does the
same to the image in numpy, pixel by pixel where it resizes, and convolves in f64. Prints a line for each case; exit status 1
where one is wrong.
"""
import os
import sys
from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import helper, numpy_helper

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../.."))
sys.path.insert(0, os.path.join(ROOT, "test/parity"))

import engine  # noqa: E402

F = np.float32


@dataclass
class Case:
    """A convolution [filters, channels, kernel, kernel] on an image of `target` size, and the image that there is."""

    name: str
    target: tuple[int, int]
    channels: int = 3
    dtype: str = "u1"
    layout: str = ""
    order: str = ""
    mean: list[float] = field(default_factory=list)
    std: list[float] = field(default_factory=list)
    scale: str = ""
    zero: int = 0
    size: tuple[int, int] = ()
    resize: str = ""
    letterbox: int | None = None
    model: str = ""
    kernel: int = 3
    stride: int = 2
    pad: int = 1
    batch: int = 1
    filters: int = 19


MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
CASES = [
    Case("torch", (13, 11), layout="nhwc", order="rgb", mean=MEAN, std=STD, scale="1/255"),
    Case("bytes", (13, 11), layout="nhwc", order="rgb", mean=[123.7, 116.3, 103.5], std=[58.4, 57.1, 57.4]),
    Case("swapped", (9, 14), layout="nhwc", order="bgr", mean=MEAN, std=STD, scale="1/255"),
    Case("caffe", (9, 14), layout="nhwc", order="rgb", model="bgr", mean=[104.0, 117.0, 123.0]),
    Case("planes", (9, 14), layout="nchw", order="bgr", mean=MEAN, std=STD, scale="1/255", kernel=5, pad=2),
    Case("plain", (7, 9), layout="nhwc", pad=0, stride=1),
    Case("unpadded", (7, 9), layout="nhwc", mean=[127.5], std=[127.5], pad=0),
    Case("one-by-one", (7, 9), layout="nhwc", mean=[127.5], std=[127.5], pad=0, kernel=1, stride=1),
    Case("grey", (15, 13), channels=1, layout="nhwc", order="grey", mean=[33.0], std=[78.0]),
    Case("grey-spread", (15, 13), layout="nhwc", order="grey", mean=MEAN, std=STD, scale="1/255"),
    Case("floats", (13, 11), dtype="f4", layout="nhwc", order="bgr", mean=MEAN, std=STD),
    Case("signed", (13, 11), dtype="i1", layout="nhwc", mean=[0.5], std=[0.25], scale="0.0078125", zero=-3),
    Case("words", (5, 6), channels=2, dtype="u2", layout="nhwc", mean=[0.5, 0.25], scale="1/65535"),
    Case("batch", (8, 8), layout="nhwc", order="rgb", mean=MEAN, std=STD, scale="1/255", batch=3),
    Case("many-filters", (9, 9), layout="nhwc", mean=[127.5], std=[127.5], filters=70, stride=1),
    Case("smaller", (11, 13), layout="nhwc", order="bgr", mean=MEAN, std=STD, scale="1/255", size=(29, 31)),
    Case("larger", (23, 17), layout="nhwc", mean=[127.5], std=[127.5], size=(7, 10), resize="bilinear"),
    Case("larger-floats", (23, 17), dtype="f4", layout="nchw", size=(7, 10), resize="bilinear"),
    Case("nearest", (11, 13), layout="nhwc", mean=[127.5], std=[127.5], size=(29, 8), resize="nearest"),
    Case("nearest-words", (11, 13), channels=2, dtype="u2", layout="nhwc", size=(29, 8), resize="nearest"),
    Case("letterbox", (16, 16), layout="nhwc", order="bgr", scale="1/255", size=(23, 40), letterbox=114),
    Case("letterbox-tall", (15, 16), layout="nchw", mean=[3.0], size=(40, 9), letterbox=0, resize="nearest"),
    Case("letterbox-only", (15, 16), layout="nhwc", size=(15, 9), letterbox=7),
]


def option(case: Case) -> str:
    parts = [{"u1": "u8", "u2": "u16", "i1": "i8", "f4": "f32"}[case.dtype]]
    parts += [part for part in (case.layout, case.order) if part]
    parts += [f"{key}={value}" for key, value in (("scale", case.scale), ("zero", case.zero), ("resize", case.resize)) if value]
    parts += [f"{key}={'/'.join(map(str, values))}" for key, values in (("mean", case.mean), ("std", case.std)) if values]
    if case.size:
        parts.append(f"size={case.size[0]}x{case.size[1]}")
    if case.letterbox is not None:
        parts.append(f"letterbox={case.letterbox}" if case.letterbox else "letterbox")
    if case.model:
        parts.append(f"model={case.model}")
    return "--io=image:" + ",".join(parts)


def write_model(case: Case, path: str, random: np.random.Generator) -> np.ndarray:
    weights = random.normal(size=(case.filters, case.channels, case.kernel, case.kernel)).astype(F)
    node = helper.make_node("Conv", ["image", "w"], ["y"], strides=[case.stride] * 2, pads=[case.pad] * 4)
    shape = [case.batch, case.channels, *case.target]
    graph = helper.make_graph([node], "net", [helper.make_tensor_value_info("image", 1, shape)],
                              [helper.make_tensor_value_info("y", 1, None)], [numpy_helper.from_array(weights, "w")])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return weights


def resized(image: np.ndarray, height: int, width: int, how: str) -> np.ndarray:
    """[H, W] to [height, width], one pixel after the other, at half-pixel centres."""
    result = np.empty((height, width), "f8")
    for y in range(height):
        for x in range(width):
            v, u = (y + 0.5) * image.shape[0] / height, (x + 0.5) * image.shape[1] / width
            if how == "nearest":
                result[y, x] = image[int(v), int(u)]
                continue
            v, u = max(v - 0.5, 0), max(u - 0.5, 0)
            top, left = min(int(v), image.shape[0] - 1), min(int(u), image.shape[1] - 1)
            low, right = min(top + 1, image.shape[0] - 1), min(left + 1, image.shape[1] - 1)
            above = image[top, left] * (1 - (u - left)) + image[top, right] * (u - left)
            below = image[low, left] * (1 - (u - left)) + image[low, right] * (u - left)
            result[y, x] = above * (1 - (v - top)) + below * (v - top)
    return result


def rounded(values: np.ndarray, tie: float) -> np.ndarray:
    """To the nearest integer; what f32 and f64 may round otherwise goes up or down as `tie` is positive or negative."""
    return np.rint(values + np.where(np.abs(values - np.floor(values) - 0.5) < 1e-4, tie, 0))


def preprocessed(case: Case, image: np.ndarray, tie: float) -> np.ndarray:
    """[N, C, H, W] of f32 as the model takes it, of [N, C, H, W] as the program has it; `tie` as of rounded."""
    values = image.astype("f8")
    if case.size:
        inner = case.target
        if case.letterbox is not None:
            ratio = min(case.target[0] / case.size[0], case.target[1] / case.size[1])
            inner = tuple(max(1, round(size * ratio)) for size in case.size)
        if inner != case.size:
            values = np.stack([[resized(plane, *inner, case.resize or "bilinear") for plane in planes] for planes in values])
            values = rounded(values, tie) if case.dtype != "f4" and case.resize != "nearest" else values
        top, left = ((whole - part) // 2 for whole, part in zip(case.target, inner))
        boxed = np.full((*values.shape[:2], *case.target), float(case.letterbox or 0))
        boxed[:, :, top : top + inner[0], left : left + inner[1]] = values
        values = boxed
    values = values.astype(F)
    if case.scale:
        above, _, below = case.scale.partition("/")
        values = (values - F(case.zero)) * F(float(above) / float(below or 1))
    if values.shape[1] < case.channels:
        values = np.repeat(values, case.channels, 1)
    if case.order in ("rgb", "bgr") and case.order != (case.model or "rgb"):
        values = values[:, ::-1]
    if case.mean:
        values = values - np.array(case.mean, F).reshape(-1, 1, 1)
    return values / np.array(case.std, F).reshape(-1, 1, 1) if case.std else values


def convolved(case: Case, x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    x = np.pad(x.astype("f8"), ((0, 0), (0, 0), (case.pad,) * 2, (case.pad,) * 2))
    windows = np.lib.stride_tricks.sliding_window_view(x, (case.kernel,) * 2, (2, 3))[:, :, :: case.stride, :: case.stride]
    return np.einsum("nchwkl,ockl->nohw", windows, weights.astype("f8"))


def check(case: Case, mlc: str, target: str, folder: str) -> str:
    random = np.random.default_rng(1)
    model = os.path.join(folder, case.name + ".onnx")
    weights = write_model(case, model, random)
    compiled = engine.compile_model(mlc, model, case.name, os.path.join(folder, case.name), target, {}, 120, (option(case),))
    shape = (case.batch, 1 if case.order == "grey" else case.channels, *(case.size or case.target))
    if case.dtype == "f4":
        image = random.uniform(0, 1, shape).astype(F)
    else:
        limits = np.iinfo(case.dtype)
        image = random.integers(limits.min, limits.max + 1, shape).astype(case.dtype)
    handed = image.transpose(0, 2, 3, 1) if case.layout == "nhwc" else image
    told = compiled.contract["inputs"][0]
    assert told["shape"] == list(handed.shape) and told["layout"] == case.layout.upper(), told
    low, high = (preprocessed(case, image, tie) for tie in (-0.25, 0.25))
    wanted = convolved(case, low / 2 + high / 2, weights)
    slack = convolved(case, (high - low) / 2, np.abs(weights))
    assert (slack == 0).mean() > 0.5, "too many ties to tell"
    binary = engine.link(compiled, target)
    found, _ = engine.execute(binary, target, [np.ascontiguousarray(handed)[None]], [((1, *wanted.shape), np.dtype(F))], 120)
    error = np.maximum(np.abs(found[0][0] - wanted) - slack, 0).max() / np.abs(wanted).max()
    assert error < 2e-6, f"differs by {error:.1e} of the largest value"
    return f"{error:.0e}"


def main() -> int:
    mlc, target, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    failed = 0
    for case in CASES:
        try:
            print(f"{case.name}: ok, {check(case, mlc, target, folder)}")
        except (AssertionError, engine.Failure) as error:
            failed += 1
            print(f"{case.name}: {error}")
    print(f"{len(CASES) - failed} of {len(CASES)} images are as the reference says")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
