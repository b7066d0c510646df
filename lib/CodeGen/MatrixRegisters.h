//===- MatrixRegisters.h - the registers of a matrix unit -------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen. Intel AMX (Software Developer's Manual, volume 1,
// chapter 18) by its registers' numbers: what is in one is no value of the IR,
// and the instructions stay in the order in which they are emitted.
//
//   sums[m][n] += x[m][4k] * w[k][4n] + ... + x[m][4k + 3] * w[k][4n + 3]
//
// of bytes into i32; of bf16 by two into f32.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_MATRIXREGISTERS_H
#define MLC_CODEGEN_MATRIXREGISTERS_H

#include "CodeGen/Emitter.h"
#include "Kernel/IR/Kernel.h"

namespace mlc {

/// What a register is configured for.
struct MatrixShape {
  int64_t rows = 0, rowBytes = 0;
};

class MatrixRegisters {
public:
  using Shapes = std::array<MatrixShape, MatrixUnit::registers>;

  /// Memory for `configure`, in the function that holds `op`.
  static MatrixRegisters create(Emitter &e, mlir::Operation *op);

  /// Shapes all registers, and makes them zero.
  void configure(Emitter &e, const Shapes &shapes) const;
  /// Makes all of them unused: they need not be saved with the thread.
  void release(Emitter &e) const;

  void zero(Emitter &e, unsigned reg) const;
  /// Rows from the element `at` on, `stride` elements apart.
  void load(Emitter &e, unsigned reg, const View &from, Value at,
            int64_t stride) const;
  void store(Emitter &e, unsigned reg, const View &to, Value at,
             int64_t stride) const;
  /// `sums` += `x` by `w`, x being bytes, with a sign or none, or bf16.
  void multiplyAdd(Emitter &e, unsigned sums, unsigned x, unsigned w,
                   const View &of) const;

private:
  View shapesAt;
};

} // namespace mlc

#endif // MLC_CODEGEN_MATRIXREGISTERS_H
