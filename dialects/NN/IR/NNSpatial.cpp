//===- NNSpatial.cpp - Convolution and pooling ----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/Epilogue.h"
#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"
#include "Support/Window.h"

using namespace mlir;
using namespace mlir::nn;

static unsigned channelDim(Layout layout, unsigned rank) {
  return layout == Layout::channels_first ? 1 : rank - 1;
}

static unsigned spatialDim(Layout layout, unsigned i) {
  return layout == Layout::channels_first ? i + 2 : i + 1;
}

static LogicalResult notAtLeast(std::optional<Location> loc,
                                StringRef constraint, StringRef what,
                                ArrayRef<int64_t> values, int64_t least) {
  for (int64_t v : values)
    if (v < least)
      return emitOptionalError(loc, "(", constraint, ") ", what, " has ", v,
                               ", at least ", least, " is required");
  return success();
}

namespace {
/// The sliding-window attributes that nn.conv and nn.pool share, with their
/// checks.
struct WindowAttrs {
  std::optional<Location> loc;
  ArrayRef<int64_t> input, kernel, strides, pads, dilations;
  Layout layout;
  bool ceilMode = false;

  LogicalResult verify() const {
    if (input.size() < 3) // c1
      return emitOptionalError(loc, "(C1) input has rank ", input.size(),
                               ", at least 3 is required");
    size_t rank = input.size() - 2;
    if (strides.size() != rank || dilations.size() != rank ||
        kernel.size() != rank) // c2
      return emitOptionalError(
          loc, "(C2) has ", strides.size(), " strides, ", dilations.size(),
          " dilations and a kernel of rank ", kernel.size(), ", ", rank,
          " of each are required");
    if (failed(notAtLeast(loc, "C2", "strides", strides, 1)) ||
        failed(notAtLeast(loc, "C2", "dilations", dilations, 1)) ||
        failed(notAtLeast(loc, "C2", "kernel", kernel, 1)))
      return failure();
    if (pads.size() != 2 * rank) // c3
      return emitOptionalError(loc, "(C3) has ", pads.size(), " pads, ",
                               2 * rank, " are required");
    return notAtLeast(loc, "C3", "pads", pads, 0);
  }

  /// How many windows there are along dimension `i`; 0 where none fits.
  int64_t countAlong(size_t i) const {
    mlc::Window window{input[spatialDim(layout, i)],
                       0,
                       kernel[i],
                       strides[i],
                       dilations[i],
                       pads[i]};
    int64_t padEnd = pads[kernel.size() + i];
    return ceilMode ? window.fittingRoundedUp(padEnd) : window.fitting(padEnd);
  }

