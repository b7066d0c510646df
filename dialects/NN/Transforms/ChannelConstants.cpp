//===- ChannelConstants.cpp - Channels that are constant ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/Transforms/ChannelConstants.h"

#include "NN/IR/Epilogue.h"
#include "NN/IR/ScalarEmitter.h"
#include "NN/IR/ShapeInference.h"
#include "NN/Transforms/ChannelMoves.h"
#include "NN/Transforms/ChannelTies.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::nn;

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

WeightView::WeightView(SmallVector<char> bytes, Type element)
    : bytes(std::move(bytes)), elementSize(bytesPerElement(element)),
      isFloat(isa<FloatType>(element)) {}

std::optional<WeightView> WeightView::get(ElementsAttr value) {
  std::optional<SmallVector<char>> bytes = constantBytes(value);
  if (!bytes)
    return std::nullopt;
  return WeightView(std::move(*bytes), value.getElementType());
}

bool WeightView::isZero(int64_t i) const {
  ArrayRef<char> element(bytes.data() + i * elementSize, elementSize);
  for (char byte : element.drop_back())
    if (byte)
      return false;
  return (element.back() & (isFloat ? 0x7f : 0xff)) == 0;
}

/// `value` as an attribute of a scalar's type, if it is a number of it.
static TypedAttr scalarAttr(Type type, double value) {
  type = makeSignless(type);
  if (auto floatType = dyn_cast<FloatType>(type)) {
    APFloat v(value);
    bool loses = false;
    v.convert(floatType.getFloatSemantics(), APFloat::rmNearestTiesToEven,
              &loses);
    return loses ? TypedAttr() : TypedAttr(FloatAttr::get(floatType, v));
  }
  if (isa<IntegerType>(type) && type.getIntOrFloatBitWidth() <= 32)
    return IntegerAttr::get(type, APInt(64, static_cast<int64_t>(value))
                                      .trunc(type.getIntOrFloatBitWidth()));
  return {};
}

/// A scalar constant as a number; `type` is the nn type, which knows the sign.
static std::optional<double> scalarValue(Attribute attr, Type type) {
  if (auto real = dyn_cast_if_present<FloatAttr>(attr)) {
    double value = real.getValueAsDouble();
    return std::isfinite(value) ? std::optional<double>(value) : std::nullopt;
  }
  auto integer = dyn_cast_if_present<IntegerAttr>(attr);
  if (!integer || integer.getValue().getBitWidth() > 32)
    return std::nullopt;
  bool isUnsigned = type.isUnsignedInteger() || type.isInteger(1);
  return isUnsigned ? static_cast<double>(integer.getValue().getZExtValue())
                    : static_cast<double>(integer.getValue().getSExtValue());
}

/// Constants as numbers by channel: rank 0, or of dimension `axis` alone.
static std::optional<double> readConstant(Value v, int64_t axis,
                                          int64_t position) {
  ElementsAttr value = constantValue(v);
  if (!value || !isReadableConstant(v))
    return std::nullopt;
  std::optional<SmallVector<double>> numbers;
  int64_t size = axis < 0 ? 1 : shapeOf(v)[axis];
  auto dense = dyn_cast<DenseElementsAttr>(value);
  bool isSplat = dense && dense.isSplat();
  bool isByChannel = value.getNumElements() == size;
  if ((!isSplat && !isByChannel) || !(numbers = constantDoubles(value)))
    return std::nullopt;
  double number = (*numbers)[isSplat || size == 1 ? 0 : position];
  return std::isfinite(number) ? std::optional<double>(number) : std::nullopt;
}

//===----------------------------------------------------------------------===//
// Scalars through ops
//===----------------------------------------------------------------------===//

/// The result of an elementwise op on numbers.
static std::optional<double> evaluate(ElementwiseOpInterface op,
                                      ArrayRef<double> args) {
  Block scratch;
  OpBuilder builder(op->getContext());
  builder.setInsertionPointToStart(&scratch);
  SmallVector<Value> values;
  for (auto [operand, arg] : llvm::zip(op->getOperands(), args)) {
    TypedAttr attr = scalarAttr(elementOf(operand), arg);
    if (!attr)
      return std::nullopt;
    values.push_back(arith::ConstantOp::create(builder, op->getLoc(), attr));
  }
  Attribute result;
  if (!matchPattern(op.emitScalar(builder, op->getLoc(), values),
                    m_Constant(&result)))
    return std::nullopt;
  return scalarValue(result, elementOf(op->getResult(0)));
}

