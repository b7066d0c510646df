//===- TensorProto.h - ONNX's serialised tensors ----------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Between Tensor and onnx::TensorProto, the message of initializers and of the
// .pb files beside ONNX's test models. Every type of ElementType, from raw or
// typed fields; 4-bit integers are unpacked. Counts are checked against the
// shape before memory is taken: any message gives a tensor or an error.
//
// Strings, complex numbers, 8-bit and 4-bit floats, 2-bit integers and data in
// other files are errors: the importer resolves external data before.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_TENSORIO_TENSORPROTO_H
#define MLC_TENSORIO_TENSORPROTO_H

#include "TensorIO/Tensor.h"

namespace onnx {
class TensorProto;
}

namespace mlc {

/// The element type of an onnx::TensorProto_DataType, or nullopt.
std::optional<ElementType> elementTypeFromOnnx(int dataType);

/// The onnx::TensorProto_DataType of an element type.
int elementTypeToOnnx(ElementType type);

llvm::Expected<Tensor> fromTensorProto(const onnx::TensorProto &proto);

/// Type, shape and raw data; the message has no name.
onnx::TensorProto toTensorProto(const Tensor &tensor);

/// The tensor in the bytes of a .pb file: one serialised TensorProto.
llvm::Expected<Tensor> parseTensorProto(llvm::StringRef bytes);

void printTensorProto(llvm::raw_ostream &os, const Tensor &tensor);

} // namespace mlc

#endif // MLC_TENSORIO_TENSORPROTO_H
