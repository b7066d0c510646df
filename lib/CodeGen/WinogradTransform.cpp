//===- WinogradTransform.cpp - small matrices times vectors ---------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGen/WinogradTransform.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/TypeUtilities.h"
#include <cmath>

using namespace mlir;
using namespace mlc;

using Matrix = kernel::WinogradTransforms::Matrix;

namespace {

/// A sum that grows: null while it is zero.
class Sum {
public:
  Sum(Emitter &e, Type type) : e(e), type(type) {}

  /// Terms with a factor of one come last where the caller can choose: the
  /// others then take one instruction each.
  void add(double factor, Value v) {
    if (!v || factor == 0)
      return;
    if (factor == 1)
      value = value ? e.plus(value, v) : v;
    else if (value)
      value = e.multiplyAdd(v, e.constant(type, factor), value);
    else
      value = e.times(v, e.constant(type, factor));
  }
  Value value;

private:
  Emitter &e;
  Type type;
};

} // namespace

static Value minus(Emitter &e, Value a, Value b) {
  if (isa<IntegerType>(getElementTypeOrSelf(a.getType())))
    return arith::SubIOp::create(e.builder, e.loc, a, b);
  return arith::SubFOp::create(e.builder, e.loc, a, b);
}

/// Coefficients of one, which cost nothing as the first term, first.
static Value combine(Emitter &e, ArrayRef<double> row, ArrayRef<Value> values,
                     Type type) {
  Sum sum(e, type);
  for (bool ones : {true, false})
    for (auto [factor, value] : llvm::zip(row, values))
      if ((factor == 1) == ones)
        sum.add(factor, value);
  return sum.value;
}

static Value orZero(Emitter &e, Value value, Type type) {
  return value ? value : e.constant(type, 0);
}

/// a + b and a - b, null being zero.
static std::pair<Value, Value> sumAndDifference(Emitter &e, Value a, Value b,
                                                Type type) {
  if (!b)
    return {a, a};
  return {a ? e.plus(a, b) : b, minus(e, orZero(e, a, type), b)};
}

/// Whether rows `i` and `i + 1` have equal even columns and opposite odd ones.
static bool areOpposite(const Matrix &matrix, size_t i) {
  if (i + 1 >= matrix.size())
    return false;
  bool differ = false;
  for (size_t j = 0; j < matrix[i].size(); ++j) {
    double sign = j % 2 ? -1 : 1;
    if (std::abs(matrix[i][j] - sign * matrix[i + 1][j]) > 1e-12)
      return false;
    differ |= j % 2 && matrix[i][j] != 0;
  }
  return differ;
}

/// Rows in pairs: the even columns' part plus and minus the odd ones'.
static Values transformByRows(Emitter &e, const Matrix &matrix,
                              ArrayRef<Value> values, Type type) {
  Values results;
  while (results.size() < matrix.size()) {
    size_t i = results.size();
    if (!areOpposite(matrix, i)) {
      results.push_back(combine(e, matrix[i], values, type));
      continue;
    }
    SmallVector<double> even(matrix[i]), odd(matrix[i]);
    for (size_t j = 0; j < even.size(); ++j)
      (j % 2 ? even : odd)[j] = 0;
    auto [first, second] = sumAndDifference(
        e, combine(e, even, values, type), combine(e, odd, values, type), type);
    results.append({first, second});
  }
  return results;
}

/// Columns in pairs: even rows take the sum of two values, odd ones their
/// difference.
static Values transformByColumns(Emitter &e, const Matrix &matrix,
                                 ArrayRef<Value> values, Type type) {
  size_t columns = matrix.front().size();
  Values sums(values), differences(values);
  SmallVector<bool> merged(columns, false);
  for (size_t j = 1; j + 2 < columns; j += 2) {
    std::tie(sums[j], differences[j]) =
        sumAndDifference(e, values[j], values[j + 1], type);
    merged[j + 1] = true;
  }
  Values results;
  for (auto [i, row] : llvm::enumerate(matrix)) {
    SmallVector<double> factors(row);
    for (size_t j = 0; j < columns; ++j)
      if (merged[j])
        factors[j] = 0;
    results.push_back(combine(e, factors, i % 2 ? differences : sums, type));
  }
  return results;
}

Values mlc::transform(Emitter &e, const Matrix &matrix, ValueRange values,
                      Type type) {
  Values given(values);
  bool isOutput = matrix.size() < matrix.front().size();
  Values results = isOutput ? transformByColumns(e, matrix, given, type)
                            : transformByRows(e, matrix, given, type);
  for (Value &result : results)
    result = orZero(e, result, type);
  return results;
}

Values mlc::whereInside(Emitter &e, Value row, int64_t rows, size_t results,
                        Type type, llvm::function_ref<Values()> body) {
  // As unsigned numbers, negative rows are large.
  Value inside = arith::CmpIOp::create(
      e.builder, e.loc, arith::CmpIPredicate::ult, row, e.index(rows));
  SmallVector<Type> types(results, type);
  auto branch = scf::IfOp::create(e.builder, e.loc, types, inside,
                                  /*withElseRegion=*/results != 0);
  OpBuilder::InsertionGuard guard(e.builder);
  if (results == 0) {
    e.builder.setInsertionPoint(branch.thenYield());
    body();
    return {};
  }
  e.builder.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(e.builder, e.loc, body());
  e.builder.setInsertionPointToStart(branch.elseBlock());
  Values zeros(results, e.constant(type, 0));
  scf::YieldOp::create(e.builder, e.loc, zeros);
  return Values(branch.getResults());
}