/// What an epilogue yields for numbers.
static std::optional<double> evaluate(Region &epilogue,
                                      ArrayRef<TypedAttr> args, Type type) {
  llvm::DenseMap<Value, Attribute> known;
  for (auto [argument, attr] : llvm::zip(epilogue.front().getArguments(), args))
    known[argument] = attr;
  for (Operation &op : epilogue.front().without_terminator()) {
    SmallVector<Attribute> operands;
    for (Value operand : op.getOperands())
      operands.push_back(known.lookup(operand));
    SmallVector<OpFoldResult> results;
    // An in-place fold gives no results, and must not change the epilogue.
    Operation *copy = op.clone();
    bool folds =
        succeeded(copy->fold(operands, results)) && results.size() == 1;
    copy->destroy();
    if (!folds)
      return std::nullopt;
    auto value = dyn_cast<Value>(results[0]);
    known[op.getResult(0)] =
        value ? known.lookup(value) : cast<Attribute>(results[0]);
  }
  Value yielded = epilogue.front().getTerminator()->getOperand(0);
  return scalarValue(known.lookup(yielded), type);
}

//===----------------------------------------------------------------------===//
// Channels through ops
//===----------------------------------------------------------------------===//

const ChannelConstants::Channels &ChannelConstants::of(Value v, int64_t axis) {
  auto it = known.find({v, axis});
  if (it != known.end())
    return *it->second;
  Channels channels;
  if (Operation *op = v.getDefiningOp(); op && op->getNumResults() == 1)
    channels = compute(op, axis);
  channels.resize(shapeOf(v)[axis]);
  auto &slot = known[{v, axis}];
  slot = std::make_unique<Channels>(std::move(channels));
  return *slot;
}

ChannelConstants::Channels ChannelConstants::compute(Operation *op,
                                                     int64_t axis) {
  if (isa<ConstantOp>(op)) {
    Channels result;
    for (int64_t i = 0, e = shapeOf(op->getResult(0))[axis]; i < e; ++i)
      result.push_back(readConstant(op->getResult(0), axis, i));
    return result;
  }
  if (auto linear = dyn_cast<LinearOpInterface>(op)) {
    bool isKnown = axis == linear.getResultChannelDim() &&
                   isReadableConstant(linear.getWeights()) &&
                   !linear.hasBatchedWeights() && linear.getWeightsZero() == 0;
    return isKnown ? ofLinear(linear) : Channels();
  }
  if (isa<ElementwiseOpInterface>(op))
    return ofElementwise(op, axis);
  if (isa<ReshapeOp>(op))
    return ofReshape(op, axis);
  if (moveAxis(op) == axis)
    return ofMove(op, axis);
  if (auto pool = dyn_cast<PoolOp>(op))
    return ofTied(op, axis, pool.getKind() != PoolKind::max);
  if (auto reduce = dyn_cast<ReduceOp>(op)) {
    bool keeps = reduce.getKind() == ReduceKind::max ||
                 reduce.getKind() == ReduceKind::min;
    bool zeroOnly = reduce.getKind() == ReduceKind::sum ||
                    reduce.getKind() == ReduceKind::mean;
    return keeps || zeroOnly ? ofTied(op, axis, zeroOnly) : Channels();
  }
  if (isa<TransposeOp>(op))
    return ofTied(op, axis, false);
  return {};
}

/// Channels whose weights meet nothing but zeros hold the bias, seen through
/// the epilogue.
ChannelConstants::Channels ChannelConstants::ofLinear(LinearOpInterface op) {
  WeightView weights(constantValue(op.getWeights()));
  WeightChannels channels = op.getWeightChannels();
  SmallVector<bool> sums(channels.results, false);
  const Channels inputs = of(op.getInput(), op.getInputChannelDim());
  const double neutral = op.getInputZero();
  for (int64_t i = 0, e = weights.size(); i < e; ++i) {
    int64_t result = channels.result(i);
    if (!sums[result])
      sums[result] = inputs[channels.input(i)] != neutral && !weights.isZero(i);
  }
  Channels result(channels.results);
  for (int64_t c = 0; c < channels.results; ++c)
    if (!sums[c])
      result[c] = ofSum(op, c);
  return result;
}

