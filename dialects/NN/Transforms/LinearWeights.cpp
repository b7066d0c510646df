//===- LinearWeights.cpp - Maps taken into weights --------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/Transforms/LinearWeights.h"

#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"

#include "mlir/IR/Matchers.h"

#include <cmath>

using namespace mlir;
using namespace mlir::nn;

LinearOpInterface nn::asFloatLinear(Operation *op) {
  auto linear = dyn_cast_if_present<LinearOpInterface>(op);
  bool isOfFloats = linear && isa<FloatType>(elementOf(linear.getInput())) &&
                    isa<FloatType>(elementOf(linear.getWeights()));
  return isOfFloats ? linear : LinearOpInterface();
}

/// Whether the weights are constants that no other op shares (small ones may).
static bool hasOwnWeights(LinearOpInterface linear) {
  Value weights = linear.getWeights();
  if (!matchPattern(weights, m_Constant()))
    return false;
  return weights.hasOneUse() ||
         cast<RankedTensorType>(weights.getType()).getNumElements() <=
             kMaxInlineElements;
}

void nn::setBias(LinearOpInterface linear, RewriterBase &rewriter, Value bias) {
  rewriter.modifyOpInPlace(linear,
                           [&] { linear.getBiasMutable().assign(bias); });
}

static std::optional<SmallVector<double>> biasValues(LinearOpInterface linear) {
  int64_t channels = linear.getResultChannels();
  if (!linear.getBias())
    return SmallVector<double>(channels, 0);
  return channelValues(linear.getBias(), {channels}, 0);
}

static void setBiasValues(LinearOpInterface linear, RewriterBase &rewriter,
                          ArrayRef<double> values) {
  auto type = RankedTensorType::get({linear.getResultChannels()},
                                    elementOf(linear.getInput()));
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(linear);
  setBias(linear, rewriter,
          ConstantOp::create(rewriter, linear.getLoc(), type,
                             makeFloats(type, values)));
}

/// Multiplies weight i by factor(i), in place of a copy in double, which would
/// be twice the size of the largest thing in the model.
template <typename T>
static bool scaleElements(MutableArrayRef<char> bytes,
                          llvm::function_ref<double(int64_t)> factor) {
  T *values = reinterpret_cast<T *>(bytes.data());
  for (int64_t i = 0, e = bytes.size() / sizeof(T); i < e; ++i) {
    bool wasFinite = std::isfinite(values[i]);
    values[i] = static_cast<T>(values[i] * factor(i));
    if (wasFinite && !std::isfinite(values[i]))
      return false;
  }
  return true;
}

static ElementsAttr scaleConstant(ElementsAttr value,
                                  llvm::function_ref<double(int64_t)> factor) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getElementType().isF32() || type.getElementType().isF64()) {
    std::optional<SmallVector<char>> bytes = constantBytes(value);
    bool scaled = bytes && (type.getElementType().isF32()
                                ? scaleElements<float>(*bytes, factor)
                                : scaleElements<double>(*bytes, factor));
    return scaled ? makeConstant(type, *bytes) : ElementsAttr();
  }
  std::optional<SmallVector<double>> values = constantDoubles(value);
  if (!values)
    return {};
  for (auto [i, v] : llvm::enumerate(*values))
    v *= factor(i);
  ElementsAttr scaled = makeFloats(type, *values);
  // 16-bit weights overflow easily.
  std::optional<SmallVector<double>> rounded = constantDoubles(scaled);
  bool finite = rounded && llvm::all_of(*rounded, [](double v) {
                  return std::isfinite(v);
                });
  return finite ? scaled : ElementsAttr();
}

static LogicalResult scaleWeights(LinearOpInterface linear,
                                  RewriterBase &rewriter,
                                  llvm::function_ref<double(int64_t)> factor) {
  Attribute attr;
  OpOperand &weights = linear.getWeightsOperand();
  if (!hasOwnWeights(linear) || !matchPattern(weights.get(), m_Constant(&attr)))
    return failure();
  ElementsAttr scaled = scaleConstant(cast<ElementsAttr>(attr), factor);
  if (!scaled)
    return failure();
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(linear);
  Value constant = ConstantOp::create(rewriter, weights.get().getLoc(),
                                      scaled.getType(), scaled);
  Operation *old = weights.get().getDefiningOp();
  rewriter.modifyOpInPlace(linear, [&] { weights.set(constant); });
  // Weights live outside the IR: holding two of each would double the peak.
  if (old->use_empty())
    rewriter.eraseOp(old);
  return success();
}

LogicalResult nn::applyToResult(LinearOpInterface linear,
                                RewriterBase &rewriter,
                                const ChannelAffine &map) {
  std::optional<SmallVector<double>> bias = biasValues(linear);
  if (!bias || !map.isFinite())
    return failure();
  WeightChannels channels = linear.getWeightChannels();
  if (map.hasScale() && failed(scaleWeights(linear, rewriter, [&](int64_t i) {
        return map.scale[channels.result(i)];
      })))
    return failure();
  if (linear.getBias() || map.hasOffset()) {
    for (auto [c, b] : llvm::enumerate(*bias))
      b = b * map.scale[c] + map.offset[c];
    setBiasValues(linear, rewriter, *bias);
  }
  return success();
}

LogicalResult nn::applyToInput(LinearOpInterface linear, RewriterBase &rewriter,
                               const ChannelAffine &map) {
  Attribute attr;
  std::optional<SmallVector<double>> bias = biasValues(linear), values;
  if ((!bias && map.hasOffset()) || !map.isFinite() || !hasOwnWeights(linear) ||
      !matchPattern(linear.getWeights(), m_Constant(&attr)))
    return failure();
  WeightChannels channels = linear.getWeightChannels();
  if (map.hasOffset()) {
    // A batch of matrices would need a batch of biases.
    if (linear.hasBatchedWeights() || !(values = constantDoubles(attr)))
      return failure();
    for (auto [i, w] : llvm::enumerate(*values))
      (*bias)[channels.result(i)] += w * map.offset[channels.input(i)];
  }
  if (map.hasScale() && failed(scaleWeights(linear, rewriter, [&](int64_t i) {
        return map.scale[channels.input(i)];
      })))
    return failure();
  if (map.hasOffset())
    setBiasValues(linear, rewriter, *bias);
  return success();
}
