//===- Graph.cpp - A model between its phases -----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Pipeline/Graph.h"

#include "Emit/Entry.h"
#include "Import/Importer.h"
#include "NN/IR/NNDialect.h"
#include "Pipeline/Diagnostics.h"
#include "Pipeline/FreeConstants.h"
#include "Pipeline/Interface.h"
#include "Pipeline/PhaseClock.h"
#include "Pipeline/Phases.h"
#include "Support/InputFile.h"
#include "Support/LastWords.h"

#include "mlir/Parser/Parser.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlc;

/// What clones have in common.
class ModelGraph::Shared {
public:
  explicit Shared(const std::string &file)
      : context(makeRegistry(), MLIRContext::Threading::DISABLED),
        log(&context, file) {}

  MLIRContext context;
  DiagnosticLog log;
  /// Of all graphs, whose constants are kept.
  llvm::SmallSetVector<Operation *, 4> modules;

private:
  static DialectRegistry makeRegistry() {
    DialectRegistry registry;
    registerBackendDialects(registry);
    return registry;
  }
};

ModelGraph::ModelGraph(std::shared_ptr<Shared> shared)
    : shared(std::move(shared)) {}

ModelGraph &ModelGraph::operator=(ModelGraph &&other) {
  forgetModule();
  module = std::move(other.module);
  shared = std::move(other.shared);
  done = other.done;
  found = std::move(other.found);
  return *this;
}

ModelGraph::~ModelGraph() { forgetModule(); }

void ModelGraph::setModule(OwningOpRef<ModuleOp> other) {
  module = std::move(other);
  shared->modules.insert(*module);
}

/// Gives back what no other graph names: a context that ends does so itself.
void ModelGraph::forgetModule() {
  if (!module)
    return;
  shared->modules.remove(*module);
  module = {};
  if (!shared->modules.empty())
    freeUnusedConstants(shared->modules.getArrayRef());
}

//===----------------------------------------------------------------------===//
// Import
//===----------------------------------------------------------------------===//

static llvm::Error mergeContractFile(const CompileOptions &options,
                                     ModelContract &contract) {
  if (options.contractFile.empty())
    return llvm::Error::success();
  llvm::Expected<std::string> text = readTextFile(options.contractFile);
  if (!text)
    return text.takeError();
  return mergeContract(contract, *text, options.contractFile);
}

llvm::Expected<ModelGraph> ModelGraph::importWith(const CompileOptions &options,
                                                  Reader read) {
  ModelGraph graph(std::make_shared<Shared>(options.model));
  noteFile(options.model);
  PhaseClock clock(options, graph.found.times);
  clock.begin(graphPhases().front().name);
  OwningOpRef<ModuleOp> module = read(&graph.shared->context);
  if (!module)
    return graph.shared->log.take();
  if (!module->lookupSymbol("main"))
    return llvm::createStringError(options.model + ": has no function @main");
  graph.setModule(std::move(module));
  graph.done = 1;
  ModelContract &contract = graph.found.contract;
  contract = contractOf(*graph.module, prefixOf(options));
  if (llvm::Error error = mergeContractFile(options, contract))
    return std::move(error);
  graph.found.warnings = graph.shared->log.takeWarnings();
  clock.end();
  return graph;
}

llvm::Expected<ModelGraph> ModelGraph::import(const CompileOptions &options) {
  return importWith(options, [&](MLIRContext *context) {
    if (!llvm::StringRef(options.model).ends_with(".mlir"))
      return importOnnxFile(options.model, options, context);
    context->loadDialect<nn::NNDialect>();
    return parseSourceFile<ModuleOp>(options.model, context);
  });
}

llvm::Expected<ModelGraph>
ModelGraph::importBytes(llvm::StringRef bytes, const CompileOptions &options) {
  return importWith(options, [&](MLIRContext *context) {
    return importOnnxBytes(bytes, options.model, options, context);
  });
}

ModelGraph ModelGraph::clone() const {
  ModelGraph graph(shared);
  graph.setModule(OwningOpRef<ModuleOp>((*module).clone()));
  graph.done = done;
  graph.found = found;
  return graph;
}

//===----------------------------------------------------------------------===//
// Phases of the graph
//===----------------------------------------------------------------------===//

llvm::StringRef ModelGraph::phase() const {
  return graphPhases()[done - 1].name;
}

llvm::Error ModelGraph::runPhase(size_t index, const CompileOptions &options) {
  PhaseClock clock(options, found.times);
  clock.begin(graphPhases()[index].name);
  PassManager pipeline(&shared->context);
  freeConstantsBehindPasses(pipeline, [graphs = shared.get()] {
    return graphs->modules.getArrayRef();
  });
  graphPhases()[index].build(pipeline, options);
  if (failed(pipeline.run(*module)))
    return shared->log.take();
  done = index + 1;
  llvm::append_range(found.warnings, shared->log.takeWarnings());
  return llvm::Error::success();
}

