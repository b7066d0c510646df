//===- SparseTable.cpp - numbers in the table of sparse weights -----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGen/SparseTable.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlc;

Value mlc::loadNumber(Emitter &e, const View &table, Value at, int64_t bytes) {
  Value number;
  for (int64_t i = 0; i < bytes; ++i) {
    Value byte =
        memref::LoadOp::create(e.builder, e.loc, table.flat, e.add(at, i));
    Value value = arith::IndexCastUIOp::create(e.builder, e.loc,
                                               e.builder.getIndexType(), byte);
    number = i ? e.add(number, e.mul(value, int64_t(1) << 8 * i)) : value;
  }
  return number;
}
