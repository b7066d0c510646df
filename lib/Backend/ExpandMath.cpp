//===- ExpandMath.cpp - floats without a C library ------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
#include "Backend/ExpandMath.h"
#include "Backend/MathPatterns.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/DialectConversion.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;

namespace mlc {

/// Whether floor, ceil, trunc and roundeven are instructions, or short inline
/// sequences of LLVM's.
static bool hasRounding(const TargetInfo &target) {
  StringRef feature;
  if (target.triple.isX86())
    feature = "+sse4.1";
  else if (target.triple.isARM())
    feature = "+fp-armv8";
  else
    return true;
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> machine =
      createTargetMachine(target);
  if (!machine) {
    llvm::consumeError(machine.takeError());
    return false;
  }
  return (*machine)->getMCSubtargetInfo()->checkFeatures(feature.str());
}

static RewritePatternSet typePatterns(MLIRContext *context) {
  RewritePatternSet patterns(context);
  populateMathTypePatterns(patterns);
  return patterns;
}

static RewritePatternSet exactPatterns(MLIRContext *context, bool fma) {
  RewritePatternSet patterns(context);
  if (!fma)
    populateExactFmaPatterns(patterns);
  return patterns;
}

static RewritePatternSet functionPatterns(MLIRContext *context,
                                          const TargetInfo &target,
                                          bool rounding) {
  RewritePatternSet patterns(context);
  populateMathTypePatterns(patterns);
  populateRoundingPatterns(patterns, rounding);
  populateFloatPatterns(patterns);
  populateRangePatterns(patterns);
  SmallVector<StringRef> expand = {"tan",   "sinh", "cosh",  "asinh", "acosh",
                                   "atanh", "exp2", "rsqrt", "fpowi"};
  if (target.triple.isARM())
    populateExtremumPatterns(patterns);
  if (!target.fma) {
    expand.push_back("fma");
    populateTanhPatterns(patterns);
  }
  math::populateExpansionPatterns(patterns, expand);
  populateMathPolynomialApproximationPatterns(patterns,
                                              [](StringRef) { return true; });
  arith::populateCeilFloorDivExpandOpsPatterns(patterns);
  return patterns;
}

static RewritePatternSet conversionPatterns(MLIRContext *context,
                                            const TargetInfo &target) {
  RewritePatternSet patterns(context);
  // Where bf16 are multiplied, they are converted in one instruction.
  if (!target.dotBf16 || target.triple.isARM())
    arith::populateExpandBFloat16Patterns(patterns);
  populateF16Patterns(patterns, target.f16Convert);
  return patterns;
}

MathExpansion::MathExpansion(MLIRContext *context, const TargetInfo &target)
    : rounding(hasRounding(target)), fma(target.fma),
      multipliesF16(target.multipliesF16()), typing(typePatterns(context)),
      exact(exactPatterns(context, target.fma)),
      functions(functionPatterns(context, target, rounding)),
      conversions(conversionPatterns(context, target)) {}

bool MathExpansion::isNative(Operation *op) const {
  if (isa<math::FloorOp, math::CeilOp, math::TruncOp, math::RoundEvenOp>(op))
    return rounding;
  if (isa<math::FmaOp>(op))
    return fma;
  return isa<math::AbsFOp, math::AbsIOp, math::CopySignOp, math::SqrtOp,
             math::CountLeadingZerosOp, math::CountTrailingZerosOp,
             math::CtPopOp, math::IsNaNOp, math::IsInfOp, math::IsFiniteOp,
             math::IsNormalOp>(op);
}

LogicalResult MathExpansion::checkNoCalls(func::FuncOp function) const {
  WalkResult result = function.walk([&](Operation *op) {
    bool bad = isa<math::MathDialect>(op->getDialect()) && !isNative(op);
    if (!bad && !isa<arith::RemFOp>(op))
      return WalkResult::advance();
    op->emitError("'") << op->getName() << "' on "
                       << op->getOperand(0).getType()
                       << " would call the C library, an operation with an "
                          "expansion is required";
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

static bool hasNarrowFloats(func::FuncOp function) {
  auto isNarrow = [](Type type) {
    Type element = getElementTypeOrSelf(type);
    return element.isF16() || element.isBF16();
  };
  return function
      .walk([&](Operation *op) {
        return llvm::any_of(op->getResultTypes(), isNarrow) ||
                       llvm::any_of(op->getOperandTypes(), isNarrow)
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

/// Leaves narrow floats to loads, stores and conversions, and f16 to
/// multiply-adds of vectors where the CPU has them: kernels make these for such
/// CPUs only.
LogicalResult MathExpansion::computeNarrowFloats(func::FuncOp function) const {
  MLIRContext *context = function.getContext();
  TypeConverter converter;
  arith::populateEmulateUnsupportedFloatsConversions(
      converter, {BFloat16Type::get(context), Float16Type::get(context)},
      Float32Type::get(context));
  RewritePatternSet patterns(context);
  arith::populateEmulateUnsupportedFloatsPatterns(patterns, converter);
  ConversionTarget legal(*context);
  arith::populateEmulateUnsupportedFloatsLegality(legal, converter);
  legal.addDynamicallyLegalOp<vector::FMAOp>([&](vector::FMAOp op) {
    bool isNative = multipliesF16 && getElementTypeOrSelf(op.getType()).isF16();
    return isNative || converter.isLegal(op.getOperation());
  });
  if (failed(applyPatternsGreedily(function, typing)) ||
      failed(applyPartialConversion(function, legal, std::move(patterns))))
    return function.emitError("16-bit floats could not be computed in f32");
  return success();
}

LogicalResult MathExpansion::run(func::FuncOp function) const {
  bool narrow = hasNarrowFloats(function);
  if (narrow && failed(computeNarrowFloats(function)))
    return failure();
  if ((!fma && failed(applyPatternsGreedily(function, exact))) ||
      failed(applyPatternsGreedily(function, functions)) ||
      (narrow && failed(applyPatternsGreedily(function, conversions))))
    return function.emitError("float functions could not be expanded");
  return checkNoCalls(function);
}

} // namespace mlc
