//===- ConvertToLLVMDialect.cpp - everything to the LLVM dialect ----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/Attributes.h"
#include "Backend/ErrorWatch.h"
#include "Backend/Passes.h"
#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/IndexToLLVM/IndexToLLVM.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Threading.h"

using namespace mlir;

namespace mlc {

#define GEN_PASS_DEF_CONVERTTOLLVMDIALECT
#include "Backend/Passes.h.inc"

namespace {

/// Upstream's patterns, made once for all functions.
class Conversion {
public:
  Conversion(MLIRContext *context, unsigned indexBits);

  /// All of `module` but modules in it.
  LogicalResult run(ModuleOp module) const;

private:
  LLVMTypeConverter converter;
  FrozenRewritePatternSet patterns;
};

} // namespace

static LowerToLLVMOptions convertOptions(MLIRContext *context,
                                         unsigned indexBits) {
  LowerToLLVMOptions options(context);
  options.useBarePtrCallConv = true;
  options.allocLowering = LowerToLLVMOptions::AllocLowering::None;
  options.overrideIndexBitwidth(indexBits);
  return options;
}

Conversion::Conversion(MLIRContext *context, unsigned indexBits)
    : converter(context, convertOptions(context, indexBits)) {
  RewritePatternSet list(context);
  populateFuncToLLVMConversionPatterns(converter, list);
  populateFinalizeMemRefToLLVMConversionPatterns(converter, list);
  arith::populateArithExpandOpsPatterns(list);
  arith::populateArithToLLVMConversionPatterns(converter, list);
  populateMathToLLVMConversionPatterns(converter, list);
  cf::populateControlFlowToLLVMConversionPatterns(converter, list);
  index::populateIndexToLLVMConversionPatterns(converter, list);
  ub::populateUBToLLVMConversionPatterns(converter, list);
  populateVectorToLLVMConversionPatterns(converter, list);
  patterns = FrozenRewritePatternSet(std::move(list));
}

LogicalResult Conversion::run(ModuleOp module) const {
  LLVMConversionTarget legal(*module.getContext());
  legal.addLegalOp<ModuleOp>();
  legal.markOpRecursivelyLegal<ModuleOp>(
      [module](ModuleOp each) { return each != module; });
  // Each op is converted at once and for good, in two thirds of the time.
  ConversionConfig config;
  config.allowPatternRollback = false;
  return applyFullConversion(module, legal, patterns, config);
}

/// Fields of memref descriptors are what was put into them, so that nothing is
/// left of these: they are nine of ten operations of an entry.
static void foldDescriptors(ModuleOp module) {
  SmallVector<Operation *> ops;
  module.walk([&](Operation *op) {
    SmallVector<OpFoldResult, 1> field;
    if (isa<LLVM::ExtractValueOp>(op) && succeeded(op->fold(field)) &&
        !field.empty())
      if (auto value = dyn_cast<Value>(field.front()))
        op->getResult(0).replaceAllUsesWith(value);
    if (isa<LLVM::ExtractValueOp, LLVM::InsertValueOp, LLVM::PoisonOp>(op))
      ops.push_back(op);
  });
  for (Operation *op : llvm::reverse(ops))
    if (op->use_empty())
      op->erase();
}

/// As many bytes as `type`, a scalar or vector, has bits; null where its
/// elements are no bits.
static Type bytesForBits(Type type) {
  Type byte = IntegerType::get(type.getContext(), 8);
  if (type.isInteger(1))
    return byte;
  auto vector = dyn_cast<VectorType>(type);
  return vector && vector.getElementType().isInteger(1) ? vector.clone(byte)
                                                        : Type();
}

/// One bit is one byte in memory, of vectors too: LLVM would pack these, and
/// vectorises bytes, not bits.
static void bitsToBytes(ModuleOp module) {
  OpBuilder builder(module.getContext());
  module.walk([&](Operation *op) {
    Location loc = op->getLoc();
    builder.setInsertionPoint(op);
    if (auto load = dyn_cast<LLVM::LoadOp>(op)) {
      Type type = bytesForBits(load.getType());
      if (!type)
        return;
      Value wide = LLVM::LoadOp::create(builder, loc, type, load.getAddr(), 1);
      Value zero =
          LLVM::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
      Value bits = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::ne,
                                        wide, zero);
      load.replaceAllUsesWith(bits);
      load.erase();
    } else if (auto store = dyn_cast<LLVM::StoreOp>(op)) {
      Type type = bytesForBits(store.getValue().getType());
      if (!type)
        return;
      Value wide = LLVM::ZExtOp::create(builder, loc, type, store.getValue());
      LLVM::StoreOp::create(builder, loc, wide, store.getAddr(), 1);
      store.erase();
    } else if (auto gep = dyn_cast<LLVM::GEPOp>(op)) {
      if (Type type = bytesForBits(gep.getElemType()))
        gep.setElemType(type);
    }
  });
}

/// Each function with a body in a module of its own, at its place.
static SmallVector<ModuleOp> wrapFunctions(ModuleOp module) {
  SmallVector<ModuleOp> shells;
  for (auto function :
       llvm::make_early_inc_range(module.getOps<func::FuncOp>())) {
    if (function.isExternal())
      continue;
    OpBuilder builder(function);
    shells.push_back(ModuleOp::create(builder, function.getLoc()));
    function->moveBefore(shells.back().getBody(),
                         shells.back().getBody()->end());
  }
  return shells;
}

static void unwrapFunctions(ArrayRef<ModuleOp> shells) {
  for (ModuleOp shell : shells) {
    shell->getBlock()->getOperations().splice(shell->getIterator(),
                                              shell.getBody()->getOperations());
    shell.erase();
  }
}

namespace {
struct ConvertToLLVMDialect
    : mlc::impl::ConvertToLLVMDialectBase<ConvertToLLVMDialect> {
  using ConvertToLLVMDialectBase::ConvertToLLVMDialectBase;
  void runOnOperation() override;
};
} // namespace

/// A function becomes another operation, which no pass on functions may do: so
/// each is a module meanwhile, and these are converted on all cores.
void ConvertToLLVMDialect::runOnOperation() {
  ModuleOp module = getOperation();
  auto targets = targetsOf(&getContext(), triple, "");
  if (failed(targets))
    return signalPassFailure();
  bool isWide = targets->back().triple.isArch64Bit();
  Conversion conversion(&getContext(), isWide ? 64 : 32);
  ErrorWatch watch(&getContext());
  SmallVector<ModuleOp> shells = wrapFunctions(module);
  auto convert = [&](ModuleOp shell) {
    if (failed(conversion.run(shell)))
      return failure();
    foldDescriptors(shell);
    bitsToBytes(shell);
    return success();
  };
  if (failed(conversion.run(module)) ||
      failed(failableParallelForEach(&getContext(), shells, convert))) {
    (void)watch.fail(module, "module could not be lowered to LLVM");
    return signalPassFailure();
  }
  unwrapFunctions(shells);
}

} // namespace mlc
