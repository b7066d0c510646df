//===- Parameters.cpp - Scales and zero points in the IR ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Quantize/Parameters.h"

#include "NN/IR/QuantArithmetic.h"
#include "NN/IR/ShapeInference.h"

#include "mlir/IR/Matchers.h"

#include <cmath>

using namespace mlir;
using namespace mlc;

StoredRange Parameters::range() const {
  nn::IntegerRange all = nn::IntegerRange::of(stored);
  return {zeroPoints[0], static_cast<int32_t>(all.low),
          static_cast<int32_t>(all.high)};
}

bool Parameters::operator==(const Parameters &other) const {
  return stored == other.stored && scales == other.scales &&
         zeroPoints == other.zeroPoints &&
         (isPerTensor() || axis == other.axis);
}

static ElementsAttr constantOf(Value v) {
  ElementsAttr value;
  return matchPattern(v, m_Constant(&value)) ? value : ElementsAttr();
}

/// The dimension of `input` that `shape` has values along; nullopt where it has
/// several.
static std::optional<int64_t> axisOf(ArrayRef<int64_t> shape,
                                     ArrayRef<int64_t> input) {
  std::optional<int64_t> axis;
  for (auto [d, size] : llvm::enumerate(shape)) {
    if (size == 1)
      continue;
    if (axis)
      return std::nullopt;
    axis = d + input.size() - shape.size();
  }
  return axis;
}

static std::optional<Parameters> read(ArrayRef<int64_t> input, Value scale,
                                      Value zeroPoint) {
  std::optional<SmallVector<double>> scales =
      nn::constantDoubles(constantOf(scale));
  std::optional<SmallVector<int64_t>> zeroPoints =
      nn::constantIntegers(constantOf(zeroPoint));
  if (!scales || !zeroPoints || !nn::elementOf(scale).isF32() ||
      scales->empty() || zeroPoints->empty())
    return std::nullopt;
  if (llvm::any_of(*scales, [](double s) { return !(s > 0 && s < HUGE_VAL); }))
    return std::nullopt;
  Parameters result;
  result.stored = nn::elementOf(zeroPoint);
  size_t count = std::max(scales->size(), zeroPoints->size());
  if (count > 1) {
    Value wide = scales->size() > 1 ? scale : zeroPoint;
    std::optional<int64_t> axis = axisOf(nn::shapeOf(wide), input);
    if (!axis || (scales->size() > 1 && zeroPoints->size() > 1 &&
                  nn::shapeOf(scale) != nn::shapeOf(zeroPoint)))
      return std::nullopt;
    result.axis = *axis;
  }
  scales->resize(count, scales->front());
  zeroPoints->resize(count, zeroPoints->front());
  if (llvm::all_equal(*scales) && llvm::all_equal(*zeroPoints)) {
    scales->resize(1);
    zeroPoints->resize(1);
    result.axis = 0;
  }
  result.scales.assign(scales->begin(), scales->end());
  result.zeroPoints.assign(zeroPoints->begin(), zeroPoints->end());
  return result;
}

std::optional<Parameters> mlc::parametersOf(nn::QuantizeOp op) {
  return read(nn::shapeOf(op.getInput()), op.getScale(), op.getZeroPoint());
}

std::optional<Parameters> mlc::parametersOf(nn::DequantizeOp op) {
  return read(nn::shapeOf(op.getInput()), op.getScale(), op.getZeroPoint());
}

std::optional<Dequantized> mlc::matchDequantized(Value v) {
  auto op = v.getDefiningOp<nn::DequantizeOp>();
  if (!op)
    return std::nullopt;
  std::optional<Parameters> parameters = parametersOf(op);
  if (!parameters || !parameters->isPerTensor())
    return std::nullopt;
  return Dequantized{op.getInput(), *parameters};
}

std::optional<DequantizedConstant> mlc::matchDequantizedConstant(Value v) {
  auto op = v.getDefiningOp<nn::DequantizeOp>();
  std::optional<Parameters> parameters;
  if (!op || !(parameters = parametersOf(op)))
    return std::nullopt;
  std::optional<SmallVector<int64_t>> values =
      nn::constantIntegers(constantOf(op.getInput()));
  if (!values)
    return std::nullopt;
  return DequantizedConstant{std::move(*values), *parameters};
}

std::optional<SmallVector<double>> mlc::knownValues(Value v) {
  if (std::optional<SmallVector<double>> values =
          nn::constantDoubles(constantOf(v)))
    return values;
  std::optional<DequantizedConstant> constant = matchDequantizedConstant(v);
  if (!constant)
    return std::nullopt;
  const Parameters &p = constant->parameters;
  int64_t stride = 1, channels = p.scales.size();
  if (!p.isPerTensor())
    stride = nn::rowMajorStrides(nn::shapeOf(v))[p.axis];
  SmallVector<double> values;
  for (auto [i, stored] : llvm::enumerate(constant->values)) {
    int64_t c = static_cast<int64_t>(i) / stride % channels;
    values.push_back(dequantizeValue(static_cast<int32_t>(stored), p.scale(c),
                                     p.zeroPoint(c)));
  }
  return values;
}

