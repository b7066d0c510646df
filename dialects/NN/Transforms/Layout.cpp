//===- Layout.cpp - Channels last -------------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"
#include "NN/Transforms/Passes.h"
#include "NN/Transforms/SinkTransposes.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/Dominance.h"
#include "mlir/Transforms/CSE.h"

namespace mlir::nn {
#define GEN_PASS_DEF_LAYOUTPASS
#include "NN/Transforms/Passes.h.inc"
} // namespace mlir::nn

using namespace mlir;
using namespace mlir::nn;

/// result.dim(i) = input.dim(p[i]) takes [N, C, spatial...] to [N, spatial...,
/// C].
static SmallVector<int64_t> toChannelsLast(int64_t rank) {
  SmallVector<int64_t> permutation{0};
  llvm::append_range(permutation, llvm::seq<int64_t>(2, rank));
  permutation.push_back(1);
  return permutation;
}

/// Makes one op channels last, between transposes.
static void convert(LayoutOpInterface op, RewriterBase &rewriter) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  SmallVector<int64_t> last = toChannelsLast(type.getRank());
  SmallVector<int64_t> first = invertPermutationVector(last);
  rewriter.setInsertionPoint(op);
  SmallVector<OpOperand *> operands = op.getLayoutOperands();
  rewriter.modifyOpInPlace(op, [&] {
    for (OpOperand *operand : operands)
      operand->set(rewriter.createOrFold<TransposeOp>(op.getLoc(),
                                                      operand->get(), last));
    op.setLayout(Layout::channels_last);
    op->getResult(0).setType(RankedTensorType::get(
        applyPermutation(type.getShape(), last), type.getElementType()));
  });
  rewriter.setInsertionPointAfter(op);
  auto back =
      TransposeOp::create(rewriter, op.getLoc(), op->getResult(0), first);
  rewriter.replaceAllUsesExcept(op->getResult(0), back.getResult(), back);
}

namespace {
class LayoutPass : public nn::impl::LayoutPassBase<LayoutPass> {
public:
  void runOnOperation() override {
    convertAll();
    sinkTransposes(getOperation());
    IRRewriter rewriter(&getContext());
    eliminateCommonSubExpressions(rewriter, getAnalysis<DominanceInfo>(),
                                  getOperation());
    getOperation().walk([&](TransposeOp) { ++remaining; });
  }

private:
  void convertAll() {
    SmallVector<LayoutOpInterface> ops;
    getOperation().walk([&](LayoutOpInterface op) {
      auto type = cast<RankedTensorType>(op->getResult(0).getType());
      if (op.getLayout() == Layout::channels_first && type.getRank() >= 3)
        ops.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (LayoutOpInterface op : ops)
      convert(op, rewriter);
    converted += ops.size();
  }
};
} // namespace
