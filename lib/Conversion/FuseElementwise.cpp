//===- FuseElementwise.cpp - Chains of elementwise ops in one loop --------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversion/NNToLinalg.h"

#include "NN/IR/ScalarCost.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace mlc;

/// What others read too is kept, not computed again.
static bool isReadOnce(OpOperand *operand) {
  Operation *producer = operand->get().getDefiningOp();
  return producer && producer->hasOneUse();
}

/// Whether one loop may compute both.
static bool isWithinBudget(Operation *producer, Operation *consumer) {
  int64_t cost = 0, operands = 0;
  for (Operation *op : {producer, consumer}) {
    for (Region &region : op->getRegions())
      for (Block &block : region)
        cost += nn::scalarCost(block);
    operands += op->getNumOperands();
  }
  return cost <= nn::kMostScalarCost && operands <= nn::kMostFusedOperands;
}

namespace {

struct FuseElementwisePass
    : PassWrapper<FuseElementwisePass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(FuseElementwisePass)

  StringRef getArgument() const final { return "fuse-elementwise"; }
  StringRef getDescription() const final {
    return "Compute chains of elementwise linalg ops in one loop each, as long "
           "as it does not grow too large";
  }

  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<affine::AffineDialect, linalg::LinalgDialect,
                    tensor::TensorDialect>();
  }

  /// The patterns of upstream's linalg-fuse-elementwise-ops, which knows no
  /// budget.
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    linalg::populateElementwiseOpsFusionPatterns(set, [](OpOperand *operand) {
      return isReadOnce(operand) &&
             isWithinBudget(operand->get().getDefiningOp(),
                            operand->getOwner());
    });
    linalg::populateFoldReshapeOpsByExpansionPatterns(set, isReadOnce);
    tensor::populateBubbleUpExpandShapePatterns(set);
    affine::AffineApplyOp::getCanonicalizationPatterns(set, context);
    linalg::GenericOp::getCanonicalizationPatterns(set, context);
    tensor::ExpandShapeOp::getCanonicalizationPatterns(set, context);
    tensor::CollapseShapeOp::getCanonicalizationPatterns(set, context);
    context->getLoadedDialect<linalg::LinalgDialect>()
        ->getCanonicalizationPatterns(set);
    linalg::populateConstantFoldLinalgOperations(set, isReadOnce);
    patterns = std::move(set);
    return success();
  }

  void runOnOperation() override {
    // From the top, each op is fused with all before it at once.
    (void)applyPatternsGreedily(getOperation(), patterns,
                                GreedyRewriteConfig().setUseTopDownTraversal());
  }

  FrozenRewritePatternSet patterns;
};

} // namespace

std::unique_ptr<Pass> mlc::createFuseElementwisePass() {
  return std::make_unique<FuseElementwisePass>();
}
