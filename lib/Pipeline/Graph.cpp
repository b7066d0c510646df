//===- Graph.cpp - A model between its phases -----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Pipeline/Graph.h"

#include "Backend/Attributes.h"
#include "Emit/Entry.h"
#include "Import/Importer.h"
#include "Interface/ProgramInterface.h"
#include "NN/IR/FloatNodes.h"
#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"
#include "Pipeline/Assemble.h"
#include "Pipeline/Diagnostics.h"
#include "Pipeline/FreeConstants.h"
#include "Pipeline/Interface.h"
#include "Pipeline/PhaseClock.h"
#include "Pipeline/Phases.h"
#include "Quantize/FloatOps.h"
#include "Schedule/KernelSchedule.h"
#include "Support/InputFile.h"
#include "Support/LastWords.h"

#include "mlir/IR/Matchers.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/Timing.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/ThreadPool.h"

#include <cmath>

using namespace mlir;
using namespace mlc;

/// What clones have in common.
class ModelGraph::Shared {
public:
  Shared(const std::string &file, unsigned jobs)
      : context(makeRegistry(), MLIRContext::Threading::DISABLED),
        log(&context, file) {
    if (jobs == 1)
      return;
    pool = std::make_unique<llvm::DefaultThreadPool>(
        llvm::hardware_concurrency(jobs));
    context.setThreadPool(*pool);
  }

  void startTiming() {
    timer.setEnabled(true);
    timing = timer.getRootScope();
  }

  std::unique_ptr<llvm::DefaultThreadPool> pool; ///< outlives the context
  MLIRContext context;
  DiagnosticLog log;
  /// Of options.passTiming; the end of the manager prints it.
  DefaultTimingManager timer;
  TimingScope timing;
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
  hasBytes = other.hasBytes;
  loweredFor = std::move(other.loweredFor);
  found = std::move(other.found);
  return *this;
}

ModelGraph::~ModelGraph() { forgetModule(); }

void ModelGraph::setModule(OwningOpRef<ModuleOp> other) {
  module = std::move(other);
  shared->modules.insert(*module);
}

OwningOpRef<ModuleOp> ModelGraph::takeModule() {
  shared->modules.remove(*module);
  return std::move(module);
}

