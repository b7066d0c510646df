//===- KernelOps.cpp - Operators of the kernel dialect --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Kernel.h"
#include "Kernel/IR/Pack.h"
#include "Kernel/IR/Verify.h"
#include "Support/Window.h"

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

static int64_t dim(TypedValue<ShapedType> value, unsigned i) {
  return value.getType().getDimSize(i);
}

/// Checks one size of the out; `what` names it in the message.
static LogicalResult verifySize(Operation *op, StringRef constraint,
                                StringRef what, int64_t found,
                                int64_t required) {
  if (found == required)
    return success();
  return op->emitOpError() << "(" << constraint << ") " << what << " is "
                           << found << ", " << required << " is required";
}

/// `rows` is the input's dimension of rows; columns follow.
template <typename OpT>
static LogicalResult verifyWindowCounts(OpT op, unsigned rows = 1) {
  ArrayRef<int64_t> pads = op.getPads();
  int64_t kernel[2] = {op.getKernelHeight(), op.getKernelWidth()};
  for (unsigned i = 0; i < 2; ++i) {
    int64_t out = dim(op.getInit(), i + 1);
    mlc::Window window = {
        dim(op.getInput(), rows + i), out,    kernel[i], op.getStrides()[i],
        op.getDilations()[i],         pads[i]};
    int64_t count = window.fitting(pads[i + 2]);
    if (failed(verifySize(op, "C6",
                          i ? "width of the out" : "height of the out", out,
                          count)))
      return failure();
  }
  return success();
}

/// `factors` are what is multiplied.
template <typename OpT>
static LogicalResult verifyConvolution(OpT op, int64_t channels,
                                       ValueRange factors) {
  bool forIntegers = op.getInputZeroPoint() || op.getInputUnsigned() ||
                     op.getWeightsUnsigned();
  return failure(
      failed(verifyOperandKinds(op)) ||
      failed(verifyElementTypes(op, factors, forIntegers)) ||
      failed(
          verifyWindow(op, op.getStrides(), op.getPads(), op.getDilations())) ||
      failed(verifyEpilogue(op, op.getEpilogue(), op.getEpilogueOperands(),
                            op.getAccumulatorType(), op.getInit().getType(),
                            channels)));
}

static LogicalResult verifyBlocks(ConvOp op, int64_t filters) {
  ArrayRef<int64_t> w = op.getWeights().getType().getShape();
  int64_t groups = op.getGroups(), block = op.getBlock();
  if (w[0] == groups)
    return verifySize(op, "C5", "number of packed blocks", w[1],
                      llvm::divideCeil(filters / groups, block));
  int64_t blocks = llvm::divideCeil(filters, block);
  if (w[0] == blocks && w[1] == 1 && filters / groups == w[4] &&
      llvm::isPowerOf2_64(w[4]) && block % w[4] == 0)
    return success();
  return op.emitOpError() << "(C5) weights are " << w[0] << " x " << w[1]
                          << " blocks of " << block << " for " << groups
                          << " groups of " << filters / groups
                          << " filters, one or more blocks a group or several "
                             "groups a block are required";
}

/// (C7), on which the number of groups rests.
static LogicalResult verifyQuads(ConvOp op) {
  Type in = op.getInput().getType().getElementType();
  Type weights = op.getWeights().getType().getElementType();
  if (!in.isInteger(8) || !weights.isInteger(8) || op.getWeightsUnsigned())
    return op.emitOpError()
           << "(C7) weights in quads of " << weights << " on an input of " << in
           << ", signed weights of i8 on i8 are required";
  int64_t groups = dim(op.getWeights(), 0);
  if (groups == 0 || op.getChannels() % groups)
    return op.emitOpError()
           << "(C3) " << op.getChannels() << " input channels, a multiple of "
           << groups << " is required";
  int64_t rows = PackedWeights::quadRows(op.getGroupIn(), op.getNibbles());
  int64_t size = PackedWeights::quad;
  if (op.hasOctets() && !op.hasPairs() && !op.getNibbles()) {
    size = PackedWeights::octet;
    rows = llvm::divideCeil(op.getGroupIn(), size) + 1;
  }
  if (op.hasPairs()) {
    int64_t extras = *op.getExtraQuads();
    if (extras < 0 || extras > rows || op.getGroupIn() < PairRows::pool ||
        op.getBlock() == 0 || op.getInputChannelsFirst())
      return op.emitOpError()
             << "(C7) " << extras << " extra quads of " << op.getGroupIn()
             << " channels found, no more than quads, of 16 "
                "channels or more that are last, are required";
    rows = op.getPairRows().count();
  }
  return failure(failed(verifySize(op, "C7", "size of a quad",
                                   dim(op.getWeights(), 6), size)) ||
                 failed(verifySize(op, "C7", "number of rows of quads",
                                   dim(op.getWeights(), 4), rows)));
}

