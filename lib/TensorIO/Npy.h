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

/// What a .npy file says before its elements.
struct NpyHeader {
  /// No header takes more.
  static constexpr size_t mostBytes = 10012;

  ElementType type = ElementType::F32;
  bool swapped = false; ///< the bytes of each element
  bool fortranOrder = false;
  llvm::SmallVector<int64_t> shape; ///< elementCount() has no error
  size_t dataOffset = 0;            ///< of the first element
};

/// The header in the first bytes, all or mostBytes, of a file of `fileBytes`.
/// Errors say what was found, among them another size than the elements take.
llvm::Expected<NpyHeader> parseNpyHeader(llvm::StringRef start,
                                         uint64_t fileBytes);

/// Makes elements as a file has them elements of a Tensor, in place.
void normaliseNpyElements(const NpyHeader &header, char *bytes, int64_t count);

/// The tensor in the bytes of a .npy file. Errors say what was found.
llvm::Expected<Tensor> parseNpy(llvm::StringRef bytes);

/// Writes version 1, little endian, C order.
void printNpy(llvm::raw_ostream &os, const Tensor &tensor);

} // namespace mlc

#endif // MLC_TENSORIO_NPY_H
