//===- ChannelOrder.h - Reordering and removing channels --------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// New orders of channels, planned first and then written into the graph:
// weights, biases and other constants are permuted, no op is added. An order
// may also leave channels out.
//
//   OrderPlan plan;
//   if (succeeded(plan.permute(conv.getResult(), {1, 1, 1}, {2, 0, 1})))
//     applyOrders(plan.orders());    // element c is now the one that was
//     order[c]
//
//===----------------------------------------------------------------------===//

#ifndef NN_TRANSFORMS_CHANNELORDER_H
#define NN_TRANSFORMS_CHANNELORDER_H

#include "NN/Transforms/ChannelTies.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

namespace mlir {
namespace nn {

/// All values that must keep one common order of channels.
struct ViewGroup {
  llvm::MapVector<Value, ChannelView> members;
  int64_t channels = 0;
  /// Another order is not possible: an argument, a result, an unknown op.
  bool pinned = false;
  /// Members that a moving op (nn.concat, nn.slice, nn.gather) makes.
  SmallVector<Value> moved;
  /// Moving ops that read a member.
  llvm::SetVector<Operation *> readers;
  /// Convolutions and products that sum over a member's channels.
  llvm::SetVector<Operation *> sums;
  /// Limits by group convolutions: ties with block != 0.
  SmallVector<ChannelTies> blocks;

  /// The group of `v` through `view`.
  static ViewGroup of(Value v, const ChannelView &view);
};

/// The new order of one dimension: the old positions, in new order.
struct AxisOrder {
  int64_t axis;
  SmallVector<int64_t> positions;
};
using AxisOrders = llvm::MapVector<Value, AxisOrder>;

/// Consistent permutations of any number of view groups.
class OrderPlan {
public:
  /// Plans that channel c of `v`, and of all that is tied to it, becomes the
  /// one that is channel order[c] now. Where it crosses a group convolution,
  /// whole blocks move with its other side. Failure, with the plan as it was,
  /// where that is not possible or contradicts the plan. Moving ops are not
  /// looked at: `check` may refuse a group for the sake of those.
  LogicalResult
  permute(Value v, const ChannelView &view, ArrayRef<int64_t> order,
          llvm::function_ref<bool(const ViewGroup &)> check = nullptr);
  const AxisOrders &orders() const { return planned; }

private:
  AxisOrders planned;
};

/// Writes the orders into the graph: adapts the constants of all ops that make
/// or read the values, attributes that number channels, and types where an
/// order leaves channels out. The values' dense neighbours need no entry.
void applyOrders(const AxisOrders &orders);

/// Whether `order` is 0, 1, 2, ...
bool isIdentity(ArrayRef<int64_t> order);

} // namespace nn
} // namespace mlir

#endif // NN_TRANSFORMS_CHANNELORDER_H
