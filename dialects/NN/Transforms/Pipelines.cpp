//===- Pipelines.cpp - Pass pipelines by phase ------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/Transforms/Passes.h"

#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace mlir::nn;

void nn::buildSimplifyPipeline(OpPassManager &pipeline,
                               ConstantEvaluator evaluator) {
  pipeline.addPass(createSimplifyPass(std::move(evaluator)));
}

void nn::buildFusePipeline(OpPassManager &pipeline) {
  pipeline.addNestedPass<func::FuncOp>(createFusePass());
}

void nn::buildLayoutPipeline(OpPassManager &pipeline) {
  pipeline.addNestedPass<func::FuncOp>(createLayoutPass());
}

void nn::buildRestructurePipeline(OpPassManager &pipeline) {
  pipeline.addPass(createPruneChannelsPass());
  pipeline.addPass(createGroupConvsPass());
  pipeline.addPass(createFoldShufflesPass());
  pipeline.addPass(createSimplifyPass(nullptr));
  pipeline.addNestedPass<func::FuncOp>(createAverageFirstPass());
  pipeline.addPass(createCountZerosPass());
}
