//===- Attributes.cpp - what passes hand on -------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/Attributes.h"

using namespace mlir;

namespace mlc {

FailureOr<func::FuncOp> findMain(ModuleOp module) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  if (!main || main.isExternal())
    return module.emitError("no function 'main' with a body found");
  return main;
}

int64_t numberOf(Operation *op, StringRef attribute) {
  auto number = op->getAttrOfType<IntegerAttr>(attribute);
  return number ? number.getInt() : 0;
}

FailureOr<std::vector<TargetInfo>> targetsOf(MLIRContext *context,
                                             StringRef triple, StringRef cpus) {
  llvm::Expected<std::vector<TargetInfo>> targets =
      resolveTargets(triple, cpus);
  if (targets)
    return std::move(*targets);
  return emitError(UnknownLoc::get(context),
                   llvm::toString(targets.takeError()));
}

FailureOr<const TargetInfo *> targetOf(func::FuncOp function,
                                       ArrayRef<TargetInfo> targets) {
  auto variant = function->getAttrOfType<IntegerAttr>(attrs::variant);
  if (variant && variant.getValue().ult(targets.size()))
    return &targets[variant.getInt()];
  return function.emitOpError("has no '")
         << attrs::variant << "' below " << targets.size()
         << ", which clone-variants gives it";
}

} // namespace mlc
