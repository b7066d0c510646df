//===- LowerVectors.cpp - vector operations that LLVM has -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/Passes.h"
#include "mlir/Dialect/Vector/Transforms/LoweringPatterns.h"
#include "mlir/Dialect/Vector/Transforms/VectorTransforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace mlc {

#define GEN_PASS_DEF_LOWERVECTORS
#include "Backend/Passes.h.inc"

static RewritePatternSet vectorPatterns(MLIRContext *context) {
  RewritePatternSet patterns(context);
  vector::VectorTransformsOptions options;
  vector::populateVectorToVectorCanonicalizationPatterns(patterns);
  vector::populateVectorBroadcastLoweringPatterns(patterns);
  vector::populateVectorContractLoweringPatterns(
      patterns, options.vectorContractLowering);
  vector::populateVectorMaskOpLoweringPatterns(patterns);
  vector::populateVectorShapeCastLoweringPatterns(patterns);
  vector::populateVectorInterleaveLoweringPatterns(patterns);
  vector::populateVectorTransposeLoweringPatterns(
      patterns, options.vectorTransposeLowering);
  vector::populateVectorMaskMaterializationPatterns(patterns, true);
  vector::populateVectorInsertExtractStridedSliceTransforms(patterns);
  vector::populateVectorStepLoweringPatterns(patterns);
  return patterns;
}

namespace {
struct LowerVectors : mlc::impl::LowerVectorsBase<LowerVectors> {
  LogicalResult initialize(MLIRContext *context) override {
    patterns = FrozenRewritePatternSet(vectorPatterns(context));
    return success();
  }
  void runOnOperation() override {
    if (failed(applyPatternsGreedily(getOperation(), patterns)))
      signalPassFailure();
  }

  FrozenRewritePatternSet patterns;
};
} // namespace

} // namespace mlc
