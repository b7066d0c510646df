//===- Build.h - Building blocks of the lowering ----------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Short names for the tensor and linalg ops that lowerings are made of. All
// values are ranked tensors of static shape.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CONVERSION_BUILD_H
#define MLC_CONVERSION_BUILD_H

#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

namespace mlc {

using BodyBuilder = llvm::function_ref<mlir::Value(
    mlir::OpBuilder &, mlir::Location, mlir::ValueRange)>;

class TensorBuilder {
public:
  TensorBuilder(mlir::OpBuilder &builder, mlir::Location loc)
      : b(builder), loc(loc) {}

  mlir::Value empty(llvm::ArrayRef<int64_t> shape, mlir::Type element);
  /// A new tensor with every element `scalar`.
  mlir::Value filled(llvm::ArrayRef<int64_t> shape, mlir::Value scalar);
  mlir::Value constant(mlir::TypedAttr value);
  mlir::Value index(int64_t value);
  /// Zero of a float or signless integer type.
  mlir::Value zero(mlir::Type element);

  mlir::Value reshape(mlir::Value v, llvm::ArrayRef<int64_t> shape);
  mlir::Value transpose(mlir::Value v, llvm::ArrayRef<int64_t> permutation);
  mlir::Value slice(mlir::Value v, llvm::ArrayRef<int64_t> starts,
                    llvm::ArrayRef<int64_t> sizes,
                    llvm::ArrayRef<int64_t> steps);
  mlir::Value slice(mlir::Value v, llvm::ArrayRef<int64_t> starts,
                    llvm::ArrayRef<int64_t> sizes);
  /// `part` written into `whole` at `starts`.
  mlir::Value insert(mlir::Value part, mlir::Value whole,
                     llvm::ArrayRef<int64_t> starts,
                     llvm::ArrayRef<int64_t> steps = {});

  /// Elementwise over `shape`: `body` gets one scalar an input, each broadcast
  /// as NumPy does, and gives the result's scalar.
  mlir::Value map(mlir::ValueRange inputs, llvm::ArrayRef<int64_t> shape,
                  mlir::Type element, BodyBuilder body);

  /// Each element of a new tensor from its index: `body` gets one index a
  /// dimension.
  mlir::Value generate(llvm::ArrayRef<int64_t> shape, mlir::Type element,
                       BodyBuilder body);

  /// `i`, an integer from the model's data, as an index into `size` elements:
  /// negative counts from the end, and what is outside is clamped, for no data
  /// may make the code read beyond a tensor. Emitted with `builder`, inside a
  /// body.
  static mlir::Value safeIndex(mlir::OpBuilder &builder, mlir::Location at,
                               mlir::Value i, int64_t size,
                               bool isUnsigned = false);

  /// The i64 of a rank 0 tensor as an index in [0, most].
  mlir::Value boundedIndex(mlir::Value count, int64_t most);

  mlir::OpBuilder &b;
  mlir::Location loc;
};

} // namespace mlc

#endif // MLC_CONVERSION_BUILD_H
