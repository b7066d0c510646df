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

double nn::neutralInput(Operation *reader) {
  if (auto conv = dyn_cast<ConvOp>(reader))
    return conv.getInputZeroPoint().value_or(0);
  return cast<MatmulOp>(reader).getLhsZeroPoint().value_or(0);
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
  if (auto conv = dyn_cast<ConvOp>(op)) {
    if (axis != conv.getChannelDim() || !isReadableConstant(conv.getWeights()))
      return {};
    return ofLinear(op, conv.getInput(), axis, 1, 0, conv.getGroups(),
                    conv.getBias() ? 3 : 2);
  }
  if (auto matmul = dyn_cast<MatmulOp>(op)) {
    int64_t rank = shapeOf(matmul.getRhs()).size();
    int64_t last = shapeOf(matmul.getResult()).size() - 1;
    if (axis != last || !isReadableConstant(matmul.getRhs()) || rank != 2 ||
        matmul.getRhsZeroPoint().value_or(0) != 0)
      return {};
    int64_t k = matmul.getTransposeRhs() ? 1 : 0;
    return ofLinear(op, matmul.getLhs(), shapeOf(matmul.getLhs()).size() - 1, k,
                    1 - k, 1, matmul.getBias() ? 3 : 2);
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
ChannelConstants::Channels
ChannelConstants::ofLinear(Operation *op, Value input, int64_t inputAxis,
                           int64_t inputDim, int64_t filterDim, int64_t groups,
                           int64_t firstEpilogue) {
  auto type = cast<RankedTensorType>(op->getOperand(1).getType());
  WeightView weights(constantValue(op->getOperand(1)));
  SmallVector<int64_t> strides = rowMajorStrides(type.getShape());
  int64_t filters = type.getDimSize(filterDim);
  int64_t columns = type.getDimSize(inputDim);
  SmallVector<bool> sums(filters, false);
  const Channels inputs = of(input, inputAxis);
  const double neutral = neutralInput(op);
  for (int64_t i = 0, e = type.getNumElements(); i < e; ++i) {
    int64_t filter = i / strides[filterDim] % filters;
    if (sums[filter])
      continue;
    int64_t channel =
        filter / (filters / groups) * columns + i / strides[inputDim] % columns;
    sums[filter] = inputs[channel] != neutral && !weights.isZero(i);
  }
  Region &epilogue = op->getRegion(0);
  Type accumulated = accumulatorType(elementOf(input));
  Type yielded = elementOf(op->getResult(0));
  Channels result(filters);
  int64_t axis =
      isa<ConvOp>(op) ? inputAxis : shapeOf(op->getResult(0)).size() - 1;
  for (int64_t f = 0; f < filters; ++f) {
    if (sums[f])
      continue;
    std::optional<double> value = 0.0;
    if (firstEpilogue == 3)
      value = readConstant(op->getOperand(2), 0, f);
    if (!value || epilogue.empty()) {
      result[f] = value;
      continue;
    }
    SmallVector<TypedAttr> args{scalarAttr(accumulated, *value)};
    for (Value operand : op->getOperands().drop_front(firstEpilogue)) {
      std::optional<double> arg;
      if (shapeOf(operand).empty())
        arg = readConstant(operand, -1, 0);
      else
        arg = of(operand, shapeOf(operand).size() == 1 ? 0 : axis)[f];
      args.push_back(arg ? scalarAttr(elementOf(operand), *arg) : TypedAttr());
    }
    if (llvm::all_of(args, [](TypedAttr a) { return a != nullptr; }))
      result[f] = evaluate(epilogue, args, yielded);
  }
  return result;
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
    ChannelTies ties = channelTies(op, 0, {a, 1, 1});
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
  ChannelTies ties = channelTies(op, kResult, {axis, 1, 1});
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

bool nn::canAbsorb(Operation *reader, bool pads) {
  Type element = elementOf(reader->getOperand(1));
  int64_t rank = shapeOf(reader->getOperand(1)).size();
  Value bias = isa<ConvOp>(reader) ? cast<ConvOp>(reader).getBias()
                                   : cast<MatmulOp>(reader).getBias();
  return !pads && (element.isF32() || element.isF64()) &&
         (isa<ConvOp>(reader) || rank == 2) &&
         (!bias || isReadableConstant(bias));
}

void nn::addToBias(Operation *reader, int64_t inputDim, int64_t filterDim,
                   ArrayRef<std::pair<int64_t, double>> values) {
  Value weights = reader->getOperand(1);
  auto type = cast<RankedTensorType>(weights.getType());
  SmallVector<int64_t> strides = rowMajorStrides(type.getShape());
  int64_t filters = type.getDimSize(filterDim);
  auto conv = dyn_cast<ConvOp>(reader);
  MutableOperandRange bias =
      conv ? conv.getBiasMutable() : cast<MatmulOp>(reader).getBiasMutable();
  SmallVector<double> sums(filters, 0);
  if (!bias.empty())
    sums = *constantDoubles(constantValue(reader->getOperand(2)));
  llvm::DenseMap<int64_t, double> byPosition(values.begin(), values.end());
  SmallVector<double> numbers = *constantDoubles(constantValue(weights));
  for (auto [i, number] : llvm::enumerate(numbers)) {
    int64_t position = i / strides[inputDim] % type.getDimSize(inputDim);
    auto it = byPosition.find(position);
    if (it != byPosition.end())
      sums[i / strides[filterDim] % filters] += number * it->second;
  }
  SmallVector<Attribute> elements;
  for (double sum : sums)
    elements.push_back(FloatAttr::get(type.getElementType(), sum));
  auto biasType = RankedTensorType::get(filters, type.getElementType());
  OpBuilder builder(reader);
  Value added = ConstantOp::create(builder, reader->getLoc(), biasType,
                                   DenseElementsAttr::get(biasType, elements));
  bias.assign(added);
}
