//===- Cost.cpp - What a kernel op costs ----------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Cost.h"

#include "Kernel/IR/Kernel.h"
#include "Support/Window.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::kernel;

std::string kernel::typeText(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

static ShapedType typeOf(Value value) {
  return cast<ShapedType>(value.getType());
}

std::string kernel::shapeText(Value value) {
  ArrayRef<int64_t> shape = typeOf(value).getShape();
  while (shape.size() > 1 && shape.front() == 1)
    shape = shape.drop_front();
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleave(shape, os, "x");
  return text;
}

std::string kernel::flowText(Value from, Value to) {
  return shapeText(from) + " -> " + shapeText(to);
}

/// "3x3/2 d2 ", nothing for a 1x1 window that moves by one.
static std::string windowText(ArrayRef<int64_t> kernel,
                              ArrayRef<int64_t> strides,
                              ArrayRef<int64_t> dilations) {
  std::string text;
  llvm::raw_string_ostream os(text);
  auto pair = [&](ArrayRef<int64_t> values) {
    os << values[0];
    if (values[1] != values[0])
      os << "x" << values[1];
  };
  os << kernel[0] << "x" << kernel[1];
  if (strides != ArrayRef<int64_t>({1, 1})) {
    os << "/";
    pair(strides);
  }
  if (dilations != ArrayRef<int64_t>({1, 1})) {
    os << " d";
    pair(dilations);
  }
  os << " ";
  return text;
}

/// Everything with a window: `perTap` operations for each element of the out's
/// pixel and each element of the window. `rowDim` is the input's dimension of
/// rows; columns follow.
template <typename Op>
static KernelCost windowCost(Op op, ArrayRef<int64_t> kernel, uint64_t perTap,
                             unsigned rowDim = 1) {
  ArrayRef<int64_t> in = typeOf(op.getInput()).getShape();
  ArrayRef<int64_t> out = typeOf(op.getInit()).getShape();
  KernelCost cost;
  cost.nominal = cost.operations = perTap * out[0] * out[3];
  for (unsigned d : {0, 1}) {
    mlc::Window window = {
        in[rowDim + d],     out[1 + d],           kernel[d],
        op.getStrides()[d], op.getDilations()[d], op.getPads()[d]};
    cost.nominal *= window.count * window.kernel;
    cost.operations *= window.tapsInside();
  }
  cost.element = typeText(typeOf(op.getInput()).getElementType());
  cost.detail = windowText(kernel, op.getStrides(), op.getDilations()) +
                flowText(op.getInput(), op.getInit());
  return cost;
}

KernelCost ConvOp::getCost() {
  ArrayRef<int64_t> weights = typeOf(getWeights()).getShape();
  KernelCost cost =
      windowCost(*this, {weights[2], weights[3]}, 2 * uint64_t(getGroupIn()),
                 getInputChannelsFirst() ? 2 : 1);
  cost.macs = cost.operations / 2;
  if (getGroups() > 1)
    cost.detail = "g" + std::to_string(getGroups()) + " " + cost.detail;
  return cost;
}

/// Counted are the products that are computed; nominal are the direct
/// convolution's.
KernelCost WinogradOp::getCost() {
  WinogradPlan plan = getPlan();
  int64_t window = plan.algorithm.window;
  ArrayRef<int64_t> out = typeOf(getInit()).getShape();
  uint64_t products = 2 * uint64_t(out[0]) * getGroupIn() * out[3];
  KernelCost cost;
  cost.nominal = products * window * window * out[1] * out[2];
  cost.operations = products * plan.frequencies() * plan.rows * plan.columns;
  cost.macs = cost.operations / 2;
  cost.element = typeText(typeOf(getInput()).getElementType());
  llvm::raw_string_ostream os(cost.detail);
  os << "F(" << plan.algorithm.tile << "," << window << ") " << window << "x"
     << window << " " << flowText(getInput(), getInit());
  return cost;
}

/// Counted are the products that are computed, those that fill steps included;
/// nominal are the direct convolution's.
KernelCost SparseConvOp::getCost() {
  SparsePlan plan = getPlan();
  ArrayRef<int64_t> out = typeOf(getInit()).getShape();
  uint64_t pixels = 2 * uint64_t(out[0]) * out[1] * out[2];
  uint64_t values = typeOf(getValues()).getNumElements();
  KernelCost cost;
  cost.nominal = pixels * plan.channels * plan.outputs;
  cost.operations = std::min(pixels * values, cost.nominal);
  cost.macs = cost.operations / 2;
  cost.element = typeText(typeOf(getInput()).getElementType());
  cost.detail = std::to_string(values) + " of " +
                std::to_string(plan.channels * plan.outputs) + " weights " +
                windowText({getWindowSize(0), getWindowSize(1)},
                           {getStride(0), getStride(1)}, {1, 1}) +
                flowText(getInput(), getInit());
  return cost;
}

/// The stages' costs together; details one after the other.
KernelCost StreamOp::getCost() {
  KernelCost cost;
  llvm::raw_string_ostream os(cost.detail);
  os << "by " << getRows() << " rows: ";
  llvm::interleave(
      getStages(), os,
      [&](const StreamStage &stage) {
        KernelCost one = cast<KernelOpInterface>(stage.op).getCost();
        cost.operations += one.operations;
        cost.nominal += one.nominal;
        cost.macs += one.macs;
        // Narrow elements go beyond the rates of others.
        if (cost.element.empty() || cost.element == "f32")
          cost.element = one.element;
        os << one.detail;
      },
      ", ");
  return cost;
}

KernelCost MatmulOp::getCost() {
  KernelCost cost;
  ShapedType out = typeOf(getInit()), left = typeOf(getLhs());
  cost.nominal = cost.operations =
      2 * uint64_t(out.getNumElements()) * left.getShape().back();
  cost.macs = cost.operations / 2;
  cost.element = typeText(left.getElementType());
  cost.detail = shapeText(getLhs()) + " * " + shapeText(getRhs());
  return cost;
}

/// One operation an element read.
template <typename Op>
static KernelCost elementCost(Op op) {
  ShapedType in = typeOf(op.getInput());
  KernelCost cost;
  cost.nominal = cost.operations = in.getNumElements();
  cost.element = typeText(in.getElementType());
  cost.detail = flowText(op.getInput(), op.getInit());
  return cost;
}

KernelCost DepthwiseOp::getCost() {
  KernelCost cost = windowCost(*this, {getKernelHeight(), getKernelWidth()}, 2);
  cost.macs = cost.operations / 2;
  return cost;
}

KernelCost PoolOp::getCost() { return windowCost(*this, getKernel(), 1); }
KernelCost LookupOp::getCost() { return elementCost(*this); }
KernelCost SoftmaxOp::getCost() { return elementCost(*this); }
KernelCost ReduceOp::getCost() { return elementCost(*this); }
