//===- ChannelGroups.h - Channels that go together --------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A channel of a layer's result cannot be removed alone: what is added to it,
// scaled by it, or stands in the same place of a constant goes with it. What
// must go together is a unit; units whose channels one layer makes are a group,
// of which any may go:
//
//   chain      the rows of a layer, and the columns of those that read them
//   residual   channel c of all that is added up
//   depthwise  the channel that it reads, and those that it makes of it
//   groups     channel j of each group, so that groups stay of one size
//   gates      a channel, and the factor that it is multiplied by
//   Concat, Split, Slice, Gather: each channel's own unit, wherever it stands
//   shuffles   by Reshape, Transpose and Reshape, which a Gather then does
//   Flatten    a channel's columns, as many as it has elements
//
// A channel stays where it reaches an input or output of the model, a graph
// inside of a node, a constant that several read, or an operator that mixes
// channels or is not listed (ChannelFinder.h): nothing is taken for granted.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_CHANNELGROUPS_H
#define MLC_CALIBRATE_CHANNELGROUPS_H

#include "Calibrate/ModelRunner.h"
#include "Calibrate/Plan.h"

namespace mlc::calibrate {

/// The unit of each place along one dimension of a value or constant.
struct ChannelLabels {
  static constexpr int stays = -1;

  int64_t axis = 0;
  std::vector<int> units; ///< or `stays`
};

/// A dimension of a constant that shrinks with its channels.
struct ConstantCut {
  std::string name;
  ChannelLabels labels;
};

/// What a node says of channels, and has to say anew.
struct NodeEdit {
  enum Kind {
    Group,   ///< a depthwise Conv's `group`: channels of `labels`
    Entry,   ///< integer `entry` of operand `operand`: channels of `labels`
    Sizes,   ///< a Split's: `counts` channels of `labels` in each part
    Range,   ///< a Slice's `entry`: from `begin` to `end` of `labels`
    Indices, ///< a Gather's: `chosen` places of `labels`
    Shuffle, ///< a Gather along `entry` of `chosen` places of `labels`, in the
             ///< place of `node` and the nodes that it has `replaced`
    Pads,    ///< a Pad's, along `entry`: `labels` to `begin` and from `end` on
  };
  int node;
  Kind kind;
  ChannelLabels labels;
  int operand = 0;
  int64_t entry = 0, begin = 0, end = 0;
  std::vector<int64_t> counts = {}, chosen = {};
  std::vector<int> replaced = {};
};

/// Units that layers make together.
struct ChannelGroup {
  std::vector<int> units;
  std::vector<size_t> makers;  ///< layers that have rows of them
  std::vector<size_t> readers; ///< layers that have columns of them
};

struct ChannelGroups {
  int units = 0;
  std::vector<ChannelGroup> groups; ///< as they are made
  std::vector<ConstantCut> cuts;
  std::vector<NodeEdit> edits;
  std::map<std::string, ChannelLabels> values;
  /// By layer, the unit of each row, and of each column of each group of a
  /// Conv; empty where all stay.
  std::vector<std::vector<int>> rows, columns;

  /// Whether a value or constant that has channels would have none left.
  bool leavesNone(const std::vector<bool> &isGone) const;
};

/// Of a prepared model and the layers of its plan; no weights of these are
/// another reader's too. Sizes that the model leaves open are those of
/// `options`, one sample at a time.
ChannelGroups findChannelGroups(const onnx::ModelProto &model, const Plan &plan,
                                const RunOptions &options);

/// The places that stay.
std::vector<int64_t> keptPlaces(const ChannelLabels &labels,
                                const std::vector<bool> &isGone);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_CHANNELGROUPS_H
