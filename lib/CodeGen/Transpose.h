//===- Transpose.h - square matrices in registers ---------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_TRANSPOSE_H
#define MLC_CODEGEN_TRANSPOSE_H

#include "CodeGen/Emitter.h"

namespace mlc {

/// As many vectors as each has lanes, a power of two, of elements of 32 bits:
/// lane i of vector k becomes lane k of vector i. By shuffles within 128 bits,
/// then of 128 bits, each of which is one instruction.
Values transposeSquare(Emitter &e, ValueRange rows);

} // namespace mlc

#endif // MLC_CODEGEN_TRANSPOSE_H
