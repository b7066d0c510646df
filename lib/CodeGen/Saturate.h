//===- Saturate.h - numbers to bytes that saturate --------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen. Epilogues of quantised kernels end in a number that
// is limited, rounded and stored as a byte, each step spelt out
// (NN/IR/QuantArithmetic.h). x86 rounds in one instruction, and its packs limit
// on the way: of four vectors of i32 three packs make one of bytes.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_SATURATE_H
#define MLC_CODEGEN_SATURATE_H

#include "CodeGen/Emitter.h"
#include "llvm/ADT/SmallPtrSet.h"

namespace mlc {

/// rint(number) limited to [low, high], plus the zero point, as a byte.
class Saturation {
public:
  /// What the block of an epilogue ends in; nullopt where that is something
  /// else or the CPU has no such packs.
  static std::optional<Saturation> match(mlir::Block &epilogue,
                                         const TargetInfo &target);

  /// Vectors that are packed into one.
  static constexpr unsigned atOnce = 4;

  /// The f32 that is stored, a value of the epilogue.
  Value number() const { return value; }
  /// Whether `op` is a step from the number to the byte.
  bool includes(mlir::Operation *op) const { return steps.contains(op); }

  /// The bytes of `numbers`, a power of two vectors of `lanes` as one; `lanes`
  /// are those of a register of i32.
  Value emit(Emitter &e, Value numbers, int64_t lanes) const;

private:
  bool matchLimits(Value limited);
  Value pack(Emitter &e, ValueRange numbers) const;
  Value round(Emitter &e, Value numbers) const;

  Value value;
  llvm::SmallPtrSet<mlir::Operation *, 16> steps;
  double low = 0, high = 0;
  int64_t zeroPoint = 0;
  bool isUnsigned = false;
};

} // namespace mlc

#endif // MLC_CODEGEN_SATURATE_H
