//===- ChannelAffine.cpp - Affine functions per channel ---------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/Transforms/ChannelAffine.h"

#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cmath>

using namespace mlir;
using namespace mlir::nn;

ChannelAffine ChannelAffine::identity(int64_t channels) {
  return {SmallVector<double>(channels, 1), SmallVector<double>(channels, 0)};
}

void ChannelAffine::then(const ChannelAffine &next) {
  for (size_t c = 0; c < scale.size(); ++c) {
    scale[c] *= next.scale[c];
    offset[c] = offset[c] * next.scale[c] + next.offset[c];
  }
}

bool ChannelAffine::hasScale() const {
  return llvm::any_of(scale, [](double v) { return v != 1; });
}

bool ChannelAffine::hasOffset() const {
  return llvm::any_of(offset, [](double v) { return v != 0; });
}

bool ChannelAffine::isFinite() const {
  auto finite = [](double v) { return std::isfinite(v); };
  return llvm::all_of(scale, finite) && llvm::all_of(offset, finite);
}

/// Channels up to which a map of them is made: more are pixels, say, and each
/// op that is looked at would take so many numbers.
static constexpr int64_t kMaxChannels = int64_t(1) << 20;

std::optional<SmallVector<double>>
nn::channelValues(Value v, ArrayRef<int64_t> shape, int64_t channelDim) {
  Attribute attr;
  if (!matchPattern(v, m_Constant(&attr)))
    return std::nullopt;
  ArrayRef<int64_t> own = shapeOf(v);
  if (own.size() > shape.size() || shape[channelDim] > kMaxChannels)
    return std::nullopt;
  int64_t lead = shape.size() - own.size(), channels = shape[channelDim];
  for (auto [d, size] : llvm::enumerate(own))
    if (size != 1 &&
        (static_cast<int64_t>(d) + lead != channelDim || size != channels))
      return std::nullopt;
  std::optional<SmallVector<double>> values = constantDoubles(attr);
  if (values && values->size() == 1)
    values->resize(channels, values->front());
  return values;
}

/// (x - mean) / sqrt(variance + epsilon) * scale + offset.
static std::optional<ChannelAffine> batchNormMap(BatchNormOp op) {
  int64_t channels = shapeOf(op.getScale())[0];
  SmallVector<SmallVector<double>> values;
  for (Value v :
       {op.getScale(), op.getOffset(), op.getMean(), op.getVariance()}) {
    std::optional<SmallVector<double>> one = channelValues(v, {channels}, 0);
    if (!one)
      return std::nullopt;
    values.push_back(std::move(*one));
  }
  ChannelAffine map = ChannelAffine::identity(channels);
  double epsilon = op.getEpsilon().convertToDouble();
  for (int64_t c = 0; c < channels; ++c) {
    map.scale[c] = values[0][c] / std::sqrt(values[3][c] + epsilon);
    map.offset[c] = values[1][c] - values[2][c] * map.scale[c];
  }
  return map;
}

/// The map of a binary op with the constant `c` on its right (or left) side.
static std::optional<ChannelAffine> binaryMap(Operation *op, ArrayRef<double> c,
                                              bool constantIsLeft) {
  ChannelAffine map = ChannelAffine::identity(c.size());
  for (size_t i = 0; i < c.size(); ++i) {
    if (isa<AddOp>(op)) {
      map.offset[i] = c[i];
    } else if (isa<SubOp>(op)) {
      map.scale[i] = constantIsLeft ? -1 : 1;
      map.offset[i] = constantIsLeft ? c[i] : -c[i];
    } else if (isa<MulOp>(op)) {
      map.scale[i] = c[i];
    } else if (isa<DivOp>(op) && !constantIsLeft) {
      map.scale[i] = 1 / c[i];
    } else {
      return std::nullopt;
    }
  }
  return map;
}

