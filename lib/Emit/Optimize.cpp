//===- Optimize.cpp - LLVM's pipeline, as mlc wants it --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Analyses.h"
#include "Emit/Object.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PassInstrumentation.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"

using namespace llvm;
using namespace mlc;

Expected<std::string> mlc::dataLayout(const TargetInfo &target) {
  Expected<std::unique_ptr<TargetMachine>> machine =
      createTargetMachine(target);
  if (!machine)
    return machine.takeError();
  return (*machine)->createDataLayout().getStringRepresentation();
}

Error mlc::prepareModule(Module &module, const TargetInfo &least) {
  Expected<std::string> layout = dataLayout(least);
  if (!layout)
    return layout.takeError();
  module.setTargetTriple(least.triple);
  module.setDataLayout(*layout);
  if (module.getPICLevel() == PICLevel::NotPIC && !least.triple.isWasm())
    module.setPICLevel(PICLevel::BigPIC);
  for (Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr(Attribute::NoUnwind);
    function.removeFnAttr(Attribute::UWTable);
    function.addFnAttr("frame-pointer", "none");
    if (!function.hasFnAttribute("target-cpu"))
      setTargetAttributes(function, least);
  }
  return Error::success();
}

static Error verify(Module &module) {
  std::string message;
  raw_string_ostream os(message);
  if (!verifyModule(module, &os))
    return Error::success();
  return createStringError(inconvertibleErrorCode(),
                           "generated LLVM IR is not valid: %s",
                           message.c_str());
}

/// Passes of -O2 that change nothing of what mlc emits, and take an eighth of
/// the time: memory is reached by arguments and offsets, there are no locals,
/// and MLIR has folded what folds. They were left out one by one: the objects
/// of the test models, and of some networks, stayed the same for each
/// architecture.
static bool isIdle(StringRef pass) {
  return StringSwitch<bool>(pass)
      .Cases({"AggressiveInstCombinePass", "BDCEPass",
              "CalledValuePropagationPass", "DSEPass", "Float2IntPass",
              "GlobalOptPass", "LoopDistributePass", "LoopLoadEliminationPass",
              "LoopSimplifyCFGPass", "LoopSinkPass",
              "MergedLoadStoreMotionPass", "ReversePostOrderFunctionAttrsPass",
              "SROAPass"},
             true)
      .Default(false);
}

static PipelineTuningOptions tuning(const OptimizeOptions &options) {
  PipelineTuningOptions result;
  bool full = options.level == OptLevel::Full;
  result.LoopVectorization = result.LoopInterleaving = full;
  result.SLPVectorization = full;
  result.LoopUnrolling = options.unroll;
  return result;
}

static Error runPipeline(Module &module, const TargetInfo &least,
                         const OptimizeOptions &options) {
  Expected<std::unique_ptr<TargetMachine>> machine = createTargetMachine(least);
  if (!machine)
    return machine.takeError();

  PassInstrumentationCallbacks callbacks;
  callbacks.registerShouldRunOptionalPassCallback(
      [](StringRef pass, Any) { return !isIdle(pass); });
  PassBuilder builder(machine->get(), tuning(options), std::nullopt,
                      &callbacks);
  Analyses analyses(builder);
  OptimizationLevel level = options.level == OptLevel::Full
                                ? OptimizationLevel::O2
                                : OptimizationLevel::O1;
  builder.buildPerModuleDefaultPipeline(level).run(module, analyses.modules);
  return Error::success();
}

Error mlc::optimize(Module &module, const TargetInfo &least,
                    const OptimizeOptions &options) {
  if (Error error = prepareModule(module, least))
    return error;
  if (Error error = verify(module))
    return error;
  if (options.level == OptLevel::None)
    return Error::success();
  return runPipeline(module, least, options);
}
