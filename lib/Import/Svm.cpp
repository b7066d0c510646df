//===- Svm.cpp - Support vector machines of ai.onnx.ml --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Svm.h"

#include "Import/Compose.h"
#include "Import/MlScores.h"

using namespace mlir;
using namespace mlc;

namespace {

using Doubles = llvm::SmallVector<double>;

/// Floats of an attribute.
Doubles numbers(Node &node, llvm::StringRef name) {
  llvm::SmallVector<float> values = node.floatsAttr(name);
  return Doubles(values.begin(), values.end());
}

Value constantOf(Node &node, ArrayRef<double> values, ArrayRef<int64_t> shape) {
  return floatConstant(node, values, shape, node.builder.getF32Type());
}

/// x [N, K] times the transpose of `w` [M, K], plus `bias` [M], which may be
/// null: [N, M].
Value timesTransposed(Node &node, Value x, Value w, Value bias) {
  if (!x || !w)
    return {};
  return node.finish(nn::MatmulOp::create(node.builder, node.loc, x.getType(),
                                          x, w, bias, ValueRange(), true));
}

/// What both operators are made of: rows of features, and their likeness to
/// vectors of the model.
class Machine {
public:
  explicit Machine(Node &node)
      : node(node), kind(node.stringAttr("kernel_type", "LINEAR")),
        parameters(numbers(node, "kernel_params")), rho(numbers(node, "rho")),
        coefficients(numbers(node, "coefficients")),
        vectors(numbers(node, "support_vectors")) {}

  /// The input as rows of floats. Reports and fails where it is no matrix, or
  /// the model lacks what each has.
  LogicalResult readRows() {
    Value x = node.input(0);
    if (!x)
      return failure();
    SmallVector<int64_t> shape(nn::shapeOf(x));
    if (shape.size() == 1)
      shape.insert(shape.begin(), 1);
    if (shape.size() != 2 || shape[1] == 0 || coefficients.empty() ||
        rho.empty())
      return node.fail("input is " + text(x.getType()) + " for " +
                       llvm::Twine(coefficients.size()) + " coefficients and " +
                       llvm::Twine(rho.size()) +
                       " values of rho; rows of features, and one or more of "
                       "each, are required");
    x = node.cast(node.reshape(x, shape), node.builder.getF32Type());
    rows = x;
    return success(x != nullptr);
  }

  /// The kernel of each row with `count` support vectors: [N, count].
  Value kernels(int64_t count) {
    int64_t features = nn::shapeOf(rows)[1];
    if (!has(vectors, count * features, "numbers of support vectors"))
      return {};
    Value v = constantOf(node, vectors, {count, features});
    if (kind == "LINEAR")
      return timesTransposed(node, rows, v, Value());
    if (!has(parameters, 3, "kernel parameters"))
      return {};
    double gamma = parameters[0], offset = parameters[1];
    if (kind == "RBF")
      return radial(v, gamma);
    Value product = timesTransposed(node, rows, v, Value());
    Value y = withScalar<nn::AddOp>(
        node, withScalar<nn::MulOp>(node, product, gamma), offset);
    if (kind == "POLY")
      return withScalar<nn::PowOp>(node, y, parameters[2]);
    if (kind == "SIGMOID")
      return node.create<nn::TanhOp>(y);
    node.error() << "kernel_type '" << kind << "' is not supported";
    return {};
  }

  /// Linear scores of each row for `outputs` outputs: [N, outputs].
  Value linear(int64_t outputs) {
    int64_t features = nn::shapeOf(rows)[1];
    if (!has(coefficients, outputs * features, "coefficients"))
      return {};
    return timesTransposed(
        node, rows, constantOf(node, coefficients, {outputs, features}),
        constantOf(node, Doubles(outputs, rho[0]), {outputs}));
  }

  /// Reports where `values` are not `count`.
  bool has(ArrayRef<double> values, int64_t count, llvm::StringRef what) {
    if (static_cast<int64_t>(values.size()) == count)
      return true;
    node.error() << "has " << values.size() << " " << what << ", " << count
                 << " are required";
    return false;
  }

  Node &node;
  std::string kind;
  Doubles parameters, rho, coefficients, vectors;
  Value rows; ///< [N, features], f32

private:
  static std::string text(Type type) {
    std::string result;
    llvm::raw_string_ostream(result) << type;
    return result;
  }

