//===- AverageFirst.cpp - Averages in front of 1x1 convolutions -----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"
#include "NN/Transforms/Passes.h"

namespace mlir {
namespace nn {
#define GEN_PASS_DEF_AVERAGEFIRSTPASS
#include "NN/Transforms/Passes.h.inc"
} // namespace nn
} // namespace mlir

using namespace mlir;
using namespace mlir::nn;

static bool areAll(ArrayRef<int64_t> values, int64_t value) {
  return llvm::all_of(values, [&](int64_t v) { return v == value; });
}

/// Whether each result is a linear function of one pixel of floats.
static bool mixesChannelsAlone(ConvOp conv) {
  return conv.getEpilogue().empty() && isa<FloatType>(elementOf(conv)) &&
         areAll(shapeOf(conv.getWeights()).drop_front(2), 1) &&
         areAll(conv.getStrides(), 1) && areAll(conv.getPads(), 0);
}

/// Whether the average of a constant is that constant: padding that counts
/// would take a part of the bias away.
static bool keepsConstants(PoolOp pool) {
  return !pool.getCountIncludePad() ||
         (areAll(pool.getPads(), 0) && !pool.getCeilMode());
}

static int64_t product(ArrayRef<int64_t> sizes) {
  int64_t result = 1;
  for (int64_t size : sizes)
    result *= size;
  return result;
}

static int64_t pixelsOf(Value v, int64_t channelDim) {
  return product(shapeOf(v)) / std::max<int64_t>(shapeOf(v)[channelDim], 1);
}

namespace {
struct AverageFirst : nn::impl::AverageFirstPassBase<AverageFirst> {
  using AverageFirstPassBase::AverageFirstPassBase;

  void runOnOperation() override {
    if (poolCost < 0) {
      getOperation()->emitError()
          << "nn-average-first: pool-cost is " << int64_t(poolCost)
          << ", at least 0 is required";
      return signalPassFailure();
    }
    SmallVector<PoolOp> pools;
    getOperation().walk([&](PoolOp pool) { pools.push_back(pool); });
    for (PoolOp pool : pools)
      move(pool);
  }

  /// Whether the products of pixels that are averaged away outweigh what is
  /// averaged more.
  bool pays(ConvOp conv, PoolOp pool) {
    int64_t channelDim = conv.getChannelDim();
    int64_t in = shapeOf(conv.getInput())[channelDim],
            out = shapeOf(conv)[channelDim];
    int64_t after = pixelsOf(pool, channelDim);
    int64_t saved = (pixelsOf(conv, channelDim) - after) *
                    product(shapeOf(conv.getWeights()));
    return saved > poolCost * after * product(pool.getKernel()) * (in - out);
  }

  void move(PoolOp pool) {
    auto conv = pool.getInput().getDefiningOp<ConvOp>();
    if (!conv || pool.getKind() != PoolKind::average || !conv->hasOneUse() ||
        conv.getLayout() != pool.getLayout() || !mixesChannelsAlone(conv) ||
        !(keepsConstants(pool) || !conv.getBias()) || !pays(conv, pool))
      return;
    SmallVector<int64_t> shape(shapeOf(pool));
    Type result = pool.getType();
    shape[conv.getChannelDim()] =
        shapeOf(conv.getInput())[conv.getChannelDim()];
    pool.getInputMutable().assign(conv.getInput());
    pool.getResult().setType(RankedTensorType::get(shape, elementOf(pool)));
    conv->moveAfter(pool);
    pool.getResult().replaceAllUsesWith(conv.getResult());
    conv.getInputMutable().assign(pool.getResult());
    conv.getResult().setType(cast<RankedTensorType>(result));
    ++numMoved;
  }
};
} // namespace
