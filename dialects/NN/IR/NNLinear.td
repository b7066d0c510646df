//===- NNLinear.td - Matrix products -----------------------*- tablegen -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NN_LINEAR_TD
#define NN_LINEAR_TD

include "NN/IR/NNBase.td"

def NN_MatmulOp : NN_ProductOp<"matmul"> {
  let summary = "matrix product, batched, with an optional fused epilogue";
  let description = [{
    [..., M, K] x [..., K, N] -> [..., M, N]; leading dimensions broadcast. With
    `transpose_rhs` the right operand is [..., N, K]. `bias` is [N].
    The epilogue is as in `nn.conv`: operands are of the result's shape, or [N], or
    rank 0.

    Integers of 8 or 16 bits accumulate (l - lhs_zero_point) * (r - rhs_zero_point) in
    i32, which is the result's element type without an epilogue.

    (C1) both ranks are at least 2; (C2) the inner dimensions agree; (C3) leading
    dimensions broadcast; (C4) bias is [N]; (C5) as (C8) of nn.conv;
    (C6) of integers of 8 or 16 bits both operands are such integers and bias is i32,
    and nothing else has zero points.
  }];
  let arguments = (ins NN_Tensor:$lhs, NN_Tensor:$rhs, Optional<NN_Tensor>:$bias,
    Variadic<NN_Tensor>:$epilogue_operands, UnitAttr:$transpose_rhs,
    OptionalAttr<I32Attr>:$lhs_zero_point, OptionalAttr<I32Attr>:$rhs_zero_point);
  let results = (outs NN_Tensor:$result);
  let regions = (region MaxSizedRegion<1>:$epilogue);
  let builders = [
    // Without zero points.
    OpBuilder<(ins "::mlir::Type":$type, "::mlir::Value":$lhs, "::mlir::Value":$rhs,
        "::mlir::Value":$bias, "::mlir::ValueRange":$epilogueOperands,
        "::mlir::UnitAttr":$transposeRhs),
      [{ build($_builder, $_state, type, lhs, rhs, bias, epilogueOperands, transposeRhs,
               ::mlir::IntegerAttr(), ::mlir::IntegerAttr()); }]>,
    OpBuilder<(ins "::mlir::Type":$type, "::mlir::Value":$lhs, "::mlir::Value":$rhs,
        "::mlir::Value":$bias, "::mlir::ValueRange":$epilogueOperands, "bool":$transposeRhs),
      [{ build($_builder, $_state, type, lhs, rhs, bias, epilogueOperands, transposeRhs,
               ::mlir::IntegerAttr(), ::mlir::IntegerAttr()); }]>];
  let hasVerifier = 1;
  let assemblyFormat = [{
    $lhs `,` $rhs (`bias` `(` $bias^ `)`)?
    (`epilogue` `(` $epilogue_operands^ `)`)? attr-dict
    `:` functional-type(operands, results) ($epilogue^)?
  }];
  let extraClassDeclaration = [{
    // LinearOpInterface
    int64_t getResultChannelDim();
    int64_t getInputChannelDim();
    int64_t getWeightsResultDim();
    int64_t getWeightsInputDim();
    int64_t getReductionSize();
    int32_t getInputZero();
    bool hasBatchedWeights();
    int32_t getWeightsZero();
    bool canHaveWeightsZero() { return true; }
    LinearOpInterface createWith(::mlir::OpBuilder &builder, ::mlir::Location loc,
                                 ::mlir::Type type, const LinearOperands &operands);
  }];
}

#endif // NN_LINEAR_TD
