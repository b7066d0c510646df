//===- ChannelTies.h - Where an op's channels are ---------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How nn ops tie the channels of their values together: the knowledge behind
// every pass that reorders or removes channels. A view is an axis of a tensor
// seen as channels; channelTies says, for one value of an op, which of the op's
// other values must keep the same order of channels. A relu ties its result to
// its input, a dense convolution with constant weights ties neither (its
// weights can be reordered), an op that is not known pins its operands.
//
//===----------------------------------------------------------------------===//

#ifndef NN_TRANSFORMS_CHANNELTIES_H
#define NN_TRANSFORMS_CHANNELTIES_H

#include "NN/IR/NN.h"

namespace mlir {
namespace nn {

/// Dimension `axis` of a tensor as [outer, channels, inner], row-major. A
/// flattened [N, C, H, W] -> [N, C*H*W] has axis 1, outer 1 and inner H * W.
struct ChannelView {
  int64_t axis = 0;
  int64_t outer = 1;
  int64_t inner = 1;

  bool operator==(const ChannelView &other) const {
    return axis == other.axis && outer == other.outer && inner == other.inner;
  }
  bool operator!=(const ChannelView &other) const { return !(*this == other); }
  bool isPlain() const { return outer == 1 && inner == 1; }
  /// Number of channels in `v`.
  int64_t channels(Value v) const;
  /// Positions on the axis for an order of channels: for each outer, channel
  /// and inner index of the new axis, the position on the old one.
  SmallVector<int64_t> positions(Value v, ArrayRef<int64_t> order) const;
};

/// A value and the view it is seen through.
using ViewedValue = std::pair<Value, ChannelView>;

/// What one op demands of the channels of one of its values.
struct ChannelTies {
  /// No other order of channels is possible.
  bool pinned = false;
  /// The op moves channels along this view (nn.concat, nn.slice or nn.gather on
  /// the view's own axis): a pass follows the moves that it knows, and takes
  /// the op as pinning its values where it does not.
  bool moves = false;
  /// The op sums over the channels, and its constant weights can take any order
  /// of them.
  bool sums = false;
  /// Group convolution: channels may be reordered inside blocks of this many,
  /// and blocks among each other where `partner` follows. 0 where unlimited.
  int64_t block = 0;
  ViewedValue partner;
  int64_t partnerBlock = 0;
  /// Values (not constants) that share the order.
  SmallVector<ViewedValue> same;
  /// Operands that are constants along the view, to be reordered with it.
  SmallVector<std::pair<OpOperand *, ChannelView>> constants;
};

/// The ties of `operand` of its owner through `view`.
ChannelTies channelTies(OpOperand &operand, const ChannelView &view);
/// The ties of `result` of its owner through `view`.
ChannelTies channelTies(OpResult result, const ChannelView &view);

/// The view that the channels of a convolution or pool are on.
ChannelView channelView(Layout layout, int64_t rank);

/// Whether `v` is an nn.constant whose elements can be read and moved.
bool isReadableConstant(Value v);

/// The nn.constant's value, or null.
ElementsAttr constantValue(Value v);

/// A new constant at the builder's place: `value` with only `positions` of
/// dimension `dim`, in that order. `value` is a readable constant.
Value selectConstant(OpBuilder &builder, Value value, int64_t dim,
                     ArrayRef<int64_t> positions);

} // namespace nn
} // namespace mlir

#endif // NN_TRANSFORMS_CHANNELTIES_H
