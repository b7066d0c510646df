"""Layers: what networks are made of."""

import numpy as np

from build import BOOL, F32, const, node, random, simple, valid, value, weights


def norm_of(prefix, channels):
    """BatchNormalization's four parameters; the variance is positive."""
    return [weights(f"{prefix}_scale", channels), weights(f"{prefix}_bias", channels),
            weights(f"{prefix}_mean", channels),
            const(f"{prefix}_var", np.abs(random(f"{prefix}_var", channels)) + np.float32(0.5))]


@valid
def mlp():
    """Gemm with transB and bias, Relu, Gemm without a bias, Softmax: the smallest whole network."""
    return simple("mlp", [
        node("Gemm", "x w1 b1", "h", transB=1), node("Relu", "h", "r"),
        node("Gemm", "r w2", "z"), node("Softmax", "z", "y", axis=-1)],
        [value("x", [1, 8])], [value("y", [1, 4])],
        [weights("w1", 16, 8), weights("b1", 16), weights("w2", 16, 4)])


@valid
def conv_bn_relu():
    """Convolution, BatchNormalization and Relu, which fusion makes one operator with a bias."""
    return simple("conv_bn_relu", [
        node("Conv", "x w", "c", kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2]),
        node("BatchNormalization", "c n_scale n_bias n_mean n_var", "n"), node("Relu", "n", "y")],
        [value("x", [1, 3, 8, 8])], [value("y", [1, 8, 4, 4])], [weights("w", 8, 3, 3, 3), *norm_of("n", 8)])


@valid
def bn_conv():
    """BatchNormalization and Relu before a padded convolution: its scale may move forward only where the Relu and the
    padding allow, its shift not at all."""
    return simple("bn_conv", [
        node("BatchNormalization", "x n_scale n_bias n_mean n_var", "n"),
        node("Conv", "n w b", "c", pads=[1, 1, 1, 1]), node("Relu", "c", "y")],
        [value("x", [1, 3, 6, 6])], [value("y", [1, 4, 6, 6])],
        [weights("w", 4, 3, 3, 3), weights("b", 4), *norm_of("n", 3)])


@valid
def conv_grouped():
    """A convolution with group=2 stays a group convolution."""
    return simple("conv_grouped", [node("Conv", "x w b", "y", group=2, pads=[1, 1, 1, 1])],
                  [value("x", [1, 4, 5, 5])], [value("y", [1, 6, 5, 5])], [weights("w", 6, 2, 3, 3), weights("b", 6)])


@valid
def conv_winograd():
    """Windows of 3 and of 5 over enough channels that fewer products pay: a residual sum, two groups, borders inside tiles.
    Weights are products of small constants, small enough that sums stay near one."""
    small = [const(name, random(name, 40, 1, size, size) / np.float32(16)) for name, size in [("o1", 3), ("o2", 3), ("o3", 5)]]
    return simple("conv_winograd", [
        node("Mul", "o1 i1", "w1"), node("Mul", "o2 i2", "w2"), node("Mul", "o3 i3", "w3"),
        node("Conv", "x w1 b", "h", pads=[1, 1, 1, 1]), node("Relu", "h", "r"),
        node("Conv", "r w2", "s", pads=[1, 1, 1, 1]), node("Add", "s r", "t"),
        node("Conv", "t w3", "y", group=2, pads=[2, 2, 2, 2])],
        [value("x", [1, 16, 13, 10])], [value("y", [1, 40, 13, 10])],
        [*small, weights("i1", 1, 16, 1, 1), weights("b", 40), weights("i2", 1, 40, 1, 1), weights("i3", 1, 20, 1, 1)])


@valid
def conv_sparse():
    """Convolutions without a window and a product whose weights are mostly zero: two images, odd numbers of channels, a channel
    without weights, activations, a residual sum."""
    def pruned(name, *shape):
        dense = random(name, *shape)
        dense[random(name + "_kept", *shape) < np.quantile(random(name + "_kept", *shape), 0.8)] = 0
        dense[5] = 0
        return const(name, dense)

    return simple("conv_sparse", [
        node("Conv", "x w1 b1", "c", kernel_shape=[1, 1]), node("Relu", "c", "h"),
        node("Conv", "h w2", "d"), node("Add", "d h", "s"), node("Sigmoid", "s", "t"),
        node("Transpose", "t", "p", perm=[0, 2, 3, 1]), node("MatMul", "p w3", "y")],
        [value("x", [2, 17, 5, 7])], [value("y", [2, 5, 7, 31])],
        [pruned("w1", 33, 17, 1, 1), weights("b1", 33), pruned("w2", 33, 33, 1, 1), pruned("w3", 33, 31)])


