//===- ConvertContribGroupQuery.cpp - GroupQueryAttention -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Queries of several heads share a head of keys and values. How many keys a
// sequence has, T, is an input: row t of the new cache is one of the past for
// t < P = T - Q, one of the S new keys from there, and zero behind them. Of the
// new keys Q = min(S, T) count, or as many as query_seqlens says. The cache's
// length is static: that of the past where total_sequence_length is known to be
// no greater, else that of the past and the new keys.
//
//===----------------------------------------------------------------------===//

#include "Import/AttentionParts.h"
#include "Import/Compose.h"
#include "Import/Converters.h"
#include "Import/Norms.h"
#include "Import/Products.h"

using namespace mlir;
using namespace mlc;

namespace {

enum Input : size_t {
  kQuery,
  kKey,
  kValue,
  kPastKey,
  kPastValue,
  kLengths,
  kTotal,
  kCosines,
  kSines,
  kPositions,
  kBias,
  kSink,
  kKeyScale,
  kValueScale,
  kQueryNorm,
  kKeyNorm,
  kQueryLengths
};

class GroupQueryConverter {
public:
  explicit GroupQueryConverter(Node &node) : node(node) {}
  Values convert();

private:
  bool refuseForms();
  bool readHeads();
  bool readSizes();
  void normalizeHeads();
  void turn();
  /// The past with the new rows in their places, [B, N, length, H].
  Value cache(Value past, Value fresh);
  /// Which of the cache's rows a query sees, [B, 1, S, length].
  Value visible();
  Value biasOfScores();
  Value weightsOf(Value scores);
  Values attend();

  Value perSequence(Value v) { return node.reshape(v, {batch, 1, 1, 1}); }
  Value keyIndex() { return iota(node, length, i32, 3, 4); }
  Value queryIndex() { return iota(node, queries, i32, 2, 4); }
  Value add(Value a, Value b) { return node.create<nn::AddOp>(a, b); }
  Value sub(Value a, Value b) { return node.create<nn::SubOp>(a, b); }

  Node &node;
  Type i32, element;
  Value q, k, v; ///< [B, N, S, H]; keys and values have fewer heads
  Value pastKey, pastValue;
  Value total; ///< T, [B, 1, 1, 1] of i32
  Value start; ///< P, likewise
  int64_t heads = 0, keyHeads = 0;
  int64_t batch = 0, queries = 0, size = 0, past = 0, length = 0;
};

} // namespace

bool GroupQueryConverter::refuseForms() {
  if (node.intAttr("sliding_window_cache", 0) != 0)
    node.error() << "a cache as long as the window (sliding_window_cache = 1) "
                    "is not supported";
  else if (node.stringAttr("k_quant_type", "NONE") != "NONE" ||
           node.stringAttr("v_quant_type", "NONE") != "NONE")
    node.error() << "a quantised cache is not supported";
  else if (node.hasInput(kQueryNorm) != node.hasInput(kKeyNorm))
    node.error() << "has a norm of queries or of keys alone";
  return node.failed();
}

/// Queries, keys and values are inputs of their own, or side by side in one.
bool GroupQueryConverter::readHeads() {
  heads = node.intAttr("num_heads", 0);
  keyHeads = node.intAttr("kv_num_heads", 0);
  constexpr int64_t kMost = 1 << 20;
  if (heads < 1 || keyHeads < 1 || heads > kMost || heads % keyHeads != 0) {
    node.error() << "num_heads is " << heads << " and kv_num_heads " << keyHeads
                 << ", a multiple is required";
    return false;
  }
  if (node.hasInput(kKey) != node.hasInput(kValue)) {
    node.error() << "has keys or values alone";
    return false;
  }
  if (node.hasInput(kKey)) {
    q = splitHeads(node, node.input(kQuery), heads);
    k = splitHeads(node, node.input(kKey), keyHeads);
    v = splitHeads(node, node.input(kValue), keyHeads);
  } else {
    Value all = splitHeads(node, node.input(kQuery), heads + 2 * keyHeads);
    if (!all)
      return false;
    q = node.slice(all, 1, 0, heads);
    k = node.slice(all, 1, heads, keyHeads);
    v = node.slice(all, 1, heads + keyHeads, keyHeads);
  }
  return !node.failed() && q && k && v;
}

