"""Operators that find as much as there is: suppression, masks, unique rows; and what detection heads do with them."""

import numpy as np

from build import BOOL, F16, F32, I64, const, graph, node, refused, simple, valid, value, weights


@valid
def nms_boxes():
    """NonMaxSuppression and a gather of the boxes it selects: as many rows as may be, and a count of each output."""
    return simple("nms_boxes", [
        node("NonMaxSuppression", "boxes scores most iou least", "selected"),
        node("Gather", "selected two", "which", axis=1), node("Reshape", "boxes flat", "all"),
        node("Gather", "all which", "found", axis=0)],
        [value("boxes", [1, 12, 4]), value("scores", [1, 2, 12])], [value("selected", ["n", 3], I64), value("found", ["n", 4])],
        [const("most", [5], np.int64), const("iou", [0.3], np.float32), const("least", [-0.5], np.float32),
         const("two", 2, np.int64), const("flat", [12, 4], np.int64)])


@valid
def nms_centres():
    """NonMaxSuppression of centres and sizes, of two images, without a threshold of scores and with its limits as inputs."""
    return simple("nms_centres", [
        node("NonMaxSuppression", "boxes scores most iou", "selected", center_point_box=1)],
        [value("boxes", [2, 7, 4]), value("scores", [2, 3, 7]), value("most", [1], I64), value("iou", [1])],
        [value("selected", ["n", 3], I64)])


@valid
def mask_rows():
    """x[mask] as exporters write it (NonZero, Transpose, GatherND), its sum and mean, and what is written back."""
    return simple("mask_rows", [
        node("Greater", "x zero", "mask"), node("NonZero", "mask", "places"),
        node("Transpose", "places", "index", perm=[1, 0]), node("GatherND", "x index", "values"),
        node("Mul", "values two", "doubled"), node("ScatterND", "x index doubled", "y"),
        node("ReduceSum", "values", "sum", keepdims=0), node("ReduceMean", "values", "mean", keepdims=0),
        node("Softmax", "values", "shares", axis=0), node("Shape", "values", "many")],
        [value("x", [3, 5])],
        [value("y", [3, 5]), value("sum", []), value("mean", []), value("shares", ["n"]), value("many", [1], I64),
         value("places", [2, "n"], I64)],
        [const("zero", 0, np.float32), const("two", 2, np.float32)])


@valid
def compressed_columns():
    """Compress whose condition is an input, then a product that contracts what is left."""
    return simple("compressed_columns", [
        node("Compress", "x keep", "some", axis=1), node("Compress", "w keep", "rows", axis=0),
        node("MatMul", "some rows", "y"), node("Concat", "some x", "joined", axis=1),
        node("Slice", "joined last end one", "tail")],
        [value("x", [3, 6]), value("w", [6, 4]), value("keep", [6], BOOL)],
        [value("y", [3, 4]), value("joined", [3, "n"]), value("tail", [3, 2])],
        [const("last", [-2], np.int64), const("end", [1 << 60], np.int64), const("one", [1], np.int64)])


@valid
def unique_values():
    """Unique of all elements and of columns, sorted and in the order of their first places, with all four outputs."""
    return simple("unique_values", [
        node("Cast", "x", "i", to=I64), node("Unique", "i", "y first inverse counts"),
        node("Unique", "i", "z zfirst zinverse zcounts", axis=1, sorted=0)],
        [value("x", [2, 9])],
        [value(n, ["n"], I64) for n in ("y", "first", "counts")] + [value("inverse", [18], I64)]
        + [value("z", [2, "m"], I64), value("zfirst", ["m"], I64), value("zinverse", [9], I64), value("zcounts", ["m"], I64)])


