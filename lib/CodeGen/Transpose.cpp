//===- Transpose.cpp - square matrices in registers -----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGen/Transpose.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlc;

/// Lanes of 128 bits.
static constexpr int64_t group = 4;

static Value shuffle(Emitter &e, Value a, Value b, ArrayRef<int64_t> lanes) {
  return vector::ShuffleOp::create(e.builder, e.loc, a, b, lanes);
}

/// Of both vectors, runs of `run` lanes in turns: of each group the lower half,
/// or the upper one.
static Value interleave(Emitter &e, Value a, Value b, int64_t run,
                        bool isUpper) {
  int64_t lanes = lanesOf(a), width = std::min(lanes, group);
  SmallVector<int64_t> order;
  for (int64_t start = isUpper ? width / 2 : 0; start < lanes; start += width)
    for (int64_t at = start; at < start + width / 2; at += run)
      for (int64_t from : {at, at + lanes})
        llvm::append_range(order, llvm::seq(from, from + run));
  return shuffle(e, a, b, order);
}

/// The groups of both vectors that are `odd` ones.
static Value everySecond(Emitter &e, Value a, Value b, bool odd) {
  SmallVector<int64_t> order;
  for (int64_t at = odd ? group : 0; at < 2 * lanesOf(a); at += 2 * group)
    llvm::append_range(order, llvm::seq(at, at + group));
  return shuffle(e, a, b, order);
}

/// `vectors` of as many groups: their first groups as one vector, their second
/// ones and so on, `result[first]`, `result[first + step]`, ...
static void gatherGroups(Emitter &e, ValueRange vectors, size_t first,
                         size_t step, MutableArrayRef<Value> result) {
  if (vectors.size() == 1) {
    result[first] = vectors.front();
    return;
  }
  for (bool odd : {false, true}) {
    Values half;
    for (size_t i = 0; i < vectors.size(); i += 2)
      half.push_back(everySecond(e, vectors[i], vectors[i + 1], odd));
    gatherGroups(e, half, first + odd * step, 2 * step, result);
  }
}

/// Of neighbouring rows, `distance` apart, what lies in the same columns.
static Values interleaveRows(Emitter &e, ValueRange rows, int64_t distance,
                             int64_t run) {
  Values result(rows.size());
  for (size_t i = 0; i < rows.size(); i += 2 * distance)
    for (int64_t k = 0; k < distance; ++k)
      for (bool isUpper : {false, true})
        result[i + 2 * k + isUpper] =
            interleave(e, rows[i + k], rows[i + k + distance], run, isUpper);
  return result;
}

Values mlc::transposeSquare(Emitter &e, ValueRange rows) {
  int64_t lanes = rows.size();
  if (lanes == 1)
    return Values(rows);
  Values pairs = interleaveRows(e, rows, 1, 1);
  if (lanes == 2)
    return pairs;
  // Of each four rows, the columns k, k + 4, ... are in vector k.
  Values quads = interleaveRows(e, pairs, 2, 2);
  Values result(lanes);
  for (int64_t k = 0; k < group; ++k) {
    Values column;
    for (int64_t i = k; i < lanes; i += group)
      column.push_back(quads[i]);
    Values gathered(column.size());
    gatherGroups(e, column, 0, 1, gathered);
    for (auto [g, vector] : llvm::enumerate(gathered))
      result[group * g + k] = vector;
  }
  return result;
}
