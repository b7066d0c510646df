//===- ConvOperands.h - the operands of all convolutions --------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_CONVOPERANDS_H
#define MLC_CODEGEN_CONVOPERANDS_H

#include "CodeGen/Epilogue.h"

namespace mlc {

/// Input, weights and out of a convolution, and its epilogue.
struct ConvOperands {
  View in, weights, out;
  Epilogue epilogue;

  /// Fails if an operand's layout does.
  template <typename OpT>
  static mlir::FailureOr<ConvOperands> create(Emitter &e, OpT op,
                                              bool inputUnsigned = false,
                                              bool weightsUnsigned = false) {
    mlir::FailureOr<View> in = e.view(op.getInput(), inputUnsigned);
    mlir::FailureOr<View> weights = e.view(op.getWeights(), weightsUnsigned);
    mlir::FailureOr<View> out = e.view(op.getInit());
    if (failed(in) || failed(weights) || failed(out))
      return mlir::failure();
    mlir::FailureOr<Epilogue> epilogue = Epilogue::create(e, op, *out);
    if (failed(epilogue))
      return mlir::failure();
    return ConvOperands{*in, *weights, *out, *epilogue};
  }
};

} // namespace mlc

#endif // MLC_CODEGEN_CONVOPERANDS_H
