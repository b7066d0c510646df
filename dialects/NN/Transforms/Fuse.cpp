//===- Fuse.cpp - Fusion into weights and epilogues -------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/Transforms/Fuse.h"

#include "NN/IR/NN.h"
#include "NN/Transforms/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::nn {
#define GEN_PASS_DEF_FUSEPASS
#include "NN/Transforms/Passes.h.inc"
} // namespace mlir::nn

using namespace mlir;
using namespace mlir::nn;

namespace {
class FusePass : public nn::impl::FusePassBase<FusePass> {
public:
  void runOnOperation() override {
    Operation *root = getOperation();
    IRRewriter rewriter(&getContext());
    pads += fusePads(root, rewriter);
    forwards += fuseAffineForwards(root, rewriter);
    backwards += fuseAffineBackwards(root, rewriter);
    merged += mergeAffine(root, rewriter);
    batchNorms += decomposeBatchNorms(root, rewriter);
    epilogues += fuseEpilogues(root, rewriter);
    // Folding and dead code alone: weights that nobody reads any more.
    (void)applyPatternsGreedily(root, FrozenRewritePatternSet());
  }
};
} // namespace
