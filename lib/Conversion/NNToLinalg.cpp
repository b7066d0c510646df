//===- NNToLinalg.cpp - nn to linalg and kernel ops -----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversion/NNToLinalg.h"

#include "Kernel/IR/Kernel.h"
#include "NN/IR/NN.h"
#include "NN/IR/ScalarEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Func/Transforms/FuncConversions.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Patterns.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;
using namespace mlc;

SignlessConverter::SignlessConverter() {
  addConversion([](Type type) { return type; });
  addConversion([](IntegerType type) { return nn::makeSignless(type); });
  addConversion([](RankedTensorType type) -> Type {
    Type element = type.getElementType();
    if (auto quantized = dyn_cast<quant::QuantizedType>(element))
      element = quantized.getStorageType();
    return type.clone(nn::makeSignless(element));
  });
}

/// Equal elements are one in the model and all of them in the code, and in what
/// folds them on the way there.
static LogicalResult checkConstants(Operation *root) {
  constexpr int64_t most = int64_t(1) << 28;
  bool isFine = true;
  root->walk([&](nn::ConstantOp op) {
    auto type = cast<RankedTensorType>(op.getType());
    int64_t bytes =
        type.getNumElements() * nn::bytesPerElement(type.getElementType());
    auto dense = dyn_cast<DenseElementsAttr>(op.getValue());
    if (!dense || !dense.isSplat() || bytes <= most)
      return;
    // Folding forgets where a constant is from; who reads it is known.
    bool isLost = isa<UnknownLoc>(op.getLoc()) && !op->use_empty();
    Operation *where = isLost ? *op->user_begin() : op.getOperation();
    where->emitError("constant of ")
        << bytes << " bytes of equal elements found, at most " << most
        << " are supported; let what reads it broadcast one element";
    isFine = false;
  });
  return success(isFine);
}

namespace {

struct NNToLinalgPass : PassWrapper<NNToLinalgPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(NNToLinalgPass)

  NNToLinalgPass() = default;
  explicit NNToLinalgPass(const LoweringOptions &options) : options(options) {}
  NNToLinalgPass(const NNToLinalgPass &other)
      : PassWrapper(other), options(other.options) {}

  StringRef getArgument() const final { return "nn-to-linalg"; }
  StringRef getDescription() const final {
    return "Lower nn ops to kernel ops, where a kernel exists, and linalg on "
           "signless tensors";
  }

  void getDependentDialects(DialectRegistry &registry) const override {
    registry
        .insert<arith::ArithDialect, func::FuncDialect, kernel::KernelDialect,
                linalg::LinalgDialect, math::MathDialect, scf::SCFDialect,
                tensor::TensorDialect>();
  }

  void runOnOperation() override {
    if (failed(readOptions()) || failed(checkConstants(getOperation())))
      return signalPassFailure();
    MLIRContext *context = &getContext();
    SignlessConverter types;
    RewritePatternSet patterns(context);
    populateBatchNormLowering(types, patterns);
    populateBlockedLowering(types, patterns);
    populateBoundedLowering(types, patterns);
    populateElementwiseLowering(types, patterns);
    populateIndexingLowering(types, patterns);
    populateLinearLowering(types, patterns, options);
    populateMovementLowering(types, patterns);
    populateNormalizationLowering(types, patterns);
    populateOrderLowering(types, patterns);
    populateReductionLowering(types, patterns);
    populateRegionsLowering(types, patterns);
    populateSpatialLowering(types, patterns, options);
    ConversionTarget target(*context);
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    target.addIllegalDialect<nn::NNDialect>();
    populateControlLowering(types, patterns, target);
    target.addDynamicallyLegalOp<func::FuncOp>([&](func::FuncOp op) {
      return types.isSignatureLegal(op.getFunctionType());
    });
    target.addDynamicallyLegalOp<func::ReturnOp>(
        [&](func::ReturnOp op) { return types.isLegal(op); });
    populateFunctionOpInterfaceTypeConversionPattern<func::FuncOp>(patterns,
                                                                   types);
    populateReturnOpTypeConversionPattern(patterns, types);
    scf::populateSCFStructuralTypeConversionsAndLegality(types, patterns,
                                                         target);
    if (failed(applyPartialConversion(getOperation(), target,
                                      std::move(patterns))))
      signalPassFailure();
  }

  /// What mlc-opt was given goes over what the pass was made with.
  LogicalResult readOptions() {
    if (block.hasValue())
      options.block = block;
    if (words.hasValue())
      options.wordsOfBytes = words;
    if (pairs.hasValue())
      options.pairsOfBytes = pairs;
    if (matrices.hasValue())
      options.matricesOfBf16 = matrices;
    for (const auto &[name, text] : texts())
      if (text->hasValue())
        if (auto wrong = setOption(options, name, *text))
          return getOperation().emitError(*wrong);
    return success();
  }

  LoweringOptions options;
  Option<int64_t> block{
      *this, "block",
      llvm::cl::desc("Output channels per packed block of weights")};
  Option<bool> words{
      *this, "words",
      llvm::cl::desc("Whether the CPUs multiply bytes as words")};
  Option<bool> pairs{
      *this, "pairs",
      llvm::cl::desc("Whether the CPUs multiply pairs of bytes")};
  Option<bool> matrices{
      *this, "matrices-of-bf16",
      llvm::cl::desc("Every CPU multiplies bf16 by a matrix unit")};
#define MLC_LOWERING_OPTION(TYPE, MEMBER, NAME, DEFAULT, LIMITS, COMMANDS,     \
                            VALUE, HELP)                                       \
  Option<std::string> MEMBER{*this, NAME, llvm::cl::desc(HELP)};
#include "mlc/Options.def"

  SmallVector<std::pair<StringRef, Option<std::string> *>> texts() {
    return {
#define MLC_LOWERING_OPTION(TYPE, MEMBER, NAME, ...) {NAME, &MEMBER},
#include "mlc/Options.def"
    };
  }
};

} // namespace

std::unique_ptr<Pass>
mlc::createNNToLinalgPass(const LoweringOptions &options) {
  return std::make_unique<NNToLinalgPass>(options);
}

void mlc::registerConversionPasses() {
  PassRegistration<NNToLinalgPass>();
  registerPass(createNNControlToSCFPass);
  registerPass(createFuseElementwisePass);
  registerPass(createCarryInPlacePass);
}
