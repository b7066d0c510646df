//===- ChannelMoves.h - Channels that only change place ---------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ops that move channels without computing (nn.concat, nn.slice, nn.gather,
// shuffles), read through: where each channel of a moved value comes from, and
// how to move it anew with the fewest pieces.
//
//===----------------------------------------------------------------------===//

#ifndef NN_TRANSFORMS_CHANNELMOVES_H
#define NN_TRANSFORMS_CHANNELMOVES_H

#include "NN/IR/NN.h"

#include "llvm/ADT/SetVector.h"

namespace mlir {
namespace nn {

/// Channel `index` of `origin`, a value that is computed.
struct ChannelRef {
  Value origin;
  int64_t index;
};

/// Where the channels of a value come from.
struct Provenance {
  SmallVector<ChannelRef> channels;
  /// The moving ops in between, the value's own first.
  llvm::SetVector<Operation *> chain;
  /// Whether one of them is an nn.gather, or an nn.slice in steps other than 1.
  bool gathers = false;
};

/// The axis along which `op` moves channels: nn.concat; nn.gather with a
/// constant list of indices; nn.slice that is partial along one axis alone, in
/// steps of whatever size. nullopt for others.
std::optional<int64_t> moveAxis(Operation *op);

/// Reads `v` through all ops that move along `axis`.
Provenance traceChannels(Value v, int64_t axis);

/// Number of runs of consecutive channels of one origin.
int64_t countRuns(ArrayRef<ChannelRef> channels);

/// The channels side by side: the origin itself, a slice, or a concat of
/// slices.
Value moveChannels(OpBuilder &builder, Location loc,
                   ArrayRef<ChannelRef> channels, int64_t axis);

/// A permutation of one axis: result channel i is channel order[i] of `input`.
struct Shuffle {
  Value input;
  int64_t axis;
  SmallVector<int64_t> order;
};

/// The groups of a ShuffleNet shuffle, order[i] = i % groups * n + i / groups
/// with n channels per group; nullopt for other orders.
std::optional<int64_t> shuffleGroups(ArrayRef<int64_t> order);

/// The longest chain of nn.reshape and nn.transpose that ends in `tail` and is
/// a ShuffleNet shuffle of its input, reshaped (layout changes may be inside).
std::optional<Shuffle> matchShuffle(Operation *tail);

/// The shuffle as reshape, transpose, reshape. It has shuffleGroups.
Value expandShuffle(OpBuilder &builder, Location loc, const Shuffle &shuffle);

} // namespace nn
} // namespace mlir

#endif // NN_TRANSFORMS_CHANNELMOVES_H
