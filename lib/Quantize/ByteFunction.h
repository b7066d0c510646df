//===- ByteFunction.h - What floats make of one byte ------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   ByteFunction function;
//   if (function.collect(op.getInput()))
//     for (int64_t c = 0; c < function.channels(); ++c)
//       ... function.evaluate(c) ...
//
//===----------------------------------------------------------------------===//

#ifndef MLC_QUANTIZE_BYTEFUNCTION_H
#define MLC_QUANTIZE_BYTEFUNCTION_H

#include "Quantize/Parameters.h"

#include "llvm/ADT/SetVector.h"

namespace mlc {

/// Ops from one dequantised tensor of bytes, or of 16 bits, to a tensor of its
/// shape, each element by itself: elementwise ones and batch normalisations.
/// Constants are one number, or one for each index of one dimension, the same
/// of all.
class ByteFunction {
public:
  /// Whether `root` is such a function.
  bool collect(mlir::Value root);

  /// The bytes, and what they mean.
  mlir::Value source() const;
  /// The dimension along which constants differ, 0 if none do.
  int64_t axis() const { return channelDim.value_or(0); }
  /// Functions there are: the size of that dimension, or 1.
  int64_t channels() const;

  /// Stored integers that there may be: 256, or 65536.
  int64_t entries() const;

  /// The floats at `root` of channel `channel` for all bytes, in their order: 0
  /// ... 127, then 128 ... 255 or -128 ... -1; so of 16 bits. Steps are rounded
  /// as onnxruntime rounds them. nullopt where an op has no value at compile
  /// time.
  std::optional<mlir::SmallVector<float>> evaluate(int64_t channel) const;

private:
  struct Leaf {
    mlir::nn::DequantizeOp op;
    Parameters parameters;
  };
  using Numbers = mlir::SmallVector<float>;

  bool visit(mlir::Value v);
  bool visitLeaf(mlir::nn::DequantizeOp op);
  bool visitConstant(mlir::Value v);
  bool visitBatchNorm(mlir::nn::BatchNormOp op);
  /// Whether constants may differ along `dim`.
  bool isChannelDim(int64_t dim);

  /// Scalars for the leaves, then for the columns.
  mlir::Value emit(mlir::OpBuilder &builder, mlir::ValueRange scalars) const;
  std::optional<Numbers> run(int64_t channel) const;
  std::optional<float> fold(int64_t byte, int64_t channel) const;

  static constexpr size_t kMaxOps = 64;
  /// Channels that are folded byte by byte, in about a millisecond each.
  static constexpr int64_t kMaxFolded = 256;
  mlir::Value root;
  mlir::SmallVector<Leaf> leaves;
  mlir::SmallVector<std::pair<mlir::Value, mlir::TypedAttr>> constants;
  /// Constants with a number for each channel.
  mlir::SmallVector<Numbers> columns;
  /// The column that a constant is, and the first of two, factor and offset,
  /// that a batch normalisation multiplies by and adds.
  llvm::DenseMap<mlir::Value, size_t> columnOf;
  llvm::DenseMap<mlir::Operation *, size_t> firstColumnOf;
  std::optional<int64_t> channelDim;
  llvm::SetVector<mlir::Operation *> ops;
};

/// The stored integer of byte `i`, or 16 bits, in their order.
int32_t storedOfByte(int64_t i, mlir::Type element);

} // namespace mlc

#endif // MLC_QUANTIZE_BYTEFUNCTION_H
