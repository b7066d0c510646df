//===- Stream.cpp - Chains of kernels, computed by rows -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Stream.h"

#include "Kernel/IR/Kernel.h"
#include "llvm/ADT/TypeSwitch.h"
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

static StreamStage stageOf(WinogradOp op) {
  WinogradPlan plan = op.getPlan();
  return {op,
          &op.getInputMutable(),
          &op.getInitMutable(),
          plan.algorithm.window,
          /*stride=*/1,
          /*dilation=*/1,
          op.getPads()[0],
          op.getInput().getType().getDimSize(1),
          op.getInit().getType().getDimSize(1),
          plan.blockRows * plan.algorithm.tile};
}

std::optional<StreamStage> StreamStage::get(Operation *op) {
  auto stage =
      llvm::TypeSwitch<Operation *, std::optional<StreamStage>>(op)
          .Case([](ConvOp conv) {
            return stageOf(conv, conv.getKernelHeight(),
                           conv.getInputChannelsFirst() ? 2 : 1);
          })
          .Case([](DepthwiseOp conv) {
            return stageOf(conv, conv.getKernelHeight());
          })
          .Case([](WinogradOp conv) { return stageOf(conv); })
          .Case([](PoolOp pool) { return stageOf(pool, pool.getKernel()[0]); })
          .Default([](Operation *) { return std::nullopt; });
  if (stage &&
      cast<ShapedType>(stage->init->get().getType()).getDimSize(0) != 1)
    return std::nullopt;
  return stage;
}

bool StreamStage::canLead() const {
  auto conv = dyn_cast<ConvOp>(op);
  return conv ? conv.getGroupsInBlock() == 1 : isa<WinogradOp>(op);
}

bool StreamStage::canFollow() const {
  if (auto conv = dyn_cast<ConvOp>(op))
    return !conv.getInputChannelsFirst();
  // An average counts the elements inside the image.
  if (auto pool = dyn_cast<PoolOp>(op))
    return pool.getKind() == PoolKind::max || !readsPadding();
  return isa<DepthwiseOp>(op);
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
