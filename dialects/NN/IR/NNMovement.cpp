//===- NNMovement.cpp - Data movement -------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::nn;

/// The multi-index of a linear, row-major position.
static SmallVector<int64_t> delinearize(int64_t linear,
                                        ArrayRef<int64_t> strides) {
  SmallVector<int64_t> index;
  for (int64_t stride : strides) {
    index.push_back(linear / stride);
    linear %= stride;
  }
  return index;
}

//===----------------------------------------------------------------------===//
// nn.reshape
//===----------------------------------------------------------------------===//

LogicalResult ReshapeOp::verify() {
  if (getInput().getType().getNumElements() !=
      getType().getNumElements()) // reshape_c1
    return emitOpError() << "(C1) reshapes "
                         << getInput().getType().getNumElements()
                         << " elements to " << getType().getNumElements();
  return success();
}

OpFoldResult ReshapeOp::fold(FoldAdaptor adaptor) {
  if (getInput().getType() == getType())
    return getInput();
  if (auto value = dyn_cast_if_present<ElementsAttr>(adaptor.getInput())) {
    if (auto dense = dyn_cast<DenseElementsAttr>(value))
      return dense.reshape(getType());
    if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
      return DenseResourceElementsAttr::get(getType(), resource.getRawHandle());
  }
  return {};
}

namespace {
/// reshape(reshape(x)) is one reshape.
struct MergeReshapes : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    auto inner = op.getInput().getDefiningOp<ReshapeOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "input is not a reshape");
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getType(), inner.getInput());
    return success();
  }
};

/// transpose(transpose(x)) is one transpose.
struct MergeTransposes : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto inner = op.getInput().getDefiningOp<TransposeOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "input is not a transpose");
    SmallVector<int64_t> permutation;
    for (int64_t i : op.getPermutation())
      permutation.push_back(inner.getPermutation()[i]);
    rewriter.replaceOpWithNewOp<TransposeOp>(op, inner.getInput(), permutation);
    return success();
  }
};

/// A transpose that moves only dimensions of size 1 is a reshape, which is
/// free.
struct TransposeToReshape : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TransposeOp op,
                                PatternRewriter &rewriter) const override {
    int64_t last = -1;
    for (int64_t i : op.getPermutation()) {
      if (shapeOf(op.getInput())[i] == 1)
        continue;
      if (i < last)
        return rewriter.notifyMatchFailure(op,
                                           "moves a dimension larger than 1");
      last = i;
    }
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getType(), op.getInput());
    return success();
  }
};
} // namespace

void ReshapeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                            MLIRContext *context) {
  patterns.add<MergeReshapes>(context);
}

//===----------------------------------------------------------------------===//
// nn.transpose
//===----------------------------------------------------------------------===//

LogicalResult TransposeOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location> loc,
                                            Adaptor op,
                                            SmallVectorImpl<Type> &types) {
  ArrayRef<int64_t> input = shapeOf(op.getInput()),
                    permutation = op.getPermutation();
  SmallVector<int64_t> sorted(permutation);
  llvm::sort(sorted);
  if (!llvm::equal(sorted, llvm::seq<int64_t>(0, input.size()))) // transpose_c1
    return emitOptionalError(loc, "(C1) permutation is not one of [0, ",
                             input.size(), ")");
  SmallVector<int64_t> shape;
  for (int64_t i : permutation)
    shape.push_back(input[i]);
  types.push_back(RankedTensorType::get(shape, elementOf(op.getInput())));
  return success();
}

OpFoldResult TransposeOp::fold(FoldAdaptor adaptor) {
  if (llvm::equal(getPermutation(),
                  llvm::seq<int64_t>(0, getPermutation().size())))
    return getInput();
  auto value = dyn_cast_if_present<ElementsAttr>(adaptor.getInput());
  if (!value)
    return {};
  SmallVector<int64_t> to = rowMajorStrides(getType().getShape());
  SmallVector<int64_t> from = rowMajorStrides(shapeOf(getInput()));
  return foldByIndex(value, getType(), [&](int64_t linear) {
    int64_t offset = 0;
    for (auto [d, i] : llvm::enumerate(delinearize(linear, to)))
      offset += i * from[getPermutation()[d]];
    return offset;
  });
}

void TransposeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                              MLIRContext *context) {
  patterns.add<MergeTransposes, TransposeToReshape>(context);
}

//===----------------------------------------------------------------------===//
// nn.concat
//===----------------------------------------------------------------------===//

LogicalResult ConcatOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor op,
                                         SmallVectorImpl<Type> &types) {
  if (op.getInputs().empty())
    return emitOptionalError(loc, "has no inputs, at least one is required");
  SmallVector<int64_t> shape(shapeOf(op.getInputs()[0]));
  int64_t axis = op.getAxis(), rank = shape.size();
  if (axis < 0 || axis >= rank) // concat_c1
    return emitOptionalError(loc, "(C1) axis is ", axis, ", one in [0, ", rank,
                             ") is required");
  shape[axis] = 0;
  for (Value input : op.getInputs()) {
    if (elementOf(input) != elementOf(op.getInputs()[0])) // concat_c2
      return emitOptionalError(loc, "(C2) joins element types ",
                               elementOf(op.getInputs()[0]), " and ",
                               elementOf(input));
    ArrayRef<int64_t> own = shapeOf(input);
    bool agrees = own.size() == shape.size();
    for (int64_t d = 0; agrees && d < rank; ++d)
      agrees = d == axis || own[d] == shape[d];
    if (!agrees) // concat_c3
      return emitOptionalError(loc, "(C3) joins ", op.getInputs()[0].getType(),
                               " and ", input.getType(), " along axis ", axis);
    shape[axis] += own[axis];
  }
  types.push_back(RankedTensorType::get(shape, elementOf(op.getInputs()[0])));
  return success();
}

OpFoldResult ConcatOp::fold(FoldAdaptor adaptor) {
  if (getInputs().size() == 1)
    return getInputs()[0];
  // Without elements, the outer dimensions can still be any number of them.
  if (getType().getNumElements() == 0)
    return {};
  // The same constant may come many times.
  int64_t added = getType().getNumElements();
  for (Attribute input : llvm::SetVector<Attribute>(adaptor.getInputs().begin(),
                                                    adaptor.getInputs().end()))
    if (auto value = dyn_cast_if_present<ElementsAttr>(input))
      added -= value.getNumElements();
  if (added > kMaxGrownBytes / bytesPerElement(getType().getElementType()))
    return {};
  int64_t outer = 1;
  for (int64_t d = 0; d < static_cast<int64_t>(getAxis()); ++d)
    outer *= getType().getDimSize(d);
  SmallVector<SmallVector<char>> parts;
  for (Attribute input : adaptor.getInputs()) {
    auto value = dyn_cast_if_present<ElementsAttr>(input);
    std::optional<SmallVector<char>> bytes;
    if (!value || !(bytes = constantBytes(value)))
      return {};
    parts.push_back(std::move(*bytes));
  }
  SmallVector<char> joined;
  for (int64_t i = 0; i < outer; ++i)
    for (const SmallVector<char> &part : parts) {
      size_t size = part.size() / outer;
      joined.append(part.begin() + i * size, part.begin() + (i + 1) * size);
    }
  return makeConstant(getType(), joined);
}

//===----------------------------------------------------------------------===//
// nn.slice
//===----------------------------------------------------------------------===//

