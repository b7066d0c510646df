"""Operators that lower to others: resizing, scatters, orders, normalisations, transposed convolution, einsum."""

import numpy as np

from build import I64, const, node, simple, valid, value, weights


@valid
def resize_nearest():
    """Nearest-neighbour Resize by whole factors is a broadcast; to a size that is no multiple, a gather."""
    return simple("resize_nearest", [
        node("Resize", "x - scales", "up", mode="nearest", nearest_mode="floor",
             coordinate_transformation_mode="asymmetric"),
        node("Resize", "x - - sizes", "down", mode="nearest")],
        [value("x", [1, 2, 3, 4])], [value("up", [1, 2, 6, 8]), value("down", [1, 2, 5, 3])],
        [const("scales", [1, 1, 2, 2], np.float32), const("sizes", [1, 2, 5, 3], np.int64)])


@valid
def resize_smooth():
    """Linear and cubic Resize: weighted sums along one axis after the other."""
    return simple("resize_smooth", [
        node("Resize", "x - scales", "l", mode="linear"),
        node("Resize", "x - - sizes", "c", mode="cubic", coordinate_transformation_mode="align_corners")],
        [value("x", [1, 2, 4, 5])], [value("l", [1, 2, 8, 10]), value("c", [1, 2, 7, 3])],
        [const("scales", [1, 1, 2, 2], np.float32), const("sizes", [1, 2, 7, 3], np.int64)])


@valid
def scatter_known():
    """ScatterND at constant places: a box of them is a concatenation, others are a gather from both."""
    box = [[1, 1], [1, 2], [2, 1], [2, 2]]
    return simple("scatter_known", [
        node("ScatterND", "x box u", "y"), node("ScatterND", "x apart u", "z")],
        [value("x", [4, 5, 2]), value("u", [4, 2])], [value("y", [4, 5, 2]), value("z", [4, 5, 2])],
        [const("box", box, np.int64), const("apart", [[3, 4], [0, 0], [-1, 1], [2, 2]], np.int64)])


@valid
def scatter_given():
    """ScatterND and ScatterElements at places that are inputs, negative ones too."""
    return simple("scatter_given", [
        node("ScatterND", "x i u", "y"), node("ScatterElements", "x e v", "z", axis=1, reduction="add")],
        [value("x", [4, 3]), value("i", [2, 1], I64), value("u", [2, 3]), value("e", [4, 2], I64), value("v", [4, 2])],
        [value("y", [4, 3]), value("z", [4, 3])], opset=21)


@valid
def gathers():
    """GatherElements and GatherND at places that are inputs."""
    return simple("gathers", [
        node("GatherElements", "x e", "y", axis=1), node("GatherND", "x i", "z")],
        [value("x", [4, 3]), value("e", [4, 2], I64), value("i", [2, 2], I64)], [value("y", [4, 2]), value("z", [2])])


@valid
def orders():
    """TopK, ArgMin, CumSum and OneHot."""
    return simple("orders", [
        node("TopK", "x k", "values places", axis=1), node("ArgMin", "x", "least", axis=0, keepdims=0),
        node("CumSum", "x one", "sums"), node("OneHot", "least depth onoff", "hot")],
        [value("x", [3, 6])],
        [value("values", [3, 4]), value("places", [3, 4], I64), value("least", [6], I64), value("sums", [3, 6]),
         value("hot", [6, 3])],
        [const("k", [4], np.int64), const("one", 1, np.int64), const("depth", 3, np.int64),
         const("onoff", [0, 1], np.float32)])


@valid
def norms():
    """LRN with the usual exponent and with another, InstanceNormalization, LayerNormalization, LpNormalization."""
    return simple("norms", [
        node("LRN", "x", "a", size=5, alpha=0.1), node("LRN", "a", "b", size=3, beta=0.6, bias=2.0),
        node("InstanceNormalization", "b s t", "c"), node("LayerNormalization", "c p", "d", axis=2),
        node("LpNormalization", "d", "y", axis=1, p=1)],
        [value("x", [1, 6, 3, 4])], [value("y", [1, 6, 3, 4])],
        [weights("s", 6), weights("t", 6), weights("p", 3, 4)])


@valid
def lrn_wide():
    """LRN over all channels and far beyond them, and over so many that they are a pool."""
    return simple("lrn_wide", [
        node("LRN", "x", "a", size=65535, alpha=90.0), node("LRN", "x", "b", size=35, alpha=0.3, beta=0.6),
        node("Concat", "a b", "y", axis=1)],
        [value("x", [1, 40, 3, 2])], [value("y", [1, 80, 3, 2])])


