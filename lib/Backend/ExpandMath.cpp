//===- ExpandMath.cpp - floats without a C library ------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// f16 and bf16 are computed in f32. In f64 there are + - * / sqrt, rounding,
// remainder and comparisons; every other f64 function is computed in f32.
//
//===----------------------------------------------------------------------===//

#include "Backend/MathPatterns.h"
#include "Backend/Steps.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
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

/// Functions that LLVM compiles without a call.
static bool isNative(Operation *op, bool rounding, bool fma) {
  if (isa<math::FloorOp, math::CeilOp, math::TruncOp, math::RoundEvenOp>(op))
    return rounding;
  if (isa<math::FmaOp>(op))
    return fma;
  return isa<math::AbsFOp, math::AbsIOp, math::CopySignOp, math::SqrtOp,
             math::CountLeadingZerosOp, math::CountTrailingZerosOp,
             math::CtPopOp, math::IsNaNOp, math::IsInfOp, math::IsFiniteOp,
             math::IsNormalOp>(op);
}

static LogicalResult checkNoCalls(func::FuncOp function, bool rounding,
                                  bool fma) {
  WalkResult result = function.walk([&](Operation *op) {
    bool bad = isa<math::MathDialect>(op->getDialect()) &&
               !isNative(op, rounding, fma);
    if (!bad && !isa<arith::RemFOp>(op))
      return WalkResult::advance();
    op->emitError("'")
        << op->getName() << "' on "
        << (op->getNumOperands() ? op->getOperand(0).getType() : Type())
        << " would call the C library, an operation with an expansion is "
           "required";
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

LogicalResult expandMath(func::FuncOp function, const TargetInfo &target) {
  MLIRContext *context = function.getContext();
  bool rounding = hasRounding(target);
  auto all = [](StringRef) { return true; };

  RewritePatternSet patterns(context);
  populateMathTypePatterns(patterns);
  populateRoundingPatterns(patterns, rounding);
  populateFloatPatterns(patterns);
  SmallVector<StringRef> expand = {"tan",   "sinh", "cosh",  "asinh", "acosh",
                                   "atanh", "exp2", "rsqrt", "fpowi"};
  if (!target.fma)
    expand.push_back("fma");
  math::populateExpansionPatterns(patterns, expand);
  populateMathPolynomialApproximationPatterns(patterns, all);
  arith::populateCeilFloorDivExpandOpsPatterns(patterns);
  if (failed(applyPatternsGreedily(function, std::move(patterns))))
    return function.emitError("float operations could not be expanded");

  PassManager manager(context, func::FuncOp::getOperationName());
  arith::ArithEmulateUnsupportedFloatsOptions emulate;
  emulate.sourceTypeStrs = {"bf16", "f16"};
  emulate.targetTypeStr = "f32";
  manager.addPass(arith::createArithEmulateUnsupportedFloats(emulate));
  if (failed(manager.run(function)))
    return function.emitError("16-bit floats could not be computed in f32");

  RewritePatternSet conversions(context);
  arith::populateExpandBFloat16Patterns(conversions);
  populateF16Patterns(conversions, target.f16Convert);
  if (failed(applyPatternsGreedily(function, std::move(conversions))))
    return function.emitError("16-bit floats could not be converted");
  return checkNoCalls(function, rounding, target.fma);
}

} // namespace mlc
