//===- NNSpatial.td - Convolution and pooling --------------*- tablegen -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NN_SPATIAL_TD
#define NN_SPATIAL_TD

include "NN/IR/NNBase.td"

/// A sliding window. Spatial attributes have one entry a spatial dimension;
/// `pads` has all begins, then all ends (ONNX's order).
///
/// Shared constraints:
/// (C1) rank(input) >= 3; (C2) size(strides) = size(dilations) = rank - 2, all >= 1;
/// (C3) size(pads) = 2 * (rank - 2), all >= 0; (C4) the padded input holds at least
/// one dilated window in each dimension.

def NN_ConvOp : NN_ProductOp<"conv", [NN_LayoutOpInterface]> {
  let summary = "convolution with an optional fused epilogue";
  let description = [{
    Cross-correlation of `input` [N, C, spatial...] (channels_first) or
    [N, spatial..., C] (channels_last) with `weights` [O, C / groups, kernel...]
    (always in this order), plus `bias` [O].

    The epilogue, where present, is a scalar function applied to each element of
    the result before it is stored: its block has one argument for the accumulated
    value and one for each of `epilogue_operands`, which are of the result's shape,
    or [O] (a value per channel), or rank 0.

    Integers of 8 or 16 bits accumulate (x - input_zero_point) * w in i32, which is the
    result's element type without an epilogue. Padding contributes nothing, which is to
    say that it holds the zero point.

    (C1)-(C4) as above; (C5) C = weights.dim(1) * groups; (C6) O is a multiple of
    groups; (C7) bias is [O]; (C8) epilogue operands are of one of the three shapes,
    and the block's arguments are their element types; (C9) of integers of 8 or 16 bits
    the weights are such integers too and bias is i32, and nothing else has an
    input_zero_point.
  }];
  let arguments = (ins
    NN_Tensor:$input, NN_Tensor:$weights, Optional<NN_Tensor>:$bias,
    Variadic<NN_Tensor>:$epilogue_operands,
    DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$dilations,
    I64Attr:$groups, NN_LayoutAttr:$layout, OptionalAttr<I32Attr>:$input_zero_point);
  let results = (outs NN_Tensor:$result);
  let regions = (region MaxSizedRegion<1>:$epilogue);
  let builders = [
    // Without a zero point.
    OpBuilder<(ins "::mlir::Type":$type, "::mlir::Value":$input, "::mlir::Value":$weights,
        "::mlir::Value":$bias, "::mlir::ValueRange":$epilogueOperands,
        "::llvm::ArrayRef<int64_t>":$strides, "::llvm::ArrayRef<int64_t>":$pads,
        "::llvm::ArrayRef<int64_t>":$dilations, "uint64_t":$groups, "Layout":$layout),
      [{ build($_builder, $_state, type, input, weights, bias, epilogueOperands, strides, pads,
               dilations, groups, layout, ::mlir::IntegerAttr()); }]>,
    OpBuilder<(ins "::mlir::Type":$type, "::mlir::Value":$input, "::mlir::Value":$weights,
        "::mlir::Value":$bias, "::mlir::ValueRange":$epilogueOperands,
        "::mlir::DenseI64ArrayAttr":$strides, "::mlir::DenseI64ArrayAttr":$pads,
        "::mlir::DenseI64ArrayAttr":$dilations, "::mlir::IntegerAttr":$groups,
        "LayoutAttr":$layout),
      [{ build($_builder, $_state, type, input, weights, bias, epilogueOperands, strides, pads,
               dilations, groups, layout, ::mlir::IntegerAttr()); }]>];
  let hasVerifier = 1;
  let assemblyFormat = [{
    $input `,` $weights (`bias` `(` $bias^ `)`)?
    (`epilogue` `(` $epilogue_operands^ `)`)? attr-dict
    `:` functional-type(operands, results) ($epilogue^)?
  }];
  let extraClassDeclaration = [{
    unsigned getSpatialRank() { return getStrides().size(); }
    unsigned getChannelDim();
    unsigned getSpatialDim(unsigned i);
    /// The input, and epilogue operands of the result's shape.
    ::llvm::SmallVector<::mlir::OpOperand *> getLayoutOperands();
    // LinearOpInterface
    int64_t getResultChannelDim();
    int64_t getInputChannelDim();
    int64_t getWeightsResultDim();
    int64_t getWeightsInputDim();
    int64_t getReductionSize();
    int32_t getInputZero();
    bool hasPadding();
    LinearOpInterface createWith(::mlir::OpBuilder &builder, ::mlir::Location loc,
                                 ::mlir::Type type, const LinearOperands &operands);
  }];
}

def NN_PoolOp : NN_InferredOp<"pool", [NN_LayoutOpInterface]> {
  let summary = "maximum or average over a sliding window";
  let description = [{
    Padding counts as absent: it never wins a maximum, and an average divides by the
    number of elements inside the input, or, with `count_include_pad`, inside the
    padded input. With `ceil_mode` the result's size is rounded up, and windows that
    would start in the end padding are dropped.

    (C1)-(C4) as above; (C5) size(kernel) = rank - 2, all >= 1; (C6) a pad is less
    than the dilated kernel.
  }];
  let arguments = (ins NN_Tensor:$input, NN_PoolKindAttr:$kind,
    DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads,
    DenseI64ArrayAttr:$dilations, UnitAttr:$count_include_pad, UnitAttr:$ceil_mode,
    NN_LayoutAttr:$layout);
  let results = (outs NN_Tensor:$result);
  let hasVerifier = 1;
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

def NN_BatchNormOp : NN_InferredOp<"batch_norm", [NN_LayoutOpInterface]> {
  let summary = "batch normalisation at inference";
  let description = [{
    (x - mean) / sqrt(variance + epsilon) * scale + offset, each [C].
    (C1) rank(input) >= 2 (rank 1 is [N] with C = 1); (C2) the four are [C].
  }];
  let arguments = (ins NN_FloatTensor:$input, NN_FloatTensor:$scale, NN_FloatTensor:$offset,
    NN_FloatTensor:$mean, NN_FloatTensor:$variance, F64Attr:$epsilon, NN_LayoutAttr:$layout);
  let results = (outs NN_FloatTensor:$result);
  let hasVerifier = 1;
  let assemblyFormat = [{
    $input `,` $scale `,` $offset `,` $mean `,` $variance attr-dict
    `:` functional-type(operands, results)
  }];
}

#endif // NN_SPATIAL_TD