/// What nn.reshape of nn.broadcast repeats, each element along the dimension
/// that is returned; nullopt where they do something else.
static std::optional<int64_t> repeatedDim(nn::ReshapeOp joined,
                                          nn::BroadcastOp repeated) {
  ArrayRef<int64_t> from = nn::shapeOf(repeated.getInput()),
                    to = nn::shapeOf(repeated.getResult());
  if (from.size() != to.size())
    return std::nullopt;
  int64_t dim = -1;
  for (size_t d = 0; d < from.size(); ++d) {
    if (from[d] == to[d])
      continue;
    if (dim != -1)
      return std::nullopt;
    dim = d;
  }
  if (dim < 1)
    return std::nullopt;
  SmallVector<int64_t> shape(to);
  shape[dim - 1] *= shape[dim];
  shape.erase(shape.begin() + dim);
  if (nn::shapeOf(joined.getResult()) != ArrayRef<int64_t>(shape))
    return std::nullopt;
  return dim - 1;
}

/// `v` without the end of the last block that was cut off.
static Value beforeCut(Value v) {
  auto slice = v.getDefiningOp<nn::SliceOp>();
  bool isStart =
      slice &&
      llvm::all_of(slice.getStarts(), [](int64_t at) { return at == 0; }) &&
      llvm::all_of(slice.getSteps(), [](int64_t step) { return step == 1; });
  return isStart ? slice.getInput() : v;
}

std::optional<BlockedParameter>
BlockedParameter::match(Value v, ArrayRef<int64_t> tensor) {
  BlockedParameter result;
  SmallVector<int64_t> shape(nn::shapeOf(v));
  int64_t blocked = -1, run = 1;
  if (!constantOf(v)) {
    auto joined = beforeCut(v).getDefiningOp<nn::ReshapeOp>();
    auto repeated = joined ? joined.getInput().getDefiningOp<nn::BroadcastOp>()
                           : nn::BroadcastOp();
    std::optional<int64_t> dim;
    if (!repeated || !(dim = repeatedDim(joined, repeated)))
      return std::nullopt;
    blocked = *dim;
    run = nn::shapeOf(repeated.getResult())[blocked + 1];
    shape[blocked] = nn::shapeOf(repeated.getInput())[blocked];
    v = repeated.getInput();
  }
  std::optional<SmallVector<double>> values =
      nn::constantDoubles(constantOf(v));
  if (!values || shape.size() > tensor.size())
    return std::nullopt;
  SmallVector<int64_t> strides = nn::rowMajorStrides(shape);
  size_t missing = tensor.size() - shape.size();
  result.values = std::move(*values);
  result.dims.assign(missing, Dim{1, 0});
  for (auto [d, size] : llvm::enumerate(shape))
    result.dims.push_back({static_cast<int64_t>(d) == blocked ? run : 1,
                           size == 1 ? 0 : strides[d]});
  return result;
}

std::optional<SmallVector<float>> mlc::foldDequantize(nn::DequantizeOp op) {
  ArrayRef<int64_t> full = nn::shapeOf(op.getInput());
  std::optional<SmallVector<int64_t>> stored =
      nn::constantIntegers(constantOf(op.getInput()));
  std::optional<BlockedParameter> scale =
      BlockedParameter::match(op.getScale(), full);
  std::optional<BlockedParameter> zeroPoint =
      BlockedParameter::match(op.getZeroPoint(), full);
  if (!stored || !scale || !zeroPoint || !nn::elementOf(op.getResult()).isF32())
    return std::nullopt;
  SmallVector<float> values;
  SmallVector<int64_t> position(full.size(), 0);
  for (int64_t q : *stored) {
    values.push_back(dequantizeValue(
        static_cast<int32_t>(q), static_cast<float>(scale->at(position)),
        static_cast<int32_t>(zeroPoint->at(position))));
    for (size_t d = full.size(); d-- > 0 && ++position[d] == full[d];)
      position[d] = 0;
  }
  return values;
}

Value mlc::makeInts(OpBuilder &builder, Location loc, Type element,
                    ArrayRef<int64_t> values, ArrayRef<int64_t> shape) {
  auto type = RankedTensorType::get(shape, element);
  int64_t size = nn::bytesPerElement(element);
  SmallVector<char> bytes;
  for (int64_t v : values)
    bytes.append(reinterpret_cast<const char *>(&v),
                 reinterpret_cast<const char *>(&v) + size);
  return nn::ConstantOp::create(builder, loc, type,
                                nn::makeConstant(type, bytes));
}

Value mlc::makeFloats(OpBuilder &builder, Location loc, ArrayRef<float> values,
                      ArrayRef<int64_t> shape) {
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  ArrayRef<char> bytes(reinterpret_cast<const char *>(values.data()),
                       values.size() * sizeof(float));
  return nn::ConstantOp::create(builder, loc, type,
                                nn::makeConstant(type, bytes));
}
