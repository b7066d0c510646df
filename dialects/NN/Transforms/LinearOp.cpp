//===- LinearOp.cpp - Ops with weights --------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/Transforms/LinearOp.h"

#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"

#include "mlir/IR/Matchers.h"

#include <cmath>

using namespace mlir;
using namespace mlir::nn;

std::optional<LinearOp> LinearOp::get(Operation *op) {
  if (!isa<ConvOp, MatmulOp>(op))
    return std::nullopt;
  for (Value v : {op->getOperand(0), op->getOperand(1)})
    if (!isa<FloatType>(elementOf(v)))
      return std::nullopt;
  LinearOp linear(op);
  if (auto conv = dyn_cast<ConvOp>(op)) {
    linear.resultDim = linear.inputDim = conv.getChannelDim();
    ArrayRef<int64_t> shape = shapeOf(conv.getWeights());
    linear.filterStride = rowMajorStrides(shape)[0];
    linear.tapStride = rowMajorStrides(shape)[1];
    linear.filtersInGroup = shape[0] / static_cast<int64_t>(conv.getGroups());
    linear.channelsInGroup = shape[1];
  } else {
    linear.resultDim = shapeOf(op->getResult(0)).size() - 1;
    linear.inputDim = shapeOf(op->getOperand(0)).size() - 1;
  }
  return linear;
}

bool LinearOp::isMatmul() const { return isa<MatmulOp>(op); }

Value LinearOp::bias() const {
  auto conv = dyn_cast<ConvOp>(op);
  return conv ? conv.getBias() : cast<MatmulOp>(op).getBias();
}

OperandRange LinearOp::epilogueOperands() const {
  auto conv = dyn_cast<ConvOp>(op);
  return conv ? conv.getEpilogueOperands()
              : cast<MatmulOp>(op).getEpilogueOperands();
}

int64_t LinearOp::resultChannels() const {
  return shapeOf(result())[resultDim];
}

int64_t LinearOp::inputChannels() const {
  return shapeOf(op->getOperand(0))[inputDim];
}

int64_t LinearOp::resultChannel(int64_t position) const {
  if (auto matmul = dyn_cast<MatmulOp>(op)) {
    int64_t n = resultChannels();
    return matmul.getTransposeRhs() ? position / inputChannels() % n
                                    : position % n;
  }
  return position / filterStride;
}

int64_t LinearOp::inputChannel(int64_t position) const {
  if (auto matmul = dyn_cast<MatmulOp>(op)) {
    int64_t k = inputChannels();
    return matmul.getTransposeRhs() ? position % k
                                    : position / resultChannels() % k;
  }
  int64_t group = position / filterStride / filtersInGroup;
  return group * channelsInGroup + position / tapStride % channelsInGroup;
}

bool LinearOp::hasPadding() const {
  auto conv = dyn_cast<ConvOp>(op);
  return conv && llvm::any_of(conv.getPads(), [](int64_t p) { return p != 0; });
}

bool LinearOp::hasOwnWeights() const {
  if (!matchPattern(weights(), m_Constant()))
    return false;
  return weights().hasOneUse() ||
         cast<RankedTensorType>(weights().getType()).getNumElements() <=
             kMaxInlineElements;
}

bool LinearOp::hasKnownBias() const {
  return !bias() || matchPattern(bias(), m_Constant());
}

void LinearOp::setBias(RewriterBase &rewriter, Value bias) {
  rewriter.modifyOpInPlace(op, [&] {
    if (auto conv = dyn_cast<ConvOp>(op))
      conv.getBiasMutable().assign(bias);
    else
      cast<MatmulOp>(op).getBiasMutable().assign(bias);
  });
}

std::optional<SmallVector<double>> LinearOp::biasValues() const {
  if (!bias())
    return SmallVector<double>(resultChannels(), 0);
  return channelValues(bias(), {resultChannels()}, 0);
}

LogicalResult LinearOp::setBiasValues(RewriterBase &rewriter,
                                      ArrayRef<double> values) {
  auto type =
      RankedTensorType::get({resultChannels()}, elementOf(op->getOperand(0)));
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(op);
  setBias(rewriter, ConstantOp::create(rewriter, op->getLoc(), type,
                                       makeFloats(type, values)));
  return success();
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

LogicalResult
LinearOp::scaleWeights(RewriterBase &rewriter,
                       llvm::function_ref<double(int64_t)> factor) {
  Attribute attr;
  if (!hasOwnWeights() || !matchPattern(weights(), m_Constant(&attr)))
    return failure();
  ElementsAttr scaled = scaleConstant(cast<ElementsAttr>(attr), factor);
  if (!scaled)
    return failure();
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(op);
  Value constant = ConstantOp::create(rewriter, weights().getLoc(),
                                      scaled.getType(), scaled);
  Operation *old = weights().getDefiningOp();
  rewriter.modifyOpInPlace(op, [&] { op->setOperand(1, constant); });
  // Weights live outside the IR: holding two of each would double the peak.
  if (old->use_empty())
    rewriter.eraseOp(old);
  return success();
}

LogicalResult LinearOp::applyToResult(RewriterBase &rewriter,
                                      const ChannelAffine &map) {
  std::optional<SmallVector<double>> bias = biasValues();
  if (!bias || !map.isFinite())
    return failure();
  if (map.hasScale() && failed(scaleWeights(rewriter, [&](int64_t i) {
        return map.scale[resultChannel(i)];
      })))
    return failure();
  if (this->bias() || map.hasOffset()) {
    for (auto [c, b] : llvm::enumerate(*bias))
      b = b * map.scale[c] + map.offset[c];
    return setBiasValues(rewriter, *bias);
  }
  return success();
}

LogicalResult LinearOp::applyToInput(RewriterBase &rewriter,
                                     const ChannelAffine &map) {
  Attribute attr;
  std::optional<SmallVector<double>> bias = biasValues(), values;
  if ((!bias && map.hasOffset()) || !map.isFinite() || !hasOwnWeights() ||
      !matchPattern(weights(), m_Constant(&attr)))
    return failure();
  if (map.hasOffset()) {
    // A batch of matrices would need a batch of biases.
    if ((isMatmul() && shapeOf(weights()).size() > 2) ||
        !(values = constantDoubles(attr)))
      return failure();
    for (auto [i, w] : llvm::enumerate(*values))
      (*bias)[resultChannel(i)] += w * map.offset[inputChannel(i)];
  }
  if (map.hasScale() && failed(scaleWeights(rewriter, [&](int64_t i) {
        return map.scale[inputChannel(i)];
      })))
    return failure();
  return map.hasOffset() ? setBiasValues(rewriter, *bias) : success();
}
