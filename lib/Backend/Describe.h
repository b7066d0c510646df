//===- Describe.h - what an operation costs, in words -----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a report says of one compute operation on memrefs of static shapes.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_BACKEND_DESCRIBE_H
#define MLC_BACKEND_DESCRIBE_H

#include "mlir/IR/Operation.h"
#include <string>

namespace mlc {

struct OperationCost {
  /// What its inner loops compute in: "f32"; "" where nothing is computed.
  std::string element;
  /// "3x3/2 112x112x32 -> 56x56x64"; shapes without leading ones.
  std::string detail;
  /// Arithmetic operations of one execution, two a multiply-accumulate. What
  /// falls into padding counts for neither, nor do epilogues.
  uint64_t operations = 0;
  /// The same with padding: the definition's own count.
  uint64_t nominal = 0;
};

OperationCost costOf(mlir::Operation *op);

} // namespace mlc

#endif // MLC_BACKEND_DESCRIBE_H
