//===- ConvertExperimental.cpp - Operators that ONNX tried ----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operators of the first opsets that never became part of the standard, which
// converters from Core ML and Caffe wrote and onnxruntime still takes. No
// schema is left that says what their attributes are.
//
//===----------------------------------------------------------------------===//

#include "Import/Compose.h"
#include "Import/Converters.h"

using namespace mlir;
using namespace mlc;

namespace {

/// alpha * x + beta.
Values affine(Node &node) {
  Value y =
      withScalar<nn::MulOp>(node, node.input(0), node.floatAttr("alpha", 1));
  return {withScalar<nn::AddOp>(node, y, node.floatAttr("beta", 0))};
}

/// scale * x.
Values scaleBy(Node &node) {
  return {
      withScalar<nn::MulOp>(node, node.input(0), node.floatAttr("scale", 1))};
}

/// alpha * tanh(beta * x).
Values scaledTanh(Node &node) {
  Value inner =
      withScalar<nn::MulOp>(node, node.input(0), node.floatAttr("beta", 1));
  return {withScalar<nn::MulOp>(node, node.create<nn::TanhOp>(inner),
                                node.floatAttr("alpha", 1))};
}

/// alpha * log(1 + exp(beta * x)).
Values parametricSoftplus(Node &node) {
  Value inner =
      withScalar<nn::MulOp>(node, node.input(0), node.floatAttr("beta", 1));
  return {withScalar<nn::MulOp>(node, node.create<nn::SoftplusOp>(inner),
                                node.floatAttr("alpha", 1))};
}

/// The input as an image; reports other ranks and gives null.
Value image(Node &node) {
  Value x = node.input(0);
  if (!x || nn::shapeOf(x).size() == 4)
    return x;
  node.error() << "input is " << x.getType() << ", rank 4 is required";
  return {};
}

/// scale * x + bias, a bias a channel.
Values imageScaler(Node &node) {
  Value x = image(node);
  if (!x)
    return {};
  int64_t channels = nn::shapeOf(x)[1];
  llvm::SmallVector<float> floats = node.floatsAttr("bias");
  llvm::SmallVector<double> bias(floats.begin(), floats.end());
  if (int64_t(bias.size()) != channels) {
    node.error() << "has " << bias.size() << " biases for " << channels
                 << " channels";
    return {};
  }
  Value y = withScalar<nn::MulOp>(node, x, node.floatAttr("scale", 1));
  return {node.create<nn::AddOp>(
      y, floatConstant(node, bias, {channels, 1, 1}, nn::elementOf(x)))};
}

/// Takes the border (left, top, right, bottom) off, or what lies behind `scale`
/// rows and columns from its upper left corner on.
Values crop(Node &node) {
  Value x = image(node);
  llvm::SmallVector<int64_t> border = node.intsAttr("border"),
                             scale = node.intsAttr("scale");
  if (!x)
    return {};
  if (border.size() != 4 || (!scale.empty() && scale.size() != 2)) {
    node.error() << "has " << border.size() << " borders and " << scale.size()
                 << " scales, 4 and 0 or 2 are required";
    return {};
  }
  for (int64_t i : {0, 1}) {
    // Rows are the first of `scale`, the second of `border`.
    int64_t size = nn::shapeOf(x)[2 + i], start = border[1 - i];
    int64_t kept = scale.empty() ? size - start - border[3 - i] : scale[i];
    if (start < 0 || start > size || kept < 0 || kept > size - start) {
      node.error() << "takes " << kept << " from " << start << " on out of "
                   << size;
      return {};
    }
    x = node.slice(x, 2 + i, start, kept);
    if (!x)
      return {};
  }
  return {x};
}

} // namespace

llvm::ArrayRef<Converter> mlc::experimentalConverters() {
  static const Converter table[] = {
      {"Affine", affine},           {"Crop", crop},
      {"ImageScaler", imageScaler}, {"ParametricSoftplus", parametricSoftplus},
      {"Scale", scaleBy},           {"ScaledTanh", scaledTanh},
  };
  return table;
}