  /// exp(-gamma |x - v|^2). The product of both would lose the digits of what
  /// lies near each other.
  Value radial(Value v, double gamma) {
    int64_t n = nn::shapeOf(rows)[0], features = nn::shapeOf(rows)[1];
    Value x = node.reshape(rows, {n, 1, features});
    Value size = reduce(node, node.create<nn::SubOp>(x, v),
                        nn::ReduceKind::sum_square, {2}, false);
    return node.create<nn::ExpOp>(withScalar<nn::MulOp>(node, size, -gamma));
  }
};

/// A classifier of support vectors, of two or more classes.
class Classifier : Machine {
public:
  Classifier(Node &node, ArrayRef<int64_t> labels)
      : Machine(node), labels(labels), classes(labels.size()),
        pairs(classes * (classes - 1) / 2),
        counts(node.intsAttr("vectors_per_class")),
        slopes(numbers(node, "prob_a")), offsets(numbers(node, "prob_b")),
        transform(node.stringAttr("post_transform", "NONE")) {}

  Values convert() {
    if (failed(readRows()))
      return {};
    if (classes < 2) {
      node.error() << "has labels of " << classes
                   << " classes, at least 2 are required";
      return {};
    }
    int64_t vectorCount = 0;
    for (int64_t count : counts) {
      if (count < 0 || count > static_cast<int64_t>(coefficients.size())) {
        node.error() << "has " << count << " vectors of a class and "
                     << coefficients.size() << " coefficients";
        return {};
      }
      vectorCount += count;
    }
    return vectorCount == 0 ? byLines() : byVectors(vectorCount);
  }

private:
  /// A score of each class. Of two, the second wins where any is positive.
  Values byLines() {
    Value scores = linear(classes);
    if (!scores || classes > 2 || !slopes.empty())
      return classify(node, scores, labels, transform);
    bool isAllPositive =
        llvm::none_of(coefficients, [](double c) { return c < 0; });
    int64_t n = nn::shapeOf(rows)[0];
    Value most = node.reshape(
        reduce(node, scores, nn::ReduceKind::max, {1}, false), {n});
    Value isSecond = isAllPositive
                         ? withScalar<nn::GreaterOrEqualOp>(node, most, 0.5)
                         : withScalar<nn::GreaterOp>(node, most, 0);
    Values best = classify(node, scores, labels, transform);
    if (node.failed() || !isSecond)
      return {};
    Value second = node.scalar(node.builder.getI64Type(), labels[1]);
    return {node.create<nn::SelectOp>(isSecond, second, best[0]), best[1]};
  }

  /// A score of each pair of classes.
  Values byVectors(int64_t vectorCount) {
    if (static_cast<int64_t>(counts.size()) != classes ||
        !has(coefficients, (classes - 1) * vectorCount, "coefficients") ||
        !has(rho, pairs, "values of rho"))
      return node.failed() ? Values() : wrongCounts();
    if (!slopes.empty() && (!has(slopes, pairs, "values of prob_a") ||
                            !has(offsets, pairs, "values of prob_b")))
      return {};
    // The tables of pairWeights and of vote.
    if (!node.affords(static_cast<double>(pairs) * (vectorCount + classes)))
      return {};
    Value scores = timesTransposed(
        node, kernels(vectorCount),
        constantOf(node, pairWeights(vectorCount), {pairs, vectorCount}),
        constantOf(node, rho, {pairs}));
    if (!scores)
      return {};
    if (classes == 2 && slopes.empty())
      return binaryClasses(node, scores, {labels[1], labels[0]}, transform, 0,
                           transform == "NONE" ? OtherClass::negative
                                               : OtherClass::complement);
    Value y = slopes.empty() ? scores : couple(scores);
    return {vote(scores), y ? transformScores(node, y, transform) : Value()};
  }

  Values wrongCounts() {
    node.error() << "counts the vectors of " << counts.size()
                 << " classes and has labels of " << classes;
    return {};
  }

