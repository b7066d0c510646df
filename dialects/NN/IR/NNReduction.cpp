//===- NNReduction.cpp - Reductions and normalising functions -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/ConstantFold.h"
#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"

using namespace mlir;
using namespace mlir::nn;

static bool areAxes(ArrayRef<int64_t> axes, int64_t rank) {
  int64_t last = -1;
  for (int64_t axis : axes) {
    if (axis <= last || axis >= rank)
      return false;
    last = axis;
  }
  return true;
}

LogicalResult ReduceOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor op,
                                         SmallVectorImpl<Type> &types) {
  ArrayRef<int64_t> input = shapeOf(op.getInput());
  if (!areAxes(op.getAxes(), input.size())) // reduce_c1
    return emitOptionalError(loc,
                             "(C1) axes are not strictly increasing in [0, ",
                             input.size(), ")");
  SmallVector<int64_t> shape;
  for (auto [d, size] : llvm::enumerate(input)) {
    bool reduced = llvm::is_contained(op.getAxes(), static_cast<int64_t>(d));
    if (!reduced || op.getKeepdims())
      shape.push_back(reduced ? 1 : size);
  }
  types.push_back(RankedTensorType::get(shape, elementOf(op.getInput())));
  return success();
}

/// Kinds that shapes are made by.
static bool isIntegerKind(ReduceKind kind) {
  return kind == ReduceKind::sum || kind == ReduceKind::prod ||
         kind == ReduceKind::max || kind == ReduceKind::min;
}

/// Wraps around, as the code does.
static int64_t reduceTwo(ReduceKind kind, int64_t a, int64_t b) {
  if (kind == ReduceKind::sum)
    return static_cast<int64_t>(uint64_t(a) + uint64_t(b));
  if (kind == ReduceKind::prod)
    return static_cast<int64_t>(uint64_t(a) * uint64_t(b));
  return kind == ReduceKind::max ? std::max(a, b) : std::min(a, b);
}

/// The linear index of the element of the result that element `i` reduces to.
static int64_t reducedIndex(int64_t i, ArrayRef<int64_t> shape,
                            ArrayRef<int64_t> axes) {
  int64_t result = 0, stride = 1;
  for (int64_t d = shape.size() - 1; d >= 0; i /= shape[d--])
    if (!llvm::is_contained(axes, d)) {
      result += i % shape[d] * stride;
      stride *= shape[d];
    }
  return result;
}

/// Signed integers only: what shape arithmetic is made of.
OpFoldResult ReduceOp::fold(FoldAdaptor adaptor) {
  auto element = dyn_cast<IntegerType>(elementOf(getInput()));
  if (!isIntegerKind(getKind()) || !element || element.isUnsigned() ||
      element.getWidth() == 1 ||
      getInput().getType().getNumElements() > kMaxInterpretedElements ||
      getType().getNumElements() > kMaxInterpretedElements)
    return {};
  std::optional<SmallVector<int64_t>> values =
      constantIntegers(adaptor.getInput());
  if (!values)
    return {};
  SmallVector<std::optional<int64_t>> reduced(getType().getNumElements());
  for (auto [i, value] : llvm::enumerate(*values)) {
    std::optional<int64_t> &to =
        reduced[reducedIndex(i, shapeOf(getInput()), getAxes())];
    to = to ? reduceTwo(getKind(), *to, value) : value;
  }
  int64_t size = bytesPerElement(element);
  SmallVector<char> bytes(reduced.size() * size);
  for (auto [i, value] : llvm::enumerate(reduced)) {
    if (!value) // a reduction over nothing
      return {};
    std::memcpy(bytes.data() + i * size, &*value, size);
  }
  return makeConstant(getType(), bytes);
}

LogicalResult SoftmaxOp::inferReturnTypes(MLIRContext *,
                                          std::optional<Location>, Adaptor op,
                                          SmallVectorImpl<Type> &types) {
  types.push_back(op.getInput().getType());
  return success();
}

LogicalResult SoftmaxOp::verify() {
  int64_t rank = shapeOf(getInput()).size();
  if (static_cast<int64_t>(getAxis()) < 0 ||
      static_cast<int64_t>(getAxis()) >= rank) // softmax_c1
    return emitOpError() << "(C1) axis is " << getAxis() << ", one in [0, "
                         << rank << ") is required";
  return success();
}

void NNDialect::addReductionOps() {
  addOperations<
#define GET_OP_LIST
#include "NN/IR/NNReduction.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "NN/IR/NNReduction.cpp.inc"
