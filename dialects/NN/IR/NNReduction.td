//===- NNReduction.td - Reductions and normalising functions ------------*- tablegen -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NN_REDUCTION_TD
#define NN_REDUCTION_TD

include "NN/IR/NNBase.td"

def NN_ReduceOp : NN_InferredOp<"reduce"> {
  let summary = "reduction over axes";
  let description = [{
    (C1) axes are strictly increasing in [0, rank). With `keepdims` reduced
    dimensions stay with size 1. Booleans: max is or, min is and.
  }];
  let arguments = (ins NN_Tensor:$input, NN_ReduceKindAttr:$kind,
    DenseI64ArrayAttr:$axes, UnitAttr:$keepdims);
  let results = (outs NN_Tensor:$result);
  let hasFolder = 1;
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

def NN_SoftmaxOp : NN_InferredOp<"softmax"> {
  let summary = "softmax, or its logarithm, along one axis";
  let description = [{
    e^(x - max) / sum of e^(x - max); with `log`, its natural logarithm.
    (C1) axis is in [0, rank).
  }];
  let arguments = (ins NN_FloatTensor:$input, I64Attr:$axis, UnitAttr:$log);
  let results = (outs NN_FloatTensor:$result);
  let hasVerifier = 1;
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

#endif // NN_REDUCTION_TD