LogicalResult SliceOp::inferReturnTypes(MLIRContext *,
                                        std::optional<Location> loc, Adaptor op,
                                        SmallVectorImpl<Type> &types) {
  ArrayRef<int64_t> input = shapeOf(op.getInput());
  if (op.getStarts().size() != input.size() ||
      op.getSizes().size() != input.size() ||
      op.getSteps().size() != input.size()) // slice_c1
    return emitOptionalError(loc, "(C1) has ", op.getStarts().size(),
                             " starts, ", op.getSizes().size(), " sizes and ",
                             op.getSteps().size(), " steps, ", input.size(),
                             " of each are required");
  for (size_t d = 0; d < input.size(); ++d) {
    int64_t start = op.getStarts()[d], size = op.getSizes()[d],
            step = op.getSteps()[d];
    if (step == 0) // slice_c2
      return emitOptionalError(loc, "(C2) step of dimension ", d, " is 0");
    int64_t last = start + (size - 1) * step;
    bool inside = size >= 0 && (size == 0 || (start >= 0 && start < input[d] &&
                                              last >= 0 && last < input[d]));
    if (!inside) // slice_c3
      return emitOptionalError(loc, "(C3) elements ", start, " to ", last,
                               " of dimension ", d, " are outside its size ",
                               input[d]);
  }
  types.push_back(
      RankedTensorType::get(op.getSizes(), elementOf(op.getInput())));
  return success();
}

OpFoldResult SliceOp::fold(FoldAdaptor adaptor) {
  bool isWhole =
      getInput().getType() == getType() &&
      llvm::all_of(getSteps(), [](int64_t step) { return step == 1; });
  if (isWhole)
    return getInput();
  auto value = dyn_cast_if_present<ElementsAttr>(adaptor.getInput());
  if (!value)
    return {};
  if (getType().getNumElements() == 0)
    return makeConstant(getType(), {});
  SmallVector<int64_t> to = rowMajorStrides(getType().getShape());
  SmallVector<int64_t> from = rowMajorStrides(shapeOf(getInput()));
  return foldByIndex(value, getType(), [&](int64_t linear) {
    int64_t offset = 0;
    for (auto [d, i] : llvm::enumerate(delinearize(linear, to)))
      offset += (getStarts()[d] + i * getSteps()[d]) * from[d];
    return offset;
  });
}

//===----------------------------------------------------------------------===//
// nn.pad
//===----------------------------------------------------------------------===//

LogicalResult PadOp::inferReturnTypes(MLIRContext *,
                                      std::optional<Location> loc, Adaptor op,
                                      SmallVectorImpl<Type> &types) {
  ArrayRef<int64_t> input = shapeOf(op.getInput()), pads = op.getPads();
  if (pads.size() != 2 * input.size()) // pad_c1
    return emitOptionalError(loc, "(C1) has ", pads.size(), " pads, ",
                             2 * input.size(), " are required");
  SmallVector<int64_t> shape;
  for (size_t d = 0; d < input.size(); ++d) {
    shape.push_back(input[d] + pads[d] + pads[input.size() + d]);
    if (shape.back() < 0) // pad_c2
      return emitOptionalError(loc, "(C2) dimension ", d, " becomes ",
                               shape.back());
  }
  types.push_back(RankedTensorType::get(shape, elementOf(op.getInput())));
  return success();
}

LogicalResult PadOp::verify() {
  bool isConstant = getMode() == PadMode::constant;
  if (isConstant != static_cast<bool>(getValue())) // pad_c3
    return emitOpError()
           << "(C3) a value goes with constant mode, and only with it";
  if (getValue() && (!shapeOf(getValue()).empty() ||
                     elementOf(getValue()) != elementOf(getInput()))) // pad_c3
    return emitOpError() << "(C3) value is " << getValue().getType()
                         << ", rank 0 of " << elementOf(getInput())
                         << " is required";
  size_t rank = shapeOf(getInput()).size();
  // Inference, which runs later, reports pads of another length (C1).
  if (getPads().size() != 2 * rank)
    return success();
  for (size_t i = 0; getMode() == PadMode::reflect && i < 2 * rank; ++i)
    if (getPads()[i] >= shapeOf(getInput())[i % rank]) // pad_c4
      return emitOpError() << "(C4) reflects " << getPads()[i]
                           << " elements of dimension " << i % rank
                           << " of size " << shapeOf(getInput())[i % rank];
  for (size_t i = 0; !isConstant && i < 2 * rank; ++i)
    if (getPads()[i] > 0 && shapeOf(getInput())[i % rank] == 0) // pad_c4
      return emitOpError() << "(C4) repeats " << getPads()[i]
                           << " elements of dimension " << i % rank
                           << ", which has none";
  return success();
}

