//===- Box.h - which elements a strided view covers -------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Slices of one buffer interleave in memory (columns of a matrix) without
// sharing a byte: the ends of their byte ranges do not tell. Boxes do.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_BACKEND_BOX_H
#define MLC_BACKEND_BOX_H

#include "Backend/Address.h"

namespace mlc {

/// A view's elements: base + sum of stride * i for i below each dimension's
/// size, all in bytes.
struct Box {
  struct Dim {
    int64_t size, stride;
  };
  Address address;
  llvm::SmallVector<Dim> dims; ///< those with more than one element
  int64_t elementBytes;
  bool empty;

  /// Behind the last byte, counted from the root, where the address is static
  /// and no stride is negative.
  int64_t end() const;
};

/// None if address or strides are not understood; no error is reported.
std::optional<Box> makeBox(mlir::Value memref);

/// False only if no byte is in both.
bool mayOverlap(const Box &a, const Box &b);

} // namespace mlc

#endif // MLC_BACKEND_BOX_H
