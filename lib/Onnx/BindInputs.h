//===- BindInputs.h - Inputs that become constants --------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A static compiler must know the operands that decide shapes: the target of
// Reshape, the starts of Slice, the axes of a reduction. Models that leave them
// open as graph inputs can be compiled for one value of each: the input becomes
// an initializer.
//
//   for (const std::string &name : shapeInputs(model))   // "starts", "ends"
//     if (Error error = bindInput(model, name, values[name])) ...
//
//===----------------------------------------------------------------------===//

#ifndef MLC_ONNX_BINDINPUTS_H
#define MLC_ONNX_BINDINPUTS_H

#include "onnx/onnx_pb.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace mlc {

/// The graph inputs that some node of the main graph reads, itself or through
/// other nodes but Shape and Size, as an operand which decides shapes, axes or
/// sizes, in the order of the inputs.
std::vector<std::string> shapeInputs(const onnx::ModelProto &model);

/// Makes the graph input `name` an initializer with the value of `tensor`. An
/// error where there is no such input, or its type or shape is another.
llvm::Error bindInput(onnx::ModelProto &model, llvm::StringRef name,
                      const onnx::TensorProto &tensor);

} // namespace mlc

#endif // MLC_ONNX_BINDINPUTS_H
