//===- FoldConstants.cpp - Constant subgraphs by running them -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Pipeline/FoldConstants.h"

#include "Backend/Attributes.h"
#include "Backend/Backend.h"
#include "Emit/Entry.h"
#include "Execute/JitModel.h"
#include "Pipeline/Interface.h"
#include "Pipeline/Phases.h"

#include "NN/IR/NN.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/OwningOpRef.h"

using namespace mlir;
using namespace mlc;

/// The phases that are left of simplified ops.
static LogicalResult lower(ModuleOp module, const CompileOptions &options) {
  DialectRegistry registry;
  registerBackendDialects(registry);
  module.getContext()->appendDialectRegistry(registry);
  for (StringRef name : registry.getDialectNames())
    module.getContext()->getOrLoadDialect(name);
  for (const Phase &phase : phasesFrom("lower"))
    if (failed(runPhase(phase, module, options)))
      return failure();
  return success();
}

namespace {
struct CompiledConstants {
  AsmResourceBlob weights; ///< outlives the code, which reads them
  std::unique_ptr<JitModel> model;
};
} // namespace

static llvm::Expected<CompiledConstants>
compile(ModuleOp module, EntrySpec spec, const TargetInfo &host) {
  CompileOptions options;
  options.targets = {host};
  options.threads = 1;
  options.prefix = spec.prefix;
  // Constants do not depend on what was measured.
  options.schedule.useShipped = false;
  // The blobs belong to the model that is being simplified.
  options.freeConstants = false;
  if (failed(lower(module, options)))
    return llvm::createStringError("cannot be lowered");
  AsmResourceBlob blob = takeWeights(module, /*freeConstants=*/true);
  FailureOr<BackendResult> lowered =
      translateToLLVM(module, options.targets, prefixOf(options));
  if (failed(lowered))
    return llvm::createStringError("cannot be compiled");
  spec.plannedBytes = lowered->arenaSize;
  spec.variants.push_back({host, lowered->entries.front()});
  ArrayRef<char> weights = blob.getData();
  declareWeights(*lowered->module, spec, weightsName, weights);
  letWeightsBeAnywhere(*lowered->module, weightsName);
  if (llvm::Error error = addEntryPoints(*lowered->module, spec, host))
    return std::move(error);
  JitSymbol symbol = {weightsName.str(), weights.data()};
  auto model = JitModel::create(*lowered->module, host, spec.prefix,
                                {OptLevel::Less, symbol});
  if (!model)
    return model.takeError();
  return CompiledConstants{std::move(blob), std::move(*model)};
}

FailureOr<SmallVector<ElementsAttr>> mlc::evaluateConstants(ModuleOp module) {
  // A failure to fold is not the user's problem: the op stays in the model.
  ScopedDiagnosticHandler quiet(module.getContext(),
                                [](Diagnostic &) { return success(); });
  llvm::Expected<TargetInfo> host = hostTarget();
  if (!host) {
    llvm::consumeError(host.takeError());
    return failure();
  }
  auto function = module.lookupSymbol<func::FuncOp>("main");
  SmallVector<RankedTensorType> types;
  for (Type type : function.getResultTypes())
    types.push_back(cast<RankedTensorType>(type));
  EntrySpec spec = entryOf(contractOf(module, "mlc_fold"));
  OwningOpRef<ModuleOp> copy = module.clone();
  llvm::Expected<CompiledConstants> compiled = compile(*copy, spec, *host);
  if (!compiled) {
    llvm::consumeError(compiled.takeError());
    return failure();
  }
  copy = {};
  SmallVector<SmallVector<char>> buffers;
  for (RankedTensorType type : types)
    buffers.emplace_back(std::max<int64_t>(
        1, type.getNumElements() * nn::bytesPerElement(type.getElementType())));
  SmallVector<void *> outputs;
  for (SmallVector<char> &buffer : buffers)
    outputs.push_back(buffer.data());
  if (llvm::Error error = compiled->model->run({}, outputs)) {
    llvm::consumeError(std::move(error));
    return failure();
  }
  SmallVector<ElementsAttr> results;
  for (auto [type, buffer] : llvm::zip(types, buffers)) {
    int64_t size =
        type.getNumElements() * nn::bytesPerElement(type.getElementType());
    results.push_back(
        nn::makeConstant(type, ArrayRef<char>(buffer).take_front(size)));
  }
  return results;
}
