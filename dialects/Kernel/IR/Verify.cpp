//===- Verify.cpp - Constraints that kernel ops share ---------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Verify.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::kernel;

LogicalResult kernel::verifyOperandKinds(Operation *op) {
  unsigned tensors =
      llvm::count_if(op->getOperandTypes(), llvm::IsaPred<TensorType>);
  if (tensors == 0 || tensors == op->getNumOperands())
    return success();
  return op->emitOpError() << "(C1) " << tensors << " of "
                           << op->getNumOperands()
                           << " operands are tensors, all or none is required";
}

LogicalResult kernel::verifyElementTypes(Operation *op, ValueRange inputs,
                                         bool forIntegers) {
  auto isFloat = [](Value v) {
    return isa<FloatType>(getElementTypeOrSelf(v.getType()));
  };
  unsigned floats = llvm::count_if(inputs, isFloat);
  if (floats != 0 && floats != inputs.size())
    return op->emitOpError(
        "(C2) inputs are floats and integers, one kind is required");
  if (floats && forIntegers)
    return op->emitOpError(
        "(C2) zero points and unsigned flags require integer inputs");
  return success();
}

LogicalResult kernel::verifyWindow(Operation *op, ArrayRef<int64_t> strides,
                                   ArrayRef<int64_t> pads,
                                   ArrayRef<int64_t> dilations) {
  auto positive = [](ArrayRef<int64_t> values) {
    return values.size() == 2 && values[0] >= 1 && values[1] >= 1;
  };
  if (!positive(strides))
    return op->emitOpError("(W1) strides must have 2 entries >= 1");
  if (!positive(dilations))
    return op->emitOpError("(W1) dilations must have 2 entries >= 1");
  if (pads.size() != 4 || llvm::any_of(pads, [](int64_t p) { return p < 0; }))
    return op->emitOpError("(W1) pads must have 4 entries >= 0");
  return success();
}

static LogicalResult verifyNoEpilogue(Operation *op, ValueRange operands,
                                      Type accumulator, Type out) {
  if (!operands.empty())
    return op->emitOpError() << "(E5) has " << operands.size()
                             << " epilogue operands but no epilogue";
  if (isa<FloatType>(accumulator) ? isa<FloatType>(out) : out == accumulator)
    return success();
  return op->emitOpError() << "(E5) the out's element type is " << out
                           << " without epilogue, "
                           << (isa<FloatType>(accumulator) ? "a float" : "i32")
                           << " is required";
}

static LogicalResult verifyEpilogueOperand(Operation *op, Value operand,
                                           BlockArgument argument,
                                           ShapedType out, int64_t channels) {
  auto type = cast<ShapedType>(operand.getType());
  bool perChannel = type.getRank() == 1 && type.getDimSize(0) == channels;
  if (type.getRank() != 0 && !perChannel && type.getShape() != out.getShape())
    return op->emitOpError()
           << "(E2) epilogue operand is " << type << ", the out's shape, ["
           << channels << "] or rank 0 is required";
  if (argument.getType() != type.getElementType())
    return op->emitOpError()
           << "(E1) epilogue argument is " << argument.getType()
           << " for an operand of " << type.getElementType();
  return success();
}

static LogicalResult verifyEpilogueBody(Operation *op, Block &block) {
  for (Operation &inner : block.without_terminator()) {
    auto isScalar = [](Type type) { return type.isIntOrIndexOrFloat(); };
    if ((OpTrait::hasElementwiseMappableTraits(&inner) ||
         inner.hasTrait<OpTrait::ConstantLike>()) &&
        isMemoryEffectFree(&inner) &&
        llvm::all_of(inner.getOperandTypes(), isScalar) &&
        llvm::all_of(inner.getResultTypes(), isScalar))
      continue;
    return op->emitOpError() << "(E3) epilogue holds '" << inner.getName()
                             << "', elementwise ops on scalars are required";
  }
  return success();
}

LogicalResult kernel::verifyEpilogue(Operation *op, Region &epilogue,
                                     ValueRange operands, Type accumulator,
                                     ShapedType out, int64_t channels) {
  if (epilogue.empty())
    return verifyNoEpilogue(op, operands, accumulator, out.getElementType());
  Block &block = epilogue.front();
  if (block.getNumArguments() != operands.size() + 1)
    return op->emitOpError()
           << "(E1) epilogue takes " << block.getNumArguments() << " values, "
           << operands.size() + 1 << " are required";
  if (block.getArgument(0).getType() != accumulator)
    return op->emitOpError() << "(E1) epilogue takes an accumulator of "
                             << block.getArgument(0).getType() << ", "
                             << accumulator << " is required";
  for (auto [operand, argument] :
       llvm::zip(operands, block.getArguments().drop_front()))
    if (failed(verifyEpilogueOperand(op, operand, argument, out, channels)))
      return failure();
  if (failed(verifyEpilogueBody(op, block)))
    return failure();
  auto yield =
      dyn_cast_or_null<YieldOp>(block.empty() ? nullptr : &block.back());
  if (!yield)
    return op->emitOpError("(E4) epilogue must end with kernel.yield");
  if (yield.getValue().getType() != out.getElementType())
    return op->emitOpError()
           << "(E4) epilogue yields " << yield.getValue().getType() << ", "
           << out.getElementType() << " is required";
  return success();
}

LogicalResult kernel::verifySize(Operation *op, StringRef constraint,
                                 StringRef what, int64_t found,
                                 int64_t required) {
  if (found == required)
    return success();
  return op->emitOpError() << "(" << constraint << ") " << what << " is "
                           << found << ", " << required << " is required";
}
