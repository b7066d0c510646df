"""Families of the grid for detection heads, sampling and classical models: see grid.py, which collects them.

Sizes are odd, values have ties, and what is found is sometimes everything and sometimes nothing.
"""
from __future__ import annotations

import itertools

import numpy as np
from onnx import helper

ML = {"domain": "ai.onnx.ml"}


def boxes(rng: np.random.RandomState, *shape: int) -> np.ndarray:
    """Corners in any order, on a coarse raster, so that some boxes are the same and some are empty."""
    return (rng.randint(0, 12, [*shape, 4]) / 2).astype("f")


def suppression(rng_of) -> list:
    """NonMaxSuppression over images x classes x boxes x limit x thresholds x box format, with equal scores."""
    points = []
    for images, classes, count, most, iou, least, centre in itertools.product(
        [1, 2], [1, 3], [1, 37], [0, 2, 100], [0.0, 0.5], [None, 0.3, 2.0], [0, 1]
    ):
        name = f"nms_{images}x{classes}x{count}_m{most}_i{iou}_t{least}_c{centre}"
        rng = rng_of(name)
        inputs = {"b": boxes(rng, images, count), "s": (rng.randint(0, 8, [images, classes, count]) / 8).astype("f")}
        weights = {"m": np.array([most], np.int64), "i": np.array([iou], np.float32)}
        if least is not None:
            weights["t"] = np.array([least], np.float32)
        node = helper.make_node("NonMaxSuppression", [*inputs, *weights], ["y"], center_point_box=centre)
        points.append((name, [node], inputs, weights))
    return points


def masks(rng_of) -> list:
    """NonZero, Compress and Unique over shapes, element types and how much there is."""
    points = []
    for shape, dtype, share in itertools.product([[7], [3, 5], [2, 3, 4]], ["f", np.int32, np.bool_], [0, 0.4, 1]):
        name = f"nonzero_{'x'.join(map(str, shape))}_{np.dtype(dtype).name}_{share}"
        x = (rng_of(name).uniform(size=shape) < share).astype(dtype)
        points.append((name, [helper.make_node("NonZero", ["x"], ["y"])], {"x": x}, {}))
    for axis, length, share in itertools.product([None, 0, 1, -1], [1, 3, 5], [0, 0.5, 1]):
        name = f"compress_a{axis}_{length}_{share}"
        rng = rng_of(name)
        inputs = {"x": rng.standard_normal([5, 6, 7]).astype("f"), "c": rng.uniform(size=[length]) < share}
        node = helper.make_node("Compress", ["x", "c"], ["y"], **({} if axis is None else {"axis": axis}))
        points.append((name, [node], inputs, {}))
    for shape, axis, order, dtype in itertools.product([[1, 1], [3, 5], [40, 2]], [None, 0, 1], [0, 1], ["f", np.int64]):
        name = f"unique_{'x'.join(map(str, shape))}_a{axis}_s{order}_{np.dtype(dtype).name}"
        x = rng_of(name).randint(-2, 3, shape).astype(dtype)
        node = helper.make_node("Unique", ["x"], ["y", "i", "v", "c"], sorted=order, **({} if axis is None else {"axis": axis}))
        points.append((name, [node], {"x": x}, {}))
    return points


def orders(rng_of) -> list:
    """TopK over sizes x counts x axes x directions x element types, with many ties."""
    points = []
    for shape, axis, k, largest, dtype in itertools.product(
        [[1, 67], [5, 19], [3, 100, 2]], [0, 1, -1], [1, 2, 17, "all"], [0, 1], ["f", np.float64, np.int64, np.int32]
    ):
        size = shape[axis]
        count = size if k == "all" else k
        if count > size or size == 1:
            continue
        name = f"topk_{'x'.join(map(str, shape))}_a{axis}_k{k}_l{largest}_{np.dtype(dtype).name}"
        x = rng_of(name).randint(-9, 10, shape).astype(dtype)
        node = helper.make_node("TopK", ["x", "k"], ["y", "i"], axis=axis, largest=largest)
        points.append((name, [node], {"x": x}, {"k": np.array([count], np.int64)}))
    return points


