//===- CloneVariants.cpp - one copy of each function per CPU --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/Attributes.h"
#include "Backend/Passes.h"
#include "CodeGen/CodeGen.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace mlc {

#define GEN_PASS_DEF_CLONEVARIANTS
#include "Backend/Passes.h.inc"

/// Every function with a body in one copy for each variant, which call each
/// other.
static void cloneFunctions(ModuleOp module, unsigned variants) {
  SmallVector<func::FuncOp> originals;
  llvm::StringSet<> names;
  for (func::FuncOp function : module.getOps<func::FuncOp>())
    if (!function.isExternal()) {
      originals.push_back(function);
      names.insert(function.getName());
    }
  OpBuilder builder(module.getContext());
  for (unsigned variant = 0; variant < variants; ++variant) {
    std::string suffix = ("_v" + Twine(variant)).str();
    for (func::FuncOp original : originals) {
      builder.setInsertionPointToEnd(module.getBody());
      auto clone = cast<func::FuncOp>(builder.clone(*original));
      clone.setName((original.getName() + suffix).str());
      clone->setAttr(attrs::variant, builder.getI64IntegerAttr(variant));
      // A report tells of a kernel once.
      if (variant > 0)
        clone->removeAttr(attrs::kernel);
      clone.walk([&](func::CallOp call) {
        if (names.contains(call.getCallee()))
          call.setCallee((call.getCallee() + suffix).str());
      });
    }
  }
  for (func::FuncOp original : originals)
    original.erase();
}

/// Kernel functions get the arguments of CodeGen.h by which their work may be
/// divided; all calls ask for all of it.
static void addParts(ModuleOp module) {
  OpBuilder builder(module.getContext());
  Type index = builder.getIndexType();
  llvm::StringSet<> names;
  for (func::FuncOp function : module.getOps<func::FuncOp>()) {
    if (function.isExternal() || function->hasAttr(attrs::inputs))
      continue;
    names.insert(function.getName());
    for (StringRef name : {attrs::part, attrs::parts})
      (void)function.insertArgument(
          function.getNumArguments(), index,
          builder.getDictionaryAttr(
              builder.getNamedAttr(name, builder.getUnitAttr())),
          function.getLoc());
  }
  module.walk([&](func::CallOp call) {
    if (!names.contains(call.getCallee()))
      return;
    builder.setInsertionPoint(call);
    for (int64_t value : {0, 1}) {
      Value number =
          arith::ConstantIndexOp::create(builder, call.getLoc(), value);
      call.getOperandsMutable().append(number);
    }
  });
}

namespace {
struct CloneVariants : mlc::impl::CloneVariantsBase<CloneVariants> {
  using CloneVariantsBase::CloneVariantsBase;
  void runOnOperation() override;
};
} // namespace

void CloneVariants::runOnOperation() {
  ModuleOp module = getOperation();
  if (targets == 0) {
    module.emitError("no target found, at least one is required");
    return signalPassFailure();
  }
  if (threads > 1)
    addParts(module);
  cloneFunctions(module, targets);
}

} // namespace mlc
