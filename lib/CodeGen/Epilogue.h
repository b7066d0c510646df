//===- Epilogue.h - a kernel op's epilogue on vectors -----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen. Applies an epilogue region to vectors of accumulators
// and stores them. Create it before the loops: rank-0 operands and values from
// outside the region are broadcast there.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_EPILOGUE_H
#define MLC_CODEGEN_EPILOGUE_H

#include "CodeGen/Emitter.h"

namespace mlc {

class Epilogue {
public:
  /// Fails if an operand's layout does.
  static mlir::FailureOr<Epilogue> create(Emitter &e, mlir::Region &region,
                                          ValueRange operands, const View &out);

  /// Whether operands of the out's shape are contiguous like `out` in the dims
  /// from `first` to `last`.
  bool isContiguous(unsigned first, unsigned last) const;

  /// Stores `lanes` channels from `channel` on, which are the first lanes of
  /// `accumulators`, at `position` of the out (all dims but the last).
  void store(Emitter &e, Value accumulators, ValueRange position, Value channel,
             int64_t lanes) const;

private:
  struct Operand {
    View view;
    /// Of rank-0 operands.
    Value scalar;
  };
  Value apply(Emitter &e, Value accumulators, ValueRange position,
              Value channel, int64_t lanes) const;

  mlir::Region *region = nullptr;
  View out;
  llvm::SmallVector<Operand> operands;
};

} // namespace mlc

#endif // MLC_CODEGEN_EPILOGUE_H
