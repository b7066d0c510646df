//===- Opsets.h - Which version of the standard a model is of ---*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_ONNX_OPSETS_H
#define MLC_ONNX_OPSETS_H

#include "onnx/onnx_pb.h"

namespace mlc {

/// The version of the default domain, or of another one, that `model` says it
/// is of, the last where it says several; 0 where it says none.
int64_t declaredOpset(const onnx::ModelProto &model,
                      const std::string &domain = "");

/// The version that a model without one is read as: the newest that all of its
/// nodes are valid in, the newest there is where none is such. Models from
/// before versions existed (IR 1 and 2) are tried as version 1 first.
int64_t assumedOpset(const onnx::ModelProto &model);

} // namespace mlc

#endif // MLC_ONNX_OPSETS_H