@valid
def conv_depthwise():
    """group = channels: depthwise with multiplier 1, and then with multiplier 2 and stride 2."""
    return simple("conv_depthwise", [
        node("Conv", "x w1", "h", group=4, pads=[1, 1, 1, 1]),
        node("Conv", "h w2 b", "y", group=4, strides=[2, 2], dilations=[2, 2], pads=[2, 2, 2, 2])],
        [value("x", [1, 4, 8, 8])], [value("y", [1, 8, 4, 4])],
        [weights("w1", 4, 1, 3, 3), weights("w2", 8, 1, 3, 3), weights("b", 8)])


@valid
def conv_block_diagonal():
    """A dense convolution whose weights are block diagonal under a permutation of channels: a group convolution in
    disguise, which the group conversion must find."""
    dense = np.zeros((8, 8, 1, 1), np.float32)
    for out, group in enumerate([0, 1, 0, 1, 1, 0, 1, 0]):  # output channel -> group; input i belongs to i % 2
        dense[out, group::2] = random(f"row{out}", 4, 1, 1) + np.float32(2)
    return simple("conv_block_diagonal", [node("Conv", "x w", "y")],
                  [value("x", [1, 8, 4, 4])], [value("y", [1, 8, 4, 4])], [const("w", dense)])


@valid
def conv_auto_pad():
    """auto_pad SAME_UPPER, SAME_LOWER and VALID become explicit pads; an even kernel tells upper from lower."""
    pads = [node("Conv", "x w", f"c{i}", auto_pad=mode, strides=[2, 2])
            for i, mode in enumerate(["SAME_UPPER", "SAME_LOWER"])]
    return simple("conv_auto_pad", [*pads, node("Sub", "c0 c1", "d"),
                                    node("MaxPool", "d", "y", auto_pad="VALID", kernel_shape=[2, 2])],
                  [value("x", [1, 2, 7, 7])], [value("y", [1, 3, 3, 3])], [weights("w", 3, 2, 2, 2)])


@valid
def conv_1d_3d():
    """Convolutions of one and of three spatial dims."""
    return simple("conv_1d_3d", [node("Conv", "a wa", "ya", pads=[1, 1]), node("Conv", "b wb", "yb")],
                  [value("a", [1, 2, 9]), value("b", [1, 2, 4, 4, 4])],
                  [value("ya", [1, 3, 9]), value("yb", [1, 3, 3, 3, 3])],
                  [weights("wa", 3, 2, 3), weights("wb", 3, 2, 2, 2, 2)])


@valid
def conv_column():
    """Images of width 1, as exporters make of one spatial dim: strided, dilated, padded, grouped, depthwise, with a residual sum."""
    return simple("conv_column", [
        node("Conv", "x wa ba", "a", group=2, strides=[2, 1], dilations=[3, 1], pads=[2, 0, 4, 0]),
        node("Conv", "a wb", "b", group=6, pads=[1, 0, 1, 0]), node("Add", "a b", "s"), node("Relu", "s", "r"),
        node("Conv", "r wc", "y", pads=[0, 1, 0, 1])],
        [value("x", [2, 4, 17, 1])], [value("y", [2, 5, 7, 1])],
        [weights("wa", 6, 2, 3, 1), weights("ba", 6), weights("wb", 6, 1, 3, 1), weights("wc", 5, 6, 3, 3)])


