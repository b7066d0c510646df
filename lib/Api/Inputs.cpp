//===- Inputs.cpp - Which inputs have to be constants ---------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlc/Compiler.h"

#include "Api/Convert.h"
#include "Onnx/BindInputs.h"
#include "Onnx/ModelFile.h"

using namespace mlc;

Result<std::vector<std::string>> Compiler::shapeInputs(const void *data,
                                                       size_t size) {
  auto model =
      parseModelBytes(llvm::StringRef(static_cast<const char *>(data), size));
  if (!model)
    return diagnosticsOf(model.takeError());
  return mlc::shapeInputs(*model);
}