/// Gives back what no other graph names: a context that ends does so itself.
void ModelGraph::forgetModule() {
  if (!module)
    return;
  takeModule() = {};
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

/// Whether `op` only takes bytes from the program, or gives them to it.
static bool isAtEdge(Operation *op) {
  auto ends = [](Operation *user) { return isa<func::ReturnOp>(user); };
  return isa<BlockArgument>(op->getOperand(0)) ||
         (isa<nn::QuantizeOp>(op) && llvm::all_of(op->getUsers(), ends));
}

/// Whether `op` makes the weights of products by floats, which stay floats.
static bool isOfWeightsAlone(Operation *op) {
  auto dequantize = dyn_cast<nn::DequantizeOp>(op);
  return dequantize && matchPattern(dequantize.getInput(), m_Constant()) &&
         llvm::all_of(op->getUsers(), [](Operation *user) {
           return isa<nn::MatmulOp>(user) &&
                  !user->getOperand(0).getDefiningOp<nn::DequantizeOp>();
         });
}

/// Whether the model is quantised, all or in part.
static bool computesOnBytes(ModuleOp module) {
  WalkResult result = module.walk([](Operation *op) {
    auto linear = dyn_cast<nn::LinearOpInterface>(op);
    bool isProduct = linear && nn::elementOf(linear.getInput()).isInteger(8);
    bool isConversion = isa<nn::QuantizeOp, nn::DequantizeOp>(op);
    return isProduct || (isConversion && !isAtEdge(op) && !isOfWeightsAlone(op))
               ? WalkResult::interrupt()
               : WalkResult::advance();
  });
  return result.wasInterrupted();
}

CompileOptions ModelGraph::optionsFor(const CompileOptions &given) const {
  CompileOptions options = given;
  Precision precision = precisionOf(options);
  llvm::erase_if(options.targets, [&](const TargetInfo &target) {
    return (target.isForBytes && !hasBytes) ||
           (target.isForBf16 && precision != Precision::BF16) ||
           (target.isForF16 && precision != Precision::F16);
  });
  return options;
}

llvm::Expected<ModelGraph> ModelGraph::importWith(const CompileOptions &options,
                                                  Reader read) {
  ModelGraph graph(std::make_shared<Shared>(options.model, jobsOf(options)));
  noteFile(options.model);
  if (options.passTiming)
    graph.shared->startTiming();
  PhaseClock clock(options, graph.found.times);
  clock.begin(irPhases().front().name);
  OwningOpRef<ModuleOp> module = read(&graph.shared->context);
  if (!module)
    return graph.shared->log.take();
  auto function = module->lookupSymbol<func::FuncOp>("main");
  if (!function)
    return llvm::createStringError(options.model + ": has no function @main");
  ProgramInterface interface(function, options.ioTypes);
  if (failed(interface.rewrite()))
    return graph.shared->log.take();
  graph.setModule(std::move(module));
  graph.done = 1;
  graph.hasBytes = computesOnBytes(*graph.module);
  ModelContract &contract = graph.found.contract;
  contract = contractOf(*graph.module, prefixOf(options));
  if (llvm::Error error = interface.describe(contract))
    return std::move(error);
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
  graph.hasBytes = hasBytes;
  graph.loweredFor = loweredFor;
  graph.found = found;
  return graph;
}

//===----------------------------------------------------------------------===//
// Phases
//===----------------------------------------------------------------------===//

llvm::StringRef ModelGraph::phase() const { return irPhases()[done - 1].name; }

/// A module for some targets goes on for these alone.
llvm::Error ModelGraph::checkTargets(const CompileOptions &options) {
  std::string text = "'" + prefixOf(options) + "' for";
  for (const TargetInfo &target : options.targets)
    text += " " + target.name;
  text += " of " + options.targets.front().triple.str() + ", " +
          std::to_string(options.threads) + " threads";
  if (loweredFor.empty())
    loweredFor = text;
  if (loweredFor == text)
    return llvm::Error::success();
  return llvm::createStringError("the graph is at '" + phase() + "' as " +
                                 loweredFor + ", and cannot become " + text);
}

llvm::Error ModelGraph::runPhase(size_t index, const CompileOptions &given) {
  const Phase &phase = irPhases()[index];
  PhaseClock clock(given, found.times);
  clock.begin(phase.name);
  CompileOptions options = given;
  options.freeConstants = shared->modules.size() == 1;
  TimingScope timing = shared->timing.nest(phase.name);
  auto setUp = [&](PassManager &pipeline) {
    // Behind `lay-out-weights` there are none left.
    if (!(*module)->hasAttr(attrs::weights))
      freeConstantsBehindPasses(pipeline, [graphs = shared.get()] {
        return graphs->modules.getArrayRef();
      });
    if (options.passTiming)
      pipeline.enableTiming(timing);
  };
  if (failed(mlc::runPhase(phase, *module, options, setUp)))
    return shared->log.take();
  done = index + 1;
  llvm::append_range(found.warnings, shared->log.takeWarnings());
  return llvm::Error::success();
}

/// What nn-narrow-floats notes, and what to expect of it. Each product rounds
/// its inputs and its weights, by up to half a unit in their last place: errors
/// of u / sqrt(3) each, root mean square, that add up as those of products that
/// follow each other do. Sums in f16 of n terms add u * sqrt(n / 6).
static NarrowFloats takeNarrowFloats(ModuleOp module,
                                     const CompileOptions &options) {
  NarrowFloats result;
  for (auto function : module.getOps<func::FuncOp>()) {
    auto noted = dyn_cast_if_present<DictionaryAttr>(
        function->removeAttr(nn::kNarrowFloatsAttr));
    auto type = noted ? noted.getAs<TypeAttr>("type") : TypeAttr();
    auto products =
        noted ? noted.getAs<IntegerAttr>("products") : IntegerAttr();
    auto depth = noted ? noted.getAs<IntegerAttr>("depth") : IntegerAttr();
    auto element =
        dyn_cast_if_present<FloatType>(type ? type.getValue() : Type());
    if (!element || !products || !depth)
      continue;
    llvm::raw_string_ostream(result.type) << element;
    result.products = products.getInt();
    double unit = std::ldexp(1.0, -int(element.getFPMantissaWidth()) - 1);
    double ofSums = 0;
    for (const TargetInfo &target : options.targets)
      if (element.isF16() && target.multipliesF16())
        ofSums = std::max(ofSums, mostTermsInF16(target) / 6.0);
    result.expectedError =
        unit * std::sqrt((2.0 / 3 + ofSums) * depth.getInt());
  }
  return result;
}

/// What the graph says, until it is lowered, that people are told.
void ModelGraph::takeNotes(const CompileOptions &options) {
  addQuantization(*module, found.contract);
  found.floatNodes = takeFloatOps(*module);
  found.narrowFloats = takeNarrowFloats(*module, options);
}

llvm::Error ModelGraph::runTo(llvm::StringRef phase,
                              const CompileOptions &given) {
  CompileOptions options = optionsFor(given);
  llvm::ArrayRef<Phase> left = phasesFrom(phase);
  if (left.empty())
    return llvm::createStringError("'" + phase + "' is no phase of a graph, '" +
                                   irPhases().front().name + "' to '" +
                                   irPhases().back().name + "' are");
  size_t last = irPhases().size() - left.size();
  if (last + 1 < done)
    return llvm::createStringError("the graph is at '" + this->phase() +
                                   "', which is behind '" + phase + "'");
  if (left.front().scope != Phase::Scope::model)
    if (llvm::Error error = checkTargets(options))
      return error;
  while (done <= last) {
    // Later phases drop what arguments say of their integers.
    if (irPhases()[done].scope != Phase::Scope::model &&
        irPhases()[done - 1].scope == Phase::Scope::model)
      takeNotes(options);
    if (llvm::Error error = runPhase(done, options))
      return error;
  }
  return llvm::Error::success();
}

void ModelGraph::print(llvm::raw_ostream &os, bool weights) const {
  OpPrintingFlags flags;
  if (!weights)
    flags.elideLargeElementsAttrs(16).elideLargeResourceString(0);
  (*module)->print(os, flags);
  os << "\n";
}

//===----------------------------------------------------------------------===//
// To LLVM IR
//===----------------------------------------------------------------------===//

llvm::Expected<CompiledModule>
ModelGraph::lowerCpus(const CompileOptions &options) {
  bool freeConstants = shared->modules.size() == 1;
  Assembler assembler(options, found.contract,
                      takeWeights(*module, freeConstants));
  llvm::StringRef last = irPhases().back().name;
  size_t whole = done;
  OwningOpRef<ModuleOp> all = takeModule();
  for (size_t cpu = 0; cpu < options.targets.size(); ++cpu) {
    setModule(takeVariant(*all, cpu));
    done = whole;
    if (llvm::Error error = runTo(last, options))
      return std::move(error);
    FailureOr<BackendResult> lowered =
        translateToLLVM(*module, options.targets, prefixOf(options));
    if (failed(lowered))
      return shared->log.take();
    takeModule() = {};
    if (llvm::Error error = assembler.add(std::move(*lowered)))
      return std::move(error);
  }
  all = {};
  shared.reset();
  return assembler.finish(std::move(found));
}

llvm::Expected<CompiledModule>
ModelGraph::lower(const CompileOptions &given) && {
  CompileOptions options = optionsFor(given);
  found.contract.prefix = prefixOf(options);
  bool isStopped = !options.stopAfter.empty();
  // A CPU's functions at a time from there on: what there is of them at once is
  // much of what a compilation takes.
  llvm::StringRef last = isStopped ? llvm::StringRef(options.stopAfter)
                                   : llvm::StringRef(lastOfAllCpus().name);
  bool isBehind = phasesFrom(phase()).size() < phasesFrom(last).size();
  if (isStopped || !isBehind)
    if (llvm::Error error = runTo(last, options))
      return std::move(error);
  if (!isStopped)
    return lowerCpus(options);
  CompiledModule result;
  if (options.irStream)
    print(*options.irStream, options.printWeights);
  result.report = std::move(found);
  return result;
}
