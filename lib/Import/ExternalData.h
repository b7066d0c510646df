//===- ExternalData.h - Tensors kept beside the model -----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loads external tensor data into raw_data. A location is trusted for nothing:
// it must be a plain relative path below the model's folder, no part of it a
// link, and offset and length must lie in the file.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_EXTERNALDATA_H
#define MLC_IMPORT_EXTERNALDATA_H

#include "onnx/onnx_pb.h"
#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>
#include <vector>

namespace mlc {

/// Loads every external tensor of `model`; `folder` is where the model file is,
/// nothing for a model that has none, which may then not have such tensors.
/// Gives what is wrong, a line a tensor, which stays external.
std::vector<std::string>
loadExternalData(onnx::ModelProto &model,
                 std::optional<llvm::StringRef> folder);

} // namespace mlc

#endif // MLC_IMPORT_EXTERNALDATA_H
