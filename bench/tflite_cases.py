"""Single operators of TFLite on odd shapes and scales: for each family a .tflite file of some of them, and inputs.

    for name in FAMILIES: content, arrays = make(name, count, seed, np.int8)
"""
import numpy as np
from tflite_file import File, options, schema

I8, U8 = np.int8, np.uint8
NONE, RELU, N1_TO_1, RELU6 = (getattr(schema.ActivationFunctionType, n) for n in ("NONE", "RELU", "RELU_N1_TO_1", "RELU6"))
ACTIVATIONS = (NONE, RELU, RELU6, N1_TO_1)


class Maker:
    """A file, the inputs of its operators, and random numbers of one seed."""

    def __init__(self, seed: int, byte=I8) -> None:
        self.file, self.arrays, self.random = File(), [], np.random.default_rng(seed)
        self.byte, self.low = byte, int(np.iinfo(byte).min)

    def int(self, low: int, high: int) -> int:
        return int(self.random.integers(low, high + 1))

    def pick(self, *values):
        return values[self.int(0, len(values) - 1)]

    def scale(self, low: float = -7, high: float = -2) -> np.float32:
        """A power of two now and then: there ties are many."""
        exponent = self.random.uniform(low, high)
        return np.float32(2.0 ** (round(exponent) if self.int(0, 3) == 0 else exponent))

    def zero(self) -> int:
        return self.low + (self.int(0, 255) if self.int(0, 4) else self.pick(0, 128, 255))

    def integers(self, shape, first: int = 0) -> np.ndarray:
        """Bytes from the least, or some after it, on."""
        return self.random.integers(self.low + first, self.low + 256, shape).astype(self.byte)

    def input(self, shape, scale=None, zero=None, array=None) -> int:
        self.arrays.append(self.integers(shape) if array is None else array)
        return self.file.input(f"x{len(self.arrays)}", shape, self.byte, self.scale() if scale is None else scale,
                               self.zero() if zero is None else zero)

    def output(self, shape, scale=None, zero=None) -> int:
        return self.file.tensor(f"y{len(self.file.graph.tensors)}", shape, self.byte, self.scale() if scale is None else scale,
                                self.zero() if zero is None else zero)

    def scale_of(self, i: int) -> np.float32:
        return self.file.graph.tensors[i].quantization.scale[0]

    def zero_of(self, i: int) -> int:
        return int(self.file.graph.tensors[i].quantization.zeroPoint[0])

    def weights(self, shape, axis: int, channels: int, depth: int, x: int, out: np.float32) -> tuple[int, int]:
        """Weights and a bias with which sums of `depth` products fill a result of scale `out`. Signed ones may have a scale for each
        channel, unsigned ones have a zero point."""
        spread = out * 128 / (self.scale_of(x) * 75 * 75 * np.sqrt(depth))
        many = self.low < 0 and self.int(0, 2) > 0
        scales = (spread * 2.0 ** self.random.uniform(-1, 1, channels if many else 1)).astype(np.float32)
        if self.int(0, 3) == 0:
            scales = np.exp2(np.round(np.log2(scales))).astype(np.float32)
        w = self.file.const(self.integers(shape, 1), scales, 0 if self.low < 0 else self.int(100, 156), axis)
        unit = self.scale_of(x) * scales
        bias = np.round(self.random.uniform(-40, 40, channels) * out / unit).astype(np.int32)
        return w, self.file.const(bias, unit, 0, 0)


def _window(m: Maker, size: int, most: int = 4) -> tuple[int, int, int]:
    """Kernel, stride and dilation that fit."""
    kernel = m.int(1, min(most, size))
    dilation = m.int(1, 2) if (kernel - 1) * 2 < size else 1
    return kernel, m.int(1, 3) if dilation == 1 else 1, dilation


