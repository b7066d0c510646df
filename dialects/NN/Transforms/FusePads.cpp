//===- FusePads.cpp - Pads into convolutions and pools ----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/Transforms/Fuse.h"

#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"
#include "NN/Transforms/Identities.h"

#include <limits>

using namespace mlir;
using namespace mlir::nn;

/// The spatial part of `pad`; nullopt where it pads batch or channels, or
/// removes.
static std::optional<SmallVector<int64_t>> spatialPads(PadOp pad,
                                                       Layout layout) {
  int64_t rank = shapeOf(pad.getInput()).size();
  int64_t channelDim = layout == Layout::channels_first ? 1 : rank - 1;
  SmallVector<int64_t> spatial;
  for (auto [i, p] : llvm::enumerate(pad.getPads())) {
    int64_t d = i % rank;
    bool isSpatial = d != 0 && d != channelDim;
    if (isSpatial ? p < 0 : p != 0)
      return std::nullopt;
    if (isSpatial)
      spatial.push_back(p);
  }
  return spatial;
}

/// The sum of the op's own pads and those of `pad`.
static std::optional<SmallVector<int64_t>>
jointPads(PadOp pad, ArrayRef<int64_t> own, Layout layout) {
  std::optional<SmallVector<int64_t>> pads = spatialPads(pad, layout);
  if (!pads || pads->size() != own.size())
    return std::nullopt;
  for (auto [sum, p] : llvm::zip(*pads, own))
    sum += p;
  return pads;
}

static bool isNonNegative(Value v) {
  Operation *op = v.getDefiningOp();
  if (!op)
    return false;
  if (auto clamp = dyn_cast<ClampOp>(op)) {
    std::optional<double> low = splatValue(clamp.getLow());
    std::optional<double> high = splatValue(clamp.getHigh());
    return low && high && *low >= 0 && *high >= 0;
  }
  return isa<ReluOp, SigmoidOp, HardSigmoidOp, AbsOp, ExpOp, SoftplusOp>(op);
}

static bool isAllZero(ArrayRef<int64_t> values) {
  return llvm::all_of(values, [](int64_t v) { return v == 0; });
}

/// Whether elements of `value` beside the input of a maximum are as good as
/// absent.
static bool neverWins(double value, PadOp pad) {
  return value == -std::numeric_limits<double>::infinity() ||
         (value == 0 && isNonNegative(pad.getInput()));
}

/// Whether `pool` computes the same with the padding as its own; `average`
/// pools then count it, `isCounted`.
static bool canPadPool(PoolOp pool, PadOp pad, ArrayRef<int64_t> pads) {
  // A rounded-up size depends on which elements are the input's.
  if (pool.getCeilMode())
    return false;
  for (size_t i = 0, rank = pool.getKernel().size(); i < 2 * rank; ++i)
    if (pads[i] >=
        pool.getDilations()[i % rank] * (pool.getKernel()[i % rank] - 1) + 1)
      return false;
  double value = *splatValue(pad.getValue());
  if (pool.getKind() == PoolKind::max)
    return neverWins(value, pad);
  return value == 0 && (pool.getCountIncludePad() || isAllZero(pool.getPads()));
}

static bool fusePad(PadOp pad, RewriterBase &rewriter) {
  if (pad.getMode() != PadMode::constant || !pad->hasOneUse() ||
      !elementOf(pad.getInput()).isIntOrFloat() || !splatValue(pad.getValue()))
    return false;
  Operation *user = *pad->user_begin();
  std::optional<SmallVector<int64_t>> pads;
  auto conv = dyn_cast<ConvOp>(user);
  auto pool = dyn_cast<PoolOp>(user);
  if (conv && conv.getInput() == pad.getResult() &&
      splatValue(pad.getValue()) == conv.getInputZeroPoint().value_or(0))
    pads = jointPads(pad, conv.getPads(), conv.getLayout());
  if (pool)
    pads = jointPads(pad, pool.getPads(), pool.getLayout());
  if (!pads || (pool && !canPadPool(pool, pad, *pads)))
    return false;
  rewriter.modifyOpInPlace(user, [&] {
    user->setOperand(0, pad.getInput());
    if (conv)
      conv.setPads(*pads);
    else
      pool.setPads(*pads);
    if (pool && pool.getKind() == PoolKind::average)
      pool.setCountIncludePad(true);
    user->setLoc(rewriter.getFusedLoc({user->getLoc(), pad.getLoc()}));
  });
  rewriter.eraseOp(pad);
  return true;
}

int64_t nn::fusePads(Operation *root, RewriterBase &rewriter) {
  SmallVector<PadOp> pads;
  root->walk([&](PadOp pad) { pads.push_back(pad); });
  int64_t fused = 0;
  // From the end: a pad of a pad reaches the op behind both.
  for (PadOp pad : llvm::reverse(pads))
    fused += fusePad(pad, rewriter);
  return fused;
}