/// (C8), on which the number of groups rests.
static LogicalResult verifyHalves(ConvOp op) {
  Type in = op.getInput().getType().getElementType();
  Type weights = op.getWeights().getType().getElementType();
  if (!in.isBF16() || !weights.isBF16())
    return op.emitOpError()
           << "(C8) weights in halves of " << weights << " on an input of "
           << in << ", bf16 on bf16 is required";
  int64_t groups = dim(op.getWeights(), 0);
  if (groups == 0 || op.getChannels() % groups)
    return op.emitOpError()
           << "(C3) " << op.getChannels() << " input channels, a multiple of "
           << groups << " is required";
  return failure(
      failed(verifySize(op, "C8", "channels side by side",
                        dim(op.getWeights(), 6), PackedWeights::half)) ||
      failed(
          verifySize(op, "C8", "number of halves", dim(op.getWeights(), 4),
                     llvm::divideCeil(op.getGroupIn(), PackedWeights::half))));
}

/// What weights by several input channels are, by their type.
static LogicalResult verifySteps(ConvOp op) {
  bool areFloats = isa<FloatType>(op.getWeights().getType().getElementType());
  return areFloats ? verifyHalves(op) : verifyQuads(op);
}

/// (C3) of weights by single channels.
static LogicalResult verifyGroups(ConvOp op) {
  int64_t groupIn = dim(op.getWeights(), 4);
  if (groupIn != 0 && op.getChannels() % groupIn == 0)
    return success();
  return op.emitOpError() << "(C3) " << op.getChannels() << " input channels, "
                          << "a multiple of " << groupIn << " is required";
}

/// (C9)
static LogicalResult verifyTable(ConvOp op) {
  if (!op.getTable())
    return success();
  if (!op.getInput().getType().getElementType().isInteger(8) || op.hasSteps())
    return op.emitOpError()
           << "(C9) a table for an input of "
           << op.getInput().getType().getElementType() << " and weights of "
           << op.getWeights().getType() << ", i8 and single f32 are required";
  int64_t rows = dim(op.getTable(), 0), channels = op.getChannels();
  if (rows != 1 && rows != channels)
    return op.emitOpError() << "(C9) a table of " << rows << " rows, 1 or "
                            << channels << " are required";
  return failure(
      failed(verifySize(op, "C9", "number of entries of a table",
                        dim(op.getTable(), 1), ConvOp::kTableEntries)) ||
      failed(verifySize(op, "C9", "channels of weights that have a table",
                        dim(op.getWeights(), 4), channels)));
}

bool ConvOp::hasOctets() {
  return hasQuads() && getStep() == PackedWeights::octet;
}

LogicalResult ConvOp::verify() {
  int64_t filters = dim(getInit(), 3);
  if (hasPairs() && !hasQuads())
    return emitOpError("(C7) extra quads of weights that have none found, "
                       "weights in quads are required");
  if (getNibbles() && (hasPairs() || !hasQuads()))
    return emitOpError() << "(C7) nibbles of weights "
                         << (hasPairs() ? "in pairs" : "without quads")
                         << " found, plain quads are required";
  Value left = getTable() ? getTable() : Value(getInput());
  if (failed(verifyConvolution(*this, filters, {left, getWeights()})) ||
      failed(verifyTable(*this)) ||
      failed(hasSteps() ? verifySteps(*this) : verifyGroups(*this)))
    return failure();
  if (failed(verifySize(*this, "C4", "batch of the out", dim(getInit(), 0),
                        dim(getInput(), 0))))
    return failure();
  if (getGroups() == 0 || getBlock() == 0 || filters % getGroups())
    return emitOpError() << "(C4) " << filters << " output channels in "
                         << getGroups() << " groups, a multiple is required";
  return failure(
      failed(verifyBlocks(*this, filters)) ||
      failed(verifyWindowCounts(*this, getInputChannelsFirst() ? 2 : 1)));
}

