//===- QuantizePass.cpp - The pass nn-quantize ----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Quantize/FloatOps.h"
#include "Quantize/Islands.h"
#include "Quantize/WeightOnly.h"

#include "NN/IR/Epilogue.h"
#include "NN/IR/ShapeInference.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlc {
#define GEN_PASS_DEF_QUANTIZEPASS
#include "Quantize/Passes.h.inc"
} // namespace mlc

using namespace mlir;
using namespace mlc;

namespace {

class QuantizePass : public mlc::impl::QuantizePassBase<QuantizePass> {
public:
  using QuantizePassBase::QuantizePassBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal() || !isQuantized())
      return;
    bool isListed = quantizesActivations();
    IslandContext islands{mode};
    annotateInterface(function);
    lowerIslands(islands);
    lowerFloatProducts(islands);
    ProductReasons reasons;
    weights += keepWeightsNarrow(function, reasons);
    annotateInterface(function);
    foldConstants();
    if (isListed)
      report(reasons);
    quantizeEdges(islands);
    products += islands.products;
    elementwise += islands.elementwise;
    pools += islands.pools;
    tables += islands.tables;
    moved += islands.moved;
    rows += islands.rows;
  }

private:
  bool isQuantized() {
    WalkResult result = getOperation().walk([](Operation *op) {
      return isa<nn::QuantizeOp, nn::DequantizeOp>(op) ? WalkResult::interrupt()
                                                       : WalkResult::advance();
    });
    return result.wasInterrupted();
  }

  /// Where weights alone are, nobody expects integers.
  bool quantizesActivations() {
    WalkResult result = getOperation().walk([](Operation *op) {
      auto dequantize = dyn_cast<nn::DequantizeOp>(op);
      bool isWeights =
          dequantize && matchPattern(dequantize.getInput(), m_Constant());
      bool converts = isa<nn::QuantizeOp, nn::DequantizeOp>(op);
      return converts && !isWeights ? WalkResult::interrupt()
                                    : WalkResult::advance();
    });
    return result.wasInterrupted();
  }

  void apply(RewritePatternSet &&patterns) {
    GreedyRewriteConfig config;
    config.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
    // A graph that still changes after so many rounds is correct as it is.
    (void)applyPatternsGreedily(getOperation(), std::move(patterns), config);
  }

  void lowerIslands(IslandContext &islands) {
    RewritePatternSet patterns(&getContext());
    populateMovePatterns(patterns, islands);
    populateProductPatterns(patterns, islands);
    populateSumPatterns(patterns, islands);
    populateAveragePatterns(patterns, islands);
    populateReducePatterns(patterns, islands);
    populateSoftmaxPatterns(patterns, islands);
    populateResamplePatterns(patterns, islands);
    populateNormPatterns(patterns, islands);
    populateTflitePatterns(patterns, islands);
    populateTablePatterns(patterns, islands);
    populateComposePatterns(patterns);
    apply(std::move(patterns));
  }

  void lowerFloatProducts(IslandContext &islands) {
    RewritePatternSet patterns(&getContext());
    populateFloatProductPatterns(patterns, islands);
    apply(std::move(patterns));
  }

  void quantizeEdges(IslandContext &islands) {
    RewritePatternSet patterns(&getContext());
    populateTfliteEdgePatterns(patterns, islands);
    apply(std::move(patterns));
  }

  /// Weights of what stays on floats are floats.
  void foldConstants() {
    SmallVector<nn::DequantizeOp> ops;
    getOperation().walk([&](nn::DequantizeOp op) { ops.push_back(op); });
    for (nn::DequantizeOp op : ops) {
      std::optional<SmallVector<float>> values = foldDequantize(op);
      if (!values)
        continue;
      OpBuilder builder(op);
      op.replaceAllUsesWith(makeFloats(builder, op.getLoc(), *values,
                                       nn::shapeOf(op.getResult())));
      op.erase();
    }
  }

  void report(const ProductReasons &reasons) {
    listFloatOps(getOperation(), mode, reasons);
    getOperation().walk([&](Operation *op) {
      if (!computesFloats(op))
        return;
      ++left;
      if (mode == QuantizeMode::Onnx)
        return;
      auto linear = dyn_cast<nn::LinearOpInterface>(op);
      bool multipliesIntegers =
          linear && nn::isNarrowInteger(nn::elementOf(linear.getInput()));
      op->emitWarning() << "'" << op->getName() << "' "
                        << (multipliesIntegers ? "ends in" : "stays on")
                        << " floats in mode "
                        << (mode == QuantizeMode::Integer ? "integer"
                                                          : "tflite");
    });
  }
};

} // namespace

void mlc::buildQuantizePipeline(OpPassManager &pipeline, QuantizeMode mode) {
  QuantizePassOptions options;
  options.mode = mode;
  pipeline.addNestedPass<func::FuncOp>(createQuantizePass(options));
}
