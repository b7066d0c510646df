//===- TensorImport.h - Types and tensors of ONNX ---------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_TENSORIMPORT_H
#define MLC_IMPORT_TENSORIMPORT_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "onnx/onnx_pb.h"
#include "llvm/Support/Error.h"

namespace mlc {

/// The nn element type of an onnx::TensorProto_DataType; null for those mlc has
/// none for (strings, complex, sub-byte and 8-bit floats).
mlir::Type importElementType(int32_t dataType, mlir::MLIRContext *context);

/// The onnx::TensorProto_DataType of a tensor's elements, UNDEFINED where there
/// is none.
int32_t exportElementType(mlir::RankedTensorType type);

/// "FLOAT8E4M3FN" and the like, for messages.
std::string dataTypeName(int32_t dataType);

/// A tensor in the model file. External data must have been loaded into
/// raw_data. Dimensions, their product and the data's size are checked.
llvm::Expected<mlir::ElementsAttr> importTensor(const onnx::TensorProto &tensor,
                                                mlir::MLIRContext *context);

/// Whether elements have fewer than 8 bits: INT4, UINT4, INT2 and UINT2.
bool isPackedType(int32_t dataType);

/// A tensor of such a type with each element in a byte. Checks as importTensor.
llvm::Expected<mlir::ElementsAttr>
importPackedTensor(const onnx::TensorProto &tensor, mlir::MLIRContext *context);

/// The same for a sparse one (indices linear or one row a value), made dense.
llvm::Expected<mlir::ElementsAttr>
importSparseTensor(const onnx::SparseTensorProto &tensor,
                   mlir::MLIRContext *context);

} // namespace mlc

#endif // MLC_IMPORT_TENSORIMPORT_H
