//===- Quantization.h - What converters of quantised operators share *- C++
//-*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Scales and zero points as operators write them, and products of integers. As
// with Node::create, null operands give null.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_QUANTIZATION_H
#define MLC_IMPORT_QUANTIZATION_H

#include "Import/Node.h"

namespace mlc {

//===----------------------------------------------------------------------===//
// Scales and zero points
//===----------------------------------------------------------------------===//

/// A scale or zero point in a shape that broadcasts to `input`: rank 0 for the
/// whole tensor, or one value per element of `axis`, or one each `block` > 0
/// elements of it. Reports other shapes.
mlir::Value broadcastable(Node &node, mlir::Value parameter,
                          llvm::ArrayRef<int64_t> input, int64_t axis,
                          int64_t block);

mlir::Value quantize(Node &node, mlir::Value x, mlir::Value scale,
                     mlir::Value zeroPoint);
mlir::Value dequantize(Node &node, mlir::Value x, mlir::Value scale,
                       mlir::Value zeroPoint);

/// Dequantizes input `i` of a QLinear operator, whose scale and zero point
/// follow it; parameters of rank 1 are along `axis`.
mlir::Value dequantizeInput(Node &node, size_t i, int64_t axis);

/// Quantizes the result of a QLinear operator with scale and zero point at
/// inputs `i` and `i + 1`; without a zero point, with 0 as `like`.
mlir::Value quantizeResult(Node &node, mlir::Value v, size_t i,
                           mlir::Type like);

/// The i32 bias of a product as floats: its scale is that of the two factors.
mlir::Value dequantizeBias(Node &node, mlir::Value bias, mlir::Value scaleA,
                           mlir::Value scaleB);

/// The element type of input `i`, or null.
mlir::Type elementOfInput(Node &node, size_t i);

//===----------------------------------------------------------------------===//
// Products of integers
//===----------------------------------------------------------------------===//

/// v - zeroPoint, in 16 bits or fewer; `axis` is that of a rank 1 zero point.
mlir::Value centred(Node &node, mlir::Value v, mlir::Value zeroPoint,
                    int64_t axis);

/// A tensor of bytes with the parameters that make numbers of it; no zero point
/// means 0.
struct Quantized {
  mlir::Value stored, scale, zeroPoint;
};

/// `x` as ui8 with the one scale and zero point that its least and greatest
/// element ask for, as DynamicQuantizeLinear does.
Quantized quantizeDynamically(Node &node, mlir::Value x);

/// The same where `limits`, with the least and greatest element in question,
/// stands for `x`.
Quantized quantizeDynamically(Node &node, mlir::Value x, mlir::Value limits);

/// NumPy's matmul of stored integers without their zero points, i32. Rank 1
/// zero points are a row of the left, a column of the right operand.
mlir::Value integerProduct(Node &node, const Quantized &a, const Quantized &b);

/// The same as numbers: times both scales, plus `bias`, which may be null.
mlir::Value scaledProduct(Node &node, const Quantized &a, const Quantized &b,
                          mlir::Value bias);

} // namespace mlc

#endif // MLC_IMPORT_QUANTIZATION_H
