//===- NNIndexing.td - Indexed writes, ranking, resampling -*- tablegen -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ops whose indices are data. ONNX's Scatter* are one `nn.scatter` on flattened
// rows, TopK is `nn.rank` and a scatter, Resize is one `nn.resample` an axis.
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
    Negative indices count from the end.

    (C1) ranks of input, indices and updates are 2, 1 and 2; (C2) updates are [K, M]
    for indices [K] and input [N, M]; (C3) element types of input and updates agree;
    (C4) indices that are constant lie in [-N, N).
  }];
  let arguments = (ins NN_Tensor:$input, NN_IntTensor:$indices, NN_Tensor:$updates,
    NN_ScatterKindAttr:$kind);
  let results = (outs NN_Tensor:$result);
  let hasVerifier = 1;
  let assemblyFormat = [{
    $input `,` $indices `,` $updates attr-dict `:` functional-type(operands, results)
  }];
}

def NN_RankOp : NN_InferredOp<"rank"> {
  let summary = "place of each element in sorted order along one axis";
  let description = [{
    The number of elements along `axis` that come before this one when they are
    sorted, ascending or `descending`; of equal ones the first comes first. NaN is
    larger than all numbers. i64.
    (C1) axis is in [0, rank).
  }];
  let arguments = (ins NN_Tensor:$input, I64Attr:$axis, UnitAttr:$descending);
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

#endif // NN_INDEXING_TD
