//===- LinearOp.cpp - What LinearOpInterface tells of all its ops ---------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/NNDialect.h"
#include "NN/IR/ShapeInference.h"

using namespace mlir;
using namespace mlir::nn;

int64_t LinearOpInterface::getResultChannels() {
  return shapeOf(getResult())[getResultChannelDim()];
}

int64_t LinearOpInterface::getInputChannels() {
  return shapeOf(getInput())[getInputChannelDim()];
}

bool LinearOpInterface::isDepthwise() {
  return getGroups() > 1 && shapeOf(getWeights())[getWeightsInputDim()] == 1;
}

WeightChannels LinearOpInterface::getWeightChannels() {
  ArrayRef<int64_t> shape = shapeOf(getWeights());
  SmallVector<int64_t> strides = rowMajorStrides(shape);
  WeightChannels channels;
  channels.resultStride = strides[getWeightsResultDim()];
  channels.results = shape[getWeightsResultDim()];
  channels.inputStride = strides[getWeightsInputDim()];
  channels.inputs = shape[getWeightsInputDim()];
  channels.resultsInGroup =
      channels.results / static_cast<int64_t>(getGroups());
  return channels;
}
