//===- Phases.cpp - The way of a model, by name ---------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Pipeline/Phases.h"

#include "Backend/Passes.h"
#include "Conversion/NNToLinalg.h"
#include "Emit/Entry.h"
#include "NN/Transforms/Passes.h"
#include "Pipeline/FoldConstants.h"
#include "Quantize/Passes.h"
#include "Schedule/WeightOrder.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlc;

namespace {

//===----------------------------------------------------------------------===//
// The graph
//===----------------------------------------------------------------------===//

void buildSimplify(OpPassManager &pipeline, const CompileOptions &) {
  pipeline.addPass(nn::createCollectRequirementsPass());
  nn::buildSimplifyPipeline(pipeline, evaluateConstants);
}

void buildQuantize(OpPassManager &pipeline, const CompileOptions &options) {
  buildQuantizePipeline(pipeline, options.arithmetic);
  nn::buildSimplifyPipeline(pipeline, evaluateConstants);
}

void buildFuse(OpPassManager &pipeline, const CompileOptions &) {
  nn::buildFusePipeline(pipeline);
}

void buildRestructure(OpPassManager &pipeline, const CompileOptions &) {
  nn::buildRestructurePipeline(pipeline);
}

void buildLayout(OpPassManager &pipeline, const CompileOptions &) {
  nn::buildLayoutPipeline(pipeline);
}

/// Whether there are CPUs, all of which are such.
bool areAll(const CompileOptions &options,
            llvm::function_ref<bool(const TargetInfo &)> is) {
  return !options.targets.empty() && llvm::all_of(options.targets, is);
}

bool haveMatricesOfBf16(const CompileOptions &options) {
  return areAll(options,
                [](const TargetInfo &target) { return target.matrixBf16; });
}

void buildNarrow(OpPassManager &pipeline, const CompileOptions &options) {
  Precision precision = precisionOf(options);
  if (precision == Precision::F32)
    return;
  bool isBf16 = precision == Precision::BF16;
  pipeline.addNestedPass<func::FuncOp>(nn::createNarrowFloatsPass(
      {isBf16 ? "bf16" : "f16", isBf16 && haveMatricesOfBf16(options)}));
}

void buildLower(OpPassManager &pipeline, const CompileOptions &options) {
  LoweringOptions lowering(options);
  lowering.block = packedBlock(options.targets);
  lowering.wordsOfBytes = areAll(options, multipliesWords);
  lowering.pairsOfBytes = areAll(options, multipliesPairs);
  lowering.matricesOfBf16 = haveMatricesOfBf16(options);
  if (!options.targets.empty())
    lowering.schedule = std::make_shared<ScheduleTable>(
        options.schedule.tableFor(options.targets.front()));
  pipeline.addPass(createNNControlToSCFPass());
  pipeline.addPass(createNNToLinalgPass(lowering));
  pipeline.addPass(createCanonicalizerPass());
  pipeline.addPass(createCSEPass());
  pipeline.addPass(createFuseElementwisePass());
  pipeline.addPass(createCSEPass());
  pipeline.addPass(createCarryInPlacePass());
}

//===----------------------------------------------------------------------===//
// The backend
//===----------------------------------------------------------------------===//

std::string tripleOf(const CompileOptions &options) {
  return options.targets.back().triple.str();
}

std::string cpusOf(const CompileOptions &options) {
  auto names = llvm::map_range(
      options.targets, [](const TargetInfo &target) { return target.name; });
  return llvm::join(names, ",");
}

/// CPUs without vectors have little memory and hardly a cache.
bool hasVectors(const CompileOptions &options) {
  return llvm::any_of(options.targets, [](const TargetInfo &target) {
    return target.vectorBits >= 128;
  });
}

/// The targets share the graph; their best one decides. Cores with a smaller
/// L2 have an L3.
unsigned l2Bytes(const CompileOptions &options) {
  constexpr unsigned least = 512 << 10;
  return std::max(options.targets.front().l2, least);
}

void buildToDestinations(OpPassManager &pipeline, const CompileOptions &) {
  pipeline.addPass(createToDestinations());
}

void buildBufferize(OpPassManager &pipeline, const CompileOptions &) {
  pipeline.addPass(createBufferizeModel());
}

void buildForwardCopies(OpPassManager &pipeline, const CompileOptions &) {
  pipeline.addPass(createForwardCopies());
}

void buildUnitStrides(OpPassManager &pipeline, const CompileOptions &) {
  pipeline.addPass(createUnitStrides());
}

void buildStreamRows(OpPassManager &pipeline, const CompileOptions &options) {
  if (options.streams)
    pipeline.addPass(createStreamRows({l2Bytes(options), options.threads}));
}

void buildPadPixels(OpPassManager &pipeline, const CompileOptions &options) {
  if (hasVectors(options))
    pipeline.addPass(createPadPixels());
}

void buildPlanArena(OpPassManager &pipeline, const CompileOptions &options) {
  pipeline.addPass(createPlanArena({options.arenaSolver}));
}

void buildLayOutWeights(OpPassManager &pipeline,
                        const CompileOptions &options) {
  uint64_t most = mostWeights(options.targets.back().triple);
  pipeline.addPass(createLayOutWeights({most, options.freeConstants}));
}

void buildOutlineKernels(OpPassManager &pipeline,
                         const CompileOptions &options) {
  pipeline.addPass(createOutlineKernels());
  if (options.profile)
    pipeline.addPass(createProfileKernels());
}

void buildCloneVariants(OpPassManager &pipeline,
                        const CompileOptions &options) {
  unsigned count = options.targets.size();
  pipeline.addPass(createCloneVariants({count, options.threads}));
}

void buildChooseLayouts(OpPassManager &pipeline,
                        const CompileOptions &options) {
  bool own = options.weightOrder == WeightOrder::Own;
  pipeline.addPass(
      createChooseLayouts({tripleOf(options), cpusOf(options), own}));
}

void buildSchedule(OpPassManager &pipeline, const CompileOptions &options) {
  auto tables = std::make_shared<std::vector<ScheduleTable>>();
  for (const TargetInfo &target : options.targets)
    tables->push_back(options.schedule.tableFor(target));
  pipeline.addNestedPass<func::FuncOp>(
      createDirectConvolutions({tripleOf(options), cpusOf(options)}));
  // A model that is of f16 itself keeps sums in f32, as its other runtimes do.
  bool sumsF16 = precisionOf(options) == Precision::F16;
  pipeline.addNestedPass<func::FuncOp>(createScheduleKernels(
      {tripleOf(options), cpusOf(options), sumsF16}, std::move(tables)));
}

void buildLowerKernels(OpPassManager &pipeline, const CompileOptions &options) {
  pipeline.addNestedPass<func::FuncOp>(
      createLowerKernels({tripleOf(options), cpusOf(options)}));
  pipeline.addNestedPass<func::FuncOp>(createCheckMemory());
}

void buildShareKernels(OpPassManager &pipeline, const CompileOptions &options) {
  pipeline.addPass(createShareKernels({options.threads}));
}

void buildLLVM(OpPassManager &pipeline, const CompileOptions &options) {
  LLVMLoweringOptions lowering;
  lowering.triple = tripleOf(options);
  lowering.prefix = prefixOf(options);
  buildLowerToLLVM(pipeline, lowering);
}

} // namespace

