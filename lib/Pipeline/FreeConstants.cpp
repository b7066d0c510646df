//===- FreeConstants.cpp - Constants that a pass left behind --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Pipeline/FreeConstants.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassInstrumentation.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlc;

/// The names of all resources in attributes below `module`.
static llvm::StringSet<> namedResources(ModuleOp module) {
  llvm::StringSet<> names;
  module.walk([&](Operation *op) {
    for (NamedAttribute named : op->getAttrDictionary())
      if (auto resource = dyn_cast<DenseResourceElementsAttr>(named.getValue()))
        names.insert(resource.getRawHandle().getKey());
  });
  return names;
}

unsigned mlc::freeUnusedConstants(ModuleOp module) {
  auto *resources =
      module.getContext()
          ->getLoadedDialect<BuiltinDialect>()
          ->getRegisteredInterface<ResourceBlobManagerDialectInterface>();
  if (!resources)
    return 0;
  llvm::StringSet<> named = namedResources(module);
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
  void runAfterPass(Pass *, Operation *op) override {
    if (auto module = dyn_cast<ModuleOp>(op))
      freeUnusedConstants(module);
  }
};
} // namespace

void mlc::freeConstantsBehindPasses(PassManager &pipeline) {
  pipeline.addInstrumentation(std::make_unique<FreeConstants>());
}