//===----------------------------------------------------------------------===//
// nn.broadcast
//===----------------------------------------------------------------------===//

LogicalResult BroadcastOp::verify() {
  FailureOr<SmallVector<int64_t>> joint =
      broadcastShapes(shapeOf(getInput()), getType().getShape());
  if (failed(joint) ||
      ArrayRef<int64_t>(*joint) != getType().getShape()) // broadcast_c1
    return emitOpError() << "(C1) " << getInput().getType()
                         << " does not broadcast to " << getType();
  return success();
}

OpFoldResult BroadcastOp::fold(FoldAdaptor adaptor) {
  if (getInput().getType() == getType())
    return getInput();
  auto value = dyn_cast_if_present<ElementsAttr>(adaptor.getInput());
  if (!value || getType().getNumElements() > kMaxInterpretedElements)
    return {};
  ArrayRef<int64_t> own = shapeOf(getInput());
  size_t lead = getType().getRank() - own.size();
  SmallVector<int64_t> to = rowMajorStrides(getType().getShape()),
                       from = rowMajorStrides(own);
  return foldByIndex(value, getType(), [&](int64_t linear) {
    int64_t offset = 0;
    for (auto [d, i] : llvm::enumerate(delinearize(linear, to)))
      if (d >= lead && own[d - lead] != 1)
        offset += i * from[d - lead];
    return offset;
  });
}

//===----------------------------------------------------------------------===//
// nn.gather
//===----------------------------------------------------------------------===//

LogicalResult GatherOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor op,
                                         SmallVectorImpl<Type> &types) {
  ArrayRef<int64_t> input = shapeOf(op.getInput());
  int64_t axis = op.getAxis(), rank = input.size();
  if (axis < 0 || axis >= rank) // gather_c1
    return emitOptionalError(loc, "(C1) axis is ", axis, ", one in [0, ", rank,
                             ") is required");
  SmallVector<int64_t> shape(input.take_front(axis));
  llvm::append_range(shape, shapeOf(op.getIndices()));
  llvm::append_range(shape, input.drop_front(axis + 1));
  types.push_back(RankedTensorType::get(shape, elementOf(op.getInput())));
  return success();
}

LogicalResult GatherOp::verify() {
  // Inference, which runs later, reports another axis (C1).
  int64_t rank = shapeOf(getInput()).size(), axis = getAxis();
  if (axis < 0 || axis >= rank)
    return success();
  int64_t size = shapeOf(getInput())[axis];
  if (auto i = constantOutside(getIndices(), -size, size)) // gather_c2
    return emitOpError() << "(C2) index " << *i << " is outside of axis "
                         << axis << " of size " << size << ", one in [" << -size
                         << ", " << size << ") is required";
  return success();
}

OpFoldResult GatherOp::fold(FoldAdaptor adaptor) {
  auto value = dyn_cast_if_present<ElementsAttr>(adaptor.getInput());
  std::optional<SmallVector<int64_t>> indices =
      constantIntegers(adaptor.getIndices());
  if (!value || !indices || getType().getNumElements() == 0)
    return {};
  ArrayRef<int64_t> input = shapeOf(getInput());
  int64_t axis = getAxis(), size = input[axis];
  for (int64_t &i : *indices) {
    i += i < 0 ? size : 0;
    if (i < 0 || i >= size)
      return {};
  }
  int64_t inner = rowMajorStrides(input)[axis], count = indices->size();
  return foldByIndex(value, getType(), [&](int64_t linear) {
    int64_t tail = linear % inner, position = linear / inner;
    return (position / count * size + (*indices)[position % count]) * inner +
           tail;
  });
}

void NNDialect::addMovementOps() {
  addOperations<
#define GET_OP_LIST
#include "NN/IR/NNMovement.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "NN/IR/NNMovement.cpp.inc"
