//===- ChannelLanes.h - Where an op's channels are --------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How nn ops tie the channels of their values together: the knowledge behind
// every pass that reorders or removes channels. A lane is an axis of a tensor
// seen as channels; laneTies says, for one value of an op, which of the op's
// other values must keep the same order of channels. A relu ties its result to
// its input, a dense convolution with constant weights ties neither (its
// weights can be reordered), an op that is not known pins its operands.
//
//===----------------------------------------------------------------------===//

#ifndef NN_TRANSFORMS_CHANNELLANES_H
#define NN_TRANSFORMS_CHANNELLANES_H

#include "NN/IR/NN.h"

namespace mlir {
namespace nn {

/// Dimension `axis` of a tensor as [outer, channels, inner], row-major. A
/// flattened [N, C, H, W] -> [N, C*H*W] has axis 1, outer 1 and inner H * W.
struct Lane {
  int64_t axis = 0;
  int64_t outer = 1;
  int64_t inner = 1;

  bool operator==(const Lane &other) const {
    return axis == other.axis && outer == other.outer && inner == other.inner;
  }
  bool operator!=(const Lane &other) const { return !(*this == other); }
  bool isPlain() const { return outer == 1 && inner == 1; }
  /// Number of channels in `v`.
  int64_t channels(Value v) const;
  /// Positions on the axis for an order of channels: for each outer, channel
  /// and inner index of the new axis, the position on the old one.
  SmallVector<int64_t> positions(Value v, ArrayRef<int64_t> order) const;
};

/// A value and the lane it is seen through.
using LaneValue = std::pair<Value, Lane>;

/// Result in ties below: the op's result rather than an operand.
inline constexpr int kResult = -1;

/// What one op demands of the channels of one of its values.
struct LaneTies {
  /// No other order of channels is possible.
  bool pinned = false;
  /// The op moves channels along this lane (nn.concat, nn.slice or nn.gather on
  /// the lane's own axis): a pass follows the moves that it knows, and takes
  /// the op as pinning its values where it does not.
  bool moves = false;
  /// The op sums over the channels, and its constant weights can take any order
  /// of them.
  bool sums = false;
  /// Group convolution: channels may be reordered inside blocks of this many,
  /// and blocks among each other where `partner` follows. 0 where unlimited.
  int64_t block = 0;
  LaneValue partner;
  int64_t partnerBlock = 0;
  /// Values (not constants) that share the order.
  SmallVector<LaneValue> same;
  /// Operands that are constants along the lane, to be reordered with it.
  SmallVector<std::pair<unsigned, Lane>> constants;
};

/// The ties of operand `index` (or the result, kResult) of `op` through `lane`.
LaneTies laneTies(Operation *op, int index, const Lane &lane);

/// The lane that the channels of a convolution or pool are on.
Lane channelLane(Layout layout, int64_t rank);

/// Whether `v` is an nn.constant whose elements can be read and moved.
bool isReadableConstant(Value v);

/// The nn.constant's value, or null.
ElementsAttr constantValue(Value v);

/// A new constant at the builder's place: `value` with only `positions` of
/// dimension `dim`, in that order. `value` is a readable constant.
Value selectConstant(OpBuilder &builder, Value value, int64_t dim,
                     ArrayRef<int64_t> positions);

/// Whether groups > 1 and each group has one input channel.
bool isDepthwise(ConvOp op);

} // namespace nn
} // namespace mlir

#endif // NN_TRANSFORMS_CHANNELLANES_H