Precision mlc::precisionOf(const CompileOptions &options) {
  if (options.precision != Precision::Auto)
    return options.precision;
  if (areAll(options, [](const TargetInfo &target) { return target.dotBf16; }))
    return Precision::BF16;
  bool haveF16 = areAll(
      options, [](const TargetInfo &target) { return target.multipliesF16(); });
  return haveF16 ? Precision::F16 : Precision::F32;
}

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

using Scope = Phase::Scope;

static constexpr Phase phases[] = {
    {"import", "read the ONNX model into the nn dialect", nullptr},
    {"simplify", "fold constants and shapes, remove identities and dead code",
     buildSimplify},
    {"quantize", "integer arithmetic for what the model quantises",
     buildQuantize},
    {"fuse", "affine operators into weights, elementwise ones into epilogues",
     buildFuse},
    {"restructure",
     "group convolutions, channel shuffles and channels that do not matter",
     buildRestructure},
    {"layout", "channels last, transposes sunk and cancelled", buildLayout},
    {"narrow", "activations and weights in 16 bits, if --precision says so",
     buildNarrow},
    {"lower", "to kernel ops and linalg on tensors", buildLower},
    {"to-destinations", "results become arguments of @main",
     buildToDestinations, Scope::target},
    {"bufferize-model", "tensors become buffers", buildBufferize,
     Scope::target},
    {"forward-copies", "results are computed where they are wanted",
     buildForwardCopies, Scope::target},
    {"unit-strides", "kernels read and write rows without gaps",
     buildUnitStrides, Scope::target},
    {"stream-rows", "chains of kernels are computed by rows", buildStreamRows,
     Scope::target},
    {"pad-pixels", "pixels of some images get a stride between cache sets",
     buildPadPixels, Scope::target},
    {"plan-arena", "buffers get places in one arena", buildPlanArena,
     Scope::target},
    {"outline-kernels", "compute operations become functions",
     buildOutlineKernels, Scope::target},
    {"clone-variants", "one copy of each function for each CPU",
     buildCloneVariants, Scope::target},
    {"choose-layouts",
     "the order of weights: one for all CPUs, or each its own",
     buildChooseLayouts, Scope::target},
    {"lay-out-weights", "constants get places in one blob", buildLayOutWeights,
     Scope::target},
    {"schedule", "how each kernel is computed: tiles, order, prefetching",
     buildSchedule, Scope::target},
    {"lower-kernels", "functions become loops", buildLowerKernels, Scope::cpu},
    {"share-kernels", "loops are divided into parts for threads",
     buildShareKernels, Scope::cpu},
    {"lower-to-llvm", "everything is in the LLVM dialect", buildLLVM,
     Scope::cpu},
    {kOptimizePhase, "LLVM's optimisation and machine code", nullptr},
    {kEmitPhase, "object, archive, header and contract", nullptr},
};

