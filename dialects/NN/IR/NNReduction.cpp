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

/// Wraps around, as the code does.
static int64_t reduceTwo(ReduceKind kind, int64_t a, int64_t b) {
  return static_cast<int64_t>(kind == ReduceKind::sum
                                  ? uint64_t(a) + uint64_t(b)
                                  : uint64_t(a) * uint64_t(b));
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

/// Whether `value` takes the place of `best`; a NaN does, and keeps it.
template <typename T>
static bool isBeyond(ReduceKind kind, T value, T best) {
  if (best != best)
    return false;
  return value != value ||
         (kind == ReduceKind::max ? value > best : value < best);
}

/// For each element of the result the one that it is; nullopt where one is of
/// nothing.
template <typename T>
static std::optional<SmallVector<int64_t>> findExtremes(ReduceOp op,
                                                        ArrayRef<T> values) {
  SmallVector<int64_t> found(op.getType().getNumElements(), -1);
  for (auto [i, value] : llvm::enumerate(values)) {
    int64_t &best =
        found[reducedIndex(i, shapeOf(op.getInput()), op.getAxes())];
    if (best < 0 || isBeyond(op.getKind(), value, values[best]))
      best = i;
  }
  if (llvm::is_contained(found, -1))
    return std::nullopt;
  return found;
}

/// A largest or least element, which is one of the input's.
static OpFoldResult foldExtremes(ReduceOp op, Attribute input) {
  std::optional<SmallVector<int64_t>> found;
  if (std::optional<SmallVector<int64_t>> integers = constantIntegers(input))
    found = findExtremes<int64_t>(op, *integers);
  else if (std::optional<SmallVector<double>> floats = constantDoubles(input))
    found = findExtremes<double>(op, *floats);
  if (!found)
    return {};
  return foldByIndex(cast<ElementsAttr>(input), op.getType(),
                     [&](int64_t linear) { return (*found)[linear]; });
}

static OpFoldResult foldIntegers(ReduceOp op, Attribute input) {
  std::optional<SmallVector<int64_t>> values = constantIntegers(input);
  if (!values)
    return {};
  SmallVector<std::optional<int64_t>> reduced(op.getType().getNumElements());
  for (auto [i, value] : llvm::enumerate(*values)) {
    std::optional<int64_t> &to =
        reduced[reducedIndex(i, shapeOf(op.getInput()), op.getAxes())];
    to = to ? reduceTwo(op.getKind(), *to, value) : value;
  }
  int64_t size = bytesPerElement(elementOf(op.getInput()));
  SmallVector<char> bytes(reduced.size() * size);
  for (auto [i, value] : llvm::enumerate(reduced)) {
    if (!value) // a reduction over nothing
      return {};
    std::memcpy(bytes.data() + i * size, &*value, size);
  }
  return makeConstant(op.getType(), bytes);
}

/// What shape arithmetic is made of: signed integers, and the largest or least
/// of floats, which exporters take of sizes.
OpFoldResult ReduceOp::fold(FoldAdaptor adaptor) {
  if (getInput().getType().getNumElements() > kMaxInterpretedElements ||
      getType().getNumElements() > kMaxInterpretedElements)
    return {};
  auto element = dyn_cast<IntegerType>(elementOf(getInput()));
  if (element && (element.isUnsigned() || element.getWidth() == 1))
    return {};
  if (getKind() == ReduceKind::max || getKind() == ReduceKind::min)
    return foldExtremes(*this, adaptor.getInput());
  if (element &&
      (getKind() == ReduceKind::sum || getKind() == ReduceKind::prod))
    return foldIntegers(*this, adaptor.getInput());
  return {};
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
