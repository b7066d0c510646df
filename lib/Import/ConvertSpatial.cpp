//===- ConvertSpatial.cpp - Convolution and pooling of ONNX ---------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Converters.h"
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
  if (node.hasOutput(1)) {
    node.error() << "the indices of MaxPool are not supported";
    return {};
  }
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
  return {makePool(node, x, kind, *window, node.intAttr("count_include_pad", 0),
                   node.intAttr("ceil_mode", 0))};
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

Values batchNorm(Node &node) {
  if (node.intAttr("training_mode", 0) != 0 || node.hasOutput(1)) {
    node.error() << "training mode is not supported";
    return {};
  }
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
