//===- TensorFile.h - Tensors in files --------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads and writes one tensor a file; the file's ending says how: .npy (see
// Npy.h) or .pb (an ONNX tensor, see TensorProto.h). Errors begin with the
// file's name.
//
//   Expected<Tensor> image = readTensor("image.npy");
//   if (Error error = writeTensor("scores.pb", scores)) ...
//
//===----------------------------------------------------------------------===//

#ifndef MLC_TENSORIO_TENSORFILE_H
#define MLC_TENSORIO_TENSORFILE_H

#include "TensorIO/Tensor.h"

namespace mlc {

llvm::Expected<Tensor> readTensor(llvm::StringRef path);

/// Leaves no partial file: it is written beside and then renamed.
llvm::Error writeTensor(llvm::StringRef path, const Tensor &tensor);

} // namespace mlc

#endif // MLC_TENSORIO_TENSORFILE_H