static std::optional<AffineOp> matchBinary(Operation *op, int64_t channelDim) {
  ArrayRef<int64_t> shape = shapeOf(op->getResult(0));
  for (int side : {1, 0}) {
    Value input = op->getOperand(1 - side);
    if (input.getType() != op->getResult(0).getType())
      continue;
    std::optional<SmallVector<double>> values =
        channelValues(op->getOperand(side), shape, channelDim);
    std::optional<ChannelAffine> map;
    if (values && (map = binaryMap(op, *values, side == 0)))
      return AffineOp{op, input, std::move(*map)};
  }
  return std::nullopt;
}

static int64_t channelDimOf(BatchNormOp op) {
  int64_t rank = shapeOf(op.getInput()).size();
  if (rank < 2)
    return -1;
  return op.getLayout() == Layout::channels_first ? 1 : rank - 1;
}

std::optional<AffineOp> nn::matchAffine(Operation *op, int64_t channelDim) {
  if (op->getNumResults() != 1 || !isa<FloatType>(elementOf(op->getResult(0))))
    return std::nullopt;
  std::optional<AffineOp> match;
  if (isa<AddOp, SubOp, MulOp, DivOp>(op)) {
    match = matchBinary(op, channelDim);
  } else if (auto norm = dyn_cast<BatchNormOp>(op)) {
    std::optional<ChannelAffine> map;
    if (channelDimOf(norm) == channelDim && (map = batchNormMap(norm)))
      match = AffineOp{op, norm.getInput(), std::move(*map)};
  } else if (auto neg = dyn_cast<NegOp>(op);
             neg && shapeOf(neg.getResult())[channelDim] <= kMaxChannels) {
    match =
        AffineOp{op, neg.getInput(),
                 ChannelAffine::identity(shapeOf(neg.getResult())[channelDim])};
    match->map.scale.assign(match->map.scale.size(), -1);
  }
  if (match && !match->map.isFinite())
    return std::nullopt;
  return match;
}

ElementsAttr nn::makeFloats(RankedTensorType type, ArrayRef<double> values) {
  const llvm::fltSemantics &semantics =
      cast<FloatType>(type.getElementType()).getFloatSemantics();
  SmallVector<char> bytes;
  int64_t size = bytesPerElement(type.getElementType());
  for (double v : values) {
    APFloat rounded(v);
    bool ignored;
    rounded.convert(semantics, APFloat::rmNearestTiesToEven, &ignored);
    uint64_t word = rounded.bitcastToAPInt().getZExtValue();
    bytes.append(reinterpret_cast<char *>(&word),
                 reinterpret_cast<char *>(&word) + size);
  }
  return makeConstant(type, bytes);
}

/// `values` as a constant that broadcasts along `channelDim`; a scalar where
/// they are one.
static Value channelConstant(OpBuilder &builder, Location loc,
                             RankedTensorType like, ArrayRef<double> values,
                             int64_t channelDim) {
  SmallVector<int64_t> shape;
  if (!llvm::all_equal(values)) {
    shape.assign(like.getRank() - channelDim, 1);
    shape[0] = values.size();
  }
  auto type = RankedTensorType::get(shape, like.getElementType());
  ElementsAttr attr =
      makeFloats(type, shape.empty() ? values.take_front() : values);
  return ConstantOp::create(builder, loc, type, attr);
}

Value nn::emitAffine(OpBuilder &builder, Location loc, Value input,
                     const ChannelAffine &map, int64_t channelDim) {
  auto type = cast<RankedTensorType>(input.getType());
  if (map.hasScale())
    input = MulOp::create(
        builder, loc, input,
        channelConstant(builder, loc, type, map.scale, channelDim));
  if (map.hasOffset())
    input = AddOp::create(
        builder, loc, input,
        channelConstant(builder, loc, type, map.offset, channelDim));
  return input;
}

int64_t nn::affineCost(const ChannelAffine &map) {
  return map.hasScale() + map.hasOffset();
}
