//===- FreeConstants.cpp - Constants that a pass left behind --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Pipeline/FreeConstants.h"

#include "Kernel/IR/Kernel.h"

#include "mlir/IR/BuiltinDialect.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassInstrumentation.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlc;

/// The names of all resources in attributes of `modules`.
static llvm::StringSet<> namedResources(ArrayRef<Operation *> modules) {
  llvm::StringSet<> names;
  for (Operation *module : modules)
    module->walk([&](Operation *op) {
      for (NamedAttribute named : op->getAttrDictionary()) {
        Attribute value = named.getValue();
        if (auto packed = dyn_cast<kernel::PackedAttr>(value))
          value = packed.getValue();
        if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
          names.insert(resource.getRawHandle().getKey());
      }
    });
  return names;
}

unsigned mlc::freeUnusedConstants(ArrayRef<Operation *> modules) {
  auto *resources =
      modules.front()
          ->getContext()
          ->getLoadedDialect<BuiltinDialect>()
          ->getRegisteredInterface<ResourceBlobManagerDialectInterface>();
  if (!resources)
    return 0;
  llvm::StringSet<> named = namedResources(modules);
  SmallVector<std::string> unused;
  DialectResourceBlobManager &manager = resources->getBlobManager();
  manager.getBlobMap(
      [&](const llvm::StringMap<DialectResourceBlobManager::BlobEntry> &map) {
        for (auto &entry : map)
          if (entry.second.getBlob() && !named.contains(entry.first()))
            unused.push_back(entry.first().str());
      });
  for (StringRef name : unused)
    manager.update(name, AsmResourceBlob());
  return unused.size();
}

namespace {
struct FreeConstants : PassInstrumentation {
  explicit FreeConstants(std::function<ArrayRef<Operation *>()> modules)
      : modules(std::move(modules)) {}

  void runAfterPass(Pass *, Operation *op) override {
    if (isa<ModuleOp>(op))
      freeUnusedConstants(modules());
  }

  std::function<ArrayRef<Operation *>()> modules;
};
} // namespace

void mlc::freeConstantsBehindPasses(
    PassManager &pipeline, std::function<ArrayRef<Operation *>()> modules) {
  pipeline.addInstrumentation(
      std::make_unique<FreeConstants>(std::move(modules)));
}
