//===- ShapeInference.cpp - Result types of nn ops ------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/ShapeInference.h"

#include "NN/IR/ConstantFold.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::nn;

FailureOr<SmallVector<int64_t>> nn::broadcastShapes(ArrayRef<int64_t> a,
                                                    ArrayRef<int64_t> b) {
  size_t rank = std::max(a.size(), b.size());
  SmallVector<int64_t> result(rank, 1);
  for (size_t i = 0; i < rank; ++i) {
    int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1;
    int64_t y = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1)
      return failure();
    result[rank - 1 - i] = x == 1 ? y : x;
  }
  return result;
}

LogicalResult nn::inferElementwise(std::optional<Location> location,
                                   ValueRange operands, int typeFrom,
                                   SmallVectorImpl<Type> &types) {
  SmallVector<int64_t> shape;
  for (Value operand : operands) {
    auto type = dyn_cast<RankedTensorType>(operand.getType());
    if (!type || !type.hasStaticShape())
      return emitOptionalError(location, "operand has type ", operand.getType(),
                               ", a statically shaped tensor is required");
    FailureOr<SmallVector<int64_t>> joint =
        broadcastShapes(shape, type.getShape());
    if (failed(joint))
      return emitOptionalError(location, "operand shapes do not broadcast: ",
                               operands.front().getType(), " and ", type);
    shape = *joint;
  }
  Type element = typeFrom < 0 ? IntegerType::get(operands[0].getContext(), 1)
                              : elementOf(operands[typeFrom]);
  types.push_back(RankedTensorType::get(shape, element));
  return success();
}

static Type withoutSign(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  auto integer =
      tensor ? dyn_cast<IntegerType>(tensor.getElementType()) : IntegerType();
  return integer ? tensor.clone(
                       IntegerType::get(type.getContext(), integer.getWidth()))
                 : type;
}

bool nn::areSameButForSign(TypeRange a, TypeRange b) {
  return a.size() == b.size() && llvm::all_of(llvm::zip(a, b), [](auto pair) {
           return withoutSign(std::get<0>(pair)) ==
                  withoutSign(std::get<1>(pair));
         });
}

std::optional<int64_t> nn::constantOutside(Value indices, int64_t least,
                                           int64_t size) {
  ElementsAttr constant;
  if (!matchPattern(indices, m_Constant(&constant)) ||
      constant.getNumElements() == 0)
    return std::nullopt;
  // One of many equal ones stands for all.
  if (auto dense = dyn_cast<DenseElementsAttr>(constant);
      dense && dense.isSplat())
    constant =
        dense.resizeSplat(RankedTensorType::get({1}, dense.getElementType()));
  std::optional<SmallVector<int64_t>> values = constantIntegers(constant);
  if (!values)
    return std::nullopt;
  auto outside =
      llvm::find_if(*values, [&](int64_t i) { return i < least || i >= size; });
  return outside == values->end() ? std::nullopt : std::optional(*outside);
}
