//===- LowerEpilogue.cpp - Epilogues of nn ops on kernel ops --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversion/LowerEpilogue.h"

#include "Kernel/IR/Kernel.h"
#include "NN/IR/ScalarEmitter.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlc;

/// Between float widths, or integer widths (signed); the same otherwise.
static Value toType(OpBuilder &b, Location loc, Value v, Type to) {
  Type from = v.getType();
  if (from == to)
    return v;
  unsigned width = from.getIntOrFloatBitWidth(),
           wanted = to.getIntOrFloatBitWidth();
  if (isa<FloatType>(from) && isa<FloatType>(to))
    return width < wanted ? Value(arith::ExtFOp::create(b, loc, to, v))
                          : Value(arith::TruncFOp::create(b, loc, to, v));
  if (isa<FloatType>(to))
    return arith::SIToFPOp::create(b, loc, to, v);
  return width < wanted ? Value(arith::ExtSIOp::create(b, loc, to, v))
                        : Value(arith::TruncIOp::create(b, loc, to, v));
}

KernelEpilogue mlc::lowerEpilogue(TensorBuilder &t, Value bias,
                                  ValueRange operands, Region &body,
                                  Type accumulated, Type element,
                                  ArrayRef<int64_t> full) {
  KernelEpilogue result;
  result.bias = bias;
  result.body = &body;
  result.element = element;
  result.accumulated = accumulated;
  if (bias)
    result.operands.push_back(bias);
  for (Value operand : operands)
    result.operands.push_back(
        nn::shapeOf(operand).size() < 2 ? operand : t.reshape(operand, full));
  return result;
}

/// The region's ops on scalars: bias, then the nn epilogue's body.
static Value emitBody(OpBuilder &b, Location loc,
                      const KernelEpilogue &epilogue, Value acc,
                      ValueRange operands) {
  Value v = acc;
  if (epilogue.bias) {
    Value bias = toType(b, loc, operands.front(), v.getType());
    v = isa<FloatType>(v.getType())
            ? Value(arith::AddFOp::create(b, loc, v, bias))
            : Value(arith::AddIOp::create(b, loc, v, bias));
    operands = operands.drop_front();
  }
  if (epilogue.body->empty())
    return toType(b, loc, v, epilogue.element);
  Block &block = epilogue.body->front();
  IRMapping mapping;
  mapping.map(block.getArgument(0),
              toType(b, loc, v, block.getArgument(0).getType()));
  for (auto [argument, operand] :
       llvm::zip(block.getArguments().drop_front(), operands))
    mapping.map(argument, operand);
  for (Operation &op : block.without_terminator())
    b.clone(op, mapping);
  Value yielded = mapping.lookupOrDefault(block.getTerminator()->getOperand(0));
  return toType(b, loc, yielded, epilogue.element);
}

void KernelEpilogue::write(OpBuilder &builder, Location loc, Region &region,
                           Type accumulator) const {
  if (operands.empty() && body->empty())
    return;
  OpBuilder::InsertionGuard guard(builder);
  SmallVector<Type> types = {accumulator};
  for (Value operand : operands)
    types.push_back(nn::elementOf(operand));
  Block *block = builder.createBlock(&region, region.end(), types,
                                     SmallVector<Location>(types.size(), loc));
  Value v = emitBody(builder, loc, *this, block->getArgument(0),
                     block->getArguments().drop_front());
  kernel::YieldOp::create(builder, loc, v);
}

Value mlc::applyEpilogue(TensorBuilder &t, Value v,
                         const KernelEpilogue &epilogue, unsigned channelDim) {
  ArrayRef<int64_t> shape = nn::shapeOf(v);
  if (epilogue.operands.empty() && epilogue.body->empty() &&
      nn::elementOf(v) == epilogue.element)
    return v;
  SmallVector<Value> inputs = {v};
  for (Value operand : epilogue.operands) {
    SmallVector<int64_t> own(nn::shapeOf(operand));
    if (own.size() == 1) {
      own.resize(shape.size() - channelDim, 1);
      operand = t.reshape(operand, own);
    }
    inputs.push_back(operand);
  }
  return t.map(inputs, shape, epilogue.element,
               [&](OpBuilder &b, Location loc, ValueRange args) {
                 return emitBody(b, loc, epilogue, args[0], args.drop_front());
               });
}

Value mlc::widenIntegers(TensorBuilder &t, Value v, Type element,
                         int64_t zeroPoint) {
  Type i32 = t.b.getI32Type();
  return t.map(
      v, nn::shapeOf(v), i32, [&](OpBuilder &b, Location loc, ValueRange args) {
        nn::ScalarEmitter e(b, loc, i32);
        Value wide = nn::ScalarEmitter(b, loc, element).convert(args[0], i32);
        return e.sub(wide, e.constant(zeroPoint));
      });
}
