//===- KernelOps.cpp - Operators of the kernel dialect --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Kernel.h"
#include "Kernel/IR/Verify.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::kernel;

#define GET_OP_CLASSES
#include "Kernel/IR/KernelOps.cpp.inc"

template <typename OpT>
static SmallVector<OpOperand *> epilogueUsesOf(OpT op) {
  SmallVector<OpOperand *> uses;
  for (OpOperand &operand : op.getEpilogueOperandsMutable())
    uses.push_back(&operand);
  return uses;
}

SmallVector<OpOperand *> ConvOp::getEpilogueUses() {
  return epilogueUsesOf(*this);
}
SmallVector<OpOperand *> DepthwiseOp::getEpilogueUses() {
  return epilogueUsesOf(*this);
}
SmallVector<OpOperand *> MatmulOp::getEpilogueUses() {
  return epilogueUsesOf(*this);
}
SmallVector<OpOperand *> WinogradOp::getEpilogueUses() {
  return epilogueUsesOf(*this);
}
SmallVector<OpOperand *> SparseConvOp::getEpilogueUses() {
  return epilogueUsesOf(*this);
}

bool ConvOp::takesFewChannels() {
  return getGroups() > 1 && getKernelWidth() > 1;
}
bool DepthwiseOp::takesFewChannels() { return true; }

static LogicalResult verifyBatch(MatmulOp op, TypedValue<ShapedType> operand,
                                 StringRef name) {
  ArrayRef<int64_t> batch = operand.getType().getShape().drop_back(2);
  ArrayRef<int64_t> out = op.getInit().getType().getShape().drop_back(2);
  if (batch.size() > out.size())
    return op.emitOpError()
           << "(C4) " << name << " has " << batch.size()
           << " batch dims, at most " << out.size() << " are required";
  for (auto [b, o] : llvm::zip(batch, out.take_back(batch.size())))
    if (b != 1 && b != o)
      return op.emitOpError() << "(C4) batch dim of " << name << " is " << b
                              << ", 1 or " << o << " is required";
  return success();
}

LogicalResult MatmulOp::verify() {
  unsigned l = getLhs().getType().getRank() - 2,
           r = getRhs().getType().getRank() - 2,
           o = getInit().getType().getRank() - 2;
  bool forIntegers = getLhsZeroPoint() || getRhsZeroPoint() ||
                     getLhsUnsigned() || getRhsUnsigned();
  int64_t n = dim(getInit(), o + 1);
  return failure(
      failed(verifyOperandKinds(*this)) ||
      failed(verifyElementTypes(*this, {getLhs(), getRhs()}, forIntegers)) ||
      failed(verifyEpilogue(*this, getEpilogue(), getEpilogueOperands(),
                            getAccumulatorType(), getInit().getType(), n)) ||
      failed(verifySize(*this, "C3", "K of rhs",
                        dim(getRhs(), r + getTransposeRhs()),
                        dim(getLhs(), l + 1))) ||
      failed(verifySize(*this, "C3", "M of the out", dim(getInit(), o),
                        dim(getLhs(), l))) ||
      failed(verifySize(*this, "C3", "N of the out", n,
                        dim(getRhs(), r + !getTransposeRhs()))) ||
      failed(verifyBatch(*this, getLhs(), "lhs")) ||
      failed(verifyBatch(*this, getRhs(), "rhs")));
}

/// Input and out have the same element type.
template <typename OpT>
static LogicalResult verifySameElementType(OpT op, StringRef constraint) {
  Type in = op.getInput().getType().getElementType(),
       out = op.getInit().getType().getElementType();
  if (in == out)
    return success();
  return op.emitOpError() << "(" << constraint << ") the out's element type is "
                          << out << ", " << in << " is required";
}

LogicalResult PoolOp::verify() {
  if (failed(verifyOperandKinds(*this)) ||
      failed(verifyElementTypes(*this, {getInput()}, getInputUnsigned())) ||
      failed(verifyWindow(*this, getStrides(), getPads(), getDilations())))
    return failure();
  if (getKernel().size() != 2 ||
      llvm::any_of(getKernel(), [](int64_t k) { return k < 1; }))
    return emitOpError("(C3) kernel must have 2 entries >= 1");
  if (failed(verifySameElementType(*this, "C4")))
    return failure();
  for (unsigned i : {0, 3})
    if (failed(verifySize(*this, "C4",
                          i ? "channels of the out" : "batch of the out",
                          dim(getInit(), i), dim(getInput(), i))))
      return failure();
  for (unsigned i = 0; i < 2; ++i) {
    int64_t reach = getDilations()[i] * (getKernel()[i] - 1) + 1;
    int64_t pad = std::max(getPads()[i], getPads()[i + 2]);
    if (pad >= reach)
      return emitOpError() << "(C5) pad is " << pad
                           << ", less than the dilated kernel of " << reach
                           << " is required";
    int64_t start =
        (dim(getInit(), i + 1) - 1) * getStrides()[i] - getPads()[i];
    if (start >= dim(getInput(), i + 1))
      return emitOpError() << "(C6) last window starts at " << start
                           << ", less than " << dim(getInput(), i + 1)
                           << " is required";
  }
  return success();
}

