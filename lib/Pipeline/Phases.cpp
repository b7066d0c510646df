//===- Phases.cpp - The way of a model, by name ---------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Pipeline/Phases.h"

#include "Backend/Backend.h"
#include "Conversion/NNToLinalg.h"
#include "NN/Transforms/Passes.h"
#include "Pipeline/FoldConstants.h"
#include "Quantize/Passes.h"

#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlc;

namespace {

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

void buildLower(OpPassManager &pipeline, const CompileOptions &options) {
  LoweringOptions lowering(options);
  lowering.block = packedBlock(options.targets);
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

} // namespace

llvm::ArrayRef<Phase> mlc::graphPhases() {
  static const Phase phases[] = {
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
      {"lower", "to kernel ops and linalg on tensors", buildLower},
  };
  return phases;
}

std::vector<std::pair<std::string, std::string>> mlc::allPhases() {
  std::vector<std::pair<std::string, std::string>> result;
  for (const Phase &phase : graphPhases())
    result.emplace_back(phase.name, phase.description);
  for (const BackendPhase &phase : backendPhases())
    result.emplace_back(phase.name.str(), phase.description.str());
  result.emplace_back("optimize", "LLVM's optimisation of the module");
  result.emplace_back("emit", "object, archive, header and contract");
  return result;
}

int64_t mlc::packedBlock(llvm::ArrayRef<TargetInfo> targets) {
  // Two vectors of weights a broadcast, as most tiles are wide: a chunk's
  // weights then are whole cache lines one behind the other, where parts of
  // wider blocks would share few sets of L1. 128-bit units read
  // four vectors from a line.
  unsigned widest = 128;
  for (const TargetInfo &target : targets)
    widest = std::max(widest, target.vectorBits);
  return widest > 256 ? 32 : 16;
}
