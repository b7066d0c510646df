"""Rarer operators: sampling, indices of pools, batches normalised by themselves, transforms back, classical models."""

import numpy as np
from onnx import TensorProto, helper

from build import I64, const, graph, model, node, random, refused, simple, valid, value, weights

ML = {"domain": "ai.onnx.ml"}


@valid
def pool_indices():
    """MaxPool with indices, both orders, and MaxUnpool to where the maxima were; padded and overlapping windows too."""
    return simple("pool_indices", [
        node("MaxPool", "x", "p i", kernel_shape=[2, 2], strides=[2, 2]), node("Neg", "p", "n"),
        node("MaxUnpool", "n i", "y", kernel_shape=[2, 2], strides=[2, 2]),
        node("MaxPool", "x", "q j", kernel_shape=[3, 3], strides=[2, 1], pads=[1, 1, 1, 1], storage_order=1)],
        [value("x", [2, 3, 6, 8])],
        [value("y", [2, 3, 6, 8]), value("i", [2, 3, 3, 4], I64), value("q", [2, 3, 3, 8]), value("j", [2, 3, 3, 8], I64)])


@valid
def batch_norm_training():
    """BatchNormalization in training mode, as some exporters leave it: the batch's own mean, and running ones moved."""
    return simple("batch_norm_training", [
        node("BatchNormalization", "x s b m v", "y rm rv", training_mode=1, momentum=0.75, epsilon=1e-3)],
        [value("x", [2, 3, 4, 5])], [value("y", [2, 3, 4, 5]), value("rm", [3]), value("rv", [3])],
        [weights("s", 3), weights("b", 3), weights("m", 3), const("v", np.abs(random("v", 3)))])


@valid
def deform_conv():
    """DeformConv in groups, with two groups of offsets, a mask and a bias, stride and dilation."""
    return simple("deform_conv", [
        node("DeformConv", "x w o b m", "y", kernel_shape=[3, 2], group=2, offset_group=2, strides=[1, 2],
             dilations=[2, 1], pads=[1, 0, 2, 1])],
        [value("x", [2, 4, 7, 6]), value("o", [2, 24, 6, 3]), value("m", [2, 12, 6, 3])], [value("y", [2, 6, 6, 3])],
        [weights("w", 6, 2, 3, 2), weights("b", 6)], opset=21)


@valid
def grids():
    """AffineGrid of one matrix, for images and for volumes, and GridSample at both."""
    return simple("grids", [
        node("AffineGrid", "t2 size2", "g2", align_corners=1), node("GridSample", "x g2", "y", align_corners=1),
        node("AffineGrid", "t3 size3", "g3"), node("GridSample", "v g3", "z", padding_mode="border")],
        [value("t2", [1, 2, 3]), value("x", [1, 2, 4, 5]), value("t3", [1, 3, 4]), value("v", [1, 2, 3, 4, 5])],
        [value("y", [1, 2, 3, 6]), value("z", [1, 2, 4, 3, 2])],
        [const("size2", [1, 2, 3, 6], np.int64), const("size3", [1, 2, 4, 3, 2], np.int64)], opset=21)


@valid
def transforms_back():
    """DFT there and back, along an axis, of real and complex numbers; determinants of matrices."""
    return simple("transforms_back", [
        node("DFT", "x - axis", "f"), node("DFT", "f - axis", "y", inverse=1), node("Det", "d", "det")],
        [value("x", [2, 6, 5, 1]), value("d", [3, 4, 4])],
        [value("f", [2, 6, 5, 2]), value("y", [2, 6, 5, 2]), value("det", [3])], [const("axis", 1, np.int64)], opset=21)


def pipeline(nodes, inputs, outputs, initializers=()):
    made = model(graph("pipeline", nodes, inputs, outputs, initializers), domains=["ai.onnx.ml"])
    made.opset_import[1].version = 3
    return made


