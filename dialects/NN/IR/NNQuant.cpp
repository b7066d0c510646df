//===- NNQuant.cpp - Quantised arithmetic ---------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/NN.h"
#include "NN/IR/QuantArithmetic.h"
#include "NN/IR/ScalarEmitter.h"
#include "NN/IR/ShapeInference.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::nn;

//===----------------------------------------------------------------------===//
// Scalars
//===----------------------------------------------------------------------===//

IntegerRange IntegerRange::of(Type type) {
  unsigned width = type.getIntOrFloatBitWidth();
  if (type.isUnsignedInteger())
    return {0, static_cast<int64_t>(APInt::getMaxValue(width).getZExtValue())};
  return {APInt::getSignedMinValue(width).getSExtValue(),
          APInt::getSignedMaxValue(width).getSExtValue()};
}

Value nn::emitClampFloat(OpBuilder &builder, Location loc, Value v, Value low,
                         Value high) {
  // Compare and select is what min and max instructions do, NaN included.
  ScalarEmitter e(builder, loc, v.getType());
  v = e.select(e.greater(v, low), v, low);
  return e.select(e.less(v, high), v, high);
}

Value nn::emitRoundToInteger(OpBuilder &builder, Location loc, Value v) {
  // In [2^23, 2^24) neighbours are 1 apart, so that adding 1.5 * 2^23 rounds as
  // the FPU does: to nearest, ties to even. The integer is in the mantissa
  // then. Any FPU can do it; a rounding instruction not every one has.
  constexpr double kMagic = 12582912.0;
  constexpr int32_t kMagicBits = 0x4B400000;
  ScalarEmitter e(builder, loc, v.getType());
  ScalarEmitter integer(builder, loc, builder.getI32Type());
  Value bits = e.op<arith::BitcastOp>(builder.getI32Type(),
                                      e.add(v, e.constant(kMagic)));
  return integer.sub(bits, integer.constant(kMagicBits));
}

Value nn::emitSaturate(OpBuilder &builder, Location loc, Value v,
                       Value zeroPoint, Type to) {
  Type f32 = builder.getF32Type(), i32 = builder.getI32Type();
  ScalarEmitter e(builder, loc, f32), integer(builder, loc, i32);
  IntegerRange range = IntegerRange::of(to);
  auto limit = [&](int64_t bound) {
    Value distance = integer.sub(integer.constant(bound), zeroPoint);
    return integer.convert(distance, f32);
  };
  // Limits are whole numbers: limiting first gives the same and keeps in range.
  v = emitClampFloat(builder, loc, v, limit(range.low), limit(range.high));
  Value rounded = emitRoundToInteger(builder, loc, v);
  return integer.convert(integer.add(rounded, zeroPoint), to);
}

Value QuantizeOp::emitScalar(OpBuilder &builder, Location loc, ValueRange x) {
  Type f32 = builder.getF32Type(), i32 = builder.getI32Type();
  Type stored = elementOf(getZeroPoint());
  Value v =
      ScalarEmitter(builder, loc, elementOf(getInput())).convert(x[0], f32);
  Value scale =
      ScalarEmitter(builder, loc, elementOf(getScale())).convert(x[1], f32);
  Value zeroPoint = ScalarEmitter(builder, loc, stored).convert(x[2], i32);
  v = ScalarEmitter(builder, loc, f32).div(v, scale);
  return emitSaturate(builder, loc, v, zeroPoint, stored);
}

Value DequantizeOp::emitScalar(OpBuilder &builder, Location loc, ValueRange x) {
  Type f32 = builder.getF32Type(), i32 = builder.getI32Type();
  ScalarEmitter from(builder, loc, elementOf(getInput()));
  ScalarEmitter integer(builder, loc, i32), e(builder, loc, f32);
  Value distance =
      integer.sub(from.convert(x[0], i32), from.convert(x[2], i32));
  Value scale =
      ScalarEmitter(builder, loc, elementOf(getScale())).convert(x[1], f32);
  Value v = e.mul(integer.convert(distance, f32), scale);
  return e.convert(v, elementOf(getResult()));
}

Value MapOp::emitScalar(OpBuilder &builder, Location loc, ValueRange x) {
  Block &block = getBody().front();
  IRMapping mapping;
  mapping.map(block.getArguments(), x);
  for (Operation &op : block.without_terminator()) {
    Operation *copy = builder.clone(op, mapping);
    SmallVector<Value> folded;
    if (failed(builder.tryFold(copy, folded)))
      continue;
    mapping.map(op.getResults(), folded);
    copy->erase();
  }
  return mapping.lookupOrDefault(block.getTerminator()->getOperand(0));
}

//===----------------------------------------------------------------------===//
// nn.quantize and nn.dequantize
//===----------------------------------------------------------------------===//

