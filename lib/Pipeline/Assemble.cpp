//===- Assemble.cpp - One library of what each CPU has --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Pipeline/Assemble.h"

#include "Backend/Attributes.h"
#include "Pipeline/Interface.h"
#include "Support/GiveBack.h"

using namespace mlc;

Assembler::Assembler(const CompileOptions &options,
                     const ModelContract &contract,
                     mlir::AsmResourceBlob weights)
    : options(options), spec(entryOf(contract)) {
  spec.threads = options.threads;
  result.weights = std::move(weights);
  // Of all models that a program links, each has its own.
  result.weightsName = contract.prefix + "_weights";
}

llvm::Error Assembler::add(BackendResult lowered) {
  size_t index = spec.variants.size();
  llvm::Module &module = *lowered.module;
  spec.variants.push_back({options.targets[index], lowered.entries[index]});
  spec.plannedBytes = lowered.arenaSize;
  spec.threadBytes = std::max(spec.threadBytes, lowered.threadBytes);
  if (llvm::GlobalVariable *declared = module.getNamedGlobal(weightsName))
    declared->setName(result.weightsName);
  llvm::ArrayRef<char> weights = result.weights.getData();
  if (index + 1 == options.targets.size()) {
    declareWeights(module, spec, result.weightsName, weights);
  } else {
    declareWeights(module, result.weightsName, weights.size());
    if (llvm::Error error = exportBody(module, spec.variants.back()))
      return error;
    llvm::append_range(result.others, divideCode(module));
    lowered.module.reset();
    lowered.context.reset();
  }
  result.context = std::move(lowered.context);
  result.module = std::move(lowered.module);
  if (index == 0)
    first = std::move(lowered);
  giveBackMemory();
  return llvm::Error::success();
}

void Assembler::describe(CompileReport &report) {
  ModelContract &contract = report.contract;
  const TargetInfo &least = options.targets.back();
  contract.arenaBytes = spec.arenaSize();
  contract.threadBytes = spec.threadBytes;
  contract.arenaAlign = kArenaAlign;
  contract.threads = options.threads;
  contract.weightsBytes = spec.weightsSize;
  contract.triple = least.triple.str();
  contract.pointerBytes = least.triple.isArch64Bit() ? 8 : 4;
  for (const TargetInfo &target : options.targets)
    contract.variants.push_back(target.name);
  report.arenaLowerBound = first.arenaLowerBound;
  report.memoryMap = std::move(first.memoryMap);
  report.kernels = std::move(first.kernels);
  report.calls = std::move(first.calls);
}

llvm::Expected<CompiledModule> Assembler::finish(CompileReport report) {
  for (const EntryVariant &variant : llvm::drop_end(spec.variants))
    importBody(*result.module, variant);
  const TargetInfo &least = options.targets.back();
  if (llvm::Error error = addEntryPoints(*result.module, spec, least))
    return std::move(error);
  describe(report);
  result.report = std::move(report);
  return std::move(result);
}
