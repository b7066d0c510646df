//===- ConvertQuantized.cpp - Quantised operators of ONNX -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// QLinear operators become what they mean: dequantize, the float operator,
// quantize. nn-quantize makes integers of them and of QDQ graphs alike.
//
//===----------------------------------------------------------------------===//

#include "Import/Converters.h"
#include "Import/Products.h"
#include "Import/Quantization.h"
#include "Import/TensorImport.h"

using namespace mlir;
using namespace mlc;

namespace {

//===----------------------------------------------------------------------===//
// QuantizeLinear, DequantizeLinear
//===----------------------------------------------------------------------===//

/// The type QuantizeLinear gives where it has no zero point.
Type quantizedType(Node &node) {
  int64_t type = node.intAttr("output_dtype", 0);
  if (type == 0)
    return node.builder.getIntegerType(8, /*isSigned=*/false);
  Type element = importElementType(type, node.builder.getContext());
  if (!element || !element.isInteger())
    node.error() << "quantizes to " << dataTypeName(type)
                 << ", which is not supported";
  return element;
}

Values quantizeLinear(Node &node) {
  Value x = node.input(0), scale = node.input(1);
  if (!x || !scale)
    return {};
  Value zeroPoint;
  if (node.hasInput(2)) {
    zeroPoint = node.inputs()[2];
  } else if (Type type = quantizedType(node); type && !node.failed()) {
    auto constantType = RankedTensorType::get(nn::shapeOf(scale), type);
    zeroPoint = node.constant(
        DenseElementsAttr::get(constantType, node.builder.getZeroAttr(type)));
  }
  int64_t axis = node.intAttr("axis", 1), block = node.intAttr("block_size", 0);
  ArrayRef<int64_t> shape = nn::shapeOf(x);
  return {quantize(node, x, broadcastable(node, scale, shape, axis, block),
                   broadcastable(node, zeroPoint, shape, axis, block))};
}

Values dequantizeLinear(Node &node) {
  Value x = node.input(0), scale = node.input(1);
  if (!x || !scale)
    return {};
  Value zeroPoint =
      node.hasInput(2) ? node.inputs()[2] : node.scalar(nn::elementOf(x), 0);
  int64_t axis = node.intAttr("axis", 1), block = node.intAttr("block_size", 0);
  ArrayRef<int64_t> shape = nn::shapeOf(x);
  Value v = dequantize(node, x, broadcastable(node, scale, shape, axis, block),
                       node.hasInput(2)
                           ? broadcastable(node, zeroPoint, shape, axis, block)
                           : zeroPoint);
  int64_t to = node.intAttr("output_dtype", 0);
  Type element = importElementType(to, node.builder.getContext());
  return {v && to != 0 && element ? node.cast(v, element) : v};
}

Values dynamicQuantizeLinear(Node &node) {
  Quantized q = quantizeDynamically(node, node.input(0));
  return {q.stored, q.scale, q.zeroPoint};
}

//===----------------------------------------------------------------------===//
// Operators on quantised tensors
//===----------------------------------------------------------------------===//

Values qlinearConv(Node &node) {
  Value x = dequantizeInput(node, 0, 1), w = dequantizeInput(node, 3, 0);
  Value bias;
  if (node.hasInput(8)) {
    bias = dequantizeBias(node, node.inputs()[8], node.input(1), node.input(4));
    if (!bias)
      return {};
  }
  Value v = importConv(node, x, w, bias, IntegerAttr());
  return {quantizeResult(node, v, 6, elementOfInput(node, 0))};
}

/// The axis that a rank 1 parameter of a matrix has: rows on the left, columns
/// on the right.
Values qlinearMatmul(Node &node) {
  Value a = dequantizeInput(node, 0, -2), b = dequantizeInput(node, 3, -1);
  return {quantizeResult(node, importMatmul(node, a, b, {}, {}), 6,
                         elementOfInput(node, 0))};
}

//===----------------------------------------------------------------------===//
// ConvInteger, MatMulInteger
//===----------------------------------------------------------------------===//

/// A single constant zero point of the input is left to the product; any other
/// is taken off the operand, and so is that of the weights.
Values convInteger(Node &node) {
  Value x = node.input(0), w = node.input(1);
  IntegerAttr zeroPoint;
  if (x && node.hasInput(2)) {
    std::optional<llvm::SmallVector<int64_t>> values =
        nn::constantIntegers(node.constantOf(node.inputs()[2]));
    if (!values || values->empty() || !llvm::all_equal(*values) ||
        node.constantOf(x))
      x = centred(node, x, node.inputs()[2], 1);
    else if (values->front() != 0)
      zeroPoint = node.builder.getI32IntegerAttr(values->front());
  }
  if (w && node.hasInput(3))
    w = centred(node, w, node.inputs()[3], 0);
  return {importConv(node, x, w, Value(), zeroPoint)};
}

Values matmulInteger(Node &node) {
  return {integerProduct(node, {node.input(0), {}, node.optionalInput(2)},
                         {node.input(1), {}, node.optionalInput(3)})};
}

} // namespace

llvm::ArrayRef<Converter> mlc::quantizedConverters() {
  static const Converter table[] = {
      {"ConvInteger", convInteger},
      {"DequantizeLinear", dequantizeLinear},
      {"DequantizeLinear", dequantizeLinear, kMicrosoft},
      {"DynamicQuantizeLinear", dynamicQuantizeLinear},
      {"MatMulInteger", matmulInteger},
      {"QLinearConv", qlinearConv},
      {"QLinearMatMul", qlinearMatmul},
      {"QuantizeLinear", quantizeLinear},
      {"QuantizeLinear", quantizeLinear, kMicrosoft},
  };
  return table;
}