def detector(dtype):
    """Boxes and classes of 30 anchors, those above a threshold, suppressed by class, padded to 6 rows: as one exporter
    writes it, with shapes computed by nodes."""
    real = np.float16 if dtype == F16 else np.float32
    i64 = np.int64
    body = [
        node("Slice", "p c0 c4 ax", "box"), node("Slice", "p c4 c7 ax", "cls"),
        node("ReduceMax", "cls", "score", axes=[1], keepdims=0), node("ArgMax", "cls", "label", axis=1, keepdims=0),
        node("Cast", "label", "labels", to=dtype),
        node("Greater", "score conf", "mask"), node("NonZero", "mask", "nz"), node("Transpose", "nz", "index", perm=[1, 0]),
        node("GatherND", "box index", "boxes"), node("GatherND", "score index", "scores"),
        node("GatherND", "labels index", "classes"),
        node("Shape", "classes", "cshape"), node("Gather", "cshape zero", "n", axis=0), node("Unsqueeze", "n c0", "n1"),
        node("Concat", "n1 one", "target", axis=0), node("Reshape", "classes target", "column"),
        node("Concat", "n1 four", "wide", axis=0), node("Expand", "column wide", "offsets"),
        node("Mul", "offsets apart", "moved"), node("Add", "boxes moved", "own"),
        node("Cast", "own", "own32", to=F32), node("Cast", "scores", "scores32", to=F32),
        node("Unsqueeze", "own32 c0", "nboxes"), node("Unsqueeze", "scores32 c01", "nscores"),
        node("NonMaxSuppression", "nboxes nscores most iou", "selected"),
        node("Slice", "selected two three c1", "third"), node("Squeeze", "third c1", "keepall"),
        node("Slice", "keepall c0 six c0", "keep"),
        node("Gather", "boxes keep", "kb", axis=0), node("Gather", "scores keep", "ks", axis=0),
        node("Unsqueeze", "ks c1", "ks1"), node("Gather", "classes keep", "kc", axis=0), node("Unsqueeze", "kc c1", "kc1"),
        node("Concat", "kb ks1 kc1", "dets", axis=-1),
        node("Shape", "dets", "dshape"), node("Gather", "dshape zero", "found", axis=0), node("Sub", "sixs found", "missing"),
        node("Unsqueeze", "missing c0", "missing1"), node("Concat", "c0 c0 missing1 c0", "pads", axis=0),
        node("Pad", "dets pads nil", "y")]
    lists = {"c0": [0], "c1": [1], "c4": [4], "c7": [7], "ax": [1], "c01": [0, 1], "one": [1], "four": [4], "two": [2],
             "three": [3], "six": [6], "most": [1 << 62]}
    return simple("detector", body, [value("p", [30, 7], dtype)], [value("y", [6, 6], dtype), value("keep", ["k"], I64)],
                  [const(k, v, i64) for k, v in lists.items()]
                  + [const("zero", 0, i64), const("sixs", 6, i64), const("conf", 1.6, real), const("apart", 8, real),
                     const("iou", [0.2], np.float32), const("nil", 0, real)])


@valid
def detector_f32():
    """A detection tail with a mask, shapes computed by nodes, suppression and padding to a fixed number of rows."""
    return detector(F32)


@valid
def detector_f16():
    """The same in f16, as exports in half precision are."""
    return detector(F16)


@valid
def top_of_found():
    """TopK of what a mask leaves, sorted ascending and descending; ArgMax of it; a reversed slice."""
    return simple("top_of_found", [
        node("NonZero", "mask", "nz"), node("Squeeze", "nz c0", "index"), node("Gather", "x index", "some"),
        node("TopK", "some k", "most mosti"), node("TopK", "some k", "least leasti", largest=0),
        node("ArgMax", "some", "best", axis=0, keepdims=1), node("Slice", "some last first c0 back", "reversed")],
        [value("x", [9]), value("mask", [9], BOOL)],
        [value("most", [2]), value("mosti", [2], I64), value("least", [2]), value("leasti", [2], I64),
         value("best", [1], I64), value("reversed", ["n"])],
        [const("c0", [0], np.int64), const("k", [2], np.int64), const("last", [-1], np.int64),
         const("first", [-(1 << 60)], np.int64), const("back", [-1], np.int64)])


@valid
def found_regions():
    """RoiAlign of the boxes that a mask leaves, and a convolution and a Gemm of each: rows of a batch."""
    return simple("found_regions", [
        node("Compress", "rois keep", "some", axis=0), node("Compress", "images keep", "which", axis=0),
        node("RoiAlign", "x some which", "crops", output_height=3, output_width=2, sampling_ratio=2, spatial_scale=2.0),
        node("Conv", "crops w", "conv", pads=[1, 1, 1, 1]), node("Relu", "conv", "relu"),
        node("Flatten", "relu", "flat"), node("Gemm", "flat g", "y")],
        [value("x", [2, 3, 9, 8]), value("rois", [5, 4]), value("images", [5], I64), value("keep", [5], BOOL)],
        [value("y", ["n", 4])], [weights("w", 2, 3, 3, 3), weights("g", 12, 4)])


@valid
def found_branches():
    """If whose branches give tensors of different sizes: nothing where nothing was found, else the best two of what was; and
    parts of a matrix along both dimensions."""
    nothing = graph("none", [node("Identity", "no_rows", "e0")], [], [value("e0", [0])], [const("no_rows", [], np.float32)])
    best = graph("some", [node("TopK", "some at_most", "e1 e1i")], [], [value("e1", ["k"])])
    whole = graph("whole", [node("Identity", "m", "w0")], [], [value("w0", [3, 4])])
    part = graph("part", [node("Slice", "m from till", "w1")], [], [value("w1", [2, 2])])
    return simple("found_branches", [
        node("NonZero", "mask", "nz"), node("Squeeze", "nz c0", "index"), node("Gather", "x index", "some"),
        node("Size", "some", "size"), node("Unsqueeze", "size c0", "sizes"), node("Concat", "sizes two", "limits", axis=0),
        node("ReduceMin", "limits", "least", keepdims=0), node("Reshape", "least c1", "at_most"),
        node("Equal", "size zero", "is_empty"), node("If", "is_empty", "best", then_branch=nothing, else_branch=best),
        node("ReduceSum", "best", "sum", keepdims=0), node("If", "is_empty", "w", then_branch=whole, else_branch=part)],
        [value("x", [9]), value("mask", [9], BOOL), value("m", [3, 4])],
        [value("best", ["k"]), value("sum", []), value("w", ["r", "c"])],
        [const("c0", [0], np.int64), const("c1", [1], np.int64), const("two", [2], np.int64), const("zero", 0, np.int64),
         const("from", [1, 1], np.int64), const("till", [3, 3], np.int64)])


