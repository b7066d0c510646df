//===- ConvertDeterminant.cpp - Det ---------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Compose.h"
#include "Import/Converters.h"

using namespace mlir;
using namespace mlc;

namespace {

/// Rows of a matrix: each is a step of some ops.
constexpr int64_t kMostRows = 64;

/// A step of Gaussian elimination of matrices [N, size, size]: the largest
/// element of the first column is the pivot, its row changes places with the
/// first one. Multiplies `product` by the pivot, signed, and gives what is
/// left, [N, size - 1, size - 1].
Value eliminate(Node &node, Value a, Value &product) {
  int64_t matrices = nn::shapeOf(a)[0], size = nn::shapeOf(a)[1];
  Type element = nn::elementOf(a), i64 = node.builder.getI64Type();
  Value column = node.slice(a, 2, 0, 1);
  Value place =
      argExtreme(node, node.create<nn::AbsOp>(column), 1, true, false);
  Value isPivot = node.create<nn::EqualOp>(iota(node, size, i64, 1, 3), place);
  Value first = node.slice(a, 1, 0, 1);
  if (!isPivot || !first)
    return {};
  Value alone = node.create<nn::SelectOp>(isPivot, a, node.scalar(element, 0));
  Value row = reduce(node, alone, nn::ReduceKind::sum, {1}, true);
  a = node.create<nn::SelectOp>(isPivot, first, a);
  Value pivot = node.slice(row, 2, 0, 1);
  Value isMoved = withScalar<nn::GreaterOp>(node, place, 0);
  Value signedPivot =
      node.create<nn::SelectOp>(isMoved, node.create<nn::NegOp>(pivot), pivot);
  product =
      node.create<nn::MulOp>(product, node.reshape(signedPivot, {matrices}));
  if (size == 1 || node.failed())
    return {};
  // With a pivot of 0 the column is 0, and nothing is to be taken away.
  Value isZero = withScalar<nn::EqualOp>(node, pivot, 0);
  Value by = node.create<nn::SelectOp>(isZero, node.scalar(element, 1), pivot);
  Value rest = node.slice(a, 1, 1, size - 1);
  Value factor = node.create<nn::DivOp>(node.slice(rest, 2, 0, 1), by);
  return node.create<nn::SubOp>(
      node.slice(rest, 2, 1, size - 1),
      node.create<nn::MulOp>(factor, node.slice(row, 2, 1, size - 1)));
}

Values det(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  llvm::SmallVector<int64_t> shape(nn::shapeOf(x));
  int64_t rank = shape.size();
  if (rank < 2 || shape[rank - 1] != shape[rank - 2] ||
      dimProduct(shape) == 0 || shape.back() > kMostRows) {
    node.error() << "input is " << x.getType() << ", square matrices of 1 to "
                 << kMostRows << " rows are supported";
    return {};
  }
  int64_t size = shape.back();
  shape.resize(rank - 2);
  int64_t matrices = dimProduct(shape);
  Type element = nn::elementOf(x);
  Type real = element.isF64() ? element : node.builder.getF32Type();
  Value a = node.reshape(node.cast(x, real), {matrices, size, size});
  Value product = broadcast(node, node.scalar(real, 1), {matrices});
  for (int64_t i = 0; i < size && !node.failed(); ++i)
    a = eliminate(node, a, product);
  return {product ? node.cast(node.reshape(product, shape), element) : Value()};
}

} // namespace

llvm::ArrayRef<Converter> mlc::determinantConverters() {
  static const Converter table[] = {{"Det", det}};
  return table;
}