@valid
def windows_wide():
    """LRN over more channels than there are and over many; windows most of whose places reach into the padding."""
    return simple("windows_wide", [
        node("LRN", "x", "a", size=1001, alpha=9.0), node("LRN", "z", "b", size=39, alpha=0.5),
        node("ConvTranspose", "t w", "c"),
        node("MaxPool", "v", "d", kernel_shape=[601], pads=[300, 300]),
        node("AveragePool", "v", "e", kernel_shape=[601], pads=[300, 300]),
        node("AveragePool", "u", "f", kernel_shape=[2, 601], pads=[0, 300, 1, 300])],
        [value("x", [1, 2, 1, 3]), value("z", [1, 24, 1, 2]), value("t", [1, 2, 3]), value("v", [1, 1, 560]), value("u", [1, 1, 3, 560])],
        [value("a", [1, 2, 1, 3]), value("b", [1, 24, 1, 2]), value("c", [1, 1, 622]), value("d", [1, 1, 560]),
         value("e", [1, 1, 560]), value("f", [1, 1, 3, 560])],
        [weights("w", 2, 1, 620)])


@valid
def conv_transpose():
    """ConvTranspose: a stride of 2 with odd pads and output padding, in groups, then a dilated one of stride 3 by 1."""
    return simple("conv_transpose", [
        node("ConvTranspose", "x w1 b", "h", strides=[2, 2], pads=[1, 0, 1, 1], output_padding=[1, 1], group=2),
        node("ConvTranspose", "h w2", "y", strides=[3, 1], dilations=[2, 2])],
        [value("x", [1, 4, 3, 5])], [value("y", [1, 2, 18, 15])],
        [weights("w1", 4, 3, 3, 3), weights("b", 6), weights("w2", 6, 2, 2, 3)])


@valid
def einsum():
    """Einsum: a batched product with a transposed operand, an outer product, a trace, an ellipsis."""
    return simple("einsum", [
        node("Einsum", "a b", "scores", equation="bhid,bhjd->bhij"), node("Einsum", "v v", "outer", equation="i,j->ij"),
        node("Einsum", "outer", "trace", equation="ii"), node("Einsum", "a", "sums", equation="...d->...")],
        [value("a", [1, 2, 3, 4]), value("b", [1, 2, 5, 4]), value("v", [3])],
        [value("scores", [1, 2, 3, 5]), value("outer", [3, 3]), value("trace", []), value("sums", [1, 2, 3])])


@valid
def sampling():
    """GridSample with zeros and with reflections around, DepthToSpace and back."""
    return simple("sampling", [
        node("GridSample", "x g", "a"), node("GridSample", "x g", "b", padding_mode="reflection", mode="nearest"),
        node("DepthToSpace", "x", "c", blocksize=2), node("SpaceToDepth", "c", "d", blocksize=2)],
        [value("x", [1, 4, 3, 3]), value("g", [1, 2, 3, 2])],
        [value("a", [1, 4, 2, 3]), value("b", [1, 4, 2, 3]), value("c", [1, 1, 6, 6]), value("d", [1, 4, 3, 3])])


@valid
def resize_fractional():
    """Resize by scales that are no whole factors: sizes in f32 (10 * 0.7 is 7), ties of nearest, aligned corners."""
    forms = {"a": {"mode": "nearest"}, "b": {"mode": "nearest", "nearest_mode": "round_prefer_ceil"},
             "c": {"mode": "linear", "coordinate_transformation_mode": "align_corners"},
             "d": {"mode": "nearest", "nearest_mode": "floor", "coordinate_transformation_mode": "asymmetric"}}
    return simple("resize_fractional", [node("Resize", "x - scales", name, **form) for name, form in forms.items()],
                  [value("x", [1, 1, 10, 22])], [value(name, [1, 1, 7, 6]) for name in forms],
                  [const("scales", [1, 1, 0.7, 0.3], np.float32)])


@valid
def pool_powers():
    """LpPool whose last windows reach over the end: they count what is there, whatever the pads."""
    return simple("pool_powers", [
        node("LpPool", "x", "a", kernel_shape=[3, 3], strides=[3, 1], ceil_mode=1),
        node("LpPool", "x", "b", kernel_shape=[3, 2], strides=[2, 3], p=3, pads=[1, 0, 1, 1], ceil_mode=1)],
        [value("x", [1, 2, 8, 6])], [value("a", [1, 2, 3, 4]), value("b", [1, 2, 5, 2])], opset=21)
