//===- PhasePipelines.cpp - phases of a model in mlc-opt ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Opt/PhasePipelines.h"

#include "Pipeline/Phases.h"

#include "mlir/Pass/PassRegistry.h"

using namespace mlir;

namespace {
/// The model's options, as texts.
struct PhaseOptions : PassPipelineOptions<PhaseOptions> {
#define MLC_MODEL_OPTION(TYPE, MEMBER, NAME, DEFAULT, LIMITS, COMMANDS, VALUE, \
                         HELP)                                                 \
  Option<std::string> MEMBER{*this, NAME, llvm::cl::desc(HELP)};
#include "mlc/Options.def"

  std::vector<std::pair<const char *, std::string>> given() const {
    std::vector<std::pair<const char *, std::string>> texts;
#define MLC_MODEL_OPTION(TYPE, MEMBER, NAME, ...)                              \
  if (MEMBER.hasValue())                                                       \
    texts.emplace_back(NAME, MEMBER.getValue());
#include "mlc/Options.def"
    return texts;
  }
};
} // namespace

static llvm::Expected<mlc::CompileOptions> resolve(const PhaseOptions &texts) {
  mlc::ModelOptions options;
  options.prefix = "model";
  for (const auto &[name, text] : texts.given())
    if (auto wrong = mlc::setOption(options, name, text))
      return llvm::createStringError(*wrong);
  return mlc::resolveOptions(options);
}

static LogicalResult
addPhase(const mlc::Phase &phase, OpPassManager &pipeline, StringRef text,
         llvm::function_ref<LogicalResult(const Twine &)> fail) {
  PhaseOptions texts;
  if (failed(texts.parseFromString(text)))
    return failure();
  llvm::Expected<mlc::CompileOptions> options = resolve(texts);
  if (!options)
    return fail(llvm::toString(options.takeError()));
  phase.build(pipeline, *options);
  return success();
}

void mlc::registerPhasePipelines() {
  for (const Phase &phase : irPhases())
    if (phase.build)
      registerPassPipeline(
          ("phase-" + phase.name).str(), phase.description,
          [&phase](OpPassManager &pipeline, StringRef text,
                   llvm::function_ref<LogicalResult(const Twine &)> fail) {
            return addPhase(phase, pipeline, text, fail);
          },
          [](llvm::function_ref<void(const detail::PassOptions &)> show) {
            show(PhaseOptions());
          });
}
