//===- CountParameters.cpp - Numbers in a model's constants ---------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Pipeline/CountParameters.h"

#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"
#include "Quantize/Parameters.h"

using namespace mlir;
using namespace mlc;

static void forEachParameter(ModuleOp module,
                             llvm::function_ref<void(nn::ConstantOp)> take) {
  constexpr int64_t mostPlaces = 16;
  module.walk([&](nn::ConstantOp op) {
    if (isa<FloatType>(op.getType().getElementType()) ||
        op.getType().getNumElements() > mostPlaces)
      take(op);
  });
}

uint64_t mlc::countParameters(ModuleOp module) {
  uint64_t count = 0;
  forEachParameter(module, [&](nn::ConstantOp op) {
    count += op.getType().getNumElements();
  });
  return count;
}

/// Elements of integers that stand for 0.
static int64_t zerosOf(const DequantizedConstant &constant,
                       ArrayRef<int64_t> shape) {
  const Parameters &parameters = constant.parameters;
  int64_t stride = 1, channels = 1, zeros = 0;
  if (!parameters.isPerTensor()) {
    stride = nn::rowMajorStrides(shape)[parameters.axis];
    channels = shape[parameters.axis];
  }
  for (auto [i, value] : llvm::enumerate(constant.values))
    zeros += value == parameters.zeroPoint(i / stride % channels);
  return zeros;
}

/// Elements of `op` that stand for 0.
static int64_t zerosOf(nn::ConstantOp op) {
  for (Operation *user : op->getUsers())
    if (auto dequantize = dyn_cast<nn::DequantizeOp>(user))
      if (dequantize.getInput() == op.getResult())
        if (auto constant = matchDequantizedConstant(dequantize.getResult()))
          return zerosOf(*constant, op.getType().getShape());
  return nn::countZeros(op.getValue()).value_or(0);
}

ParameterCount mlc::readParameters(ModuleOp module) {
  ParameterCount count;
  forEachParameter(module, [&](nn::ConstantOp op) {
    uint64_t numbers = op.getType().getNumElements();
    count.numbers += numbers;
    count.nonZero += numbers - zerosOf(op);
    count.bits +=
        numbers * op.getType().getElementType().getIntOrFloatBitWidth();
  });
  return count;
}