bool GroupQueryConverter::readSizes() {
  batch = nn::shapeOf(q)[0];
  queries = nn::shapeOf(q)[2];
  size = nn::shapeOf(q)[3];
  element = nn::elementOf(q);
  i32 = node.builder.getI32Type();
  SmallVector<int64_t> fresh = {batch, keyHeads, queries, size};
  pastKey = node.optionalInput(kPastKey);
  pastValue = node.optionalInput(kPastValue);
  bool hasPast = pastKey && nn::shapeOf(pastKey).size() == 4;
  past = hasPast ? nn::shapeOf(pastKey)[2] : 0;
  SmallVector<int64_t> before = {batch, keyHeads, past, size};
  if (nn::shapeOf(k) != ArrayRef(fresh) || nn::shapeOf(v) != ArrayRef(fresh) ||
      !isa<FloatType>(element) || !pastKey != !pastValue ||
      (pastKey && (nn::shapeOf(pastKey) != ArrayRef(before) ||
                   nn::shapeOf(pastValue) != ArrayRef(before)))) {
    node.error() << "keys are " << k.getType() << ", values " << v.getType()
                 << ", the past [" << ArrayRef(before) << "] at most for "
                 << q.getType();
    return false;
  }
  Value lengths = node.input(kLengths), given = node.input(kTotal);
  if (!lengths || !given)
    return false;
  length = past + queries;
  if (auto known = nn::constantIntegers(node.constantOf(given));
      known && known->size() == 1)
    length = std::max(past, known->front());
  if (dimProduct(nn::shapeOf(lengths)) != batch || length < queries) {
    node.error() << "seqlens_k is " << lengths.getType() << " for " << batch
                 << " sequences, and " << queries << " queries see " << length
                 << " keys";
    return false;
  }
  total = withScalar<nn::AddOp>(node, perSequence(node.cast(lengths, i32)), 1);
  Value count = node.hasInput(kQueryLengths)
                    ? perSequence(node.inputs()[kQueryLengths])
                    : withScalar<nn::MinOp>(node, total, queries);
  start = sub(total, count);
  return !node.failed();
}

void GroupQueryConverter::normalizeHeads() {
  if (!node.hasInput(kQueryNorm))
    return;
  double epsilon = node.floatAttr("qk_norm_epsilon", 1e-6f);
  auto normalized = [&](Value v, size_t i, StringRef own) {
    Type stash = stashType(v);
    if (nn::shapeOf(node.inputs()[i]) != ArrayRef<int64_t>{size})
      node.error() << "input " << i << " is " << node.inputs()[i].getType()
                   << ", [" << size << "] is required";
    Value y = normalizeSquares(node, node.cast(v, stash), {3},
                               node.floatAttr(own, epsilon))
                  .y;
    y = node.create<nn::MulOp>(y, node.cast(node.inputs()[i], stash));
    return y ? node.cast(y, element) : Value();
  };
  q = normalized(q, kQueryNorm, "q_norm_epsilon");
  k = normalized(k, kKeyNorm, "k_norm_epsilon");
}

void GroupQueryConverter::turn() {
  if (node.intAttr("do_rotary", 0) == 0)
    return;
  Type i64 = node.builder.getI64Type();
  Value positions = node.optionalInput(kPositions);
  if (positions) {
    if (nn::shapeOf(positions) != ArrayRef<int64_t>{batch, queries})
      node.error() << "position_ids are " << positions.getType() << ", ["
                   << batch << ", " << queries << "] is required";
  } else if (Value own = add(start, queryIndex())) {
    // Rows that do not count may lie before the first position.
    positions = node.reshape(
        withScalar<nn::MaxOp>(node, node.cast(own, i64), 0), {batch, queries});
  }
  if (node.failed())
    return;
  Rotation rotation =
      rotationAt(node, node.input(kCosines), node.input(kSines), positions,
                 node.intAttr("rotary_interleaved", 0));
  q = rotate(node, q, rotation);
  k = rotate(node, k, rotation);
}

Value GroupQueryConverter::cache(Value before, Value fresh) {
  if (!fresh)
    return {};
  // Row t is row t - P of what is new.
  Value t = iota(node, length, i32, 2, 4);
  Value place = node.create<nn::ClampOp>(sub(t, start), node.scalar(i32, 0),
                                         node.scalar(i32, queries - 1));
  Value base = node.create<nn::AddOp>(
      iota(node, batch, i32, 0, 4, 0, keyHeads * queries),
      iota(node, keyHeads, i32, 1, 4, 0, queries));
  Value rows = node.reshape(fresh, {batch * keyHeads * queries, size});
  Value index = node.reshape(add(place, base), {batch, keyHeads, length});
  Value result = gatherRows(node, rows, index);
  // Rows behind a sequence's end are not specified; these are onnxruntime's.
  Value isNew =
      node.create<nn::LessOp>(t, withScalar<nn::AddOp>(node, start, queries));
  result = node.create<nn::SelectOp>(isNew, result, node.scalar(element, 0));
  if (!before || past == 0)
    return result;
  Value padded =
      padWithZeros(node, before, {0, 0, 0, 0, 0, 0, length - past, 0});
  return node.create<nn::SelectOp>(node.create<nn::LessOp>(t, start), padded,
                                   result);
}

