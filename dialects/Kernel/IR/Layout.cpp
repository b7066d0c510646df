//===- Layout.cpp - Weights that are still to be packed -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Kernel.h"

using namespace mlir;
using namespace mlir::kernel;

static bool isDepthwise(WeightsKind kind) {
  return kind == WeightsKind::depthwise;
}

LogicalResult LayoutAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 WeightsKind kind, PackStep step,
                                 int64_t groups, int64_t block) {
  if (groups < 1 || (groups > 1 && kind != WeightsKind::conv))
    return emitError() << groups << " groups of " << stringifyWeightsKind(kind)
                       << " weights found, one is required, or several of a "
                          "convolution";
  // No CPU's vectors are near to it.
  constexpr int64_t widest = 1024;
  if (isDepthwise(kind) ? block != 0 : block < 1 || block > widest)
    return emitError() << "block of " << block << " of "
                       << stringifyWeightsKind(kind) << " weights found, 1 to "
                       << widest << " are required, and 0 of depthwise ones";
  if (isDepthwise(kind) && step != PackStep::single && step != PackStep::quads)
    return emitError() << "depthwise weights in " << stringifyPackStep(step)
                       << " found, single ones or quads are required";
  return success();
}

/// How many sizes weights of `kind` have.
static int64_t rankOf(WeightsKind kind) {
  constexpr int64_t ofWindows = 4, ofMatrices = 2;
  bool hasWindow = kind == WeightsKind::conv || isDepthwise(kind);
  return hasWindow ? ofWindows : ofMatrices;
}

/// The elements that can be packed by `step`.
static bool canPack(Type element, PackStep step) {
  if (step == PackStep::single)
    return elementBytes(element) > 0;
  return step == PackStep::halves ? element.isBF16() : element.isInteger(8);
}

ShapedType PackedAttr::packedType(ShapedType weights, LayoutAttr layout) {
  return weights.clone(
      PackedWeights::get(layout.getLayout(), weights.getShape()).shape());
}

LogicalResult PackedAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 ShapedType type, ElementsAttr value,
                                 LayoutAttr layout) {
  ShapedType weights = value.getShapedType();
  WeightsKind kind = layout.getKind();
  if (!weights.hasRank() || weights.getRank() != rankOf(kind))
    return emitError() << stringifyWeightsKind(kind) << " weights are "
                       << weights << ", " << rankOf(kind)
                       << " sizes are required";
  if (!canPack(weights.getElementType(), layout.getStep()))
    return emitError() << "weights of " << weights.getElementType() << " in "
                       << stringifyPackStep(layout.getStep())
                       << " found, bf16 in halves, i8 in quads, octets or "
                          "nibbles, or single ones of whole bytes are required";
  if (weights.getDimSize(0) % layout.getGroups())
    return emitError() << weights.getDimSize(0) << " output channels in "
                       << layout.getGroups()
                       << " groups found, a multiple is required";
  if (type == packedType(weights, layout))
    return success();
  return emitError() << "packed weights are " << type << ", "
                     << packedType(weights, layout) << " is required";
}

PackedWeights PackedAttr::getPacked() const {
  return PackedWeights::get(getLayout().getLayout(),
                            getValue().getShapedType().getShape());
}
