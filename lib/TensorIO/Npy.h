//===- Npy.h - NumPy's .npy files -------------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads and writes the .npy format: versions 1 to 3, either byte order, C and
// Fortran order, every integer and float type and bool. Nothing in a file is
// trusted: lengths are checked against the bytes that are there before memory
// is taken, so any bytes give a tensor or an error.
//
// NumPy has no bfloat16 and no 4-bit integers. They are written as the next
// wider type, without loss: bf16 as f32, i4 as i8, u4 as u8.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_TENSORIO_NPY_H
#define MLC_TENSORIO_NPY_H

#include "TensorIO/Tensor.h"

namespace mlc {

/// The tensor in the bytes of a .npy file. Errors say what was found.
llvm::Expected<Tensor> parseNpy(llvm::StringRef bytes);

/// Writes version 1, little endian, C order.
void printNpy(llvm::raw_ostream &os, const Tensor &tensor);

} // namespace mlc

#endif // MLC_TENSORIO_NPY_H
