//===- Cost.h - What a kernel op costs --------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef KERNEL_IR_COST_H
#define KERNEL_IR_COST_H

#include "mlir/IR/Value.h"
#include <string>

namespace mlir {
namespace kernel {

struct KernelCost {
  /// What its inner loops compute in: "f32"; "" where nothing is computed.
  std::string element;
  /// "3x3/2 112x112x32 -> 56x56x64"; shapes without leading ones.
  std::string detail;
  /// Arithmetic operations of one execution, two per multiply-accumulate. What
  /// falls into padding counts for neither, nor do epilogues.
  uint64_t operations = 0;
  /// The same with padding: the definition's own count.
  uint64_t nominal = 0;
  /// Those of `operations` that are multiply-accumulates, two operations each.
  uint64_t macs = 0;
};

/// "f32", as MLIR prints it.
std::string typeText(Type type);
/// "56x56x64", without leading ones.
std::string shapeText(Value value);
/// "112x112x32 -> 56x56x64".
std::string flowText(Value from, Value to);

} // namespace kernel
} // namespace mlir

#endif // KERNEL_IR_COST_H