/// What becomes of the sum of nothing in channel `channel`.
std::optional<double> ChannelConstants::ofSum(LinearOpInterface op,
                                              int64_t channel) {
  std::optional<double> value = 0.0;
  if (op.getBias())
    value = readConstant(op.getBias(), 0, channel);
  Region &epilogue = op.getEpilogue();
  if (!value || epilogue.empty())
    return value;
  Type accumulated = accumulatorType(elementOf(op.getInput()));
  SmallVector<TypedAttr> args{scalarAttr(accumulated, *value)};
  for (Value operand : op.getEpilogueOperands()) {
    size_t rank = shapeOf(operand).size();
    std::optional<double> arg;
    if (rank == 0)
      arg = readConstant(operand, -1, 0);
    else
      arg = of(operand, rank == 1 ? 0 : op.getResultChannelDim())[channel];
    args.push_back(arg ? scalarAttr(elementOf(operand), *arg) : TypedAttr());
  }
  if (llvm::is_contained(args, TypedAttr()))
    return std::nullopt;
  return evaluate(epilogue, args, elementOf(op.getResult()));
}

ChannelConstants::Channels ChannelConstants::ofElementwise(Operation *op,
                                                           int64_t axis) {
  int64_t rank = shapeOf(op->getResult(0)).size();
  int64_t size = shapeOf(op->getResult(0))[axis];
  Channels result(size);
  for (int64_t i = 0; i < size; ++i) {
    SmallVector<double> args;
    for (Value operand : op->getOperands()) {
      int64_t own = axis - rank + shapeOf(operand).size();
      bool repeats = own < 0 || shapeOf(operand)[own] != size;
      std::optional<double> arg;
      if (repeats)
        arg = readConstant(operand, -1, 0);
      else
        arg = of(operand, own)[i];
      if (!arg)
        break;
      args.push_back(*arg);
    }
    if (args.size() == op->getNumOperands())
      result[i] = evaluate(cast<ElementwiseOpInterface>(op), args);
  }
  return result;
}

ChannelConstants::Channels ChannelConstants::ofReshape(Operation *op,
                                                       int64_t axis) {
  Value input = op->getOperand(0);
  ArrayRef<int64_t> to = shapeOf(op->getResult(0));
  Channels result(to[axis]);
  for (int64_t a = 0, e = shapeOf(input).size(); a < e; ++a) {
    ChannelTies ties = channelTies(op->getOpOperand(0), {a, 1, 1});
    if (ties.same.empty() || ties.same[0].second.axis != axis)
      continue;
    const Channels inputs = of(input, a);
    int64_t inner = ties.same[0].second.inner, count = inputs.size();
    for (int64_t i = 0; i < to[axis]; ++i)
      if (!result[i])
        result[i] = inputs[i / inner % count];
  }
  return result;
}

ChannelConstants::Channels ChannelConstants::ofMove(Operation *op,
                                                    int64_t axis) {
  Channels result;
  for (const ChannelRef &ref : traceChannels(op->getResult(0), axis).channels)
    result.push_back(of(ref.origin, axis)[ref.index]);
  return result;
}

ChannelConstants::Channels ChannelConstants::ofTied(Operation *op, int64_t axis,
                                                    bool zeroOnly) {
  ChannelTies ties = channelTies(op->getOpResult(0), {axis, 1, 1});
  if (ties.pinned || ties.same.size() != 1)
    return {};
  Channels result = of(ties.same[0].first, ties.same[0].second.axis);
  for (std::optional<double> &value : result)
    if (zeroOnly && value != 0.0)
      value.reset();
  return result;
}

//===----------------------------------------------------------------------===//
// Into the bias
//===----------------------------------------------------------------------===//

bool nn::canAbsorb(LinearOpInterface reader) {
  Type element = elementOf(reader.getWeights());
  Value bias = reader.getBias();
  return !reader.hasPadding() && (element.isF32() || element.isF64()) &&
         !reader.hasBatchedWeights() && (!bias || isReadableConstant(bias));
}

void nn::addToBias(LinearOpInterface reader,
                   ArrayRef<std::pair<int64_t, double>> values) {
  Type element = elementOf(reader.getWeights());
  WeightChannels channels = reader.getWeightChannels();
  SmallVector<double> sums(channels.results, 0);
  if (Value bias = reader.getBias())
    sums = *constantDoubles(constantValue(bias));
  llvm::DenseMap<int64_t, double> byChannel(values.begin(), values.end());
  SmallVector<double> numbers =
      *constantDoubles(constantValue(reader.getWeights()));
  for (auto [i, number] : llvm::enumerate(numbers)) {
    auto it = byChannel.find(channels.input(i));
    if (it != byChannel.end())
      sums[channels.result(i)] += number * it->second;
  }
  SmallVector<Attribute> elements;
  for (double sum : sums)
    elements.push_back(FloatAttr::get(element, sum));
  auto biasType = RankedTensorType::get(channels.results, element);
  OpBuilder builder(reader);
  Value added = ConstantOp::create(builder, reader.getLoc(), biasType,
                                   DenseElementsAttr::get(biasType, elements));
  reader.getBiasMutable().assign(added);
}
