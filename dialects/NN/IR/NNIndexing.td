//===- NNIndexing.td - Indexed writes, orders, resampling --*- tablegen -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ops whose indices are data. ONNX's Scatter* are one `nn.scatter` on flattened
// rows, TopK is `nn.order` and a gather, Resize is one `nn.resample` an axis.
//
//===----------------------------------------------------------------------===//

#ifndef NN_INDEXING_TD
#define NN_INDEXING_TD

include "NN/IR/NNBase.td"

def NN_ScatterOp : NN_InferredOp<"scatter"> {
  let summary = "rows written into a matrix at given places";
  let description = [{
    The result is `input` [N, M] where row indices[i] has met row i of `updates`
    [K, M], for i = 0, 1, ... in this order: the later row wins an assignment.
    Negative indices count from the end. Where `count` is given, only rows below it are
    written.

    (C1) ranks of input, indices and updates are 2, 1 and 2; (C2) updates are [K, M]
    for indices [K] and input [N, M]; (C3) element types of input and updates agree;
    (C4) indices that are constant lie in [-N, N); (C5) the count is tensor<i64>.
  }];
  let arguments = (ins NN_Tensor:$input, NN_IntTensor:$indices, NN_Tensor:$updates,
    Optional<NN_IntTensor>:$count, NN_ScatterKindAttr:$kind);
  let results = (outs NN_Tensor:$result);
  let hasVerifier = 1;
  let builders = [
    // Of all rows.
    OpBuilder<(ins "::mlir::Type":$type, "::mlir::Value":$input, "::mlir::Value":$indices,
        "::mlir::Value":$updates, "ScatterKindAttr":$kind),
      [{ build($_builder, $_state, type, input, indices, updates, ::mlir::Value(), kind); }]>];
  let assemblyFormat = [{
    $input `,` $indices `,` $updates (`count` `(` $count^ `)`)? attr-dict
    `:` functional-type(operands, results)
  }];
}

def NN_OrderOp : NN_InferredOp<"order"> {
  let summary = "indices of the elements along one axis in sorted order";
  let description = [{
    The indices along `axis` of the first `count` elements when they are sorted,
    ascending or `descending`; of equal ones the first comes first. NaN is larger than
    all numbers. i64.
    (C1) axis is in [0, rank); (C2) count is in [0, size of the axis].
  }];
  let arguments = (ins NN_Tensor:$input, I64Attr:$axis, I64Attr:$count,
    UnitAttr:$descending);
  let results = (outs NN_IntTensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

def NN_ResampleOp : NN_InferredOp<"resample"> {
  let summary = "weighted sums of chosen elements along one axis";
  let description = [{
    Element o of `axis` is the sum over t of weights[o, t] * input[indices[o, t]]:
    linear and cubic interpolation, with 2 and 4 taps, and filters of any length.

    (C1) axis is in [0, rank); (C2) indices and weights are [size, taps], taps >= 1;
    (C3) input and weights have the same element type; (C4) indices that are constant
    lie in [0, size) of the axis.
  }];
  let arguments = (ins NN_FloatTensor:$input, NN_IntTensor:$indices,
    NN_FloatTensor:$weights, I64Attr:$axis);
  let results = (outs NN_FloatTensor:$result);
  let hasVerifier = 1;
  let assemblyFormat = [{
    $input `,` $indices `,` $weights attr-dict `:` functional-type(operands, results)
  }];
}

def NN_RequireOp : Op<NN_Dialect, "require", [MemoryEffects<[MemWrite]>]> {
  let summary = "what must hold of an input for a run to be valid";
  let description = [{
    A run that meets a `condition` that is false gives MLC_BAD_INPUT_VALUE, with
    outputs of no meaning. nn-collect-requirements makes values of these ops before
    anything else looks at the graph.

    (C1) the condition has one element.
  }];
  let arguments = (ins NN_BoolTensor:$condition);
  let hasVerifier = 1;
  let assemblyFormat = "$condition attr-dict `:` type($condition)";
}

def NN_RoiAlignOp : NN_InferredOp<"roi_align"> {
  let summary = "regions of images, each sampled to one size (ONNX RoiAlign)";
  let description = [{
    Region r, (x1, y1, x2, y2) in units of 1 / spatial_scale pixels, lies in image
    image_indices[r] of `input` [N, H, W, C]. It is cut into height * width bins. A bin
    gives the mean, or with `max` the largest, of its samples: sampling_ratio in each
    direction, or, where that is 0, as many as its size in pixels rounded up. A sample
    weighs the four pixels around it bilinearly (with `max` the largest weighed pixel
    counts); beyond a pixel outside of the image it is 0.

    With `half_pixel` pixel centres are at halves; otherwise a region is at least one
    pixel large.

    (C1) input has rank 4, rois are [R, 4] of the same type, indices [R]; (C2)
    height and width are at least 1 and the sampling ratio at least 0; (C3) the images
    are not empty.
  }];
  let arguments = (ins NN_FloatTensor:$input, NN_FloatTensor:$rois,
    NN_IntTensor:$image_indices, I64Attr:$height, I64Attr:$width, I64Attr:$sampling_ratio,
    F64Attr:$spatial_scale, UnitAttr:$half_pixel, UnitAttr:$max);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = [{
    $input `,` $rois `,` $image_indices attr-dict `:` functional-type(operands, results)
  }];
}

#endif // NN_INDEXING_TD