def regions(rng_of) -> list:
    """RoiAlign over modes x sampling ratios x transformations x sizes, with regions beyond the image."""
    points = []
    for mode, ratio, kind, size in itertools.product(
        ["avg", "max"], [0, 1, 3], ["half_pixel", "output_half_pixel"], [(1, 1), (3, 2)]
    ):
        name = f"roialign_{mode}_r{ratio}_{kind}_{size[0]}x{size[1]}"
        rng = rng_of(name)
        rois = np.concatenate([rng.uniform(-3, 10, [6, 2]), rng.uniform(5, 24, [6, 2])], 1).astype("f")
        inputs = {"x": rng.standard_normal([2, 3, 9, 7]).astype("f"), "r": rois, "i": rng.randint(0, 2, [6]).astype(np.int64)}
        node = helper.make_node("RoiAlign", [*inputs], ["y"], mode=mode, sampling_ratio=ratio, spatial_scale=0.75,
                                coordinate_transformation_mode=kind, output_height=size[0], output_width=size[1])
        points.append((name, [node], inputs, {}))
    return points


def pool_indices(rng_of) -> list:
    """MaxPool with indices over rank x kernel x stride x dilation x pad x ceil_mode x storage order, with ties."""
    points = []
    for rank, kernel, stride, dilation, pad, ceil, order in itertools.product(
        [1, 2, 3], [2, 3], [1, 3], [1, 2], [0, 1], [0, 1], [0, 1]
    ):
        name = f"maxpoolindices{rank}d_k{kernel}_s{stride}_d{dilation}_p{pad}_c{ceil}_o{order}"
        x = rng_of(name).randint(-4, 5, [2, 3, *[8, 7, 6][:rank]]).astype("f")
        node = helper.make_node("MaxPool", ["x"], ["y", "i"], kernel_shape=[kernel] * rank, strides=[stride] * rank,
                                dilations=[dilation] * rank, pads=[pad] * 2 * rank, ceil_mode=ceil, storage_order=order)
        points.append((name, [node], {"x": x}, {}))
    return points


def training(rng_of) -> list:
    """BatchNormalization in training mode over ranks and momenta."""
    points = []
    for shape, momentum in itertools.product([[5, 3], [2, 3, 4], [2, 3, 4, 5]], [0.9, 0.25]):
        name = f"batchnorm_training_{len(shape)}_{momentum}"
        rng = rng_of(name)
        weights = {k: rng.uniform(0.5, 2, [3]).astype("f") for k in "gbmv"}
        node = helper.make_node("BatchNormalization", ["x", *weights], ["y", "rm", "rv"], training_mode=1,
                                momentum=momentum, epsilon=1e-3)
        points.append((name, [node], {"x": rng.standard_normal(shape).astype("f")}, weights))
    return points