Value GroupQueryConverter::visible() {
  Value key = keyIndex(), isSeen = node.create<nn::LessOp>(key, total);
  if (node.intAttr("causal", 1) == 0)
    return isSeen;
  Value own = add(start, queryIndex());
  isSeen =
      node.create<nn::AndOp>(isSeen, node.create<nn::LessOrEqualOp>(key, own));
  int64_t window = node.intAttr("local_window_size", -1);
  if (window < 0 || window >= length)
    return isSeen;
  Value first = withScalar<nn::SubOp>(node, own, window);
  return node.create<nn::AndOp>(isSeen, node.create<nn::GreaterOp>(key, first));
}

/// Its last dimension may be shorter than the cache, or longer.
Value GroupQueryConverter::biasOfScores() {
  Value bias = node.optionalInput(kBias);
  if (!bias)
    return {};
  ArrayRef<int64_t> shape = nn::shapeOf(bias);
  if (shape.size() != 4 || (shape[0] != 1 && shape[0] != batch) ||
      (shape[1] != 1 && shape[1] != heads) || shape[2] != queries) {
    node.error() << "attention_bias is " << bias.getType() << ", [" << batch
                 << " or 1, " << heads << " or 1, " << queries
                 << ", keys] is required";
    return {};
  }
  return padWithZeros(node, bias, {0, 0, 0, 0, 0, 0, 0, length - shape[3]});
}

Values GroupQueryConverter::attend() {
  Value presentKey = cache(pastKey, k), presentValue = cache(pastValue, v);
  if (!q || !presentKey || !presentValue)
    return {};
  // Scores of narrow floats are f32.
  Type wide = stashType(q);
  int64_t group = heads / keyHeads;
  auto widened = [&](Value v) { return v ? node.cast(v, wide) : Value(); };
  Value scores = importProduct(node, widened(q),
                               widened(repeatHeads(node, presentKey, group)),
                               /*transposeRhs=*/true);
  scores = withScalar<nn::MulOp>(node, scores, attentionScale(node, size));
  if (double cap = node.floatAttr("softcap", 0); cap > 0)
    scores = withScalar<nn::MulOp>(
        node, node.create<nn::TanhOp>(withScalar<nn::DivOp>(node, scores, cap)),
        cap);
  if (Value bias = biasOfScores())
    scores = add(scores, widened(bias));
  Value isSeen = visible();
  if (!scores || !isSeen)
    return {};
  Value before =
      node.create<nn::SelectOp>(isSeen, scores, node.scalar(wide, 0));
  Value weights = weightsOf(node.create<nn::SelectOp>(
      isSeen, scores, node.scalar(wide, leastOf(wide))));
  Value output = joinHeads(
      node,
      importProduct(node, weights,
                    widened(repeatHeads(node, presentValue, group)), false));
  Value shown = node.intAttr("qk_output", 0) == 2 ? weights : before;
  if (!output || !shown)
    return {};
  return {node.cast(output, element), presentKey, presentValue,
          node.cast(shown, element)};
}

/// Their softmax. A sink is a key that takes its share and gives nothing.
Value GroupQueryConverter::weightsOf(Value scores) {
  if (!scores)
    return {};
  Type wide = nn::elementOf(scores);
  Value sink = node.optionalInput(kSink);
  if (sink)
    sink = node.cast(node.reshape(sink, {1, heads, 1, 1}), wide);
  else if (node.intAttr("smooth_softmax", 0) == 1)
    sink = node.reshape(node.scalar(wide, 0), {1, 1, 1, 1});
  if (sink)
    scores = concat(
        node, {scores, broadcast(node, sink, {batch, heads, queries, 1})}, 3);
  Value weights = node.create<nn::SoftmaxOp>(
      scores, node.builder.getI64IntegerAttr(3), UnitAttr());
  return sink ? node.slice(weights, 3, 0, length) : weights;
}

Values GroupQueryConverter::convert() {
  if (refuseForms() || !readHeads() || !readSizes())
    return {};
  normalizeHeads();
  turn();
  if (node.failed())
    return {};
  return attend();
}

namespace {
Values groupQueryAttention(Node &node) {
  return GroupQueryConverter(node).convert();
}
} // namespace

llvm::ArrayRef<Converter> mlc::contribGroupQueryConverters() {
  static const Converter table[] = {
      {"GroupQueryAttention", groupQueryAttention, kMicrosoft},
  };
  return table;
}
