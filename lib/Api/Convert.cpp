//===- Convert.cpp - Between the library and its public types -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Api/Convert.h"
#include "Support/AtomicFile.h"

#include "Pipeline/Diagnostics.h"
#include "Support/AtomicFile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlc;

Diagnostics mlc::diagnosticsOf(llvm::Error error) {
  Diagnostics result;
  auto add = [&](llvm::StringRef line) {
    Diagnostic diagnostic;
    diagnostic.message = line.str();
    result.push_back(std::move(diagnostic));
  };
  llvm::handleAllErrors(
      std::move(error),
      [&](const DiagnosticsError &found) {
        llvm::append_range(result, found.diagnostics());
      },
      [&](const llvm::ErrorInfoBase &other) {
        std::string text = other.message();
        llvm::SmallVector<llvm::StringRef> lines;
        llvm::StringRef(text).split(lines, '\n', -1, false);
        llvm::for_each(lines, add);
      });
  if (result.empty())
    add("failed without a diagnostic");
  return result;
}

TensorSpec mlc::specOf(const TensorContract &tensor) {
  TensorSpec spec;
  spec.name = tensor.name;
  spec.type = tensor.type;
  spec.shape.assign(tensor.shape.begin(), tensor.shape.end());
  spec.bytes = tensor.bytes();
  return spec;
}

std::vector<TensorSpec> mlc::specsOf(llvm::ArrayRef<TensorContract> tensors) {
  std::vector<TensorSpec> specs;
  for (const TensorContract &tensor : tensors)
    specs.push_back(specOf(tensor));
  return specs;
}

static KernelCost costOf(const KernelInfo &kernel) {
  KernelCost cost;
  cost.function = kernel.function;
  cost.kind = kernel.kind;
  cost.element = kernel.element;
  cost.detail = kernel.detail;
  cost.nodes = kernel.nodes;
  cost.calls = kernel.calls;
  cost.inputBytes = kernel.inputBytes;
  cost.outputBytes = kernel.outputBytes;
  cost.weightBytes = kernel.weightBytes;
  cost.operations = kernel.operations;
  cost.nominalOperations = kernel.nominalOperations;
  cost.macs = kernel.macs;
  return cost;
}

static void addMemory(const MemoryMap &map, Report &report) {
  for (const MemoryMap::Row &row : map.getRows()) {
    BufferCost cost;
    cost.name = row.buffer.name;
    cost.offset = row.offset;
    cost.bytes = row.buffer.size;
    cost.firstUse = row.buffer.first;
    cost.lastUse = row.buffer.last;
    report.buffers.push_back(std::move(cost));
  }
  report.memoryMapText = textBy([&](auto &os) { map.printText(os); });
  report.memoryMapJson = llvm::formatv("{0:2}\n", map.toJSON()).str();
}

static Result<void> writeText(const std::string &path,
                              const std::string &text) {
  if (llvm::Error error =
          writeFileAtomically(path, [&](llvm::raw_pwrite_stream &os) {
            os << text;
            return llvm::Error::success();
          }))
    return diagnosticsOf(std::move(error));
  return {};
}

Result<void> Report::writeMemoryMap(const std::string &path) const {
  return writeText(path, memoryMapJson);
}

Result<void> Report::write(const std::string &path) const {
  return writeText(path, json());
}

Report mlc::reportOf(const CompileReport &from) {
  const ModelContract &contract = from.contract;
  Report report;
  report.prefix = contract.prefix;
  report.inputs = specsOf(contract.inputs);
  report.outputs = specsOf(contract.outputs);
  report.macs = contract.macs;
  report.parameters = contract.parameters;
  report.weightsBytes = contract.weightsBytes;
  report.codeBytes = contract.codeBytes;
  report.stackBytes = contract.stackBytes;
  report.arenaBytes = contract.arenaBytes;
  report.arenaBytesPerThread = contract.threadBytes;
  report.arenaLowerBound = from.arenaLowerBound;
  report.threads = contract.threads;
  for (const PhaseTime &time : from.times)
    report.phases.push_back({time.phase, time.seconds});
  for (const KernelInfo &kernel : from.kernels)
    report.kernels.push_back(costOf(kernel));
  if (from.memoryMap)
    addMemory(*from.memoryMap, report);
  report.narrowFloats = from.narrowFloats;
  report.floatNodes = from.floatNodes;
  report.warnings = from.warnings;
  return report;
}

Result<void> mlc::writeBytes(const std::string &path, llvm::StringRef bytes) {
  if (llvm::Error error =
          writeFileAtomically(path, [&](llvm::raw_pwrite_stream &os) {
            os << bytes;
            return llvm::Error::success();
          }))
    return diagnosticsOf(std::move(error));
  return {};
}