llvm::Error ModelGraph::runTo(llvm::StringRef phase,
                              const CompileOptions &options) {
  llvm::ArrayRef<Phase> phases = graphPhases();
  auto isNamed = [&](const Phase &each) { return phase == each.name; };
  size_t last = llvm::find_if(phases, isNamed) - phases.begin();
  if (last == phases.size())
    return llvm::createStringError(
        "'" + phase + "' is no phase of the graph, '" + phases.front().name +
        "' to '" + phases.back().name + "' are");
  if (last + 1 < done)
    return llvm::createStringError("the graph is at '" + this->phase() +
                                   "', which is behind '" + phase + "'");
  while (done <= last)
    if (llvm::Error error = runPhase(done, options))
      return error;
  return llvm::Error::success();
}

void ModelGraph::print(llvm::raw_ostream &os, bool weights) const {
  OpPrintingFlags flags;
  if (!weights)
    flags.elideLargeElementsAttrs(16).elideLargeResourceString(16);
  (*module)->print(os, flags);
  os << "\n";
}

//===----------------------------------------------------------------------===//
// To LLVM IR
//===----------------------------------------------------------------------===//

/// Descriptor and entry points, and what the report knows by them.
static llvm::Error finish(BackendResult lowered, const CompileOptions &options,
                          CompiledModule &result) {
  CompileReport &report = result.report;
  ModelContract &contract = report.contract;
  EntrySpec spec = entryOf(contract);
  spec.plannedBytes = lowered.arenaSize;
  spec.threadBytes = lowered.threadBytes;
  spec.threads = options.threads;
  for (auto [target, body] : llvm::zip(options.targets, lowered.entries))
    spec.variants.push_back({target, body});
  // Of all models that a program links, each has its own.
  result.weightsName = contract.prefix + "_weights";
  if (llvm::GlobalVariable *weights =
          lowered.module->getNamedGlobal(lowered.weightsName))
    weights->setName(result.weightsName);
  declareWeights(*lowered.module, spec, result.weightsName,
                 lowered.weights.bytes);
  result.weights = std::move(lowered.weights);
  const TargetInfo &least = options.targets.back();
  if (llvm::Error error = addEntryPoints(*lowered.module, spec, least))
    return error;
  contract.arenaBytes = spec.arenaSize();
  contract.threadBytes = spec.threadBytes;
  contract.arenaAlign = kArenaAlign;
  contract.threads = options.threads;
  contract.weightsBytes = spec.weightsSize;
  contract.triple = least.triple.str();
  contract.pointerBytes = least.triple.isArch64Bit() ? 8 : 4;
  for (const TargetInfo &target : options.targets)
    contract.variants.push_back(target.name);
  report.arenaLowerBound = lowered.arenaLowerBound;
  report.memoryMap = std::move(lowered.memoryMap);
  report.kernels = std::move(lowered.kernels);
  report.calls = std::move(lowered.calls);
  result.context = std::move(lowered.context);
  result.module = std::move(lowered.module);
  return llvm::Error::success();
}

llvm::Error ModelGraph::runBackendPhases(const CompileOptions &options,
                                         CompiledModule &result) {
  BackendOptions backend(options);
  backend.prefix = prefixOf(options);
  backend.targets = options.targets;
  for (const TargetInfo &target : options.targets)
    backend.schedules.push_back(options.schedule.tableFor(target));
  backend.profile = options.profile;
  // Others may name the same blobs.
  backend.freeConstants = shared->modules.size() == 1;
  PhaseClock clock(options, found.times);
  llvm::ArrayRef<BackendPhase> phases = backendPhases();
  size_t next = 0;
  bool isStopped = false;
  clock.begin(phases[next++].name);
  backend.afterPhase = [&](llvm::StringRef phase, ModuleOp) {
    isStopped = phase == options.stopAfter;
    if (!isStopped && next < phases.size())
      clock.begin(phases[next++].name);
    return !isStopped;
  };
  FailureOr<BackendResult> lowered = runBackend(*module, backend);
  if (failed(lowered))
    return shared->log.take();
  clock.end();
  llvm::append_range(found.warnings, shared->log.takeWarnings());
  if (isStopped && options.irStream)
    print(*options.irStream, options.printWeights);
  result.report = std::move(found);
  if (isStopped)
    return llvm::Error::success();
  // The context may hold the weights once more.
  forgetModule();
  shared.reset();
  return finish(std::move(*lowered), options, result);
}

llvm::Expected<CompiledModule>
ModelGraph::lower(const CompileOptions &options) && {
  CompiledModule result;
  found.contract.prefix = prefixOf(options);
  auto isLast = [&](const Phase &phase) {
    return options.stopAfter == phase.name;
  };
  bool isOfGraph = llvm::any_of(graphPhases(), isLast);
  llvm::StringRef last = isOfGraph ? llvm::StringRef(options.stopAfter)
                                   : graphPhases().back().name;
  if (llvm::Error error = runTo(last, options))
    return std::move(error);
  addQuantization(*module, found.contract);
  if (isOfGraph) {
    if (options.irStream)
      print(*options.irStream, options.printWeights);
    result.report = std::move(found);
    return result;
  }
  if (llvm::Error error = runBackendPhases(options, result))
    return std::move(error);
  return result;
}
