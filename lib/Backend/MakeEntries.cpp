//===- MakeEntries.cpp - @main as the runtime calls it --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/Attributes.h"
#include "Backend/Passes.h"
#include "mlc/runtime.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace mlc {

#define GEN_PASS_DEF_MAKEENTRIES
#include "Backend/Passes.h.inc"

/// What generated code may call: memory functions, as any freestanding C
/// compiler's code does, and the runtime.
static bool isAllowedCallee(StringRef name) {
  static const llvm::StringSet<> allowed = {"memcpy", "memset", "memmove"};
  return allowed.contains(name) || name.starts_with("mlc_");
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
static void makeEntry(LLVM::LLVMFuncOp main, StringRef name) {
  OpBuilder builder(main);
  Location loc = main.getLoc();
  auto pointer = LLVM::LLVMPointerType::get(main.getContext());
  Type status = builder.getI32Type();
  auto entry = LLVM::LLVMFuncOp::create(
      builder, loc, name,
      LLVM::LLVMFunctionType::get(status, SmallVector<Type>(4, pointer)));
  int64_t inputs = numberOf(main, attrs::inputs);
  int64_t outputs = numberOf(main, attrs::outputs);
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
  entry->setAttr(attrs::entry, builder.getUnitAttr());
  main.erase();
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

namespace {
struct MakeEntries : mlc::impl::MakeEntriesBase<MakeEntries> {
  using MakeEntriesBase::MakeEntriesBase;
  void runOnOperation() override;
};
} // namespace

void MakeEntries::runOnOperation() {
  ModuleOp module = getOperation();
  SmallVector<LLVM::LLVMFuncOp> functions(module.getOps<LLVM::LLVMFuncOp>());
  for (LLVM::LLVMFuncOp function : functions) {
    if (function.isExternal())
      continue;
    if (function->hasAttr(attrs::inputs)) {
      makeEntry(function, prefix + "_" + function.getName().str());
      continue;
    }
    function.setLinkage(LLVM::Linkage::Internal);
    // Most kernels have one call: inlined, they would make one function of
    // the whole model, which takes LLVM far longer and is no faster.
    function.setNoInline(true);
  }
  if (failed(checkCalls(module)))
    signalPassFailure();
}

} // namespace mlc
