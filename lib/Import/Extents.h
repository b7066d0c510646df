//===- Extents.h - Dimensions as long as the data say -----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tensors have static shapes. Where ONNX gives a tensor as many rows as it
// finds (NonMaxSuppression, NonZero, Compress, Unique), the nn op gives as many
// as there may be, its bound, and their number beside. The importer remembers
// with each value which of its dimensions are such, and what they really are:
// an Extent. The rest of such a dimension is padding, of any value.
//
// Extents follow the nn ops as Node::finish makes them: what is row-wise along
// the dimension carries it on; what would mix padding with data has it masked
// (a reduction, a softmax, a product that contracts it) or counts with the
// extent (a mean, the shape); anything else is refused at its node. So no
// converter need know of them, but those that read a size of the model's as a
// number.
//
// Sizes are small integer tensors made from such a shape: each element is known
// as an extent too, so that Reshape, Expand or Slice can be told by them.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_EXTENTS_H
#define MLC_IMPORT_EXTENTS_H

#include "mlir/IR/Value.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SmallVector.h"

#include <optional>

namespace mlc {

class Node;

/// The number factor * base + offset, which is at most `most`. Without a base
/// it is the constant `offset`.
struct Extent {
  mlir::Value base; ///< i64 of rank 0, or null
  int64_t factor = 1, offset = 0, most = 0;

  static Extent constant(int64_t value) { return {{}, 1, value, value}; }
  bool isConstant() const { return !base; }
  Extent times(int64_t by) const;
  Extent plus(int64_t by) const;
  /// This divided by `by`, where that leaves no rest whatever the base is.
  std::optional<Extent> over(int64_t by) const;
};

/// Whether two extents are the same number in every run.
bool isSame(const Extent &a, const Extent &b);
/// a + b or a - b, where that has one base at most.
std::optional<Extent> sumOf(const Extent &a, const Extent &b, int64_t sign = 1);

struct BoundedDim {
  /// -1 where the elements beyond the extent lie among the others: only a
  /// gather of positions, which knows how they lie, may read these.
  int64_t axis;
  Extent extent;

  /// Where this dimension of `from` is in `to`, of as many elements, and what
  /// its extent is there. As the outermost one it may be joined with those
  /// behind it, or parted.
  BoundedDim reshaped(llvm::ArrayRef<int64_t> from,
                      llvm::ArrayRef<int64_t> to) const;
};

class Extents {
public:
  using Dims = llvm::SmallVector<BoundedDim, 1>;
  using Sizes = llvm::SmallVector<Extent>;

  llvm::ArrayRef<BoundedDim> dimsOf(mlir::Value v) const;
  /// The extent of a dimension, if it is not static.
  std::optional<Extent> along(mlir::Value v, int64_t axis) const;
  void set(mlir::Value v, Dims dims);

  /// What the elements of a tensor of sizes are, if it is one that is not
  /// constant.
  std::optional<Sizes> sizesOf(mlir::Value v) const;
  void setSizes(mlir::Value v, Sizes sizes);

  /// Forgets what was known of a value that was at the same place in memory.
  void forget(mlir::Value v) {
    dims.erase(v);
    sizes.erase(v);
  }
  /// Whether the op reads a bounded dimension, or sizes.
  bool concerns(mlir::Operation *op) const;
  /// Follows the extents of an op's operands to its result, which is given,
  /// perhaps computed otherwise than by `op` alone; null where the node is
  /// refused.
  mlir::Value follow(Node &node, mlir::Operation *op);
  /// The op is followed by who made it.
  void markFollowed(mlir::Operation *op) { followed.insert(op); }
  /// Reports ops that read bounded dimensions and were not followed.
  mlir::LogicalResult checkAllFollowed(mlir::Operation *root) const;

private:
  llvm::DenseMap<mlir::Value, Dims> dims;
  llvm::DenseMap<mlir::Value, Sizes> sizes;
  llvm::DenseSet<mlir::Operation *> followed;
};

//===----------------------------------------------------------------------===//
// What converters and rules build with them
//===----------------------------------------------------------------------===//

/// The number as an i64 of rank 0.
mlir::Value valueOf(Node &node, const Extent &extent);
/// The lesser of the extent and a constant.
Extent cap(Node &node, const Extent &extent, int64_t most);
/// An extent that is the value of `v`, i64 of rank 0, in [0, most].
Extent extentOf(mlir::Value v, int64_t most);
/// `v` with `fill` in place of what is beyond the extents of the dimensions
/// `axes`.
mlir::Value masked(Node &node, mlir::Value v, llvm::ArrayRef<int64_t> axes,
                   mlir::Value fill);
mlir::Value masked(Node &node, mlir::Value v, llvm::ArrayRef<int64_t> axes,
                   double fill);
/// The same value, known to have the given bounded dimensions.
mlir::Value bounded(Node &node, mlir::Value v, Extents::Dims dims);
/// `v` with all of dimension `axis` counted as data: for ops that know its
/// extent, or of which padding was masked.
mlir::Value released(Node &node, mlir::Value v, int64_t axis);
/// `v` as a static tensor, with `fill` for padding; reports where that lies
/// among data.
mlir::Value settled(Node &node, mlir::Value v, double fill);
/// The positions of the true elements of a mask of any rank, [bound], bounded
/// by their number; those in padding do not count.
mlir::Value findTrue(Node &node, mlir::Value mask);
/// The shape of `v` from dimension `start` to `end` as a tensor of i64.
mlir::Value shapeValue(Node &node, mlir::Value v, int64_t start, int64_t end);
/// `v` without reshapes and casts of i64 to others.
mlir::Value withoutForm(mlir::Value v);
/// The elements of a tensor, constant or sizes; nullopt where they are neither.
/// Where some count what a mask leaves by a sum, as exporters do beside the
/// NonZero of the same mask, these are sizes.
std::optional<Extents::Sizes> knownSizes(Node &node, mlir::Value v);
/// The elements of operand `i`, constant or sizes; reports where they are
/// neither.
mlir::FailureOr<Extents::Sizes> sizesOfInput(Node &node, size_t i);

/// The sizes that `op` computes of sizes, if they can be told.
std::optional<Extents::Sizes> followSizes(const Extents &extents,
                                          mlir::Operation *op);

} // namespace mlc

#endif // MLC_IMPORT_EXTENTS_H
