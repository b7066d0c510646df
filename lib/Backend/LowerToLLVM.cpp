//===- LowerToLLVM.cpp - to the LLVM dialect ------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/ErrorWatch.h"
#include "Backend/Steps.h"
#include "mlc/runtime.h"
#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/IndexToLLVM/IndexToLLVM.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/Vector/Transforms/LoweringPatterns.h"
#include "mlir/Dialect/Vector/Transforms/VectorTransforms.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace mlc {

/// What generated code may call: memory functions, as any freestanding C
/// compiler's code does, and the runtime.
static bool isAllowedCallee(StringRef name) {
  static const llvm::StringSet<> allowed = {"memcpy", "memset", "memmove"};
  return allowed.contains(name) || name.starts_with("mlc_");
}

static LogicalResult lowerLoops(ModuleOp module) {
  PassManager manager(module.getContext(), ModuleOp::getOperationName());
  // A function at a time: the canonicalizer goes over all that it is given once
  // more as long as anything changes. The module is verified as LLVM's.
  manager.enableVerifier(false);
  OpPassManager &functions = manager.nest<func::FuncOp>();
  functions.addPass(createConvertVectorToSCFPass(
      VectorTransferToSCFOptions().enableFullUnroll()));
  functions.addPass(createLowerAffinePass());
  functions.addPass(createSCFToControlFlowPass());
  functions.addPass(memref::createExpandStridedMetadataPass());
  functions.addPass(createLowerAffinePass());
  functions.addPass(createCanonicalizerPass());
  functions.addPass(createCSEPass());
  return manager.run(module);
}

static LogicalResult lowerVectors(ModuleOp module) {
  RewritePatternSet patterns(module.getContext());
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
  vector::populateVectorTransferLoweringPatterns(patterns, 1);
  FrozenRewritePatternSet frozen(std::move(patterns));
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isExternal() &&
        failed(applyPatternsGreedily(function, frozen)))
      return failure();
  return success();
}

static LogicalResult convert(ModuleOp module, const TargetInfo &target) {
  MLIRContext *context = module.getContext();
  LowerToLLVMOptions options(context);
  options.useBarePtrCallConv = true;
  options.allocLowering = LowerToLLVMOptions::AllocLowering::None;
  options.overrideIndexBitwidth(target.triple.isArch64Bit() ? 64 : 32);
  LLVMTypeConverter converter(context, options);
  RewritePatternSet patterns(context);
  populateFuncToLLVMConversionPatterns(converter, patterns);
  populateFinalizeMemRefToLLVMConversionPatterns(converter, patterns);
  arith::populateArithExpandOpsPatterns(patterns);
  arith::populateArithToLLVMConversionPatterns(converter, patterns);
  populateMathToLLVMConversionPatterns(converter, patterns);
  cf::populateControlFlowToLLVMConversionPatterns(converter, patterns);
  index::populateIndexToLLVMConversionPatterns(converter, patterns);
  ub::populateUBToLLVMConversionPatterns(converter, patterns);
  populateVectorToLLVMConversionPatterns(converter, patterns);
  LLVMConversionTarget conversion(*context);
  conversion.addLegalOp<ModuleOp>();
  return applyFullConversion(module, conversion, std::move(patterns));
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

/// Makes each return of `entry` give MLC_BAD_INPUT_VALUE where `valid` points
/// to 0, MLC_OK otherwise or where it is null.
static void returnStatus(LLVM::LLVMFuncOp entry, Value valid) {
  entry.walk([&](LLVM::ReturnOp op) {
    OpBuilder builder(op);
    Location loc = entry.getLoc();
    Type type = builder.getI32Type(), byte = builder.getI8Type();
    Value status = LLVM::ConstantOp::create(builder, loc, type, MLC_OK);
    if (valid) {
      Value is = LLVM::LoadOp::create(builder, loc, byte, valid);
      Value zero = LLVM::ConstantOp::create(builder, loc, byte, 0);
      Value isBad =
          LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::eq, is, zero);
      Value bad =
          LLVM::ConstantOp::create(builder, loc, type, MLC_BAD_INPUT_VALUE);
      status = LLVM::SelectOp::create(builder, loc, isBad, bad, status);
    }
    op->setOperands(status);
  });
}