  /// The result's shape for `channels`; C4 where a window does not fit.
  LogicalResult resultShape(int64_t channels,
                            SmallVectorImpl<int64_t> &shape) const {
    shape.assign(input.size(), 0);
    shape[0] = input[0];
    shape[channelDim(layout, input.size())] = channels;
    for (size_t i = 0; i < kernel.size(); ++i) {
      unsigned d = spatialDim(layout, i);
      shape[d] = countAlong(i);
      if (shape[d] < 1) // c4
        return emitOptionalError(
            loc, "(C4) a window of ", kernel[i], " dilated by ", dilations[i],
            " does not fit dimension ", d, " of size ", input[d]);
    }
    return success();
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// nn.conv
//===----------------------------------------------------------------------===//

unsigned ConvOp::getChannelDim() {
  return channelDim(getLayout(), getType().getRank());
}

unsigned ConvOp::getSpatialDim(unsigned i) {
  return spatialDim(getLayout(), i);
}

SmallVector<OpOperand *> ConvOp::getLayoutOperands() {
  SmallVector<OpOperand *> operands{&getInputMutable()};
  for (OpOperand &operand : getEpilogueOperandsMutable())
    if (shapeOf(operand.get()) == getType().getShape())
      operands.push_back(&operand);
  return operands;
}

int64_t ConvOp::getResultChannelDim() { return getChannelDim(); }
int64_t ConvOp::getInputChannelDim() { return getChannelDim(); }
int64_t ConvOp::getWeightsResultDim() { return 0; }
int64_t ConvOp::getWeightsInputDim() { return 1; }

int64_t ConvOp::getReductionSize() {
  return ShapedType::getNumElements(shapeOf(getWeights()).drop_front());
}

int32_t ConvOp::getInputZero() { return getInputZeroPoint().value_or(0); }

bool ConvOp::hasPadding() {
  return llvm::any_of(getPads(), [](int64_t p) { return p != 0; });
}

LinearOpInterface ConvOp::createWith(OpBuilder &builder, Location loc,
                                     Type type,
                                     const LinearOperands &operands) {
  assert(!operands.weightsZero && "weights of nn.conv have no zero point");
  return create(builder, loc, type, operands.input, operands.weights,
                operands.bias, operands.epilogueOperands, getStrides(),
                getPads(), getDilations(), getGroups(), getLayout(),
                operands.inputZero);
}

LogicalResult ConvOp::inferReturnTypes(MLIRContext *,
                                       std::optional<Location> loc, Adaptor op,
                                       SmallVectorImpl<Type> &types) {
  ArrayRef<int64_t> input = shapeOf(op.getInput()),
                    weights = shapeOf(op.getWeights());
  if (weights.size() != input.size()) // conv_c1
    return emitOptionalError(loc, "(C1) input has rank ", input.size(),
                             " and weights ", weights.size(),
                             ", they must be the same");
  WindowAttrs attrs{loc,
                    input,
                    weights.drop_front(std::min<size_t>(2, weights.size())),
                    op.getStrides(),
                    op.getPads(),
                    op.getDilations(),
                    op.getLayout()};
  if (failed(attrs.verify()))
    return failure();
  int64_t channels = input[channelDim(op.getLayout(), input.size())];
  int64_t groups = op.getGroups();
  if (groups < 1 || channels != weights[1] * groups) // conv_c5
    return emitOptionalError(loc, "(C5) input has ", channels,
                             " channels, weights take ", weights[1],
                             " in each of ", groups, " groups");
  if (weights[0] % groups != 0) // conv_c6
    return emitOptionalError(loc, "(C6) ", weights[0],
                             " filters are not a multiple of ", groups,
                             " groups");
  SmallVector<int64_t> shape;
  if (failed(attrs.resultShape(weights[0], shape)))
    return failure();
  Type element = epilogueElementType(op.getEpilogue(),
                                     accumulatorType(elementOf(op.getInput())));
  types.push_back(RankedTensorType::get(shape, element));
  return success();
}

LogicalResult ConvOp::verify() {
  // Inference, which runs later, reports what is wrong with the ranks (C1).
  if (shapeOf(getWeights()).empty())
    return success();
  int64_t filters = shapeOf(getWeights())[0];
  if (getBias() && (shapeOf(getBias()).size() != 1 ||
                    shapeOf(getBias())[0] != filters)) // conv_c7
    return emitOpError() << "(C7) bias is " << getBias().getType() << ", ["
                         << filters << "] is required";
  if (failed(verifyIntegerProduct(*this, getInput(), getWeights(), getBias(),
                                  getInputZeroPoint().has_value(),
                                  "C9"))) // conv_c9
    return failure();
  return verifyEpilogue(*this, getEpilogueOperands(), getEpilogue(), filters,
                        "C8");
}

//===----------------------------------------------------------------------===//
// nn.pool
//===----------------------------------------------------------------------===//

LogicalResult PoolOp::inferReturnTypes(MLIRContext *,
                                       std::optional<Location> loc, Adaptor op,
                                       SmallVectorImpl<Type> &types) {
  ArrayRef<int64_t> input = shapeOf(op.getInput());
  WindowAttrs attrs{loc,
                    input,
                    op.getKernel(),
                    op.getStrides(),
                    op.getPads(),
                    op.getDilations(),
                    op.getLayout(),
                    op.getCeilMode()};
  if (failed(attrs.verify()))
    return failure();
  SmallVector<int64_t> shape;
  if (failed(attrs.resultShape(input[channelDim(op.getLayout(), input.size())],
                               shape)))
    return failure();
  types.push_back(RankedTensorType::get(shape, elementOf(op.getInput())));
  return success();
}

LogicalResult PoolOp::verify() {
  // Inference, which runs later, reports attributes of other lengths (C2, C3,
  // C5).
  size_t spatial = getKernel().size();
  if (getDilations().size() != spatial || getPads().size() != 2 * spatial)
    return success();
  if (failed(notAtLeast(getLoc(), "C5", "kernel", getKernel(), 1))) // pool_c5
    return failure();
  for (size_t i = 0, rank = getKernel().size(); i < rank; ++i) {
    int64_t span = getDilations()[i] * (getKernel()[i] - 1) + 1;
    int64_t pad = std::max(getPads()[i], getPads()[rank + i]);
    if (pad >= span) // pool_c6
      return emitOpError() << "(C6) pad " << pad
                           << " is not less than the dilated kernel " << span;
  }
  return success();
}

//===----------------------------------------------------------------------===//
// nn.batch_norm
//===----------------------------------------------------------------------===//

LogicalResult BatchNormOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location>, Adaptor op,
                                            SmallVectorImpl<Type> &types) {
  types.push_back(op.getInput().getType());
  return success();
}

LogicalResult BatchNormOp::verify() {
  ArrayRef<int64_t> input = shapeOf(getInput());
  int64_t channels =
      input.size() < 2 ? 1 : input[channelDim(getLayout(), input.size())];
  for (Value v : {getScale(), getOffset(), getMean(), getVariance()})
    if (shapeOf(v) != ArrayRef<int64_t>(channels)) // batch_norm_c2
      return emitOpError() << "(C2) statistic is " << v.getType() << ", ["
                           << channels << "] is required";
  return success();
}

void NNDialect::addSpatialOps() {
  addOperations<
#define GET_OP_LIST
#include "NN/IR/NNSpatial.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "NN/IR/NNSpatial.cpp.inc"
