//===- Box.cpp - which elements a strided view covers ---------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/Box.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;

namespace mlc {

std::optional<Box> makeBox(Value memref) {
  auto type = dyn_cast<MemRefType>(memref.getType());
  if (!type)
    return std::nullopt;
  std::optional<SmallVector<int64_t>> strides = staticStrides(type);
  int64_t bytes = elementBytes(type.getElementType());
  if (!strides || !bytes)
    return std::nullopt;
  ScopedDiagnosticHandler silence(memref.getContext(),
                                  [](Diagnostic &) { return success(); });
  FailureOr<Address> address = resolveAddress(memref);
  if (failed(address))
    return std::nullopt;
  Box box{*address, {}, bytes, type.getNumElements() == 0};
  for (auto [size, stride] : llvm::zip_equal(type.getShape(), *strides))
    if (size > 1)
      box.dims.push_back({size, stride * bytes});
  return box;
}

int64_t Box::end() const {
  int64_t end = address.offset + elementBytes;
  for (const Dim &dim : dims)
    end += (dim.size - 1) * dim.stride;
  return end;
}

/// The first index and the count of `box` along a dimension of `stride` bytes.
/// `rest` is the offset that larger strides have left over.
static std::pair<int64_t, int64_t> along(const Box &box, int64_t stride,
                                         int64_t &rest) {
  int64_t start = rest / stride, size = 1;
  rest %= stride;
  for (const Box::Dim &dim : box.dims)
    if (dim.stride == stride)
      size = std::max(size, dim.size);
  return {start, size};
}

/// In a common system of strides, each a multiple of the next, every byte has
/// one set of indices, so that boxes are disjoint if they are in one dimension.
/// That holds while no index runs over into the next larger stride.
static bool disjointAlongSomeDim(const Box &a, const Box &b) {
  SmallVector<int64_t> strides = {a.elementBytes};
  for (const Box *box : {&a, &b})
    for (const Box::Dim &dim : box->dims) {
      if (dim.stride <= 0)
        return false;
      strides.push_back(dim.stride);
    }
  llvm::sort(strides, std::greater<int64_t>());
  strides.erase(std::unique(strides.begin(), strides.end()), strides.end());
  int64_t restA = a.address.offset, restB = b.address.offset;
  bool disjoint = false;
  for (auto [i, stride] : llvm::enumerate(strides)) {
    auto [startA, sizeA] = along(a, stride, restA);
    auto [startB, sizeB] = along(b, stride, restB);
    if (i > 0 &&
        (strides[i - 1] % stride != 0 ||
         (std::max(startA + sizeA, startB + sizeB)) * stride > strides[i - 1]))
      return false;
    disjoint |= startA + sizeA <= startB || startB + sizeB <= startA;
  }
  return disjoint && a.elementBytes == b.elementBytes;
}

bool mayOverlap(const Box &a, const Box &b) {
  if (a.address.root != b.address.root || a.empty || b.empty)
    return a.address.root == b.address.root && !a.empty && !b.empty;
  if (!a.address.isStatic() || !b.address.isStatic())
    return true;
  if (a.end() <= b.address.offset || b.end() <= a.address.offset)
    return false;
  return !disjointAlongSomeDim(a, b);
}

} // namespace mlc