@valid
def found_written():
    """ScatterElements and ScatterND into as many rows as a mask leaves, at places that a second mask finds among them and at
    the last row."""
    return simple("found_written", [
        node("Compress", "x keep", "rows", axis=0), node("ReduceMax", "rows", "tops", axes=[1], keepdims=0),
        node("Greater", "tops limit", "high"), node("NonZero", "high", "nz"), node("Transpose", "nz", "places", perm=[1, 0]),
        node("GatherND", "rows places", "found"), node("Neg", "found", "negated"),
        node("Shape", "negated", "shape"), node("Expand", "places shape", "everywhere"),
        node("ScatterElements", "rows everywhere negated", "y", axis=0), node("ScatterND", "y last one", "z")],
        [value("x", [6, 3]), value("keep", [6], BOOL), value("last", [1, 1], I64)],
        [value("y", ["n", 3]), value("z", ["n", 3])],
        [const("limit", 0.6, np.float32), const("one", [[1, 2, 3]], np.float32)])


@valid
def found_filled():
    """x[mask] = value as another exporter writes it: how often it is repeated is the sum of the mask, of elements and of rows; and
    Compress by a mask of two dimensions."""
    return simple("found_filled", [
        node("NonZero", "mask", "nz"), node("Transpose", "nz", "places", perm=[1, 0]), node("Reshape", "mask flat", "bits"),
        node("Cast", "bits", "ones", to=I64), node("ReduceSum", "ones", "many", keepdims=1),
        node("Expand", "half many", "values"), node("Reshape", "values flat", "list"), node("ScatterND", "x places list", "y"),
        node("NonZero", "rows", "rz"), node("Transpose", "rz", "rplaces", perm=[1, 0]), node("Cast", "rows", "rones", to=I64),
        node("ReduceSum", "rones", "rmany", keepdims=1), node("Concat", "rmany five", "shape", axis=0),
        node("Expand", "half shape", "block"), node("ScatterND", "x rplaces block", "z"), node("Compress", "x mask", "kept")],
        [value("x", [3, 5]), value("mask", [3, 5], BOOL), value("rows", [3], BOOL)],
        [value("y", [3, 5]), value("z", [3, 5]), value("kept", ["n"])],
        [const("flat", [-1], np.int64), const("half", 0.5, np.float32), const("five", [5], np.int64)])


@valid
def slices_given():
    """Slices whose places are inputs: a window of a fixed length, all before a place, a box in steps, backwards to a place."""
    return simple("slices_given", [
        node("Add", "at four", "until"), node("Unsqueeze", "at c0", "from"), node("Unsqueeze", "until c0", "to"),
        node("Slice", "x from to c1", "part"), node("Mul", "part w", "window"),
        node("Slice", "x c0 end c1", "head"), node("ReduceSum", "head c1", "sum", keepdims=0),
        node("Slice", "x starts ends both steps", "box"), node("Slice", "x end c0 c1 back", "reversed")],
        [value("x", [3, 9]), value("at", [], I64), value("end", [1], I64), value("starts", [2], I64), value("ends", [2], I64)],
        [value("window", [3, 4]), value("head", [3, "n"]), value("sum", [3]), value("box", ["a", "b"]), value("reversed", [3, "m"])],
        [weights("w", 3, 4), const("four", 4, np.int64), const("c0", [0], np.int64), const("c1", [1], np.int64),
         const("both", [0, 1], np.int64), const("steps", [1, 2], np.int64), const("back", [-1], np.int64)])


@refused
def found_split():
    """Split of as many rows as a mask leaves: how many each part has is not known."""
    return simple("found_split", [
        node("Compress", "x keep", "some", axis=0), node("Split", "some", "a b", axis=0)],
        [value("x", [6, 2]), value("keep", [6], BOOL)], [value("a", ["n", 2]), value("b", ["n", 2])])


@refused
def found_convolution():
    """A convolution along a dimension as long as a mask leaves: padding would lie in its windows."""
    return simple("found_convolution", [
        node("Compress", "x keep", "some", axis=2), node("Conv", "some w", "y")],
        [value("x", [1, 2, 6]), value("keep", [6], BOOL)], [value("y", [1, 2, "n"])], [weights("w", 2, 2, 3)])


@refused
def found_loop():
    """A loop that carries as many rows as a mask leaves."""
    from onnx import helper
    body = helper.make_graph([node("Identity", "go", "go_on"), node("Neg", "v", "w")], "body",
                             [value("i", [], I64), value("go", [], BOOL), value("v", ["n"])],
                             [value("go_on", [], BOOL), value("w", ["n"])])
    return simple("found_loop", [
        node("Compress", "x keep", "some", axis=0), node("Loop", "count - some", "y", body=body)],
        [value("x", [6]), value("keep", [6], BOOL), value("count", [], I64)], [value("y", ["n"])])
