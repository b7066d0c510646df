//===- LinearOp.h - Ops with weights ----------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One view of the ops that multiply by weights (nn.conv, nn.matmul): which
// channel of the input and of the result each weight belongs to, and how to
// change the weights and the bias.
//
//===----------------------------------------------------------------------===//

#ifndef NN_TRANSFORMS_LINEAROP_H
#define NN_TRANSFORMS_LINEAROP_H

#include "NN/Transforms/ChannelAffine.h"

namespace mlir {
namespace nn {

class LinearOp {
public:
  /// A view of `op` where it is such an op on floats.
  static std::optional<LinearOp> get(Operation *op);

  Operation *getOperation() const { return op; }
  Value result() const { return op->getResult(0); }
  /// The operand that the weights multiply.
  OpOperand &input() const { return op->getOpOperand(0); }
  Value weights() const { return op->getOperand(1); }
  Value bias() const;
  Region &epilogue() const { return op->getRegion(0); }
  OperandRange epilogueOperands() const;
  bool isMatmul() const;

  /// The dimension of the result, and of the input, along which channels lie.
  int64_t resultChannelDim() const { return resultDim; }
  int64_t inputChannelDim() const { return inputDim; }
  int64_t resultChannels() const;
  int64_t inputChannels() const;
  /// The channels that the weight at a row-major position links.
  int64_t resultChannel(int64_t position) const;
  int64_t inputChannel(int64_t position) const;

  /// Whether padding adds elements that are not in the input.
  bool hasPadding() const;
  /// Whether the weights are constants that no other op shares (small ones
  /// may).
  bool hasOwnWeights() const;
  /// Whether the bias is absent or constant.
  bool hasKnownBias() const;

  void setBias(RewriterBase &rewriter, Value bias);
  /// Takes `map` on the result into weights and bias. failure, and no change,
  /// where they are not constant or would not be finite.
  LogicalResult applyToResult(RewriterBase &rewriter, const ChannelAffine &map);
  /// The same for `map` on the input; the caller has made sure that padding,
  /// which `map` does not touch, does not matter.
  LogicalResult applyToInput(RewriterBase &rewriter, const ChannelAffine &map);

private:
  explicit LinearOp(Operation *op) : op(op) {}
  LogicalResult scaleWeights(RewriterBase &rewriter,
                             llvm::function_ref<double(int64_t)> factor);
  std::optional<SmallVector<double>> biasValues() const;
  LogicalResult setBiasValues(RewriterBase &rewriter, ArrayRef<double> values);

  Operation *op;
  int64_t resultDim = 0, inputDim = 0;
  // Of the weights, in elements: one filter, the taps of one input channel.
  int64_t filterStride = 1, tapStride = 1;
  int64_t filtersInGroup = 1, channelsInGroup = 1;
};

} // namespace nn
} // namespace mlir

#endif // NN_TRANSFORMS_LINEAROP_H
