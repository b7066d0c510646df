//===- Opsets.cpp - Which version of the standard a model is of -----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Onnx/Opsets.h"

#include "Onnx/CheckGraph.h"
#include "Onnx/LibOnnx.h"

int64_t mlc::declaredOpset(const onnx::ModelProto &model,
                           const std::string &domain) {
  int64_t opset = 0;
  for (const onnx::OperatorSetIdProto &set : model.opset_import())
    if ((set.domain() == "ai.onnx" ? "" : set.domain()) == domain)
      opset = set.version();
  return opset;
}

int64_t mlc::assumedOpset(const onnx::ModelProto &model) {
  // The first IR version that has opset_import.
  constexpr int64_t kFirstVersioned = 3;
  if (model.has_ir_version() && model.ir_version() < kFirstVersioned &&
      fitsOpset(model.graph(), 1))
    return 1;
  for (int opset = newestOpset(); opset > 0; --opset)
    if (fitsOpset(model.graph(), opset))
      return opset;
  return newestOpset();
}