/// (C7), and (C3) of weights that are not in quads.
static LogicalResult verifyChannels(DepthwiseOp op) {
  int64_t channels = dim(op.getInput(), 3), columns = op.getKernelWidth();
  if (!op.hasQuads())
    return verifySize(op, "C3", "channels of the weights",
                      dim(op.getWeights(), 2), channels);
  PackedWeights packed =
      PackedWeights::get({WeightsKind::depthwise, PackStep::quads},
                         {channels, 1, op.getKernelHeight(), columns});
  Type in = op.getInput().getType().getElementType();
  ShapedType weights = op.getWeights().getType();
  int64_t zero = zeroPointOf(op.getInputZeroPoint());
  int64_t least = op.getInputUnsigned() ? 0 : -128;
  if (zero < least || zero > least + 255)
    return op.emitOpError() << "(C7) zero point is " << zero << ", " << least
                            << " to " << least + 255 << " is required";
  if (columns > 0 && in.isInteger(8) && weights.getElementType().isInteger(8) &&
      !op.getWeightsUnsigned() && weights.getShape() == packed.shape())
    return success();
  InFlightDiagnostic error = op.emitOpError("(C7) weights in quads are ")
                             << weights << " for an input of " << in << " and "
                             << columns << " columns, signed i8 of ";
  llvm::interleave(packed.shape(), error, "x");
  return error << " are required";
}

LogicalResult DepthwiseOp::verify() {
  int64_t channels = dim(getInit(), 3);
  return failure(
      failed(verifyConvolution(*this, channels, {getInput(), getWeights()})) ||
      failed(verifyChannels(*this)) ||
      failed(verifySize(*this, "C4", "batch of the out", dim(getInit(), 0),
                        dim(getInput(), 0))) ||
      failed(verifySize(*this, "C4", "channels of the out", channels,
                        dim(getInput(), 3))) ||
      failed(verifyWindowCounts(*this)));
}

int64_t WinogradOp::getGroupIn() {
  int64_t rows = dim(getWeights(), 4);
  if (hasHalves())
    return rows * PackedWeights::half;
  if (getNibbles())
    return getGroups() ? dim(getInput(), 3) / getGroups() : 0;
  return hasQuads() ? (rows - 1) * PackedWeights::quad : rows;
}

WinogradPlan WinogradOp::getPlan() {
  return WinogradPlan::get(getInit().getType().getShape(),
                           hasSteps() ? getGroupIn() / 2 : getGroupIn(),
                           dim(getWeights(), 5),
                           {int64_t(getTile()), dim(getWeights(), 2)});
}

/// (C9) of a kernel whose weights have elements of `in` by input channels, or
/// are f32.
static LogicalResult verifyElements(WinogradOp op) {
  Type in = op.getInput().getType().getElementType();
  Type weights = op.getWeights().getType().getElementType();
  Type scratch = op.getScratch().getType().getElementType();
  bool areRight = !op.hasSteps()   ? in.isF32() && scratch.isF32()
                  : op.hasHalves() ? in.isBF16() && scratch.isF32()
                                   : in.isInteger(8) && scratch.isInteger(32);
  if (areRight && in == weights)
    return success();
  return op.emitOpError() << "(C9) input, weights and scratch are " << in
                          << ", " << weights << " and " << scratch << ", "
                          << (!op.hasSteps() ? "f32 is required"
                              : op.hasHalves()
                                  ? "bf16, bf16 and f32 of halves are required"
                                  : "i8, i8 and i32 of quads are required");
}