@valid
def pool_defaults():
    """Pooling with ceil_mode, count_include_pad left at its default 0, and no strides (which means 1)."""
    return simple("pool_defaults", [
        node("AveragePool", "x", "a", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        node("MaxPool", "a", "y", kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)],
        [value("x", [1, 2, 7, 7])], [value("y", [1, 2, 4, 4])])


@valid
def residual():
    """A residual block: the input has two readers, and the sum and the Relu fold into the second convolution."""
    return simple("residual", [
        node("Conv", "x w1 b1", "c1", pads=[1, 1, 1, 1]), node("Relu", "c1", "r1"),
        node("Conv", "r1 w2 b2", "c2", pads=[1, 1, 1, 1]), node("Add", "c2 x", "s"), node("Relu", "s", "y")],
        [value("x", [1, 4, 6, 6])], [value("y", [1, 4, 6, 6])],
        [weights("w1", 4, 4, 3, 3), weights("b1", 4), weights("w2", 4, 4, 3, 3), weights("b2", 4)])


@valid
def channel_shuffle():
    """Group convolution, shuffle (Reshape, Transpose, Reshape), group convolution: the shuffle can fold into the order
    of the weights."""
    return simple("channel_shuffle", [
        node("Conv", "x w1", "a", group=2), node("Reshape", "a split", "b"),
        node("Transpose", "b", "c", perm=[0, 2, 1, 3, 4]), node("Reshape", "c join", "d"),
        node("Conv", "d w2", "y", group=2)],
        [value("x", [1, 8, 3, 3])], [value("y", [1, 8, 3, 3])],
        [weights("w1", 8, 4, 1, 1), weights("w2", 8, 4, 1, 1),
         const("split", [1, 2, 4, 3, 3], np.int64), const("join", [1, 8, 3, 3], np.int64)])


@valid
def concat_split():
    """Split, two branches, Concat: the memory planner can make both of them addressing."""
    return simple("concat_split", [
        node("Split", "x", "a b", axis=1), node("Relu", "a", "ra"), node("Sigmoid", "b", "sb"),
        node("Concat", "sb ra x", "y", axis=1)],
        [value("x", [1, 4, 5, 5])], [value("y", [1, 8, 5, 5])], opset=17)


@valid
def dead_channels():
    """Channel 1 of the first convolution is zero with a zero bias, channel 2 is never read: both can go."""
    first, second = random("w1", 4, 2, 3, 3), random("w2", 3, 4, 1, 1)
    first[1], second[:, 2] = 0, 0
    return simple("dead_channels", [
        node("Conv", "x w1 b1", "c", pads=[1, 1, 1, 1]), node("Relu", "c", "r"), node("Conv", "r w2", "y")],
        [value("x", [1, 2, 5, 5])], [value("y", [1, 3, 5, 5])],
        [const("w1", first), const("b1", [0.5, 0, 0.25, -0.5], np.float32), const("w2", second)])


@valid
def bools():
    """Bools that kernels write (comparisons and logic behind them) and read (Where), in odd widths: convolution, depthwise,
    in groups, matrix products, Gemm, Softmax, pooling; Trilu behind a product."""
    nodes = [
        node("Conv", "x w1", "c", pads=[1, 1, 1, 1]), node("Greater", "c limits", "c1"), node("Where", "mc c zero", "c2"),
        node("Conv", "x wd", "d", pads=[1, 1, 1, 1], group=6), node("Less", "d zero", "d1"), node("And", "d1 md", "d2"),
        node("Where", "md zero d", "d3"),
        node("Conv", "x wg", "g", group=3), node("GreaterOrEqual", "g zero", "g1"), node("Not", "g1", "g2"),
        node("MatMul", "a wm", "m"), node("Where", "row m zero", "m1"), node("Equal", "m zero", "m2"),
        node("Trilu", "m", "m3", upper=0),
        node("Transpose", "b", "bt", perm=[0, 2, 1]), node("MatMul", "a bt", "s"), node("Where", "ms s low", "s1"),
        node("Softmax", "s1", "s2"), node("Greater", "s2 quarter", "s3"),
        node("Flatten", "a", "f"), node("Gemm", "f wf", "e"), node("Less", "e zero", "e1"),
        node("MaxPool", "x", "p", kernel_shape=[2, 2]), node("Less", "p zero", "p1")]
    results = {"c1": [1, 7, 5, 7], "c2": [1, 7, 5, 7], "d2": [1, 6, 5, 7], "d3": [1, 6, 5, 7], "g2": [1, 9, 5, 7],
               "m1": [2, 5, 13], "m2": [2, 5, 13], "m3": [2, 5, 13], "s3": [2, 5, 3], "e1": [2, 11], "p1": [1, 6, 4, 6]}
    floats = ("c2", "d3", "m1", "m3")
    return simple("bools", nodes, [
        value("x", [1, 6, 5, 7]), value("a", [2, 5, 4]), value("b", [2, 3, 4]), value("mc", [1, 7, 5, 7], BOOL),
        value("md", [1, 6, 5, 7], BOOL), value("row", [13], BOOL), value("ms", [5, 3], BOOL)],
        [value(name, shape, F32 if name in floats else BOOL) for name, shape in results.items()],
        [weights("w1", 7, 6, 3, 3), weights("wd", 6, 1, 3, 3), weights("wg", 9, 2, 1, 1), weights("wm", 4, 13),
         weights("wf", 20, 11), weights("limits", 7, 1, 1), const("zero", 0, np.float32), const("low", -9, np.float32),
         const("quarter", 0.25, np.float32)])


@valid
def stack_last():
    """Stacks on the last axis: results with gaps between their elements, which kernels do not write themselves. Real and
    imaginary parts are read out of such a stack too."""
    nodes = [
        node("Conv", "x w", "c"), node("MaxPool", "x", "p", kernel_shape=[3, 3]), node("Unsqueeze", "c last", "c1"),
        node("Unsqueeze", "p last", "p1"), node("Concat", "c1 p1", "y1", axis=-1),
        node("Gather", "z second", "i", axis=-1), node("MatMul", "i wm", "m"), node("Softmax", "i", "s"),
        node("Unsqueeze", "m last", "m1"), node("Unsqueeze", "s last", "s1"), node("Concat", "m1 s1", "y2", axis=-1),
        node("ReduceMax", "z", "r", axes=[1], keepdims=0), node("Pad", "r pads", "y3")]
    return simple("stack_last", nodes, [value("x", [1, 3, 5, 6]), value("z", [2, 5, 7, 2])],
                  [value("y1", [1, 3, 3, 4, 2]), value("y2", [2, 5, 7, 2]), value("y3", [2, 8, 3])],
                  [weights("w", 3, 3, 3, 3), weights("wm", 7, 7), const("last", [-1], np.int64),
                   const("second", 1, np.int64), const("pads", [0, 0, 0, 0, 1, 1], np.int64)])


@valid
def opset7():
    """Opset 7, in the forms of its day: Upsample and Squeeze with attributes, Dropout, Gemm with a mandatory C, a
    BatchNormalization with `spatial` unset, Softmax that flattens from axis 1."""
    return simple("opset7", [
        node("Conv", "x w", "c", pads=[1, 1, 1, 1]), node("BatchNormalization", "c n_scale n_bias n_mean n_var", "n"),
        node("Upsample", "n", "u", mode="nearest", scales=[1.0, 1.0, 2.0, 2.0]),
        node("GlobalAveragePool", "u", "g"), node("Dropout", "g", "d", ratio=0.5),
        node("Squeeze", "d", "s", axes=[2, 3]), node("Gemm", "s wf bf", "f"), node("Softmax", "f", "y")],
        [value("x", [1, 3, 4, 4]), *(value(n, [4]) for n in ("n_scale", "n_bias", "n_mean", "n_var")),
         value("w", [4, 3, 3, 3]), value("wf", [4, 5]), value("bf", [5])],
        [value("y", [1, 5])],
        [weights("w", 4, 3, 3, 3), *norm_of("n", 4), weights("wf", 4, 5), weights("bf", 5)], opset=7)


def _recent(name, opset):
    return simple(name, [
        node("MatMul", "x w", "m"), node("Gelu", "m", "g", approximate="tanh"),
        node("RMSNormalization", "g scale", "y", axis=-1, epsilon=1e-5)],
        [value("x", [2, 8])], [value("y", [2, 8])], [weights("w", 8, 8), weights("scale", 8)], opset=opset)


@valid
def opset25():
    """Gelu (20) and RMSNormalization (23), whose function bodies are expanded where no converter knows them."""
    return _recent("opset25", 25)


@valid
def opset28():
    """The same network at the newest opset, 28, and its IR version, 14."""
    return _recent("opset28", 28)
