//===- ConvolutionOps.cpp - Convolutions of the kernel dialect ------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Kernel.h"
#include "Kernel/IR/Pack.h"
#include "Kernel/IR/Verify.h"
#include "Support/Window.h"

using namespace mlir;
using namespace mlir::kernel;

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