  /// What each support vector counts for each pair (i, j): rows of
  /// coefficients are those against other classes, its own left out.
  Doubles pairWeights(int64_t vectorCount) const {
    SmallVector<int64_t> starts = {0};
    for (int64_t count : counts)
      starts.push_back(starts.back() + count);
    Doubles weights(pairs * vectorCount, 0);
    int64_t pair = 0;
    for (int64_t i = 0; i < classes; ++i)
      for (int64_t j = i + 1; j < classes; ++j, ++pair) {
        double *row = &weights[pair * vectorCount];
        for (int64_t v = starts[i]; v < starts[i + 1]; ++v)
          row[v] = coefficients[(j - 1) * vectorCount + v];
        for (int64_t v = starts[j]; v < starts[j + 1]; ++v)
          row[v] = coefficients[i * vectorCount + v];
      }
    return weights;
  }

  /// The label of the class, the first one of several, that wins most pairs.
  Value vote(Value scores) {
    Type f32 = node.builder.getF32Type();
    Doubles wins(classes * pairs, 0), losses(classes, 0);
    int64_t pair = 0;
    for (int64_t i = 0; i < classes; ++i)
      for (int64_t j = i + 1; j < classes; ++j, ++pair) {
        wins[i * pairs + pair] = 1;
        wins[j * pairs + pair] = -1;
        ++losses[j];
      }
    Value isFirst = withScalar<nn::GreaterOp>(node, scores, 0);
    if (!isFirst)
      return {};
    Value votes = timesTransposed(node, node.cast(isFirst, f32),
                                  constantOf(node, wins, {classes, pairs}),
                                  constantOf(node, losses, {classes}));
    Values chosen = classify(node, votes, labels, "NONE");
    return node.failed() ? Value() : chosen[0];
  }

  /// The probability of each class.
  Value couple(Value scores);
  Value pairProbabilities(Value scores);

  ArrayRef<int64_t> labels;
  int64_t classes, pairs;
  SmallVector<int64_t> counts; ///< support vectors of each class
  Doubles slopes, offsets;
  std::string transform;
};

/// How likely i is of each pair (i, j), as [N, classes, classes] of rows i; 0
/// on the diagonal.
Value Classifier::pairProbabilities(Value scores) {
  // A sigmoid falls with its argument here.
  Value steep =
      node.create<nn::MulOp>(scores, constantOf(node, slopes, {pairs}));
  Value moved =
      node.create<nn::AddOp>(steep, constantOf(node, offsets, {pairs}));
  if (!moved)
    return {};
  Type f32 = node.builder.getF32Type();
  Value p = node.create<nn::SigmoidOp>(node.create<nn::NegOp>(moved));
  constexpr double least = 1e-7;
  p = node.create<nn::ClampOp>(p, node.scalar(f32, least),
                               node.scalar(f32, 1 - least));
  int64_t n = nn::shapeOf(rows)[0];
  Value all = concat(node,
                     {p, node.create<nn::SubOp>(node.scalar(f32, 1), p),
                      constantOf(node, Doubles(n, 0), {n, 1})},
                     1);
  SmallVector<int64_t> places(classes * classes, 2 * pairs);
  int64_t pair = 0;
  for (int64_t i = 0; i < classes; ++i)
    for (int64_t j = i + 1; j < classes; ++j, ++pair) {
      places[i * classes + j] = pair;
      places[j * classes + i] = pairs + pair;
    }
  if (!all)
    return {};
  return node.reshape(
      node.create<nn::GatherOp>(all, node.constantI64(places),
                                node.builder.getI64IntegerAttr(1)),
      {n, classes, classes});
}

/// The probabilities of classes [N, classes] that agree best with those of
/// pairs: the second method of Wu, Lin and Weng (2004), which changes one after
/// the other until all are near enough.
class Coupling {
public:
  /// `r` is pairProbabilities.
  Coupling(Node &node, Value r)
      : node(node), n(nn::shapeOf(r)[0]), classes(nn::shapeOf(r)[1]) {
    Doubles diagonal;
    for (int64_t i = 0; i < classes * classes; ++i)
      diagonal.push_back(i / classes == i % classes);
    // Q[t, t] is the sum of r[j, t]^2, Q[t, j] is -r[j, t] * r[t, j].
    Value own = times(reduce(node, r, nn::ReduceKind::sum_square, {1}, true),
                      constantOf(node, diagonal, {classes, classes}));
    q = node.create<nn::SubOp>(own, times(r, node.transpose(r, {0, 2, 1})));
    p = constantOf(node, Doubles(n * classes, 1.0 / classes), {n, classes});
  }

