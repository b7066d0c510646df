//===- OperandLayout.h - how an operand lies in memory ----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SCHEDULE_OPERANDLAYOUT_H
#define MLC_SCHEDULE_OPERANDLAYOUT_H

#include "mlir/IR/BuiltinTypes.h"

namespace mlc {

/// Sizes and strides of a memref, in elements.
struct OperandLayout {
  mlir::Type element;
  llvm::SmallVector<int64_t> sizes, strides;

  /// Fails unless both are static and the innermost stride is 1.
  static mlir::FailureOr<OperandLayout> get(mlir::Value memref);

  /// Whether the dims from `first` to `last` are as one: their strides nest.
  bool isContiguous(unsigned first, unsigned last) const;
  /// Bytes of all elements.
  int64_t bytes() const;
  /// Bytes from the first to the last, gaps included. Requires a rank of 1 or
  /// more.
  int64_t spanBytes() const;
  /// Of a cache line.
  int64_t lineElements() const;
  /// [N, C, H, W] as [N, H, W, C]: the channels' stride is not 1.
  void makeChannelsLast();
};

} // namespace mlc

#endif // MLC_SCHEDULE_OPERANDLAYOUT_H
