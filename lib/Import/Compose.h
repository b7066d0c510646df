//===- Compose.h - Operators made of other operators ------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What converters share that express one ONNX operator by several of the nn
// dialect. As with Node::create, null operands give null.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_COMPOSE_H
#define MLC_IMPORT_COMPOSE_H

#include "Import/Extents.h"
#include "Import/Node.h"

namespace mlc {

/// The product of dimensions, 1 of none.
int64_t dimProduct(llvm::ArrayRef<int64_t> shape);

/// [start, start + step, ...], `size` of them, of integer or float type
/// `element`, with shape [size, 1, ...] so that it broadcasts along `axis` of a
/// tensor of rank `rank`.
mlir::Value iota(Node &node, int64_t size, mlir::Type element, int64_t axis,
                 int64_t rank, int64_t start = 0, int64_t step = 1);

/// A constant of doubles rounded to a float type.
mlir::Value floatConstant(Node &node, llvm::ArrayRef<double> values,
                          llvm::ArrayRef<int64_t> shape, mlir::Type element);

/// `v` op `scalar`, the scalar rounded to v's element type.
template <typename OpTy>
mlir::Value withScalar(Node &node, mlir::Value v, double scalar) {
  if (!v)
    return {};
  return node.create<OpTy>(v, node.scalar(mlir::nn::elementOf(v), scalar));
}

/// [first, rank), which is nothing where the rank is less.
llvm::SmallVector<int64_t> axesFrom(int64_t first, int64_t rank);

/// The largest or least value of an element type as Node::scalar takes it;
/// infinity for floats.
double extremeOf(mlir::Type element, bool isLargest);

mlir::Value reduce(Node &node, mlir::Value v, mlir::nn::ReduceKind kind,
                   llvm::ArrayRef<int64_t> axes, bool keepDims);

mlir::Value concat(Node &node, llvm::ArrayRef<mlir::Value> parts, int64_t axis);

/// The same along a new dimension `axis`.
mlir::Value stack(Node &node, llvm::ArrayRef<mlir::Value> parts, int64_t axis);

/// Zeros around: `pads` has all begins, then all ends; negative ones cut.
mlir::Value padWithZeros(Node &node, mlir::Value v,
                         llvm::ArrayRef<int64_t> pads);

mlir::Value broadcast(Node &node, mlir::Value v, llvm::ArrayRef<int64_t> shape);

/// The element of each position of `indices` (i64) among the rows of `rows`
/// [N, M]: shape indices + [M].
mlir::Value gatherRows(Node &node, mlir::Value rows, mlir::Value indices);

/// Indices as i64 with those that count from the end of `size`, or of the first
/// `extent` of as many, made positive.
mlir::Value wrapIndices(Node &node, mlir::Value indices, int64_t size,
                        std::optional<Extent> extent = std::nullopt);

/// The same for indices that must lie in [-size, size); reports a constant that
/// does not.
mlir::Value wrapIndicesWithin(Node &node, mlir::Value indices, int64_t size,
                              std::optional<Extent> extent = std::nullopt);

/// Linear positions, in a row-major tensor of shape `shape`, of the elements
/// that GatherElements and ScatterElements mean by `indices` along `axis`, of
/// which `extent` are there.
mlir::Value elementPositions(Node &node, mlir::Value indices,
                             llvm::ArrayRef<int64_t> shape, int64_t axis,
                             std::optional<Extent> extent = std::nullopt);

/// The index of the first (or last) largest (or smallest) element along `axis`,
/// which stays with size 1; i64.
mlir::Value argExtreme(Node &node, mlir::Value x, int64_t axis, bool isMax,
                       bool isLast);

/// `v` moved along `axis` by `by` elements, towards the end or, in reverse, the
/// beginning, with `fill` where nothing comes from.
mlir::Value shifted(Node &node, mlir::Value v, int64_t axis, int64_t by,
                    bool isReverse, double fill);

/// Sums or products of each element and those before it along `axis`: log2(n)
/// combinations of what is known so far with itself shifted by 1, 2, 4, ...
template <typename OpTy>
mlir::Value cumulative(Node &node, mlir::Value v, int64_t axis, bool isReverse,
                       double neutral) {
  int64_t n = v ? mlir::nn::shapeOf(v)[axis] : 0;
  for (int64_t by = 1; by < n; by *= 2)
    v = node.create<OpTy>(v, shifted(node, v, axis, by, isReverse, neutral));
  return v;
}

} // namespace mlc

#endif // MLC_IMPORT_COMPOSE_H
