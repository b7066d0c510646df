//===- OperandLayout.cpp - how an operand lies in memory ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Schedule/OperandLayout.h"

#include "Kernel/IR/Kernel.h"
#include <algorithm>

using namespace mlir;
using namespace mlc;

FailureOr<OperandLayout> OperandLayout::get(Value memref) {
  auto type = dyn_cast<MemRefType>(memref.getType());
  if (!type || !type.hasStaticShape())
    return failure();
  OperandLayout result{type.getElementType(), {}, {}};
  result.sizes.assign(type.getShape().begin(), type.getShape().end());
  int64_t offset;
  if (failed(type.getStridesAndOffset(result.strides, offset)) ||
      llvm::any_of(result.strides, ShapedType::isDynamic))
    return failure();
  if (type.getRank() && result.strides.back() != 1 && result.sizes.back() != 1)
    return failure();
  return result;
}

bool OperandLayout::isContiguous(unsigned first, unsigned last) const {
  int64_t stride = strides[last] * sizes[last];
  for (unsigned i = last; i-- > first; stride *= sizes[i])
    if (sizes[i] != 1 && strides[i] != stride)
      return false;
  return true;
}

int64_t OperandLayout::bytes() const {
  int64_t elements = 1;
  for (int64_t size : sizes)
    elements *= size;
  return elements * kernel::elementBytes(element);
}

int64_t OperandLayout::spanBytes() const {
  return sizes[0] * strides[0] * kernel::elementBytes(element);
}

int64_t OperandLayout::lineElements() const {
  constexpr int64_t lineBits = 64 * 8;
  return lineBits / element.getIntOrFloatBitWidth();
}

void OperandLayout::makeChannelsLast() {
  for (auto *dims : {&sizes, &strides})
    std::rotate(dims->begin() + 1, dims->begin() + 2, dims->end());
  if (sizes.back() == 1)
    strides.back() = 1;
}
