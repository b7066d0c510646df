//===- ConvertSpatial.cpp - Convolution and pooling of ONNX ---------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Compose.h"
#include "Import/Converters.h"
#include "Import/PoolIndices.h"
#include "Import/Products.h"
#include "Import/Windows.h"

using namespace mlir;
using namespace mlc;

namespace {

nn::LayoutAttr channelsFirst(Node &node) {
  return nn::LayoutAttr::get(node.builder.getContext(),
                             nn::Layout::channels_first);
}

Values conv(Node &node) {
  Value x = node.input(0), w = node.input(1);
  return {importConv(node, x, w, node.hasInput(2) ? node.inputs()[2] : Value(),
                     IntegerAttr())};
}

Value makePool(Node &node, Value x, nn::PoolKind kind,
               const WindowAttributes &window, bool countPads, bool ceilMode) {
  Builder &b = node.builder;
  auto kindAttr = nn::PoolKindAttr::get(b.getContext(), kind);
  return node.create<nn::PoolOp>(
      x, kindAttr, b.getDenseI64ArrayAttr(window.kernel),
      b.getDenseI64ArrayAttr(window.strides),
      b.getDenseI64ArrayAttr(window.pads),
      b.getDenseI64ArrayAttr(window.dilations),
      countPads ? b.getUnitAttr() : UnitAttr(),
      ceilMode ? b.getUnitAttr() : UnitAttr(), channelsFirst(node));
}

template <nn::PoolKind kind>
Values pool(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  llvm::SmallVector<int64_t> kernel = node.intsAttr("kernel_shape");
  ArrayRef<int64_t> input = nn::shapeOf(x);
  if (input.size() < 3 || kernel.size() != input.size() - 2) {
    node.error() << "input has rank " << input.size() << " and the kernel "
                 << kernel.size() << " dimensions";
    return {};
  }
  FailureOr<WindowAttributes> window =
      readWindow(node, input.drop_front(2), kernel);
  if (failed(window))
    return {};
  Value y =
      makePool(node, x, kind, *window, node.intAttr("count_include_pad", 0),
               node.intAttr("ceil_mode", 0));
  if (!y || !node.hasOutput(1))
    return {y};
  return {y, maxIndices(node, x, *window, nn::shapeOf(y))};
}

template <nn::PoolKind kind>
Values globalPool(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  ArrayRef<int64_t> input = nn::shapeOf(x);
  if (input.size() < 3) {
    node.error() << "input has rank " << input.size()
                 << ", at least 3 is required";
    return {};
  }
  size_t rank = input.size() - 2;
  WindowAttributes window;
  window.kernel.assign(input.begin() + 2, input.end());
  window.strides.assign(rank, 1);
  window.dilations.assign(rank, 1);
  window.pads.assign(2 * rank, 0);
  return {makePool(node, x, kind, window, false, false)};
}

/// [C] so that it broadcasts over [N, C, ...].
Value overPixels(Node &node, Value v, int64_t rank) {
  if (!v)
    return {};
  llvm::SmallVector<int64_t> shape(std::max<int64_t>(rank - 1, 1), 1);
  shape[0] = nn::shapeOf(v)[0];
  return node.reshape(v, shape);
}

/// What a batch itself has for mean and variance, and the running ones moved
/// towards them. Arithmetic of narrow floats is done in f32.
Values trainingNorm(Node &node) {
  Value x = node.input(0), scale = node.input(1), offset = node.input(2);
  if (!x || !scale || !offset || !node.input(3) || !node.input(4))
    return {};
  int64_t rank = nn::shapeOf(x).size();
  constexpr llvm::StringLiteral names[] = {"scale", "bias", "mean", "variance"};
  for (auto [i, name] : llvm::enumerate(names)) {
    Value each = node.input(i + 1);
    if (rank >= 2 && nn::shapeOf(each) == ArrayRef{nn::shapeOf(x)[1]})
      continue;
    node.error() << "input is " << x.getType() << " and " << name << " "
                 << each.getType() << ", a value per channel is required";
    return {};
  }
  Type element = nn::elementOf(x);
  Type real = element.isF64() ? element : node.builder.getF32Type();
  llvm::SmallVector<int64_t> axes = {0};
  llvm::append_range(axes, llvm::seq<int64_t>(2, rank));
  x = node.cast(x, real);
  Value mean = reduce(node, x, nn::ReduceKind::mean, axes, false);
  Value centred = node.create<nn::SubOp>(x, overPixels(node, mean, rank));
  Value variance = reduce(node, node.create<nn::MulOp>(centred, centred),
                          nn::ReduceKind::mean, axes, false);
  Value root = node.create<nn::SqrtOp>(
      withScalar<nn::AddOp>(node, variance, node.floatAttr("epsilon", 1e-5f)));
  Value factor = node.create<nn::DivOp>(node.cast(scale, real), root);
  Value y = node.create<nn::MulOp>(centred, overPixels(node, factor, rank));
  y = node.create<nn::AddOp>(y,
                             overPixels(node, node.cast(offset, real), rank));
  double momentum = node.floatAttr("momentum", 0.9f);
  auto moved = [&](Value running, Value own) -> Value {
    Type stored = nn::elementOf(running);
    Value kept =
        withScalar<nn::MulOp>(node, node.cast(running, real), momentum);
    Value next = node.create<nn::AddOp>(
        kept, withScalar<nn::MulOp>(node, own, 1 - momentum));
    return next ? node.cast(next, stored) : Value();
  };
  if (node.failed())
    return {};
  return {node.cast(y, element), moved(node.inputs()[3], mean),
          moved(node.inputs()[4], variance), mean, variance};
}

Values batchNorm(Node &node) {
  // Before opset 14 further outputs meant training.
  if (node.intAttr("training_mode", 0) != 0 || node.hasOutput(1))
    return trainingNorm(node);
  double epsilon = node.floatAttr("epsilon", 1e-5f);
  return {node.create<nn::BatchNormOp>(
      node.input(0), node.input(1), node.input(2), node.input(3), node.input(4),
      node.builder.getF64FloatAttr(epsilon), channelsFirst(node))};
}

} // namespace

Value mlc::importConv(Node &node, Value x, Value w, Value bias,
                      IntegerAttr inputZeroPoint) {
  if (node.failed() || !x || !w)
    return {};
  ArrayRef<int64_t> input = nn::shapeOf(x), weights = nn::shapeOf(w);
  if (input.size() < 3 || weights.size() != input.size()) {
    node.error() << "input has rank " << input.size() << " and weights "
                 << weights.size()
                 << ", the same rank of at least 3 is required";
    return {};
  }
  FailureOr<WindowAttributes> window =
      readWindow(node, input.drop_front(2), weights.drop_front(2));
  if (failed(window))
    return {};
  auto op = nn::ConvOp::create(node.builder, node.loc, x.getType(), x, w, bias,
                               ValueRange(), window->strides, window->pads,
                               window->dilations,
                               static_cast<uint64_t>(node.intAttr("group", 1)),
                               nn::Layout::channels_first, inputZeroPoint);
  return node.finish(op);
}

llvm::ArrayRef<Converter> mlc::spatialConverters() {
  static const Converter table[] = {
      {"AveragePool", pool<nn::PoolKind::average>},
      {"BatchNormalization", batchNorm},
      {"Conv", conv},
      {"GlobalAveragePool", globalPool<nn::PoolKind::average>},
      {"GlobalMaxPool", globalPool<nn::PoolKind::max>},
      {"MaxPool", pool<nn::PoolKind::max>},
  };
  return table;
}