/// The input's shape with the element type of operand `typeFrom`.
static LogicalResult inferQuantized(std::optional<Location> loc,
                                    ValueRange operands, int typeFrom,
                                    SmallVectorImpl<Type> &types) {
  ArrayRef<int64_t> input = shapeOf(operands[0]);
  for (Value v : operands.drop_front()) {
    FailureOr<SmallVector<int64_t>> shape = broadcastShapes(input, shapeOf(v));
    if (failed(shape) || ArrayRef<int64_t>(*shape) != input) // quantize_c1
      return emitOptionalError(loc, "(C1) ", v.getType(),
                               " does not broadcast to the input's type ",
                               operands[0].getType());
  }
  types.push_back(RankedTensorType::get(input, elementOf(operands[typeFrom])));
  return success();
}

LogicalResult QuantizeOp::inferReturnTypes(MLIRContext *,
                                           std::optional<Location> loc,
                                           ValueRange operands, DictionaryAttr,
                                           OpaqueProperties, RegionRange,
                                           SmallVectorImpl<Type> &types) {
  return inferQuantized(loc, operands, 2, types);
}

LogicalResult DequantizeOp::inferReturnTypes(MLIRContext *,
                                             std::optional<Location> loc,
                                             ValueRange operands,
                                             DictionaryAttr, OpaqueProperties,
                                             RegionRange,
                                             SmallVectorImpl<Type> &types) {
  return inferQuantized(loc, operands, 1, types);
}

LogicalResult DequantizeOp::verify() {
  Type input = elementOf(getInput()), zeroPoint = elementOf(getZeroPoint());
  if (input != zeroPoint) // dequantize_c2
    return emitOpError() << "(C2) input has element type " << input
                         << " and zero_point " << zeroPoint
                         << ", they must be the same";
  return success();
}

//===----------------------------------------------------------------------===//
// nn.blocked_dequantize
//===----------------------------------------------------------------------===//

LogicalResult
BlockedDequantizeOp::inferReturnTypes(MLIRContext *,
                                      std::optional<Location> loc, Adaptor op,
                                      SmallVectorImpl<Type> &types) {
  ArrayRef<int64_t> stored = shapeOf(op.getStored());
  int64_t bits = op.getBits(), block = op.getBlock();
  if (stored.size() != 2 || (bits != 4 && bits != 8) ||
      block < 1) // blocked_dequantize_c1
    return emitOptionalError(loc, "(C1) ", op.getStored().getType(), " of ",
                             bits, " bits in blocks of ", block,
                             " found, [N, K] of 4 or 8 bits in blocks of 1 or "
                             "more are required");
  int64_t shape[] = {stored[0],
                     static_cast<int64_t>(llvm::divideCeil(stored[1], block))};
  for (Value v : {op.getScale(), op.getZeroPoint()})
    if (v && shapeOf(v) != ArrayRef<int64_t>(shape)) // blocked_dequantize_c2
      return emitOptionalError(loc, "(C2) ", v.getType(), " found, [", shape[0],
                               ", ", shape[1], "] is required");
  types.push_back(RankedTensorType::get(stored, elementOf(op.getScale())));
  return success();
}

//===----------------------------------------------------------------------===//
// nn.map
//===----------------------------------------------------------------------===//

LogicalResult MapOp::verify() {
  SmallVector<int64_t> shape;
  for (Value v : getInputs()) {
    FailureOr<SmallVector<int64_t>> both = broadcastShapes(shape, shapeOf(v));
    if (failed(both)) // map_c1
      return emitOpError() << "(C1) operands do not broadcast";
    shape = *both;
  }
  if (ArrayRef<int64_t>(shape) != getType().getShape()) // map_c1
    return emitOpError() << "(C1) result is " << getType()
                         << ", which is not the broadcast of the operands";
  Block &block = getBody().front();
  if (block.getNumArguments() != getInputs().size()) // map_c2
    return emitOpError() << "(C2) body takes " << block.getNumArguments()
                         << " values, " << getInputs().size()
                         << " are required";
  for (auto [argument, input] : llvm::zip(block.getArguments(), getInputs()))
    if (argument.getType() != makeSignless(elementOf(input))) // map_c2
      return emitOpError() << "(C2) body takes " << argument.getType()
                           << " for an operand of " << elementOf(input);
  ValueRange yielded = block.getTerminator()->getOperands();
  Type element = elementOf(getResult());
  if (yielded.size() != 1 ||
      yielded[0].getType() != makeSignless(element)) // map_c3
    return emitOpError() << "(C3) body must yield one "
                         << makeSignless(element);
  return success();
}

void NNDialect::addQuantOps() {
  addOperations<
#define GET_OP_LIST
#include "NN/IR/NNQuant.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "NN/IR/NNQuant.cpp.inc"
