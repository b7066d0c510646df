//===- ConvertTrees.cpp - Ensembles of trees of ai.onnx.ml ----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All rows go down all trees at once: a step takes each from its node to the
// child that a comparison chooses, by gathers from tables of the nodes. A leaf
// is its own child, so as many steps as the deepest tree has suffice. Then the
// weights of the leaves are gathered and put together.
//
//===----------------------------------------------------------------------===//

#include "Import/Forest.h"
#include "Import/MlScores.h"

#include "Import/Compose.h"
#include "Import/Converters.h"

#include <limits>
#include <set>

using namespace mlir;
using namespace mlc;

namespace {

using Dims = llvm::SmallVector<int64_t>;

//===----------------------------------------------------------------------===//
// Going down
//===----------------------------------------------------------------------===//

class Descent {
public:
  Descent(Node &node, const Forest &forest, Value x)
      : node(node), f(forest), x(x), rows(nn::shapeOf(x)[0]),
        features(nn::shapeOf(x)[1]), element(nn::elementOf(x)),
        i64(node.builder.getI64Type()) {}

  /// The leaf of each row in each tree, [rows, trees].
  Value run() {
    int64_t trees = f.roots.size();
    Value at = broadcast(node, node.constantI64(f.roots), {rows, trees});
    llvm::SmallVector<int64_t> children, missing(f.missingTrue);
    for (auto [no, yes] : llvm::zip(f.onFalse, f.onTrue))
      llvm::append_values(children, no, yes);
    tableOfChildren = node.constantI64(children);
    tableOfFeatures = node.constantI64(f.features);
    tableOfValues = floatConstant(node, f.values, {nodes()}, element);
    for (int64_t i = 0; i < f.depth && !node.failed(); ++i)
      at = step(at);
    return at;
  }

private:
  int64_t nodes() const { return f.branches.size(); }

  Value step(Value at) {
    Value place = gatherRows(node, tableOfFeatures, at);
    place =
        node.create<nn::AddOp>(place, iota(node, rows, i64, 0, 2, 0, features));
    Value own = gatherRows(node, node.reshape(x, {rows * features}), place);
    Value goes = compare(own, gatherRows(node, tableOfValues, at), at);
    if (llvm::any_of(f.missingTrue, [](int64_t m) { return m != 0; })) {
      Value tracks = gatherRows(
          node, flags([&](int64_t i) { return f.missingTrue[i] != 0; }), at);
      goes = node.create<nn::OrOp>(
          goes, node.create<nn::AndOp>(node.create<nn::IsNaNOp>(own), tracks));
    }
    if (!goes)
      return {};
    Value child = node.create<nn::AddOp>(withScalar<nn::MulOp>(node, at, 2),
                                         node.cast(goes, i64));
    return gatherRows(node, tableOfChildren, child);
  }

  /// A table of booleans, one per node.
  Value flags(llvm::function_ref<bool(int64_t)> isSet) {
    llvm::SmallVector<int64_t> values;
    for (int64_t i = 0; i < nodes(); ++i)
      values.push_back(isSet(i));
    return node.cast(node.constantI64(values), node.builder.getI1Type());
  }

  /// Of each kind of comparison that there is, where it is the node's.
  Value compare(Value own, Value value, Value at) {
    Value result;
    std::set<Branch> kinds(f.branches.begin(), f.branches.end());
    kinds.erase(Branch::leaf);
    for (Branch kind : kinds) {
      Value v = compareBy(kind, own, value);
      if (!result) {
        result = v;
        continue;
      }
      Value isKind = gatherRows(
          node, flags([&](int64_t i) { return f.branches[i] == kind; }), at);
      result = node.create<nn::SelectOp>(isKind, v, result);
    }
    return result;
  }

