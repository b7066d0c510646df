//===- Epilogue.cpp - Fused epilogues of nn ops ---------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/Epilogue.h"

#include "NN/IR/NN.h"
#include "NN/IR/ScalarEmitter.h"
#include "NN/IR/ShapeInference.h"

using namespace mlir;
using namespace mlir::nn;

Type nn::epilogueElementType(Region &epilogue, Type otherwise) {
  if (epilogue.empty() || !epilogue.front().mightHaveTerminator())
    return otherwise;
  Operation *end = epilogue.front().getTerminator();
  Type yielded =
      end->getNumOperands() == 1 ? end->getOperand(0).getType() : otherwise;
  // Scalars are signless: an unsigned result cannot be told from a signed one
  // here.
  return yielded == makeSignless(otherwise) ? otherwise : yielded;
}

bool nn::isNarrowInteger(Type type) {
  return isa<IntegerType>(type) && !type.isInteger(1) &&
         type.getIntOrFloatBitWidth() <= 16;
}

Type nn::accumulatorType(Type type) {
  return isNarrowInteger(type) ? IntegerType::get(type.getContext(), 32) : type;
}

LogicalResult nn::verifyIntegerProduct(Operation *op, Value lhs, Value rhs,
                                       Value bias, bool hasZeroPoint,
                                       StringRef constraint) {
  Type left = elementOf(lhs), right = elementOf(rhs);
  if (isNarrowInteger(left) != isNarrowInteger(right))
    return op->emitOpError()
           << "(" << constraint << ") multiplies " << left << " by " << right
           << ", both must be integers of 8 or 16 bits, or neither";
  if (!isNarrowInteger(left) && hasZeroPoint)
    return op->emitOpError()
           << "(" << constraint << ") has a zero point but elements " << left
           << ", integers of 8 or 16 bits are required";
  if (isNarrowInteger(left) && bias && !elementOf(bias).isSignlessInteger(32))
    return op->emitOpError() << "(" << constraint << ") bias is "
                             << bias.getType() << ", i32 is required";
  return success();
}

/// Whether an epilogue operand of `type` can be read at each element of
/// `result`.
static bool isReadable(RankedTensorType type, RankedTensorType result,
                       int64_t channels) {
  if (type.getRank() == 0 || type.getShape() == result.getShape())
    return true;
  return type.getRank() == 1 && type.getDimSize(0) == channels;
}

LogicalResult nn::verifyEpilogue(Operation *op, ValueRange operands,
                                 Region &epilogue, int64_t channels,
                                 StringRef constraint) {
  auto result = cast<RankedTensorType>(op->getResult(0).getType());
  if (epilogue.empty()) {
    if (operands.empty())
      return success();
    return op->emitOpError()
           << "(" << constraint << ") has epilogue operands but no epilogue";
  }
  Block &block = epilogue.front();
  if (block.getNumArguments() != operands.size() + 1)
    return op->emitOpError() << "(" << constraint << ") epilogue takes "
                             << block.getNumArguments() << " values, "
                             << operands.size() + 1 << " are required";
  for (auto [operand, argument] :
       llvm::zip(operands, block.getArguments().drop_front())) {
    auto type = cast<RankedTensorType>(operand.getType());
    if (!isReadable(type, result, channels))
      return op->emitOpError() << "(" << constraint << ") epilogue operand is "
                               << type << ", the result's shape, [" << channels
                               << "] or rank 0 is required";
    if (argument.getType() != makeSignless(type.getElementType()))
      return op->emitOpError() << "(" << constraint << ") epilogue argument is "
                               << argument.getType() << " for an operand of "
                               << type.getElementType();
  }
  if (block.getTerminator()->getNumOperands() != 1)
    return op->emitOpError()
           << "(" << constraint << ") epilogue must yield one value";
  return success();
}