  /// Rows that are near enough stay. Two classes take 2 rounds, ten 4.
  Value run() {
    constexpr int64_t rounds = 6;
    for (int64_t round = 0; round < rounds && p && q; ++round) {
      Value products = times(q, node.reshape(p, {n, 1, classes}));
      qp = reduce(node, products, nn::ReduceKind::sum, {2}, false);
      pqp = reduce(node, times(p, qp), nn::ReduceKind::sum, {1}, true);
      Value apart = node.create<nn::AbsOp>(node.create<nn::SubOp>(qp, pqp));
      Value isNear = withScalar<nn::LessOp>(
          node, reduce(node, apart, nn::ReduceKind::max, {1}, true),
          0.005 / classes);
      Value before = p;
      for (int64_t t = 0; t < classes && pqp && qp; ++t)
        change(t);
      p = node.create<nn::SelectOp>(isNear, before, p);
    }
    return p;
  }

private:
  Value times(Value a, Value b) { return node.create<nn::MulOp>(a, b); }
  Value plus(Value a, Value b) { return node.create<nn::AddOp>(a, b); }
  Value over(Value a, Value b) { return node.create<nn::DivOp>(a, b); }
  Value column(Value v, int64_t t) {
    return node.create<nn::SliceOp>(v, ArrayRef<int64_t>{0, t},
                                    ArrayRef<int64_t>{n, 1},
                                    ArrayRef<int64_t>{1, 1});
  }

  /// The probability of class `t`, then all of them so that their sum is 1;
  /// with it Q p and p' Q p.
  void change(int64_t t) {
    Value slice = node.create<nn::SliceOp>(q, ArrayRef<int64_t>{0, t, 0},
                                           ArrayRef<int64_t>{n, 1, classes},
                                           ArrayRef<int64_t>{1, 1, 1});
    Value row = node.reshape(slice, {n, classes});
    if (!row)
      return;
    Value own = column(row, t), atT = column(qp, t);
    Value step = over(node.create<nn::SubOp>(pqp, atT), own);
    Value by = withScalar<nn::AddOp>(node, step, 1);
    Value more = plus(times(step, own), withScalar<nn::MulOp>(node, atT, 2));
    Doubles isT(classes, 0);
    isT[t] = 1;
    pqp = over(over(plus(pqp, times(step, more)), by), by);
    qp = over(plus(qp, times(step, row)), by);
    p = over(plus(p, times(step, constantOf(node, isT, {classes}))), by);
  }

  Node &node;
  int64_t n, classes;
  Value q, p, qp, pqp;
};

Value Classifier::couple(Value scores) {
  constexpr int64_t maxClasses = 32;
  if (classes > maxClasses) {
    node.error() << "gives probabilities of " << classes << " classes, at most "
                 << maxClasses << " are supported";
    return {};
  }
  Value r = pairProbabilities(scores);
  return r ? Coupling(node, r).run() : Value();
}

} // namespace

Values mlc::svmClassifier(Node &node) {
  FailureOr<SmallVector<int64_t>> labels = classLabels(node);
  if (failed(labels))
    return {};
  return Classifier(node, *labels).convert();
}

Values mlc::svmRegressor(Node &node) {
  Machine machine(node);
  if (failed(machine.readRows()))
    return {};
  int64_t count = node.intAttr("n_supports", 0);
  Value y;
  if (count <= 0) {
    y = machine.linear(1);
  } else if (machine.has(machine.coefficients, count, "coefficients")) {
    y = timesTransposed(node, machine.kernels(count),
                        constantOf(node, machine.coefficients, {1, count}),
                        constantOf(node, {machine.rho[0]}, {1}));
  }
  if (!y || !node.intAttr("one_class", 0))
    return {y};
  Value isInside = withScalar<nn::GreaterOp>(node, y, 0);
  Type f32 = node.builder.getF32Type();
  return {node.create<nn::SelectOp>(isInside, node.scalar(f32, 1),
                                    node.scalar(f32, -1))};
}
