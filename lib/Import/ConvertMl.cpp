//===- ConvertMl.cpp - Feature operators of ai.onnx.ml --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What pipelines of scikit-learn put before and behind their models. Strings
// are left to the caller: tensors hold numbers.
//
//===----------------------------------------------------------------------===//

#include "Import/MlScores.h"

#include "Import/Compose.h"
#include "Import/Converters.h"
#include "Import/GraphImporter.h"
#include "Import/Svm.h"
#include "Import/TensorImport.h"

#include "mlir/IR/Diagnostics.h"

#include <cmath>

using namespace mlir;
using namespace mlc;

namespace {

using Dims = llvm::SmallVector<int64_t>;

/// Floats of an attribute as [1] or [C], to go with rows of C; empty without
/// it.
FailureOr<Value> perFeature(Node &node, llvm::StringRef name, Value x) {
  llvm::SmallVector<float> given = node.floatsAttr(name);
  if (given.empty())
    return Value();
  int64_t count = given.size();
  ArrayRef<int64_t> shape = nn::shapeOf(x);
  if (count != 1 && (shape.empty() || shape.back() != count))
    return node.fail("attribute '" + name + "' has " + llvm::Twine(count) +
                     " values, one or one a feature is required");
  llvm::SmallVector<double> values(given.begin(), given.end());
  return floatConstant(node, values, {count}, node.builder.getF32Type());
}

Value asFloat(Node &node, Value x) {
  return x ? node.cast(x, node.builder.getF32Type()) : Value();
}

Values scaler(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  FailureOr<Value> offset = perFeature(node, "offset", x),
                   scale = perFeature(node, "scale", x);
  if (failed(offset) || failed(scale))
    return {};
  Value y = asFloat(node, x);
  if (*offset)
    y = node.create<nn::SubOp>(y, *offset);
  return {*scale ? node.create<nn::MulOp>(y, *scale) : y};
}

/// Rows divided by their largest element, or a norm; as they are where that is
/// 0.
Values normalizer(Node &node) {
  Value x = asFloat(node, node.input(0));
  if (!x)
    return {};
  std::string norm = node.stringAttr("norm", "MAX");
  int64_t rank = nn::shapeOf(x).size();
  std::optional<nn::ReduceKind> kind =
      norm == "MAX"  ? std::optional(nn::ReduceKind::max)
      : norm == "L1" ? std::optional(nn::ReduceKind::l1)
      : norm == "L2" ? std::optional(nn::ReduceKind::l2)
                     : std::nullopt;
  if (!kind || rank < 1) {
    node.error() << "input is " << x.getType() << " and norm '" << norm
                 << "', one of MAX, L1 and L2 is required";
    return {};
  }
  Value size = reduce(node, x, *kind, {rank - 1}, true);
  Value isZero = withScalar<nn::EqualOp>(node, size, 0);
  if (!isZero)
    return {};
  Value by =
      node.create<nn::SelectOp>(isZero, node.scalar(nn::elementOf(x), 1), size);
  return {node.create<nn::DivOp>(x, by)};
}

Values binarizer(Node &node) {
  Value x = node.input(0);
  Value isMore =
      withScalar<nn::GreaterOp>(node, x, node.floatAttr("threshold", 0));
  return {isMore ? node.cast(isMore, nn::elementOf(x)) : Value()};
}

Values arrayFeatureExtractor(Node &node) {
  Value x = node.input(0), indices = node.input(1);
  if (!x || !indices)
    return {};
  int64_t rank = nn::shapeOf(x).size();
  if (rank < 1) {
    node.error() << "input is a scalar, at least rank 1 is required";
    return {};
  }
  int64_t count = dimProduct(nn::shapeOf(indices));
  Value y = node.create<nn::GatherOp>(x, node.reshape(indices, {count}),
                                      node.builder.getI64IntegerAttr(rank - 1));
  return {rank == 1 ? node.reshape(y, {1, count}) : y};
}

/// Missing values, which are NaN or one that the model names, replaced.
Values imputer(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  Type element = nn::elementOf(x);
  bool isFloat = isa<FloatType>(element);
  llvm::SmallVector<double> values;
  for (float v : node.floatsAttr("imputed_value_floats"))
    values.push_back(v);
  Dims wholes = node.intsAttr("imputed_value_int64s");
  int64_t count = isFloat ? values.size() : wholes.size();
  if (count < 1 || (count != 1 && (nn::shapeOf(x).empty() ||
                                   nn::shapeOf(x).back() != count))) {
    node.error() << "has " << count << " values to put in, one or one a "
                 << "feature is required";
    return {};
  }
  Value fill = isFloat ? floatConstant(node, values, {count}, element)
                       : node.cast(node.constantI64(wholes), element);
  double missing = isFloat ? node.floatAttr("replaced_value_float", 0)
                           : node.intAttr("replaced_value_int64", 0);
  Value isMissing = std::isnan(missing)
                        ? node.create<nn::IsNaNOp>(x)
                        : withScalar<nn::EqualOp>(node, x, missing);
  return {node.create<nn::SelectOp>(isMissing, fill, x)};
}

Values featureVectorizer(Node &node) {
  llvm::SmallVector<Value> parts;
  Dims sizes = node.intsAttr("inputdimensions");
  for (size_t i = 0; i < node.numInputs(); ++i) {
    Value v = asFloat(node, node.input(i));
    if (!v)
      return {};
    Dims shape(nn::shapeOf(v));
    if (shape.size() == 1)
      shape.insert(shape.begin(), 1);
    if (shape.size() != 2 || (i < sizes.size() && sizes[i] != shape.back())) {
      node.error() << "input " << i << " is " << v.getType()
                   << ", rows of as many features as 'inputdimensions' says "
                      "are required";
      return {};
    }
    parts.push_back(node.reshape(v, shape));
  }
  return {concat(node, parts, 1)};
}

/// 1 where an element is a category, of which each has a column.
Values oneHotEncoder(Node &node) {
  Value x = node.input(0);
  Dims categories = node.intsAttr("cats_int64s");
  if (!x)
    return {};
  if (categories.empty()) {
    node.error() << "encodes strings, which are not supported; give the model "
                    "their numbers";
    return {};
  }
  Dims shape(nn::shapeOf(x));
  shape.push_back(1);
  Value whole = node.reshape(node.cast(x, node.builder.getI64Type()), shape);
  return {asFloat(
      node, node.create<nn::EqualOp>(whole, node.constantI64(categories)))};
}

//===----------------------------------------------------------------------===//
// Labels
//===----------------------------------------------------------------------===//

/// Keys or values of a LabelEncoder: a list of integers or floats, or a tensor.
Value labelList(Node &node, llvm::StringRef what) {
  if (const onnx::AttributeProto *attr =
          node.findAttr((what + "_tensor").str())) {
    if (attr->t().data_type() != onnx::TensorProto::STRING) {
      auto tensor = importTensor(attr->t(), node.builder.getContext());
      if (tensor)
        return node.constant(*tensor);
      node.error() << llvm::toString(tensor.takeError());
      return {};
    }
  } else if (node.hasAttr((what + "_int64s").str())) {
    return node.constantI64(node.intsAttr((what + "_int64s").str()));
  } else if (node.hasAttr((what + "_floats").str())) {
    llvm::SmallVector<double> values;
    for (float v : node.floatsAttr((what + "_floats").str()))
      values.push_back(v);
    return floatConstant(node, values, {static_cast<int64_t>(values.size())},
                         node.builder.getF32Type());
  }
  node.error() << "maps strings, which are not supported; map them to numbers "
                  "outside of the model";
  return {};
}

/// What elements without a key become, [1].
Value defaultLabel(Node &node, Type element) {
  if (const onnx::AttributeProto *attr = node.findAttr("default_tensor")) {
    auto tensor = importTensor(attr->t(), node.builder.getContext());
    if (tensor && tensor->getNumElements() == 1)
      return node.reshape(node.constant(*tensor), {1});
    llvm::consumeError(tensor.takeError());
    node.error() << "attribute 'default_tensor' must hold one number";
    return {};
  }
  double v = isa<FloatType>(element) ? node.floatAttr("default_float", -0.0)
                                     : node.intAttr("default_int64", -1);
  return node.reshape(node.scalar(element, v), {1});
}

/// The first key that an element equals chooses among the values.
Values labelEncoder(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  Value keys = labelList(node, "keys"), values = labelList(node, "values");
  if (!keys || !values)
    return {};
  int64_t count = dimProduct(nn::shapeOf(keys));
  if (dimProduct(nn::shapeOf(values)) != count || count == 0 ||
      nn::elementOf(keys) != nn::elementOf(x)) {
    node.error() << "maps " << count << " keys of " << nn::elementOf(keys)
                 << " to " << dimProduct(nn::shapeOf(values))
                 << " values for input " << x.getType();
    return {};
  }
  Dims shape(nn::shapeOf(x));
  int64_t rank = shape.size();
  shape.push_back(1);
  Type i64 = node.builder.getI64Type();
  Value column = node.reshape(x, shape);
  keys = node.reshape(keys, {count});
  Value isKey = node.create<nn::EqualOp>(column, keys);
  // Older versions look keys up by equality alone, which NaN is not.
  constexpr int64_t kFindsNan = 4;
  if (isa<FloatType>(nn::elementOf(x)) && node.importer.mlOpset >= kFindsNan)
    isKey = node.create<nn::OrOp>(
        isKey, node.create<nn::AndOp>(node.create<nn::IsNaNOp>(column),
                                      node.create<nn::IsNaNOp>(keys)));
  Value place = node.create<nn::SelectOp>(isKey, iota(node, count, i64, 0, 1),
                                          node.scalar(i64, count));
  place = reduce(node, place, nn::ReduceKind::min, {rank}, false);
  Value all = concat(node,
                     {node.reshape(values, {count}),
                      defaultLabel(node, nn::elementOf(values))},
                     0);
  return {gatherRows(node, all, place)};
}

/// A list of maps is left to the caller, who gets its numbers.
Values zipMap(Node &node) {
  if (Value x = node.input(0)) {
    emitWarning(node.loc) << "gives its input, a column for each class, in "
                             "place of maps from classes";
    return {x};
  }
  return {};
}

//===----------------------------------------------------------------------===//
// Linear models
//===----------------------------------------------------------------------===//

/// x [N, F] or [F] times coefficients [outputs, F], plus intercepts: [N,
/// outputs].
Value linearScores(Node &node, Value x, int64_t outputs,
                   ArrayRef<float> intercepts) {
  llvm::SmallVector<float> given = node.floatsAttr("coefficients");
  Dims shape(nn::shapeOf(x));
  if (shape.size() == 1)
    shape.insert(shape.begin(), 1);
  int64_t count = given.size();
  if (shape.size() != 2 || outputs < 1 || count != outputs * shape[1] ||
      (!intercepts.empty() &&
       static_cast<int64_t>(intercepts.size()) != outputs)) {
    node.error() << "input is " << x.getType() << " for " << count
                 << " coefficients and " << intercepts.size()
                 << " intercepts of " << outputs << " outputs";
    return {};
  }
  x = node.reshape(asFloat(node, x), shape);
  Type f32 = node.builder.getF32Type();
  llvm::SmallVector<double> weights(given.begin(), given.end()),
      offsets(intercepts.begin(), intercepts.end());
  Value w = floatConstant(node, weights, {outputs, shape[1]}, f32), bias;
  if (!offsets.empty())
    bias = floatConstant(node, offsets, {outputs}, f32);
  if (!x || !w)
    return {};
  return node.finish(nn::MatmulOp::create(node.builder, node.loc, x.getType(),
                                          x, w, bias, ValueRange(), true));
}

Values linearRegressor(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  Value y = linearScores(node, x, node.intAttr("targets", 1),
                         node.floatsAttr("intercepts"));
  return {transformScores(node, y, node.stringAttr("post_transform", "NONE"))};
}

Values linearClassifier(Node &node) {
  Value x = node.input(0);
  FailureOr<Dims> labels = classLabels(node);
  if (!x || failed(labels))
    return {};
  llvm::SmallVector<float> intercepts = node.floatsAttr("intercepts");
  ArrayRef<int64_t> shape = nn::shapeOf(x);
  int64_t features = shape.empty() ? 1 : std::max<int64_t>(1, shape.back());
  int64_t outputs = node.floatsAttr("coefficients").size() / features;
  Value scores = linearScores(node, x, outputs, intercepts);
  std::string transform = node.stringAttr("post_transform", "NONE");
  if (outputs == 1 && labels->size() == 2)
    return binaryClasses(node, scores, *labels, transform, 0,
                         OtherClass::complement);
  return classify(node, scores, *labels, transform);
}

} // namespace

llvm::ArrayRef<Converter> mlc::mlConverters() {
  static const Converter table[] = {
      {"ArrayFeatureExtractor", arrayFeatureExtractor, "ai.onnx.ml"},
      {"Binarizer", binarizer, "ai.onnx.ml"},
      {"FeatureVectorizer", featureVectorizer, "ai.onnx.ml"},
      {"Imputer", imputer, "ai.onnx.ml"},
      {"LabelEncoder", labelEncoder, "ai.onnx.ml"},
      {"LinearClassifier", linearClassifier, "ai.onnx.ml"},
      {"LinearRegressor", linearRegressor, "ai.onnx.ml"},
      {"Normalizer", normalizer, "ai.onnx.ml"},
      {"OneHotEncoder", oneHotEncoder, "ai.onnx.ml"},
      {"SVMClassifier", svmClassifier, "ai.onnx.ml"},
      {"SVMRegressor", svmRegressor, "ai.onnx.ml"},
      {"Scaler", scaler, "ai.onnx.ml"},
      {"ZipMap", zipMap, "ai.onnx.ml"},
  };
  return table;
}
