"""Models that mean harm, or might as well: each is refused before it is paid for. What is wrong is a value, not the form."""

from onnx import helper

from build import I64, const, graph, model, node, refused, simple, value


def _indexed(name, op, data, indices, **attributes):
    """`op` of an input and constant indices."""
    return simple(name, [node(op, "x i", "y", **attributes)], [value("x", data)], [value("y", [])],
                  [const("i", indices, "int64")])


@refused
def gather_outside():
    """An index of Gather beyond its axis: passes use constant indices as places."""
    return _indexed("gather_outside", "Gather", [4, 4], [1, 2**40], axis=0)


@refused
def gather_elements_outside():
    """An index of GatherElements beyond its axis, though within the tensor."""
    return _indexed("gather_elements_outside", "GatherElements", [2, 2], [[0, 2]], axis=1)


@refused
def gather_nd_outside():
    """An index of GatherND below its axis, though within the tensor."""
    return _indexed("gather_nd_outside", "GatherND", [4, 4], [[3, -5]])


@refused
def gather_from_nothing():
    """Indices into an axis of size 0."""
    return _indexed("gather_from_nothing", "Gather", [0], [0, -1])


@refused
def gather_computed_outside():
    """An index beyond its axis that is known only once constants are folded."""
    return simple("gather_computed_outside", [node("Add", "i i", "j"), node("Gather", "x j", "y", axis=0)],
                  [value("x", [4, 4])], [value("y", [])], [const("i", [1, 2], "int64")])


@refused
def scatter_elements_outside():
    """An index of ScatterElements beyond its axis."""
    return simple("scatter_elements_outside", [node("ScatterElements", "x i u", "y", axis=1)],
                  [value("x", [2, 3]), value("u", [2, 1])], [value("y", [2, 3])], [const("i", [[0], [3]], "int64")])


@refused
def scatter_nd_outside():
    """An index of ScatterND beyond its axis, though within the tensor."""
    return simple("scatter_nd_outside", [node("ScatterND", "x i u", "y")],
                  [value("x", [2, 3]), value("u", [1])], [value("y", [2, 3])], [const("i", [[0, 3]], "int64")])


@refused
def pool_without_space():
    """GlobalLpPool of a tensor that has no spatial dimensions."""
    return simple("pool_without_space", [node("GlobalLpPool", "x", "y")], [value("x", [2])], [value("y", [2])])


@refused
def mask_of_gigabytes():
    """Trilu of so many rows that their numbers alone take 16 GB."""
    return simple("mask_of_gigabytes", [node("Trilu", "x k", "y", upper=0)], [value("x", [2147483647, 5], I64)],
                  [value("y", [4, 5], I64)], [const("k", 64, "int64")])


@refused
def tables_without_end():
    """Many nodes, each with a table that alone could be had."""
    nodes = [node("OneHot", "i depth v", f"h{k}") for k in range(20)]
    nodes.append(node("Sum", " ".join(f"h{k}" for k in range(20)), "y"))
    return simple("tables_without_end", nodes, [value("i", [1], I64)], [value("y", [])],
                  [const("depth", 2**23 + 1, "int64"), const("v", [0, 1], "float32")])


@refused
def filter_without_end():
    """An antialiasing filter as wide as the inverse of a scale next to 0."""
    return simple("filter_without_end", [node("Resize", "x - s", "y", mode="linear", antialias=1)],
                  [value("x", [1, 1, 4, 2**30])], [value("y", [])], [const("s", [1, 1, 1, 1e-8], "float32")], opset=21)


@refused
def indices_by_the_billion():
    """A few bytes that stand for a billion numbers."""
    nodes = [node("ConstantOfShape", "n", "target", value=const("v", [1], "int64")), node("Reshape", "x target", "y")]
    return simple("indices_by_the_billion", nodes, [value("x", [1])], [value("y", [])], [const("n", [2**30], "int64")])


@refused
def equal_elements_by_the_gigabyte():
    """A constant of equal elements, which is a few bytes here and would be 32 GB in the library."""
    nodes = [node("ConstantOfShape", "n", "c", value=const("v", [0.5], "float32")), node("Add", "x c", "y")]
    return simple("equal_elements_by_the_gigabyte", nodes, [value("x", [1])], [value("y", [])],
                  [const("n", [2**33], "int64")])


@refused
def bands_by_the_million():
    """Mel filters whose table takes a gigabyte."""
    numbers = [("n", 4096, "int64"), ("l", 65536, "int64"), ("r", 8000, "int64"), ("a", 0, "float32"), ("b", 4000, "float32")]
    return simple("bands_by_the_million", [node("MelWeightMatrix", "n l r a b", "y")], [], [value("y", [32769, 4096])],
                  [const(*number) for number in numbers])


@refused
def phases_without_end():
    """ConvTranspose of so wide a stride that the weights of its phases are nearly all zeros."""
    return simple("phases_without_end", [node("ConvTranspose", "x w", "y", strides=[30000, 30000])],
                  [value("x", [1, 1, 3, 3])], [value("y", [])], [const("w", [[[[1, 2], [3, 4]]]], "float32")])


@refused
def name_escapes():
    """A node whose name has a line break, a forged message and a terminal's escape sequence."""
    forged = helper.make_node("Frobnicate", ["x"], ["y"], name="a\x1b[31m\nmlc: error: forged", domain="com.example")
    return model(graph("name_escapes", [forged], [value("x", [4])], [value("y", [4])]), domains=["com.example"])
