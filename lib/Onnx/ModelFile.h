//===- ModelFile.h - ONNX files to messages ---------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   Expected<onnx::ModelProto> model = readModelFile("digits.onnx");
//
// External data is not read (Import/ExternalData.h). Errors are bare reasons:
// the caller knows what the file is for.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_ONNX_MODELFILE_H
#define MLC_ONNX_MODELFILE_H

#include "onnx/onnx_pb.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace mlc {

/// The model in a file. Errors: it cannot be read, has more than 2 GiB, or is
/// no model with a graph.
llvm::Expected<onnx::ModelProto> readModelFile(llvm::StringRef path);

/// The same for the bytes of one.
llvm::Expected<onnx::ModelProto> parseModelBytes(llvm::StringRef bytes);

} // namespace mlc

#endif // MLC_ONNX_MODELFILE_H
