//===- ChannelFinder.h - Follows channels through a graph -------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each place along the channels of a value has a number; numbers that must go
// together become one (union-find), and 0 is what stays. A value without labels
// is one that no removal changes.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_CHANNELFINDER_H
#define MLC_CALIBRATE_CHANNELFINDER_H

#include "Calibrate/ChannelGroups.h"
#include "Calibrate/GraphIndex.h"

namespace mlc::calibrate {

class ChannelFinder {
public:
  using Shape = std::vector<int64_t>;
  using Shapes = llvm::StringMap<Shape>;

  ChannelFinder(const onnx::GraphProto &graph, int64_t opset, const Plan &plan,
                Shapes shapes);

  ChannelGroups find();

private:
  /// Numbers along one dimension.
  using Labels = ChannelLabels;

  void visit(int at);
  /// Gives the results labels by those of the operands. False where the node
  /// is not understood: what it reads then stays.
  bool follow(int at);

  // Products, which make channels.
  bool followConv(int at);
  bool followTransposed(int at);
  bool followGemm(int at);
  bool followMatMul(int at);
  bool followDepthwise(int at, const Labels &input);
  // What goes element by element.
  bool followSame(int at);
  bool followBroadcast(int at);
  bool followByChannel(int at, int constants);
  bool cutExpanded(const std::string &value, int64_t axis, const Labels &of);
  // Movement (ChannelMovement.cpp).
  bool followReshape(int at);
  bool followShuffle(int at);
  bool followTranspose(int at);
  bool followConcat(int at);
  bool followSplit(int at);
  bool followSlice(int at);
  bool followGather(int at);
  bool followPad(int at);
  bool followResize(int at);
  bool followReduce(int at);
  bool followSoftmax(int at);
  bool followPool(int at);

  const Labels *labelsOf(const std::string &value) const;
  const Shape *shapeOf(const std::string &value) const;
  /// The integers of a constant operand, or of an attribute of that name where
  /// there is no such operand.
  std::optional<Shape> integersOf(const onnx::NodeProto &node, int operand,
                                  llvm::StringRef attribute) const;
  /// The labels of operand 0, where they lie along `axis`; those of what stays
  /// else, `size` of them.
  Labels inputLabels(const std::string &value, int64_t axis, int64_t size);

  int rootOf(int number);
  void unite(int a, int b);
  void pin(const Labels &labels);
  void pinValue(const std::string &value);
  Labels fresh(int64_t axis, int64_t count);
  /// A constant shrinks with `labels` along its dimension `axis`.
  void cut(const std::string &constant, int64_t axis, const Labels &labels);
  void give(const std::string &value, Labels labels);
  /// `labels` are what a layer makes: its units are of one group.
  void makeGroup(const Labels &labels);

  void pinShared();
  ChannelGroups numbered();
  void findLayers(ChannelGroups &result) const;

  const onnx::GraphProto &graph;
  GraphIndex index;
  int64_t opset;
  const Plan &plan;
  Shapes shapes;
  std::vector<bool> isLayer; ///< by node
  std::vector<int> parents = {0};
  std::map<std::string, Labels> labels;
  std::vector<ConstantCut> cuts;
  std::vector<NodeEdit> edits;
  std::vector<Labels> made;
};

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_CHANNELFINDER_H