def _extent(size: int, kernel: int, stride: int, dilation: int, same: bool) -> int:
    reach = (kernel - 1) * dilation + 1
    return -(-size // stride) if same else (size - reach) // stride + 1


def conv_2d(m: Maker) -> None:
    n, h, w, c, filters = m.int(1, 2), m.int(1, 9), m.int(1, 11), m.int(1, 20), m.int(1, 37)
    (kh, sh, dh), (kw, sw, dw), same = _window(m, h), _window(m, w), m.int(0, 1) == 0
    x, out = m.input([n, h, w, c]), m.scale()
    weights, bias = m.weights([filters, kh, kw, c], 0, filters, kh * kw * c, x, out)
    y = m.output([n, _extent(h, kh, sh, dh, same), _extent(w, kw, sw, dw, same), filters], out)
    m.file.op("CONV_2D", [x, weights, bias], [y],
              options("Conv2D", padding=0 if same else 1, strideH=sh, strideW=sw, dilationHFactor=dh, dilationWFactor=dw,
                      fusedActivationFunction=m.pick(*ACTIVATIONS)), 3)


def depthwise_conv_2d(m: Maker) -> None:
    n, h, w, c, times = m.int(1, 2), m.int(1, 9), m.int(1, 11), m.int(1, 37), m.pick(1, 1, 2)
    (kh, sh, dh), (kw, sw, dw), same = _window(m, h), _window(m, w), m.int(0, 1) == 0
    x, out = m.input([n, h, w, c]), m.scale()
    weights, bias = m.weights([1, kh, kw, c * times], 3, c * times, kh * kw, x, out)
    y = m.output([n, _extent(h, kh, sh, dh, same), _extent(w, kw, sw, dw, same), c * times], out)
    m.file.op("DEPTHWISE_CONV_2D", [x, weights, bias], [y],
              options("DepthwiseConv2D", padding=0 if same else 1, strideH=sh, strideW=sw, depthMultiplier=times,
                      dilationHFactor=dh, dilationWFactor=dw, fusedActivationFunction=m.pick(*ACTIVATIONS)), 3)


def transpose_conv(m: Maker) -> None:
    h, w, c, filters, kernel, stride = m.int(1, 6), m.int(1, 7), m.int(1, 9), m.int(1, 19), m.int(1, 4), m.int(1, 3)
    kernel, same = max(kernel, stride), m.int(0, 1) == 0
    x, out = m.input([1, h, w, c]), m.scale()
    weights, bias = m.weights([filters, kernel, kernel, c], 0, filters, c * max(kernel // stride, 1) ** 2, x, out)
    shape = [1, *(d * stride if same else (d - 1) * stride + kernel for d in (h, w)), filters]
    y = m.output(shape, out)
    m.file.op("TRANSPOSE_CONV", [m.file.const(np.array(shape, np.int32)), weights, x, bias], [y],
              options("TransposeConv", padding=0 if same else 1, strideH=stride, strideW=stride), 3)


def fully_connected(m: Maker) -> None:
    n, depth, units = m.int(1, 5), m.int(1, 150), m.int(1, 70)
    x, out = m.input([n, depth]), m.scale()
    weights, bias = m.weights([units, depth], 0, units, depth, x, out)
    y = m.output([n, units], out)
    m.file.op("FULLY_CONNECTED", [x, weights, bias], [y],
              options("FullyConnected", fusedActivationFunction=m.pick(*ACTIVATIONS)), 4)


def _broadcast(m: Maker) -> tuple[list[int], list[int], list[int]]:
    """Shapes of two operands and their result; one of the operands may be repeated."""
    full = [m.int(1, 3), m.int(1, 5), m.int(1, 7), m.int(1, 40)]
    part = m.pick(full, full, [1, 1, 1, full[3]], [full[0], 1, 1, full[3]], [1, 1, 1, 1])
    return (full, part, full) if m.int(0, 1) else (part, full, full)


def _binary(m: Maker, kind: str, table: str) -> None:
    a, b, out = _broadcast(m)
    m.file.op(kind, [m.input(a), m.input(b)], [m.output(out)],
              options(table, fusedActivationFunction=m.pick(*ACTIVATIONS)), 2)


def add(m: Maker) -> None:
    _binary(m, "ADD", "Add")


def sub(m: Maker) -> None:
    _binary(m, "SUB", "Sub")


def mul(m: Maker) -> None:
    _binary(m, "MUL", "Mul")


def average_pool_2d(m: Maker, kind="AVERAGE_POOL_2D") -> None:
    n, h, w, c, same = m.int(1, 2), m.int(1, 9), m.int(1, 11), m.int(1, 37), m.int(0, 1) == 0
    (kh, sh, _), (kw, sw, _) = _window(m, h, 9), _window(m, w, 9)
    x = m.input([n, h, w, c])
    y = m.output([n, _extent(h, kh, sh, 1, same), _extent(w, kw, sw, 1, same), c], m.scale_of(x), m.zero_of(x))
    m.file.op(kind, [x], [y], options("Pool2D", padding=0 if same else 1, strideH=sh, strideW=sw, filterHeight=kh, filterWidth=kw,
                                      fusedActivationFunction=m.pick(*ACTIVATIONS)), 2)


def max_pool_2d(m: Maker) -> None:
    average_pool_2d(m, kind="MAX_POOL_2D")


def mean(m: Maker) -> None:
    shape = [m.int(1, 3), m.int(1, 9), m.int(1, 8), m.int(1, 20)]
    axes = m.pick([1, 2], [1, 2], [2, 1], [3], [1], [1, 2, 3], [0, 1, 2, 3], [2, 3])
    keep = m.int(0, 1) == 0
    out = [1 if d in axes else s for d, s in enumerate(shape) if keep or d not in axes]
    x = m.input(shape)
    y = m.output(out, m.scale_of(x), m.zero_of(x)) if m.int(0, 2) == 0 else m.output(out, m.scale_of(x) * np.float32(m.random.uniform(.2, 1)))
    m.file.op("MEAN", [x, m.file.const(np.array(axes, np.int32))], [y], options("Reducer", keepDims=keep), 2)


def _unary(m: Maker, kind: str, table: str = "", version: int = 2, scale=None, zero=None, zero_in=None, **fields) -> None:
    """Of every byte, in odd shapes."""
    shape, every = m.pick([256], [1, 256], [2, 4, 37], [1, 16, 16, 3]), np.arange(m.low, m.low + 256).astype(m.byte)
    x = m.input(shape, zero=zero_in, array=np.resize(m.random.permutation(every), shape))
    y = m.output(shape, scale, zero)
    m.file.op(kind, [x], [y], options(table, **fields) if table else None, version)


def relu(m: Maker) -> None:
    _unary(m, m.pick("RELU", "RELU6"))


def quantize(m: Maker) -> None:
    _unary(m, "QUANTIZE", "Quantize")


def leaky_relu(m: Maker) -> None:
    _unary(m, "LEAKY_RELU", "LeakyRelu", alpha=np.float32(m.random.uniform(0.01, 0.9)))


def hard_swish(m: Maker) -> None:
    _unary(m, "HARD_SWISH", "HardSwish", 1)


def logistic(m: Maker) -> None:
    _unary(m, "LOGISTIC", scale=1 / 256, zero=m.low)


def tanh(m: Maker) -> None:
    _unary(m, "TANH", scale=1 / 128, zero=m.low + 128)


def gelu(m: Maker) -> None:
    _unary(m, "GELU", "Gelu", approximate=m.int(0, 1) == 0)


def exp(m: Maker) -> None:
    _unary(m, "EXP", "Exp")


def log(m: Maker) -> None:
    _unary(m, "LOG", zero_in=m.low)


def abs_(m: Maker) -> None:
    _unary(m, "ABS", "Abs")


def prelu(m: Maker) -> None:
    shape = [m.int(1, 2), m.int(1, 7), m.int(1, 9), m.int(1, 37)]
    slopes = m.file.const(m.integers([1, 1, shape[3]]), m.scale(), m.zero())
    m.file.op("PRELU", [m.input(shape), slopes], [m.output(shape)], None, 1)


def softmax(m: Maker) -> None:
    shape = m.pick([m.int(1, 20), m.int(1, 300)], [2, m.int(1, 5), m.int(1, 40)])
    x = m.input(shape, m.scale(-9, 1))
    if m.int(0, 1):
        m.arrays[-1] //= 8  # rows of close numbers
    m.file.op("SOFTMAX", [x], [m.output(shape, 1 / 256, m.low)], options("Softmax", beta=1.0), 2)


def _resize(m: Maker, kind: str, table: str) -> None:
    shape, size = [m.int(1, 2), m.int(1, 9), m.int(1, 9), m.int(1, 20)], [m.int(1, 19), m.int(1, 19)]
    x = m.input(shape)
    aligned, half = m.pick((False, False), (True, False), (False, True), (False, True))
    m.file.op(kind, [x, m.file.const(np.array(size, np.int32))], [m.output([shape[0], *size, shape[3]], m.scale_of(x), m.zero_of(x))],
              options(table, alignCorners=aligned, halfPixelCenters=half), 3)


def resize_bilinear(m: Maker) -> None:
    _resize(m, "RESIZE_BILINEAR", "ResizeBilinear")


def resize_nearest(m: Maker) -> None:
    _resize(m, "RESIZE_NEAREST_NEIGHBOR", "ResizeNearestNeighbor")


def pad(m: Maker) -> None:
    shape = [m.int(1, 2), m.int(1, 5), m.int(1, 6), m.int(1, 20)]
    pads = np.array([[m.int(0, 2), m.int(0, 2)] for _ in shape], np.int32)
    x = m.input(shape)
    y = m.output([s + int(p.sum()) for s, p in zip(shape, pads)], m.scale_of(x), m.zero_of(x))
    value = [m.file.const(m.integers([1]), m.scale_of(x), m.zero_of(x))] if m.int(0, 1) else []
    m.file.op("PADV2" if value else "PAD", [x, m.file.const(pads), *value], [y], options("PadV2" if value else "Pad"), 2)


def concatenation(m: Maker) -> None:
    """Behind requantisations, as the converter writes it: its parts have one scale."""
    shape, axis, scale, zero, parts = [m.int(1, 3), m.int(1, 4), m.int(1, 5), m.int(1, 9)], m.int(1, 3), m.scale(), m.zero(), []
    for _ in range(m.int(2, 4)):
        part = [*shape[:axis], m.int(1, 8), *shape[axis + 1:]]
        if m.int(0, 1):
            parts.append(m.input(part, scale, zero))
        else:
            parts.append(m.output(part, scale, zero))
            m.file.op("QUANTIZE", [m.input(part)], [parts[-1]], options("Quantize"), 2)
    shape[axis] = sum(m.file.graph.tensors[i].shape[axis] for i in parts)
    m.file.op("CONCATENATION", parts, [m.output(shape, scale, zero)], options("Concatenation", axis=axis), 2)


def extremes(m: Maker) -> None:
    a, b, out = _broadcast(m)
    scale, zero = m.scale(), m.zero()
    m.file.op(m.pick("MAXIMUM", "MINIMUM"), [m.input(a, scale, zero), m.input(b, scale, zero)], [m.output(out, scale, zero)],
              options("MaximumMinimum"), 2)


def edges(m: Maker) -> None:
    """Floats in and out: many are ties."""
    shape, scale, zero = [m.int(1, 300)], m.scale(), m.zero()
    steps = m.random.integers(-280, 280, shape) / 2 + m.pick(0, 0, 1e-7) * m.random.standard_normal(shape)
    m.arrays.append((steps * scale).astype(np.float32))
    x = m.file.tensor(f"x{len(m.arrays)}", shape, np.float32)
    m.file.graph.inputs.append(x)
    q = m.output(shape, scale, zero)
    m.file.op("QUANTIZE", [x], [q], options("Quantize"), 1)
    m.file.op("DEQUANTIZE", [q], [m.file.tensor(f"y{len(m.arrays)}", shape, np.float32)], options("Dequantize"), 2)


def batch_matmul(m: Maker) -> None:
    n, rows, depth, columns, flips = m.int(1, 3), m.int(1, 9), m.int(1, 40), m.int(1, 33), (m.int(0, 1) == 1, m.int(0, 1) == 1)
    shapes = [[n, depth, rows] if flips[0] else [n, rows, depth], [n, columns, depth] if flips[1] else [n, depth, columns]]
    a, b = (m.input(shape) for shape in shapes)
    out = np.float32(m.scale_of(a) * m.scale_of(b) * np.sqrt(depth) * m.random.uniform(30, 90))
    if m.int(0, 2) == 0:  # ties, but for the rounding of scales
        out = np.float32(np.float64(m.scale_of(a)) * m.scale_of(b) * m.pick(2, 64, 200))
    m.file.op("BATCH_MATMUL", [a, b], [m.output([n, rows, columns], out)], options("BatchMatMul", adjX=flips[0], adjY=flips[1]), 4)


# How each is made, and how many make a family.
FAMILIES = {
    "conv_2d": (conv_2d, 24),
    "depthwise_conv_2d": (depthwise_conv_2d, 24),
    "transpose_conv": (transpose_conv, 12),
    "fully_connected": (fully_connected, 24),
    "batch_matmul": (batch_matmul, 24),
    "add": (add, 24),
    "sub": (sub, 24),
    "mul": (mul, 24),
    "average_pool_2d": (average_pool_2d, 24),
    "max_pool_2d": (max_pool_2d, 8),
    "mean": (mean, 24),
    "relu": (relu, 16),
    "quantize": (quantize, 16),
    "leaky_relu": (leaky_relu, 16),
    "hard_swish": (hard_swish, 16),
    "logistic": (logistic, 12),
    "tanh": (tanh, 12),
    "gelu": (gelu, 12),
    "exp": (exp, 8),
    "log": (log, 8),
    "abs": (abs_, 8),
    "prelu": (prelu, 12),
    "softmax": (softmax, 24),
    "resize_bilinear": (resize_bilinear, 24),
    "resize_nearest": (resize_nearest, 16),
    "pad": (pad, 8),
    "concatenation": (concatenation, 12),
    "extremes": (extremes, 12),
    "edges": (edges, 12),
}


# What has kernels of unsigned bytes too.
UNSIGNED = [n for n in FAMILIES if n not in ("batch_matmul", "gelu", "exp", "log", "abs", "resize_bilinear")]


def make(name: str, count: int = 0, seed: int = 1, byte=I8) -> tuple[bytes, list[np.ndarray]]:
    maker = Maker(seed, byte)
    function, usual = FAMILIES[name]
    for _ in range(count or usual):
        function(maker)
    return maker.file.finish(), maker.arrays
