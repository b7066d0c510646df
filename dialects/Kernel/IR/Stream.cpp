//===- Stream.cpp - Chains of kernels, computed by rows -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Stream.h"

#include "Kernel/IR/Kernel.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::kernel;

/// `rowDim` is the input's dimension of rows.
template <typename OpT>
static StreamStage stageOf(OpT op, int64_t kernel, unsigned rowDim = 1) {
  ShapedType in = op.getInput().getType(), out = op.getInit().getType();
  return {op,
          &op.getInputMutable(),
          &op.getInitMutable(),
          kernel,
          op.getStrides()[0],
          op.getDilations()[0],
          op.getPads()[0],
          in.getDimSize(rowDim),
          out.getDimSize(1)};
}

/// Padding contributes nothing to a sum.
template <typename OpT>
static TypedAttr zeroOf(OpT op) {
  Type element = op.getInput().getType().getElementType();
  Builder builder(op.getContext());
  if (isa<FloatType>(element))
    return builder.getFloatAttr(element, 0);
  int64_t width = element.getIntOrFloatBitWidth();
  APInt zero(64, zeroPointOf(op.getInputZeroPoint()), /*isSigned=*/true);
  return builder.getIntegerAttr(element, zero.sextOrTrunc(width));
}

/// A maximum never takes it.
static TypedAttr lowestOf(PoolOp op) {
  Type element = op.getInput().getType().getElementType();
  Builder builder(op.getContext());
  if (auto type = dyn_cast<FloatType>(element))
    return FloatAttr::get(
        type, APFloat::getInf(type.getFloatSemantics(), /*Negative=*/true));
  unsigned width = element.getIntOrFloatBitWidth();
  return builder.getIntegerAttr(element, op.getInputUnsigned()
                                             ? APInt::getMinValue(width)
                                             : APInt::getSignedMinValue(width));
}

std::optional<StreamStage> ConvOp::getStage() {
  StreamStage stage =
      stageOf(*this, getKernelHeight(), getInputChannelsFirst() ? 2 : 1);
  stage.canLead = getGroupsInBlock() == 1;
  stage.canFollow = !getInputChannelsFirst() && !getTable();
  stage.padding = zeroOf(*this);
  stage.weights = getWeights();
  return stage;
}

std::optional<StreamStage> DepthwiseOp::getStage() {
  StreamStage stage = stageOf(*this, getKernelHeight());
  stage.canFollow = true;
  stage.padding = zeroOf(*this);
  stage.weights = getWeights();
  return stage;
}

std::optional<StreamStage> PoolOp::getStage() {
  StreamStage stage = stageOf(*this, getKernel()[0]);
  // An average counts the elements inside the image.
  stage.canFollow = getKind() == PoolKind::max || !stage.readsPadding();
  stage.padding = lowestOf(*this);
  return stage;
}

/// Weights are read again for each block of tiles, by rows or not.
std::optional<StreamStage> WinogradOp::getStage() {
  WinogradPlan plan = getPlan();
  StreamStage stage = {*this,
                       &getInputMutable(),
                       &getInitMutable(),
                       plan.algorithm.window,
                       /*stride=*/1,
                       /*dilation=*/1,
                       getPads()[0],
                       getInput().getType().getDimSize(1),
                       getInit().getType().getDimSize(1),
                       plan.blockRows * plan.algorithm.tile};
  stage.canLead = true;
  return stage;
}

std::optional<StreamStage> StreamStage::get(Operation *op) {
  auto kernel = dyn_cast<KernelOpInterface>(op);
  std::optional<StreamStage> stage = kernel ? kernel.getStage() : std::nullopt;
  if (stage &&
      cast<ShapedType>(stage->init->get().getType()).getDimSize(0) != 1)
    return std::nullopt;
  return stage;
}

StreamPlan StreamPlan::get(ArrayRef<StreamStage> stages, int64_t rows) {
  constexpr int64_t line = 64;
  StreamPlan plan;
  plan.steps = stages.back().outRows / rows;
  plan.windows.resize(stages.size() - 1);
  StreamWindow below = {rows, rows, 0, 0};
  for (size_t i = stages.size() - 1; i > 0; --i) {
    const StreamStage &stage = stages[i];
    StreamWindow &window = plan.windows[i - 1];
    window.advance = below.advance * stage.stride;
    window.extent = (below.extent - 1) * stage.stride + stage.reach();
    window.before = below.before * stage.stride + stage.pad;
    below = window;
  }
  plan.bytes = line;
  for (auto [i, window] : llvm::enumerate(plan.windows)) {
    auto image = cast<ShapedType>(stages[i].init->get().getType());
    window.at = plan.bytes;
    int64_t elements =
        window.extent * image.getDimSize(2) * image.getDimSize(3);
    plan.bytes +=
        llvm::alignTo(elements * elementBytes(image.getElementType()), line);
  }
  return plan;
}

bool StreamPlan::isPossible(ArrayRef<StreamStage> stages) const {
  for (auto [stage, window] : llvm::zip(stages, windows))
    if (stage.granule > 1 &&
        (window.carried() != 0 || window.leaves(stage.outRows, steps) ||
         window.advance % stage.granule != 0))
      return false;
  return true;
}
