//===- ConvertNgrams.cpp - TfIdfVectorizer --------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every window of a row, with 0 to max_skip_count elements between its own, is
// compared with every n-gram of the pool; what is equal is counted.
//
//===----------------------------------------------------------------------===//

#include "Import/Compose.h"
#include "Import/Converters.h"

using namespace mlir;
using namespace mlc;

namespace {

using Dims = llvm::SmallVector<int64_t>;

/// Comparisons of a run.
constexpr int64_t kMostComparisons = int64_t(1) << 28;

struct Vocabulary {
  Dims pool, starts,
      columns; ///< starts: of the n-grams of 1, 2, ... in the pool
  llvm::SmallVector<float> weights;
  std::string mode;
  int64_t shortest, longest, skips, outputs = 0;

  /// How many n-grams of `length` there are.
  int64_t count(int64_t length) const {
    int64_t end = length < static_cast<int64_t>(starts.size())
                      ? starts[length]
                      : static_cast<int64_t>(pool.size());
    return (end - starts[length - 1]) / length;
  }
};

FailureOr<Vocabulary> readVocabulary(Node &node) {
  Vocabulary v;
  v.pool = node.intsAttr("pool_int64s");
  v.starts = node.intsAttr("ngram_counts");
  v.columns = node.intsAttr("ngram_indexes");
  v.weights = node.floatsAttr("weights");
  v.mode = node.stringAttr("mode", "TF");
  v.shortest = node.intAttr("min_gram_length", 1);
  v.longest = node.intAttr("max_gram_length", 1);
  v.skips = node.intAttr("max_skip_count", 0);
  if (node.hasAttr("pool_strings"))
    return node.fail("counts strings, which are not supported; give the model "
                     "numbers for its words");
  bool isKnown = v.mode == "TF" || v.mode == "IDF" || v.mode == "TFIDF";
  int64_t size = v.pool.size(), grams = 0, before = 0;
  bool isSound = isKnown && v.shortest >= 1 && v.longest >= v.shortest &&
                 v.skips >= 0 && v.skips <= 1024 && !v.starts.empty();
  for (auto [i, start] : llvm::enumerate(v.starts)) {
    isSound &= start >= before && start <= size;
    before = start;
    int64_t end = i + 1 < v.starts.size() ? v.starts[i + 1] : size;
    isSound = isSound && end >= start && (end - start) % (i + 1) == 0;
    if (isSound)
      grams += (end - start) / (i + 1);
  }
  for (int64_t column : v.columns) {
    isSound &= column >= 0 && column < (1 << 24);
    v.outputs = std::max(v.outputs, column + 1);
  }
  isSound &= static_cast<int64_t>(v.columns.size()) == grams &&
             (v.weights.empty() || v.weights.size() == v.columns.size());
  if (!isSound)
    return node.fail("the pool of n-grams, their counts, indexes and weights "
                     "do not fit each other");
  return v;
}

/// How often each n-gram of `length` is in rows of `x` [rows, size]: [rows,
/// n-grams].
Value countGrams(Node &node, Value x, const Vocabulary &v, int64_t length) {
  int64_t rows = nn::shapeOf(x)[0], size = nn::shapeOf(x)[1],
          grams = v.count(length);
  Type i64 = node.builder.getI64Type();
  Value pool = node.reshape(node.constantI64(ArrayRef(v.pool).slice(
                                v.starts[length - 1], grams * length)),
                            {grams, length});
  Value sum = broadcast(node, node.scalar(i64, 0), {rows, grams});
  int64_t skips = length == 1 ? 0 : v.skips;
  for (int64_t skip = 0; skip <= skips && !node.failed(); ++skip) {
    int64_t windows = size - (length - 1) * (skip + 1);
    if (windows < 1)
      break;
    if (rows * windows * grams * length > kMostComparisons) {
      node.error() << "compares " << windows << " windows with " << grams
                   << " n-grams, at most 2^28 comparisons are supported";
      return {};
    }
    Value places =
        node.create<nn::AddOp>(iota(node, windows, i64, 0, 2),
                               iota(node, length, i64, 1, 2, 0, skip + 1));
    Value own =
        node.create<nn::GatherOp>(x, places, node.builder.getI64IntegerAttr(1));
    Value isSame = node.create<nn::EqualOp>(
        node.reshape(own, {rows, windows, 1, length}), pool);
    isSame = reduce(node, isSame, nn::ReduceKind::min, {3}, false);
    if (!isSame)
      return {};
    sum = node.create<nn::AddOp>(sum, reduce(node, node.cast(isSame, i64),
                                             nn::ReduceKind::sum, {1}, false));
  }
  return sum;
}

Values tfIdf(Node &node) {
  Value x = node.input(0);
  FailureOr<Vocabulary> v = readVocabulary(node);
  if (!x || failed(v))
    return {};
  Dims shape(nn::shapeOf(x)), result;
  if (shape.empty() || shape.size() > 2) {
    node.error() << "input is " << x.getType() << ", rank 1 or 2 is required";
    return {};
  }
  int64_t rows = shape.size() == 2 ? shape[0] : 1;
  x = node.reshape(node.cast(x, node.builder.getI64Type()),
                   {rows, shape.back()});
  llvm::SmallVector<Value> parts;
  for (int64_t length = 1;
       length <= static_cast<int64_t>(v->starts.size()) && x; ++length) {
    if (v->count(length) == 0)
      continue;
    bool isCounted = length >= v->shortest && length <= v->longest;
    Value zeros = broadcast(node, node.scalar(node.builder.getI64Type(), 0),
                            {rows, v->count(length)});
    parts.push_back(isCounted ? countGrams(node, x, *v, length) : zeros);
  }
  Value counts = concat(node, parts, 1);
  if (!counts)
    return {};
  Type f32 = node.builder.getF32Type();
  int64_t grams = v->columns.size();
  Value y = node.cast(counts, f32);
  if (v->mode == "IDF")
    y = node.cast(withScalar<nn::GreaterOp>(node, counts, 0), f32);
  if (v->mode != "TF" && !v->weights.empty()) {
    llvm::SmallVector<double> weights(v->weights.begin(), v->weights.end());
    y = node.create<nn::MulOp>(y, floatConstant(node, weights, {grams}, f32));
  }
  if (!y)
    return {};
  Value zeros = broadcast(node, node.scalar(f32, 0), {v->outputs, rows});
  y = node.create<nn::ScatterOp>(
      zeros, node.constantI64(v->columns), node.transpose(y, {1, 0}),
      nn::ScatterKindAttr::get(node.builder.getContext(),
                               nn::ScatterKind::add));
  shape.back() = v->outputs;
  return {node.reshape(node.transpose(y, {1, 0}), shape)};
}

} // namespace

llvm::ArrayRef<Converter> mlc::ngramConverters() {
  static const Converter table[] = {{"TfIdfVectorizer", tfIdf}};
  return table;
}
