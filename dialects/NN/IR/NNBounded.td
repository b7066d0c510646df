//===- NNBounded.td - Results of as many rows as the data say -*- tablegen -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tensors have static shapes, so an op that finds things gives as many rows as it may
// find at most, its `bound`, and beside them how many it has found. What is found
// comes first, in order; rows beyond the count hold what the op says. What would be
// beyond the bound is dropped, and not counted.
//
//===----------------------------------------------------------------------===//

#ifndef NN_BOUNDED_TD
#define NN_BOUNDED_TD

include "NN/IR/NNBase.td"

def NN_CompactOp : NN_Op<"compact"> {
  let summary = "positions of the true elements";
  let description = [{
    The positions in `mask` of its true elements, in order, and how many these are.
    Beyond them `places` is 0.

    (C1) the mask has rank 1; (C2) places are tensor<Bxi64> with B the bound, and the
    count is tensor<i64>.
  }];
  let arguments = (ins NN_BoolTensor:$mask);
  let results = (outs NN_IntTensor:$places, NN_IntTensor:$count);
  let hasVerifier = 1;
  let assemblyFormat = "$mask attr-dict `:` functional-type(operands, results)";
}

def NN_NmsOp : NN_Op<"nms", [AttrSizedOperandSegments]> {
  let summary = "non-maximum suppression (ONNX NonMaxSuppression)";
  let description = [{
    For each image and class the box of the highest score among those left (of equal
    ones the first) is selected, and all whose intersection over union with it is more
    than `iou_threshold` are left out, until `max_output` boxes of the class are
    selected or none is left. Only boxes with a score of more than `score_threshold`,
    where it is given, and below `box_count`, where it is given, take part; a score of
    NaN never does.

    Boxes [images, boxes, 4] are two opposite corners (y1, x1, y2, x2), or, with
    `center_point`, (x, y, width, height); scores are [images, classes, boxes]. Each
    row of `selected` is (image, class, box), in order of images, classes and
    selection; beyond the count rows are -1.

    (C1) boxes are [N, S, 4] and scores [N, C, S], of the same float type;
    (C2) max_output and box_count are tensor<i64>, thresholds rank 0 of the boxes'
    type; (C3) selected is tensor<Bx3xi64> with B the bound, and the count is
    tensor<i64>.
  }];
  let arguments = (ins NN_FloatTensor:$boxes, NN_FloatTensor:$scores,
    NN_IntTensor:$max_output, NN_FloatTensor:$iou_threshold,
    Optional<NN_FloatTensor>:$score_threshold, Optional<NN_IntTensor>:$box_count,
    UnitAttr:$center_point);
  let results = (outs NN_IntTensor:$selected, NN_IntTensor:$count);
  let hasVerifier = 1;
  let assemblyFormat = [{
    $boxes `,` $scores `,` $max_output `,` $iou_threshold
    (`score` `(` $score_threshold^ `)`)? (`boxes` `(` $box_count^ `)`)? attr-dict
    `:` functional-type(operands, results)
  }];
}

#endif // NN_BOUNDED_TD
