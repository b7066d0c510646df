//===- Products.h - Products that several converters make -------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Conv, MatMul and Gemm on given values, with the attributes of the node. Null
// operands and a failed Node give null.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_PRODUCTS_H
#define MLC_IMPORT_PRODUCTS_H

#include "Import/Node.h"

namespace mlc {

/// Conv of x [N, C, spatial...] and w; `bias` and `inputZeroPoint` may be null.
mlir::Value importConv(Node &node, mlir::Value x, mlir::Value w,
                       mlir::Value bias, mlir::IntegerAttr inputZeroPoint);

/// NumPy's matmul: rank 1 operands get a dimension of 1 that the result drops.
mlir::Value importMatmul(Node &node, mlir::Value a, mlir::Value b,
                         mlir::IntegerAttr lhsZeroPoint,
                         mlir::IntegerAttr rhsZeroPoint);

/// The product of two batches of matrices, b as [..., N, K] where
/// `transposeRhs` says so.
mlir::Value importProduct(Node &node, mlir::Value a, mlir::Value b,
                          bool transposeRhs);

/// alpha * A' * B' + beta * C, A' and B' transposed where the attributes say
/// so; `c` may be null.
mlir::Value importGemm(Node &node, mlir::Value a, mlir::Value b, mlir::Value c);

} // namespace mlc

#endif // MLC_IMPORT_PRODUCTS_H
