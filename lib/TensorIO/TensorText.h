//===- TensorText.h - Tensors written by hand -------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Values as people give them on a command line: numbers with commas between.
//
//   parseTensor("16000", ElementType::I64, {})
//   parseTensor("0.5,-1e-3,inf", ElementType::F32, {3})
//   parseTensor("true,0", ElementType::Bool, {1, 2})
//
//===----------------------------------------------------------------------===//

#ifndef MLC_TENSORIO_TENSORTEXT_H
#define MLC_TENSORIO_TENSORTEXT_H

#include "TensorIO/Tensor.h"

namespace mlc {

/// The tensor of this type and shape with the elements that `text` lists, in C
/// order. Errors: another number of elements, text that is no number of the
/// type, a number that the type does not hold.
llvm::Expected<Tensor> parseTensor(llvm::StringRef text, ElementType type,
                                   llvm::ArrayRef<int64_t> shape);

/// How many elements `text` lists.
int64_t countElements(llvm::StringRef text);

} // namespace mlc

#endif // MLC_TENSORIO_TENSORTEXT_H