/// @main_vN(inputs..., outputs..., [valid], arena) becomes
/// @PREFIX_main_vN(arena, array of inputs, array of outputs, executor) -> i32.
static LLVM::LLVMFuncOp makeEntry(LLVM::LLVMFuncOp main, StringRef name) {
  OpBuilder builder(main);
  Location loc = main.getLoc();
  auto pointer = LLVM::LLVMPointerType::get(main.getContext());
  Type status = builder.getI32Type();
  auto entry = LLVM::LLVMFuncOp::create(
      builder, loc, name,
      LLVM::LLVMFunctionType::get(status, SmallVector<Type>(4, pointer)));
  int64_t inputs = main->getAttrOfType<IntegerAttr>(attrs::inputs).getInt();
  int64_t outputs = main->getAttrOfType<IntegerAttr>(attrs::outputs).getInt();
  entry.getBody().takeBody(main.getBody());
  Block &body = entry.getBody().front();
  unsigned given = body.getNumArguments();
  for (unsigned i = 0; i < 4; ++i)
    body.addArgument(pointer, loc);
  builder.setInsertionPointToStart(&body);
  Value valid;
  if (main->hasAttr(attrs::valid)) {
    Value one = LLVM::ConstantOp::create(builder, loc, status, 1);
    valid =
        LLVM::AllocaOp::create(builder, loc, pointer, builder.getI8Type(), one);
    body.getArgument(inputs + outputs).replaceAllUsesWith(valid);
  }
  for (unsigned i = 0; i < given; ++i) {
    BlockArgument argument = body.getArgument(i);
    if (argument.use_empty())
      continue;
    Value value = body.getArgument(given);
    if (i < inputs + outputs) {
      Value table = body.getArgument(given + (i < inputs ? 1 : 2));
      int64_t slot = i < inputs ? i : i - inputs;
      Value address =
          LLVM::GEPOp::create(builder, loc, pointer, pointer, table,
                              ArrayRef<LLVM::GEPArg>{int32_t(slot)});
      value = LLVM::LoadOp::create(builder, loc, pointer, address);
    }
    argument.replaceAllUsesWith(value);
  }
  body.eraseArguments(0, given);
  returnStatus(entry, valid);
  entry->setAttr(attrs::variant, main->getAttr(attrs::variant));
  main.erase();
  return entry;
}

static LogicalResult checkCalls(ModuleOp module) {
  SymbolTable symbols(module);
  WalkResult result = module.walk([&](LLVM::CallOp call) {
    auto callee = call.getCallee();
    auto function =
        callee ? symbols.lookup<LLVM::LLVMFuncOp>(*callee) : LLVM::LLVMFuncOp();
    if (!callee || (function && !function.isExternal()) ||
        isAllowedCallee(*callee))
      return WalkResult::advance();
    call.emitError("call of '")
        << *callee
        << "' found, generated code may call nothing but memory "
           "functions and the runtime";
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

LogicalResult lowerToLLVM(ModuleOp module, StringRef prefix,
                          const TargetInfo &target) {
  ErrorWatch watch(module.getContext());
  if (failed(lowerLoops(module)) || failed(lowerVectors(module)) ||
      failed(convert(module, target)))
    return watch.fail(module, "module could not be lowered to LLVM");
  foldDescriptors(module);
  bitsToBytes(module);
  SmallVector<LLVM::LLVMFuncOp> functions(module.getOps<LLVM::LLVMFuncOp>());
  SmallVector<LLVM::LLVMFuncOp> entries;
  for (LLVM::LLVMFuncOp function : functions) {
    if (function.isExternal())
      continue;
    StringRef name = function.getName();
    if (function->hasAttr(attrs::inputs)) {
      entries.push_back(makeEntry(function, (prefix + "_" + name).str()));
      continue;
    }
    function.setLinkage(LLVM::Linkage::Internal);
    // Most kernels have one call: inlined, they would make one function of
    // the whole model, which takes LLVM far longer and is no faster.
    function.setNoInline(true);
  }
  forkKernels(module, target);
  llvm::for_each(entries, divideEntry);
  return checkCalls(module);
}

} // namespace mlc