def deformable(rng_of) -> list:
    """DeformConv over groups x groups of offsets x stride x dilation x mask and bias (opset 19)."""
    points = []
    for group, offsets, stride, dilation, extra in itertools.product([1, 2], [1, 2], [1, 2], [1, 2], [0, 1]):
        name = f"deformconv_g{group}_o{offsets}_s{stride}_d{dilation}_e{extra}"
        rng = rng_of(name)
        sides = [(side + 2 - dilation * 2 - 1) // stride + 1 for side in (9, 8)]
        inputs = {"x": rng.standard_normal([2, 4, 9, 8]).astype("f"),
                  "o": rng.uniform(-3, 3, [2, offsets * 18, *sides]).astype("f")}
        weights = {"w": rng.standard_normal([6, 4 // group, 3, 3]).astype("f")}
        names = ["x", "w", "o"]
        if extra:
            weights["b"] = rng.standard_normal([6]).astype("f")
            inputs["m"] = rng.uniform(size=[2, offsets * 9, *sides]).astype("f")
            names += ["b", "m"]
        node = helper.make_node("DeformConv", names, ["y"], kernel_shape=[3, 3], pads=[1] * 4, strides=[stride] * 2,
                                dilations=[dilation] * 2, group=group, offset_group=offsets)
        points.append((name, [node], inputs, weights, 19))
    return points


def volumes(rng_of) -> list:
    """GridSample of volumes over modes x paddings x corners (opset 20)."""
    points = []
    for mode, padding, corners in itertools.product(["linear", "nearest"], ["zeros", "border", "reflection"], [0, 1]):
        name = f"gridsample3d_{mode}_{padding}_{corners}"
        rng = rng_of(name)
        inputs = {"x": rng.standard_normal([2, 3, 4, 5, 6]).astype("f"), "g": rng.uniform(-1.4, 1.4, [2, 3, 2, 4, 3]).astype("f")}
        node = helper.make_node("GridSample", ["x", "g"], ["y"], mode=mode, padding_mode=padding, align_corners=corners)
        points.append((name, [node], inputs, {}, 20))
    return points


def features(rng_of) -> list:
    """Feature operators and linear models of ai.onnx.ml."""
    def point(op: str, x: np.ndarray, outputs: str = "y", tag: str = "", **attributes):
        name = f"ml_{op.lower()}{tag}"
        return name, [helper.make_node(op, ["x"], outputs.split(), **ML, **attributes)], {"x": x}, {}

    rng = rng_of("features")
    x = rng.standard_normal([5, 3]).astype("f")
    whole = rng.randint(-2, 3, [5, 3]).astype(np.int64)
    holes = np.where(rng.uniform(size=[5, 3]) < 0.3, np.nan, x).astype("f")
    coefficients = [float(v) for v in rng.standard_normal(9)]
    points = [point("Scaler", x, offset=[0.5, 0.1, -0.2], scale=[2.0, 0.5, 1.0]), point("Scaler", whole, tag="_int", offset=[1.0], scale=[0.5]),
              point("Binarizer", x, threshold=0.25), point("Imputer", holes, imputed_value_floats=[1.0, 2.0, 3.0], replaced_value_float=float("nan")),
              point("Imputer", whole, tag="_int", imputed_value_int64s=[9], replaced_value_int64=-1),
              point("OneHotEncoder", whole, cats_int64s=[-2, -1, 0, 1, 2]),
              point("LabelEncoder", whole, keys_int64s=[-1, 2, 0], values_floats=[0.5, 1.5, 2.5], default_float=-7.0),
              point("LinearRegressor", x, coefficients=coefficients, intercepts=[0.1, 0.2, 0.3], targets=3)]
    points += [point("Normalizer", x, tag=f"_{n}", norm=n) for n in ("MAX", "L1", "L2")]
    for transform in ("NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO"):
        points.append(point("LinearClassifier", x, "l y", f"_{transform.lower()}", coefficients=coefficients,
                            intercepts=[0.1, -0.2, 0.3], classlabels_ints=[7, 3, 5], post_transform=transform))
    for transform in ("NONE", "LOGISTIC"):
        points.append(point("LinearClassifier", x, "l y", f"_binary_{transform.lower()}", coefficients=coefficients[:3],
                            intercepts=[0.1], classlabels_ints=[4, 9], post_transform=transform))
    return points


def random_trees(rng: np.random.RandomState, trees: int, modes: list[str], outputs: int, prefix: str, only: int | None) -> dict:
    """Attributes of `trees` random trees over 4 features, up to 5 nodes deep, with weights for leaves."""
    nodes: dict[str, list] = {k: [] for k in ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids",
                                              "falsenodeids", "missing_value_tracks_true")}
    leaves: dict[str, list] = {k: [] for k in ("treeids", "nodeids", "ids", "weights")}

    def grow(tree: int, depth: int) -> int:
        own = sum(t == tree for t in nodes["treeids"])
        is_leaf = depth == 5 or depth > 0 and rng.uniform() < 0.25
        row = {"treeids": tree, "nodeids": own, "featureids": int(rng.randint(4)), "values": float(rng.randint(-4, 5)) / 4,
               "modes": "LEAF" if is_leaf else modes[rng.randint(len(modes))], "truenodeids": 0, "falsenodeids": 0,
               "missing_value_tracks_true": int(rng.randint(2))}
        place = len(nodes["treeids"])
        for key, value in row.items():
            nodes[key].append(value)
        if is_leaf:
            for output in [only] if only is not None else rng.choice(outputs, rng.randint(1, outputs + 1), replace=False):
                for key, value in {"treeids": tree, "nodeids": own, "ids": int(output),
                                   "weights": float(rng.randint(1, 20)) / 16}.items():
                    leaves[key].append(value)
        else:
            nodes["truenodeids"][place] = grow(tree, depth + 1)
            nodes["falsenodeids"][place] = grow(tree, depth + 1)
        return own

    for tree in range(trees):
        grow(tree, 0)
    return {f"nodes_{k}": v for k, v in nodes.items()} | {f"{prefix}_{k}": v for k, v in leaves.items()}


def forests(rng_of) -> list:
    """TreeEnsembleRegressor and -Classifier over aggregations, comparisons, outputs, transforms and base values."""
    points = []
    mixed = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"]

    def x_of(rng: np.random.RandomState) -> np.ndarray:
        x = (rng.randint(-6, 7, [11, 4]) / 4).astype("f")
        x[3, 1] = x[7, 0] = np.nan
        return x

    for how, modes, outputs, base in itertools.product(["SUM", "AVERAGE", "MIN", "MAX"], [mixed[:1], mixed], [1, 3], [0, 1]):
        # Base values of outputs that no leaf weighs are left out by onnxruntime, not by ONNX.
        if base and outputs > 1:
            continue
        name = f"treeregressor_{how}_m{len(modes)}_o{outputs}_b{base}"
        rng = rng_of(name)
        attributes = random_trees(rng, 4, modes, outputs, "target", None)
        if base:
            attributes["base_values"] = [0.5, -0.25, 0.75][:outputs]
        node = helper.make_node("TreeEnsembleRegressor", ["x"], ["y"], **ML, n_targets=outputs, aggregate_function=how, **attributes)
        points.append((name, [node], {"x": x_of(rng)}, {}))
    for classes, only, transform in itertools.product([2, 3], [None, 0, 1], ["NONE", "LOGISTIC", "SOFTMAX"]):
        # Of two classes that both have weights, onnxruntime gives 0 and 1 for labels, whatever these are.
        if classes == 3 and only is not None or classes == 2 and only is None:
            continue
        name = f"treeclassifier_{classes}_{only}_{transform}"
        rng = rng_of(name)
        attributes = random_trees(rng, 3, mixed[:2], classes, "class", only)
        node = helper.make_node("TreeEnsembleClassifier", ["x"], ["l", "y"], **ML, post_transform=transform,
                                classlabels_int64s=[5, 2, 8][:classes], **attributes)
        points.append((name, [node], {"x": x_of(rng)}, {}))
    return points


def machines(rng_of) -> list:
    """SVMRegressor and SVMClassifier over kernels, numbers of classes, transforms, probabilities, and without vectors."""
    points, features = [], 4

    def point(name: str, op: str, outputs: str, rows: int = 9, **attributes):
        x = rng_of(name).standard_normal([rows, features]).astype("f")
        points.append((name, [helper.make_node(op, ["x"], outputs.split(), **ML, **attributes)], {"x": x}, {}))

    def some(rng: np.random.RandomState, count: int) -> list[float]:
        return [float(v) for v in rng.standard_normal(count).astype("f")]

    for kernel, degree, one_class in itertools.product(["LINEAR", "POLY", "RBF", "SIGMOID"], [2, 3], [0, 1]):
        if degree == 3 and kernel != "POLY":
            continue
        name = f"svmregressor_{kernel}_{degree}_{one_class}"
        rng = rng_of(name + "_model")
        point(name, "SVMRegressor", "y", kernel_type=kernel, kernel_params=[0.5, 0.25, float(degree)], n_supports=6,
              support_vectors=some(rng, 6 * features), coefficients=some(rng, 6), rho=[0.1], one_class=one_class)
    rng = rng_of("svmlines")
    point("svmregressor_lines", "SVMRegressor", "y", kernel_params=[0.0] * 3, coefficients=some(rng, features), rho=[0.1])
    for classes, kernel, transform, coupled in itertools.product(
        [2, 3, 5], ["LINEAR", "RBF"], ["NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO"], [0, 1]
    ):
        name = f"svmclassifier_{classes}_{kernel}_{transform}_{coupled}"
        rng, pairs = rng_of(name + "_model"), classes * (classes - 1) // 2
        counts = [int(v) for v in rng.randint(1, 4, classes)]
        extra = {"prob_a": some(rng, pairs), "prob_b": some(rng, pairs)} if coupled else {}
        point(name, "SVMClassifier", "l y", kernel_type=kernel, kernel_params=[0.5, 0.25, 2.0], vectors_per_class=counts,
              support_vectors=some(rng, sum(counts) * features), coefficients=some(rng, (classes - 1) * sum(counts)),
              rho=some(rng, pairs), classlabels_ints=[7, 3, 5, 11, 2][:classes], post_transform=transform, **extra)
    for classes, positive, transform in itertools.product([2, 4], [0, 1], ["NONE", "LOGISTIC"]):
        name = f"svmclassifier_lines_{classes}_{positive}_{transform}"
        coefficients = np.abs if positive else np.asarray
        point(name, "SVMClassifier", "l y", kernel_params=[0.0] * 3, rho=[0.3], classlabels_ints=[7, 3, 5, 11][:classes],
              coefficients=coefficients(some(rng_of(name + "_model"), classes * features)).tolist(), post_transform=transform)
    return points


FAMILIES = (suppression, masks, orders, regions, pool_indices, training, deformable, volumes, features, forests, machines)