TREES = {"nodes_treeids": [0, 0, 0, 0, 0, 1, 1, 1], "nodes_nodeids": [0, 1, 2, 3, 4, 0, 1, 2],
         "nodes_featureids": [0, 1, 0, 0, 0, 2, 0, 0], "nodes_values": [0.25, -0.5, 0.0, 0.0, 0.0, 0.75, 0.0, 0.0],
         "nodes_modes": ["BRANCH_LEQ", "BRANCH_GT", "LEAF", "LEAF", "LEAF", "BRANCH_LT", "LEAF", "LEAF"],
         "nodes_truenodeids": [1, 3, 0, 0, 0, 1, 0, 0], "nodes_falsenodeids": [2, 4, 0, 0, 0, 2, 0, 0],
         "nodes_missing_value_tracks_true": [0, 1, 0, 0, 0, 1, 0, 0]}


@valid
def ml_pipeline():
    """Scaler, then trees that regress and trees that classify, a linear classifier, normalised features."""
    leaves = [0, 0, 0, 1, 1], [2, 3, 4, 1, 2]
    return pipeline([
        node("Scaler", "x", "s", offset=[0.5, 0.1, -0.2], scale=[2.0, 0.5, 1.0], **ML),
        node("TreeEnsembleRegressor", "s", "y", n_targets=2, base_values=[0.5, -0.5], target_treeids=[0, 0, 0, 1, 1, 1, 1],
             target_nodeids=[2, 3, 4, 1, 1, 2, 2], target_ids=[0, 1, 0, 0, 1, 0, 1],
             target_weights=[1.5, -2.0, 0.25, 3.0, 0.5, -1.0, 0.75], **TREES, **ML),
        node("TreeEnsembleClassifier", "s", "label scores", classlabels_int64s=[3, 8], class_treeids=leaves[0],
             class_nodeids=leaves[1], class_ids=[0] * 5, class_weights=[0.1, 0.3, 0.2, 0.4, 0.15], **TREES, **ML),
        node("LinearClassifier", "s", "kind shares", coefficients=[0.5, -1.0, 0.25, 1.5, 0.75, -0.5, -1.0, 0.5, 1.0],
             intercepts=[0.1, -0.2, 0.3], classlabels_ints=[7, 3, 5], post_transform="SOFTMAX", **ML),
        node("Normalizer", "x", "unit", norm="L2", **ML)],
        [value("x", [7, 3])],
        [value("y", [7, 2]), value("label", [7], I64), value("scores", [7, 2]), value("kind", [7], I64),
         value("shares", [7, 3]), value("unit", [7, 3])])


@valid
def quiet_noise():
    """RandomNormalLike and RandomUniform whose scale is 0: what exporters leave of noise that inference turns off."""
    return simple("quiet_noise", [
        node("RandomNormalLike", "x", "r", seed=1.0), node("Mul", "r zero", "n"), node("Add", "x n", "y"),
        node("RandomUniform", "", "u", shape=[2, 3], low=2.0, high=3.0), node("Floor", "u", "z")],
        [value("x", [2, 4])], [value("y", [2, 4]), value("z", [2, 3])], [const("zero", 0, np.float32)])


@refused
def ml_strings():
    """LabelEncoder of strings, which tensors do not hold."""
    return pipeline([node("LabelEncoder", "x", "y", keys_int64s=[1, 2], values_strings=["a", "b"], **ML)],
                    [value("x", [3], I64)], [helper.make_tensor_value_info("y", TensorProto.STRING, [3])])


@refused
def ml_cyclic():
    """A tree whose nodes lead back to each other."""
    rows = dict(TREES, nodes_truenodeids=[1, 0, 0, 0, 0, 1, 0, 0])
    return pipeline([node("TreeEnsembleRegressor", "x", "y", target_treeids=[0], target_nodeids=[2], target_ids=[0],
                          target_weights=[1.0], **rows, **ML)], [value("x", [7, 3])], [value("y", [7, 1])])