  Value compareBy(Branch kind, Value a, Value b) {
    switch (kind) {
    case Branch::leq:
      return node.create<nn::LessOrEqualOp>(a, b);
    case Branch::lt:
      return node.create<nn::LessOp>(a, b);
    case Branch::gte:
      return node.create<nn::GreaterOrEqualOp>(a, b);
    case Branch::gt:
      return node.create<nn::GreaterOp>(a, b);
    case Branch::eq:
      return node.create<nn::EqualOp>(a, b);
    default:
      return node.create<nn::NotOp>(node.create<nn::EqualOp>(a, b));
    }
  }

  Node &node;
  const Forest &f;
  Value x, tableOfChildren, tableOfFeatures, tableOfValues;
  int64_t rows, features;
  Type element, i64;
};

/// The input as floats [rows, features].
Value featuresOf(Node &node, const Forest &f) {
  Value x = node.input(0);
  if (!x)
    return {};
  Dims shape(nn::shapeOf(x));
  if (shape.size() == 1)
    shape.insert(shape.begin(), 1);
  int64_t most = 0;
  for (auto [feature, branch] : llvm::zip(f.features, f.branches))
    if (feature < 0)
      most = std::numeric_limits<int64_t>::max();
    else if (branch != Branch::leaf)
      most = std::max(most, feature + 1);
  if (shape.size() != 2 || shape[1] < most) {
    node.error() << "input is " << x.getType() << ", rows of at least " << most
                 << " features are required";
    return {};
  }
  Type real = nn::elementOf(x).isF64() ? nn::elementOf(x)
                                       : Type(node.builder.getF32Type());
  return node.reshape(node.cast(x, real), shape);
}

/// Leaves' weights put together over the trees: [rows, outputs].
Value aggregate(Node &node, const Forest &f, Value leaves, Type element,
                llvm::StringRef how) {
  int64_t count = f.branches.size();
  llvm::SmallVector<double> weights(f.weights);
  bool isExtreme = how == "MAX" || how == "MIN";
  // Where no leaf of a row weighs, an extreme is 0.
  for (size_t i = 0; isExtreme && i < weights.size(); ++i)
    if (!f.isWeighed[i])
      weights[i] = extremeOf(element, how == "MIN");
  Value table = floatConstant(node, weights, {count, f.outputs}, element);
  Value all = gatherRows(node, table, leaves);
  if (how == "MAX" || how == "MIN") {
    Value best = reduce(
        node, all, how == "MAX" ? nn::ReduceKind::max : nn::ReduceKind::min,
        {1}, false);
    Value isNone = node.create<nn::IsInfOp>(best, true, true);
    return isNone ? node.create<nn::SelectOp>(isNone, node.scalar(element, 0),
                                              best)
                  : Value();
  }
  if (how == "SUM" || how == "AVERAGE")
    return reduce(node, all,
                  how == "SUM" ? nn::ReduceKind::sum : nn::ReduceKind::mean,
                  {1}, false);
  node.error() << "aggregate_function '" << how << "' is not supported";
  return {};
}

Value addBase(Node &node, Value scores, ArrayRef<double> base) {
  if (!scores || base.empty())
    return scores;
  int64_t count = base.size();
  if (count != 1 && count != nn::shapeOf(scores)[1]) {
    node.error() << "has " << count << " base values, "
                 << nn::shapeOf(scores)[1] << " are required";
    return {};
  }
  return node.create<nn::AddOp>(
      scores, floatConstant(node, base, {count}, nn::elementOf(scores)));
}

Values treeRegressor(Node &node) {
  FailureOr<Forest> f =
      readForest(node, "target", node.intAttr("n_targets", 1));
  if (failed(f))
    return {};
  Value x = featuresOf(node, *f);
  if (!x)
    return {};
  Value y = aggregate(node, *f, Descent(node, *f, x).run(), nn::elementOf(x),
                      node.stringAttr("aggregate_function", "SUM"));
  y = addBase(node, y, numbersAttr(node, "base_values"));
  y = transformScores(node, y, node.stringAttr("post_transform", "NONE"));
  return {y ? node.cast(y, node.builder.getF32Type()) : Value()};
}

/// Two classes of which only one has weights.
Values twoClasses(Node &node, const Forest &f, Value scores, int64_t own,
                  ArrayRef<int64_t> labels, llvm::StringRef transform) {
  bool isPositive = llvm::all_of(f.weights, [](double w) { return w >= 0; });
  Value one = node.slice(scores, 1, own, 1);
  llvm::SmallVector<double> base = numbersAttr(node, "base_values");
  if (base.size() == 2) {
    // Both bases say that the second class is weighed against the first.
    one = addBase(node, one, {base[1]});
    return binaryClasses(node, one, labels, transform, isPositive ? 0.5 : 0,
                         OtherClass::negative);
  }
  one = addBase(node, one, base);
  return binaryClasses(node, one, labels, transform, isPositive ? 0.5 : 0,
                       isPositive ? OtherClass::complement
                                  : OtherClass::negative);
}

Values treeClassifier(Node &node) {
  FailureOr<Dims> labels = classLabels(node);
  if (failed(labels))
    return {};
  FailureOr<Forest> f = readForest(node, "class", labels->size());
  if (failed(f))
    return {};
  Value x = featuresOf(node, *f);
  if (!x)
    return {};
  Value scores =
      aggregate(node, *f, Descent(node, *f, x).run(), nn::elementOf(x), "SUM");
  scores = scores ? node.cast(scores, node.builder.getF32Type()) : Value();
  std::string transform = node.stringAttr("post_transform", "NONE");
  Dims ids = node.intsAttr("class_ids");
  bool isOne = !ids.empty() && llvm::all_equal(ids);
  if (scores && labels->size() == 2 && isOne && ids.front() == 0)
    return twoClasses(node, *f, scores, 0, *labels, transform);
  scores = addBase(node, scores, numbersAttr(node, "base_values"));
  Values result = classify(node, scores, *labels, transform);
  if (!isOne || labels->size() != 2 || node.failed())
    return result;
  // Weights of the second class alone: the first one has none to be compared.
  bool isPositive = llvm::all_of(f->weights, [](double w) { return w >= 0; });
  Values second =
      binaryClasses(node, node.slice(scores, 1, 1, 1), *labels, "NONE",
                    isPositive ? 0.5 : 0, OtherClass::complement);
  return {second.empty() ? Value() : second[0], result[1]};
}

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

Values treeEnsemble(Node &node) {
  static constexpr llvm::StringLiteral hows[] = {"AVERAGE", "SUM", "MIN",
                                                 "MAX"};
  static constexpr llvm::StringLiteral transforms[] = {
      "NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"};
  int64_t how = node.intAttr("aggregate_function", 1),
          transform = node.intAttr("post_transform", 0);
  FailureOr<Forest> f = readTreeEnsemble(node);
  if (failed(f))
    return {};
  if (how < 0 || how > 3 || transform < 0 || transform > 4) {
    node.error() << "aggregate_function is " << how << " and post_transform "
                 << transform << ", 0 to 3 and 0 to 4 are required";
    return {};
  }
  Value x = featuresOf(node, *f);
  if (!x)
    return {};
  Value y = aggregate(node, *f, Descent(node, *f, x).run(), nn::elementOf(x),
                      hows[how]);
  y = transformScores(node, y, transforms[transform]);
  return {y ? node.cast(y, nn::elementOf(node.inputs()[0])) : Value()};
}

} // namespace

llvm::ArrayRef<Converter> mlc::treeConverters() {
  static const Converter table[] = {
      {"TreeEnsemble", treeEnsemble, "ai.onnx.ml"},
      {"TreeEnsembleClassifier", treeClassifier, "ai.onnx.ml"},
      {"TreeEnsembleRegressor", treeRegressor, "ai.onnx.ml"},
  };
  return table;
}
