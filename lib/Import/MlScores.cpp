//===- MlScores.cpp - Scores and labels of classifiers --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/MlScores.h"

#include "Import/Compose.h"

#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlc;

using Dims = llvm::SmallVector<int64_t>;

DenseIntElementsAttr mlc::labelIndices(const onnx::GraphProto &graph,
                                       const onnx::TensorProto &table,
                                       MLIRContext *context) {
  bool isList = table.data_type() == onnx::TensorProto::STRING &&
                table.dims_size() == 1 &&
                table.dims(0) == table.string_data_size();
  if (!isList)
    return {};
  for (const onnx::NodeProto &node : graph.node())
    for (auto [i, name] : llvm::enumerate(node.input()))
      if (name == table.name() &&
          (i != 0 || node.op_type() != "ArrayFeatureExtractor"))
        return {};
  auto type =
      RankedTensorType::get(table.dims(0), IntegerType::get(context, 64));
  return DenseIntElementsAttr::get(
      type, llvm::to_vector(llvm::seq<int64_t>(0, table.string_data_size())));
}

FailureOr<Dims> mlc::classLabels(Node &node) {
  for (llvm::StringRef name : {"classlabels_int64s", "classlabels_ints"})
    if (Dims labels = node.intsAttr(name); !labels.empty())
      return labels;
  const onnx::AttributeProto *strings = node.findAttr("classlabels_strings");
  if (!strings || strings->strings_size() == 0)
    return node.fail("has no labels for its classes");
  if (node.hasOutput(0))
    emitWarning(node.loc) << kIndexForLabel;
  return llvm::to_vector(llvm::seq<int64_t>(0, strings->strings_size()));
}

/// Softmax among the scores that are not 0, which stay 0.
static Value softmaxOfRest(Node &node, Value scores) {
  Value exponent = node.create<nn::ExpOp>(node.create<nn::SubOp>(
      scores, reduce(node, scores, nn::ReduceKind::max, {1}, true)));
  Value size = node.create<nn::AbsOp>(scores);
  Value isZero = withScalar<nn::LessOrEqualOp>(node, size, 1e-7);
  if (!isZero || !exponent)
    return {};
  Value parts = node.create<nn::SelectOp>(
      isZero, node.create<nn::MulOp>(scores, exponent), exponent);
  return node.create<nn::DivOp>(
      parts, reduce(node, parts, nn::ReduceKind::sum, {1}, true));
}

/// The quantile of a normal distribution, by Winitzki's approximation.
static Value probit(Node &node, Value p) {
  // sqrt(2) * inverse erf(2 p - 1)
  Value x = withScalar<nn::SubOp>(node, withScalar<nn::MulOp>(node, p, 2), 1);
  Value square = node.create<nn::MulOp>(x, x);
  if (!square)
    return {};
  Value one = node.scalar(nn::elementOf(p), 1);
  Value log = node.create<nn::LogOp>(node.create<nn::SubOp>(one, square));
  Value v = withScalar<nn::AddOp>(node, withScalar<nn::MulOp>(node, log, 0.5),
                                  2 / (3.14159 * 0.147));
  Value root =
      node.create<nn::SubOp>(node.create<nn::MulOp>(v, v),
                             withScalar<nn::MulOp>(node, log, 1 / 0.147));
  Value size = node.create<nn::SqrtOp>(
      node.create<nn::SubOp>(node.create<nn::SqrtOp>(root), v));
  Value erf = node.create<nn::MulOp>(size, node.create<nn::SignOp>(x));
  return withScalar<nn::MulOp>(node, erf, 1.41421356);
}

Value mlc::transformScores(Node &node, Value scores,
                           llvm::StringRef transform) {
  if (transform == "NONE")
    return scores;
  if (transform == "LOGISTIC")
    return node.create<nn::SigmoidOp>(scores);
  if (transform == "SOFTMAX")
    return node.create<nn::SoftmaxOp>(scores, node.builder.getI64IntegerAttr(1),
                                      UnitAttr());
  if (transform == "SOFTMAX_ZERO")
    return softmaxOfRest(node, scores);
  if (transform == "PROBIT")
    return probit(node, scores);
  node.error() << "post_transform '" << transform << "' is not supported";
  return {};
}

Values mlc::classify(Node &node, Value scores, ArrayRef<int64_t> labels,
                     llvm::StringRef transform) {
  if (!scores)
    return {};
  int64_t rows = nn::shapeOf(scores)[0], classes = nn::shapeOf(scores)[1];
  if (classes != static_cast<int64_t>(labels.size())) {
    node.error() << "has scores of " << classes << " classes and "
                 << labels.size() << " labels";
    return {};
  }
  Value best = argExtreme(node, scores, 1, true, false);
  Value label =
      gatherRows(node, node.constantI64(labels), node.reshape(best, {rows}));
  return {label, transformScores(node, scores, transform)};
}

Values mlc::binaryClasses(Node &node, Value scores, ArrayRef<int64_t> labels,
                          llvm::StringRef transform, double threshold,
                          OtherClass other) {
  if (!scores)
    return {};
  Type i64 = node.builder.getI64Type(), element = nn::elementOf(scores);
  int64_t rows = nn::shapeOf(scores)[0];
  Value isSecond =
      withScalar<nn::GreaterOp>(node, node.reshape(scores, {rows}), threshold);
  Value label = node.create<nn::SelectOp>(isSecond, node.scalar(i64, labels[1]),
                                          node.scalar(i64, labels[0]));
  Value first;
  bool isLogistic = transform == "LOGISTIC";
  if (isLogistic || other == OtherClass::negative)
    first = node.create<nn::NegOp>(scores);
  else
    first = node.create<nn::SubOp>(node.scalar(element, 1), scores);
  Value both = concat(node, {first, scores}, 1);
  if (isLogistic || transform == "PROBIT")
    both = transformScores(node, both, transform);
  return {label, both};
}
