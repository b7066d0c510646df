//===- SparseTable.h - numbers in the table of sparse weights ---*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_SPARSETABLE_H
#define MLC_CODEGEN_SPARSETABLE_H

#include "CodeGen/Emitter.h"

namespace mlc {

/// The number of `bytes` bytes, little-endian, at `at` of a list of bytes, as
/// an index.
Value loadNumber(Emitter &e, const View &table, Value at, int64_t bytes = 1);

} // namespace mlc

#endif // MLC_CODEGEN_SPARSETABLE_H