ArrayRef<Phase> mlc::allPhases() { return phases; }

ArrayRef<Phase> mlc::irPhases() { return allPhases().drop_back(2); }

const Phase &mlc::lastOfAllCpus() {
  return irPhases()
      .take_until([](const Phase &phase) { return phase.scope == Scope::cpu; })
      .back();
}

ArrayRef<Phase> mlc::phasesFrom(StringRef name) {
  return irPhases().drop_until(
      [&](const Phase &phase) { return phase.name == name; });
}

//===----------------------------------------------------------------------===//
// Running them
//===----------------------------------------------------------------------===//

/// Prints on standard error, as MLIR's own tools do.
static void observe(PassManager &pipeline, const CompileOptions &options) {
  auto isAsked = [names = options.printIrAfter](Pass *pass, Operation *) {
    return llvm::is_contained(names, pass->getArgument().str());
  };
  if (!options.printIrAfter.empty())
    pipeline.enableIRPrinting(
        [](Pass *, Operation *) { return false; }, isAsked,
        /*printModuleScope=*/false,
        /*printAfterOnlyOnChange=*/false,
        /*printAfterOnlyOnFailure=*/false, llvm::errs(),
        OpPrintingFlags().elideLargeElementsAttrs(16).elideLargeResourceString(
            0));
}

LogicalResult mlc::runPhase(const Phase &phase, ModuleOp module,
                            const CompileOptions &options,
                            llvm::function_ref<void(PassManager &)> setUp) {
  PassManager pipeline(module.getContext());
  // Once a phase, not behind each pass of it: lower-to-llvm has a dozen, on
  // most of the IR that there ever is. The pipelines of mlc-opt do both.
  pipeline.enableVerifier(false);
  observe(pipeline, options);
  if (setUp)
    setUp(pipeline);
  phase.build(pipeline, options);
  return failure(failed(pipeline.run(module)) || failed(verify(module)));
}