LogicalResult LookupOp::verify() {
  if (failed(verifyOperandKinds(*this)))
    return failure();
  if (getInput().getType().getShape() != getInit().getType().getShape())
    return emitOpError() << "(C3) input is " << getInput().getType()
                         << ", the out's shape is required, "
                         << getInit().getType();
  if (getTable().getType().getShape() != ArrayRef<int64_t>{256})
    return emitOpError() << "(C4) table is " << getTable().getType()
                         << ", 256 entries are required";
  return success();
}

LogicalResult SoftmaxOp::verify() {
  if (failed(verifyOperandKinds(*this)))
    return failure();
  auto in = getInput().getType(), out = getInit().getType();
  if (in.getShape() == out.getShape() &&
      in.getElementType() == out.getElementType())
    return success();
  return emitOpError() << "(C3) the out is " << out
                       << ", the shape and element type of " << in
                       << " are required";
}

LogicalResult ReduceOp::verify() {
  return failure(
      failed(verifyOperandKinds(*this)) ||
      failed(verifyElementTypes(*this, {getInput()}, getInputUnsigned())) ||
      failed(verifySameElementType(*this, "C3")) ||
      failed(verifySize(*this, "C3", "outer of the out", dim(getInit(), 0),
                        dim(getInput(), 0))) ||
      failed(verifySize(*this, "C3", "inner of the out", dim(getInit(), 1),
                        dim(getInput(), 2))));
}

SmallVector<StreamStage> StreamOp::getStages() {
  SmallVector<StreamStage> stages;
  for (Operation &op : getBody().front())
    if (std::optional<StreamStage> stage = StreamStage::get(&op))
      stages.push_back(std::move(*stage));
  return stages;
}

StreamPlan StreamOp::getPlan() {
  return StreamPlan::get(getStages(), getRows());
}

/// (C4), (C5) and the part of (C6) that is about `stage`, the `index`-th.
static LogicalResult verifyStage(StreamOp op, const StreamStage &stage,
                                 size_t index, size_t count) {
  if (index == 0 ? !stage.canLead : !stage.canFollow)
    return stage.op->emitOpError(
        index == 0 ? "(C4) of kernel.stream: a kernel.conv whose groups share "
                     "no blocks, or a kernel.winograd, is required as the "
                     "first stage"
                   : "(C5) of kernel.stream: channels last, no kernel.winograd "
                     "and no average that reads padding are required behind "
                     "the first stage");
  Block &body = op.getBody().front();
  Value in = index ? Value(body.getArgument(index - 1)) : Value();
  Value out =
      index + 1 < count ? Value(body.getArgument(index)) : Value(op.getInit());
  for (OpOperand &operand : stage.op->getOpOperands()) {
    Value required = &operand == stage.input  ? in
                     : &operand == stage.init ? out
                                              : Value();
    bool isOwn = operand.get() == op.getInit() ||
                 llvm::is_contained(body.getArguments(), operand.get());
    if (required ? operand.get() != required : isOwn)
      return stage.op->emitOpError("(C6) of kernel.stream: operand ")
             << operand.getOperandNumber()
             << " is not as required: each stage reads what the one before it "
                "writes, and nothing else touches that or the init";
  }
  return success();
}

LogicalResult StreamOp::verify() {
  if (isa<TensorType>(getInit().getType()) ||
      isa<TensorType>(getScratch().getType()))
    return emitOpError("(C1) operands are tensors, memrefs are required");
  SmallVector<StreamStage> stages = getStages();
  size_t count = llvm::range_size(getBody().front());
  if (stages.size() != count || count < 2 ||
      getBody().getNumArguments() != count - 1)
    return emitOpError() << "(C3) " << stages.size() << " of " << count
                         << " ops are kernels with a window on one image, with "
                         << getBody().getNumArguments()
                         << " block arguments: two or more, and one argument "
                            "less than ops, are required";
  for (auto [index, stage] : llvm::enumerate(stages))
    if (failed(verifyStage(*this, stage, index, count)))
      return failure();
  int64_t rows = getRows();
  if (rows < 1 || dim(getInit(), 1) % rows)
    return emitOpError() << "(C7) steps of " << rows
                         << " rows found, a divisor of " << dim(getInit(), 1)
                         << " is required";
  StreamPlan plan = getPlan();
  if (!plan.isPossible(stages))
    return emitOpError() << "(C7) steps of " << rows
                         << " rows found, whole blocks of tiles of "
                            "kernel.winograd, none twice, are required";
  return verifySize(*this, "C8", "scratch memory of a thread",
                    dim(getScratch(), 0), plan.bytes);
}
