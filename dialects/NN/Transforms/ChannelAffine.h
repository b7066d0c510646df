//===- ChannelAffine.h - Affine functions per channel -----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// y = scale[c] * x + offset[c]: what a batch normalisation and additions and
// products with constants are, alone or one after the other. Chains are
// composed in double, so that weights which take one in are rounded once.
//
//   std::optional<AffineOp> op = matchAffine(consumer, channelDim);
//   map.then(op->map);
//
//===----------------------------------------------------------------------===//

#ifndef NN_TRANSFORMS_CHANNELAFFINE_H
#define NN_TRANSFORMS_CHANNELAFFINE_H

#include "NN/IR/NNDialect.h"

#include "mlir/IR/PatternMatch.h"

namespace mlir {
namespace nn {

/// One scale and one offset a channel.
struct ChannelAffine {
  SmallVector<double> scale, offset;

  static ChannelAffine identity(int64_t channels);
  /// Composition: first this, then `next`.
  void then(const ChannelAffine &next);
  /// Whether some scale is not 1, some offset not 0.
  bool hasScale() const;
  bool hasOffset() const;
  bool isFinite() const;
};

/// An op that is affine in its operand `input`, which has the result's type.
struct AffineOp {
  Operation *op;
  Value input;
  ChannelAffine map;
};

/// `op` as an affine function of float tensors with one constant scale and
/// offset for each index of dimension `channelDim`; nullopt where it is none.
std::optional<AffineOp> matchAffine(Operation *op, int64_t channelDim);

/// Values of the constant `v`, one for each index of dimension `channelDim` of
/// `shape`, to which it broadcasts; nullopt where it varies along other
/// dimensions.
std::optional<SmallVector<double>>
channelValues(Value v, ArrayRef<int64_t> shape, int64_t channelDim);

/// The float constant of `type` nearest to `values` (round to nearest even).
ElementsAttr makeFloats(RankedTensorType type, ArrayRef<double> values);

/// Emits `map` of `input` as at most one nn.mul and one nn.add.
Value emitAffine(OpBuilder &builder, Location loc, Value input,
                 const ChannelAffine &map, int64_t channelDim);

/// The ops that emitAffine makes.
int64_t affineCost(const ChannelAffine &map);

} // namespace nn
} // namespace mlir

#endif // NN_TRANSFORMS_CHANNELAFFINE_H
