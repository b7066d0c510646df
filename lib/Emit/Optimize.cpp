//===- Optimize.cpp - LLVM's pipeline, as mlc wants it --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Object.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include <mutex>

using namespace llvm;
using namespace mlc;

/// Settings of LLVM's that belong to the process. Loop strength reduction turns
/// the addresses of a tile into more general registers than there are. Emitters
/// order operations so that few vectors are live: "source" keeps to that where
/// LLVM schedules selected instructions by their latency (ARMv7; elsewhere it
/// is what LLVM does anyway).
static void setProcessOptions() {
  static std::once_flag once;
  std::call_once(once, [] {
    const std::pair<const char *, const char *> settings[] = {
        {"disable-lsr", "true"}, {"pre-RA-sched", "source"}};
    auto &options = cl::getRegisteredOptions();
    for (auto [name, value] : settings) {
      auto option = options.find(name);
      // Absent from a build of LLVM without it: slower code, not wrong code.
      if (option != options.end())
        option->second->addOccurrence(0, name, value);
    }
  });
}

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
  if (module.getPICLevel() == PICLevel::NotPIC)
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

static PipelineTuningOptions tuning(const OptimizeOptions &options) {
  PipelineTuningOptions result;
  bool full = options.level == OptLevel::Full;
  result.LoopVectorization = result.LoopInterleaving = full;
  result.SLPVectorization = full;
  result.LoopUnrolling = options.unroll;
  return result;
}

Error mlc::optimize(Module &module, const TargetInfo &least,
                    const OptimizeOptions &options) {
  setProcessOptions();
  if (Error error = prepareModule(module, least))
    return error;
  if (Error error = verify(module))
    return error;
  if (options.level == OptLevel::None)
    return Error::success();
  Expected<std::unique_ptr<TargetMachine>> machine = createTargetMachine(least);
  if (!machine)
    return machine.takeError();

  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager cgsccs;
  ModuleAnalysisManager modules;
  PassBuilder builder(machine->get(), tuning(options));
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(cgsccs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, cgsccs, modules);
  OptimizationLevel level = options.level == OptLevel::Full
                                ? OptimizationLevel::O2
                                : OptimizationLevel::O1;
  builder.buildPerModuleDefaultPipeline(level).run(module, modules);
  return Error::success();
}
