//===- WinogradTransform.h - small matrices times vectors -------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen. One-dimensional transforms of Winograd's algorithms,
// lane by lane; two-dimensional ones are rows, then columns.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_WINOGRADTRANSFORM_H
#define MLC_CODEGEN_WINOGRADTRANSFORM_H

#include "CodeGen/Emitter.h"
#include "Kernel/IR/Winograd.h"

namespace mlc {

/// `matrix` times `values`, of which null ones are zero. Uses that rows, or
/// columns, of opposite points differ by signs only (WinogradTransforms).
Values transform(Emitter &e,
                 const mlir::kernel::WinogradTransforms::Matrix &matrix,
                 ValueRange values, Type type);

/// What `body` gives where 0 <= row < rows, else zeros; as many as `results`
/// has entries, all of `type`.
Values whereInside(Emitter &e, Value row, int64_t rows, size_t results,
                   Type type, llvm::function_ref<Values()> body);

} // namespace mlc

#endif // MLC_CODEGEN_WINOGRADTRANSFORM_H