/// (C9), and (C7) of zero points.
static LogicalResult verifyTypes(WinogradOp op) {
  if (failed(verifyElements(op)))
    return failure();
  int64_t zero = zeroPointOf(op.getInputZeroPoint());
  int64_t least = op.getInputUnsigned() ? 0 : -128;
  if (op.hasQuads() ? zero < least || zero > least + 255
                    : zero != 0 || op.getInputUnsigned())
    return op.emitOpError() << "(C7) zero point is " << zero
                            << ", one of the input's bytes is required, and "
                               "none of floats";
  return success();
}

/// (C7), on which the plan rests.
static LogicalResult verifyAlgorithm(WinogradOp op) {
  int64_t height = dim(op.getWeights(), 2), width = dim(op.getWeights(), 3);
  if (height != width)
    return op.emitOpError() << "(C7) window is " << height << "x" << width
                            << ", a square one is required";
  if (!Winograd{int64_t(op.getTile()), height}.isKnown())
    return op.emitOpError() << "(C7) F(" << op.getTile() << ", " << height
                            << ") found, F(2, 3), F(4, 3) or F(2, 5) is "
                               "required";
  if (op.hasHalves())
    return verifySize(op, "C7", "channels side by side",
                      dim(op.getWeights(), 6), PackedWeights::half);
  if (!op.hasSteps())
    return success();
  if (op.getTile() != 4 || height != 3)
    return op.emitOpError() << "(C7) F(" << op.getTile() << ", " << height
                            << ") of quads found, F(4, 3) is required";
  if (dim(op.getWeights(), 4) < 2)
    return op.emitOpError("(C3) weights have no quads, one or more is "
                          "required");
  if (op.getNibbles() && op.getGroupIn() % PackedWeights::quad)
    return op.emitOpError() << "(C3) nibbles of " << op.getGroupIn()
                            << " channels, a multiple of 4 is required";
  if (op.getNibbles() &&
      failed(verifySize(op, "C3", "number of rows of nibbles",
                        dim(op.getWeights(), 4),
                        PackedWeights::quadRows(op.getGroupIn(), true))))
    return failure();
  return verifySize(op, "C7", "size of a quad", dim(op.getWeights(), 6),
                    PackedWeights::quad);
}

LogicalResult WinogradOp::verify() {
  int64_t channels = dim(getInit(), 3), groups = dim(getWeights(), 0),
          block = dim(getWeights(), 5);
  if (getNibbles() && !hasQuads())
    return emitOpError("(C7) nibbles of weights without quads found, plain "
                       "quads are required");
  if (failed(verifyOperandKinds(*this)) || failed(verifyTypes(*this)) ||
      failed(verifyWindow(*this, {1, 1}, getPads(), {1, 1})) ||
      failed(verifyEpilogue(*this, getEpilogue(), getEpilogueOperands(),
                            getAccumulatorType(), getInit().getType(),
                            channels)) ||
      failed(verifyAlgorithm(*this)) ||
      failed(verifySize(*this, "C3", "channels of the input",
                        dim(getInput(), 3), groups * getGroupIn())) ||
      failed(verifySize(*this, "C4", "batch of the out", dim(getInit(), 0),
                        dim(getInput(), 0))))
    return failure();
  if (groups == 0 || block == 0 || channels % groups)
    return emitOpError() << "(C4) " << channels << " output channels in "
                         << groups << " groups, a multiple is required";
  for (unsigned i = 0; i < 2; ++i)
    if (failed(verifySize(*this, "C6",
                          i ? "width of the out" : "height of the out",
                          dim(getInit(), i + 1),
                          mlc::Window{dim(getInput(), i + 1), 0,
                                      dim(getWeights(), 2), 1, 1, getPads()[i]}
                              .fitting(getPads()[i + 2]))))
      return failure();
  return failure(
      failed(verifySize(*this, "C5", "number of packed blocks",
                        dim(getWeights(), 1),
                        llvm::divideCeil(channels / groups, block))) ||
      failed(verifySize(*this, "C8", "scratch memory of a thread",
                        dim(getScratch(), 0), getPlan().scratch())));
}

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
