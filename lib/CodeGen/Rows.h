//===- Rows.h - loops over rows, and folds of a row -------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_ROWS_H
#define MLC_CODEGEN_ROWS_H

#include "CodeGen/Emitter.h"

namespace mlc {

/// Nested parallel loops over all positions within `sizes`.
void forEachPosition(Emitter &e, llvm::ArrayRef<int64_t> sizes,
                     llvm::function_ref<void(ValueRange position)> body);

/// The element of `view` at `position`; missing innermost indices are 0.
Value linearIndex(Emitter &e, const View &view, ValueRange position);

/// Dims of two views of one shape that both have as one in memory: a row of so
/// many elements at each position of the `outer` dims before them.
struct JoinedRows {
  size_t outer;
  int64_t row;
};
JoinedRows joinRows(const View &a, const View &b);

/// `count` elements by vectors of `lanes`, folded in type `accumulator`.
struct Row {
  int64_t count;
  int64_t lanes;
  Type accumulator;
  bool isUnsigned = false;
  int64_t mostSums = 4; ///< accumulators that take turns
};

/// A vector's lanes of `type`, or fewer in a shorter row.
int64_t rowLanes(const Emitter &e, int64_t count, Type type);

/// `max` and `min` are NaN where an element is; `maxNumber` is for those whom
/// that does not concern.
enum class Fold { sum, prod, max, min, maxNumber };

Value foldIdentity(Emitter &e, Fold fold, Type type, bool isUnsigned);
Value foldTwo(Emitter &e, Fold fold, Value a, Value b, bool isUnsigned);

/// How many elements at a time an accumulator takes with the least code.
int64_t foldedAtOnce(const Emitter &e, Fold fold, Type accumulator);

/// `folded` with the elements, one after the other.
Value foldAll(Emitter &e, Fold fold, Value folded, ValueRange elements,
              bool isUnsigned);

/// Folds what `element` gives for each vector of the row, in several
/// accumulators, to a scalar.
Value reduceRow(Emitter &e, const Row &row, Fold fold,
                llvm::function_ref<Value(Value at, int64_t lanes)> element);

} // namespace mlc

#endif // MLC_CODEGEN_ROWS_H
