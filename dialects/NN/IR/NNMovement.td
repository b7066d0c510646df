//===- NNMovement.td - Data movement -----------------------*- tablegen -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NN_MOVEMENT_TD
#define NN_MOVEMENT_TD

include "NN/IR/NNBase.td"

def NN_ReshapeOp : NN_Op<"reshape"> {
  let summary = "same elements in the same order, another shape";
  let description = "(C1) both shapes have the same number of elements.";
  let arguments = (ins NN_Tensor:$input);
  let results = (outs NN_Tensor:$result);
  let hasFolder = 1;
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
  let assemblyFormat = "$input attr-dict `:` type($input) `to` type($result)";
}

def NN_TransposeOp : NN_InferredOp<"transpose"> {
  let summary = "permutation of dimensions";
  let description = [{
    result.dim(i) = input.dim(permutation[i]).
    (C1) `permutation` is one of [0, rank).
  }];
  let arguments = (ins NN_Tensor:$input, DenseI64ArrayAttr:$permutation);
  let results = (outs NN_Tensor:$result);
  let hasFolder = 1;
  let hasCanonicalizer = 1;
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

def NN_ConcatOp : NN_InferredOp<"concat"> {
  let summary = "tensors side by side along one axis";
  let description = [{
    (C1) axis is in [0, rank); (C2) element types agree; (C3) shapes agree but for
    the axis.
  }];
  let arguments = (ins Variadic<NN_Tensor>:$inputs, I64Attr:$axis);
  let results = (outs NN_Tensor:$result);
  let hasFolder = 1;
  let assemblyFormat = "$inputs attr-dict `:` functional-type(operands, results)";
}

def NN_SliceOp : NN_InferredOp<"slice"> {
  let summary = "strided box of a tensor";
  let description = [{
    Element i of dimension d is input element starts[d] + i * steps[d]; sizes[d] of
    them. Steps may be negative.
    (C1) one start, size and step a dimension; (C2) steps are not 0; (C3) the first
    and last element lie in the input.
  }];
  let arguments = (ins NN_Tensor:$input, DenseI64ArrayAttr:$starts,
    DenseI64ArrayAttr:$sizes, DenseI64ArrayAttr:$steps);
  let results = (outs NN_Tensor:$result);
  let hasFolder = 1;
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

def NN_PadOp : NN_InferredOp<"pad"> {
  let summary = "elements added (or, where negative, removed) at the ends of dimensions";
  let description = [{
    `pads` has all begins, then all ends. `value` (rank 0) fills in constant mode.
    (C1) size(pads) = 2 * rank; (C2) no dimension becomes negative; (C3) value is
    present in constant mode alone, rank 0, of the input's element type; (C4) reflect
    pads are less than the dimension, and none is of an empty dimension in edge and
    wrap mode.
  }];
  let arguments = (ins NN_Tensor:$input, Optional<NN_Tensor>:$value,
    DenseI64ArrayAttr:$pads, NN_PadModeAttr:$mode);
  let results = (outs NN_Tensor:$result);
  let hasVerifier = 1;
  let assemblyFormat = [{
    $input (`value` `(` $value^ `)`)? attr-dict `:` functional-type(operands, results)
  }];
}

def NN_BroadcastOp : NN_Op<"broadcast"> {
  let summary = "repetition of dimensions of size 1 (ONNX Expand)";
  let description = "(C1) the input's shape broadcasts to the result's, NumPy's rule.";
  let arguments = (ins NN_Tensor:$input);
  let results = (outs NN_Tensor:$result);
  let hasFolder = 1;
  let hasVerifier = 1;
  let assemblyFormat = "$input attr-dict `:` type($input) `to` type($result)";
}

def NN_GatherOp : NN_InferredOp<"gather"> {
  let summary = "slices chosen by indices along one axis";
  let description = [{
    result[a..., i..., b...] = input[a..., indices[i...], b...]. Negative indices
    count from the end.
    (C1) axis is in [0, rank); (C2) indices that are constant lie in [-size, size)
    of the axis.
  }];
  let arguments = (ins NN_Tensor:$input, NN_IntTensor:$indices, I64Attr:$axis);
  let results = (outs NN_Tensor:$result);
  let hasFolder = 1;
  let hasVerifier = 1;
  let assemblyFormat = "$input `,` $indices attr-dict `:` functional-type(operands, results)";
}

#endif // NN_MOVEMENT_TD
