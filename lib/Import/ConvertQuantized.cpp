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
#include "Import/TensorImport.h"
#include "Import/Windows.h"

using namespace mlir;
using namespace mlc;

namespace {

//===----------------------------------------------------------------------===//
// Scales and zero points
//===----------------------------------------------------------------------===//

/// A parameter with one value a block of the input's axis, one an element.
Value spreadBlocks(Node &node, Value parameter, ArrayRef<int64_t> input,
                   int64_t axis, int64_t block) {
  llvm::SmallVector<int64_t> shape(nn::shapeOf(parameter));
  if (shape.size() != input.size() || block < 1 || block > (int64_t(1) << 31) ||
      shape[axis] != (input[axis] + block - 1) / block) {
    node.error() << "parameter is " << parameter.getType() << ", one value for "
                 << "each " << block << " elements of axis " << axis
                 << " is required";
    return {};
  }
  llvm::SmallVector<int64_t> split(shape), repeated(shape), joined(shape);
  split.insert(split.begin() + axis + 1, 1);
  repeated.insert(repeated.begin() + axis + 1, block);
  joined[axis] = shape[axis] * block;
  Value v = node.reshape(parameter, split);
  if (!v)
    return {};
  v = node.createTyped<nn::BroadcastOp>(
      RankedTensorType::get(repeated, nn::elementOf(v)), v);
  v = node.reshape(v, joined);
  return joined[axis] == input[axis] ? v : node.slice(v, axis, 0, input[axis]);
}

/// A scale or zero point in a shape that broadcasts to `input`: rank 0 for the
/// whole tensor, or one value an element of `axis`, or one a block of it.
Value broadcastable(Node &node, Value parameter, ArrayRef<int64_t> input,
                    int64_t axis, int64_t block) {
  if (!parameter)
    return {};
  ArrayRef<int64_t> shape = nn::shapeOf(parameter);
  if (shape.empty())
    return parameter;
  if (llvm::all_of(shape, [](int64_t d) { return d == 1; }) && block == 0)
    return node.reshape(parameter, {});
  FailureOr<int64_t> normal = node.normalizeAxis(axis, input.size());
  if (failed(normal))
    return {};
  if (block > 0)
    return spreadBlocks(node, parameter, input, *normal, block);
  if (shape.size() != 1 || shape[0] != input[*normal]) {
    node.error() << "parameter is " << parameter.getType() << ", ["
                 << input[*normal] << "] or rank 0 is required";
    return {};
  }
  llvm::SmallVector<int64_t> spread(input.size() - *normal, 1);
  spread[0] = shape[0];
  return node.reshape(parameter, spread);
}

Value quantize(Node &node, Value x, Value scale, Value zeroPoint) {
  return node.create<nn::QuantizeOp>(x, scale, zeroPoint);
}

Value dequantize(Node &node, Value x, Value scale, Value zeroPoint) {
  return node.create<nn::DequantizeOp>(x, scale, zeroPoint);
}

/// Dequantizes input `i` of a QLinear operator, whose scale and zero point
/// follow it; parameters of rank 1 are along `axis`.
Value dequantizeInput(Node &node, size_t i, int64_t axis) {
  Value x = node.input(i), scale = node.input(i + 1);
  if (!x || !scale)
    return {};
  Value zeroPoint = node.hasInput(i + 2) ? node.inputs()[i + 2]
                                         : node.scalar(nn::elementOf(x), 0);
  ArrayRef<int64_t> shape = nn::shapeOf(x);
  return dequantize(node, x, broadcastable(node, scale, shape, axis, 0),
                    broadcastable(node, zeroPoint, shape, axis, 0));
}

/// Quantizes the result of a QLinear operator with scale and zero point at
/// inputs `i` and `i + 1`; without a zero point, with 0 as `like`.
Value quantizeResult(Node &node, Value v, size_t i, Type like) {
  Value scale = node.input(i);
  if (!v || !scale)
    return {};
  Value zeroPoint =
      node.hasInput(i + 1) ? node.inputs()[i + 1] : node.scalar(like, 0);
  ArrayRef<int64_t> shape = nn::shapeOf(v);
  return quantize(node, v, broadcastable(node, scale, shape, 0, 0),
                  broadcastable(node, zeroPoint, shape, 0, 0));
}

Type elementOfInput(Node &node, size_t i) {
  Value v = node.input(i);
  return v ? nn::elementOf(v) : Type();
}

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

//===----------------------------------------------------------------------===//
// Operators on quantised tensors
//===----------------------------------------------------------------------===//

/// The i32 bias of a product as floats: its scale is that of the two factors.
Value dequantizeBias(Node &node, Value bias, Value scaleA, Value scaleB) {
  if (!scaleA || !scaleB)
    return {};
  Value scale = node.create<nn::MulOp>(scaleA, scaleB);
  if (!scale)
    return {};
  if (nn::shapeOf(scale).size() > 1)
    scale = node.reshape(
        scale, {cast<RankedTensorType>(scale.getType()).getNumElements()});
  return dequantize(node, bias, scale,
                    node.scalar(node.builder.getI32Type(), 0));
}

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

/// QGemm: A and B with parameters, C (i32), scale and zero point of Y; without
/// them Y is float.
Values qgemm(Node &node) {
  bool isTransposed = node.intAttr("transB", 0);
  Value a = dequantizeInput(node, 0, 0);
  Value b = dequantizeInput(node, 3, isTransposed ? 0 : 1);
  Value c;
  if (node.hasInput(6)) {
    Value scale = node.input(1);
    if (scale && node.floatAttr("alpha", 1) != 1)
      scale = node.create<nn::MulOp>(
          scale, node.scalar(nn::elementOf(scale), node.floatAttr("alpha", 1)));
    c = dequantizeBias(node, node.inputs()[6], scale, node.input(4));
    if (!c)
      return {};
  }
  Value v = importGemm(node, a, b, c);
  if (!node.hasInput(7))
    return {v};
  return {quantizeResult(node, v, 7, elementOfInput(node, 0))};
}

template <typename OpTy>
Values qlinearBinary(Node &node) {
  Value a = dequantizeInput(node, 0, 0), b = dequantizeInput(node, 3, 0);
  return {quantizeResult(node, node.create<OpTy>(a, b), 6,
                         elementOfInput(node, 0))};
}

Values qlinearSigmoid(Node &node) {
  Value v = node.create<nn::SigmoidOp>(dequantizeInput(node, 0, 0));
  return {quantizeResult(node, v, 3, elementOfInput(node, 0))};
}

Values qlinearLeakyRelu(Node &node) {
  double alpha = node.floatAttr("alpha", 0.01);
  Value v = node.create<nn::LeakyReluOp>(dequantizeInput(node, 0, 0),
                                         node.builder.getF64FloatAttr(alpha));
  return {quantizeResult(node, v, 3, elementOfInput(node, 0))};
}

Values qlinearGlobalAveragePool(Node &node) {
  Value x = dequantizeInput(node, 0, 0);
  if (!x)
    return {};
  if (nn::shapeOf(x).size() < 3) {
    node.error() << "input has rank " << nn::shapeOf(x).size()
                 << ", at least 3 is required";
    return {};
  }
  bool isLast = node.intAttr("channels_last", 0);
  llvm::SmallVector<int64_t> axes;
  for (int64_t d = 1, rank = nn::shapeOf(x).size(); d < rank; ++d)
    if (d != (isLast ? rank - 1 : 1))
      axes.push_back(d);
  Value v = node.create<nn::ReduceOp>(
      x,
      nn::ReduceKindAttr::get(node.builder.getContext(), nn::ReduceKind::mean),
      node.builder.getDenseI64ArrayAttr(axes), node.builder.getUnitAttr());
  return {quantizeResult(node, v, 3, elementOfInput(node, 0))};
}

/// QLinearConcat: scale and zero point of the result, then each input with its.
Values qlinearConcat(Node &node) {
  llvm::SmallVector<Value> inputs;
  for (size_t i = 2; i + 1 < node.numInputs(); i += 3)
    inputs.push_back(dequantizeInput(node, i, 0));
  if (inputs.empty() || node.failed()) {
    if (!node.failed())
      node.error() << "has nothing to concatenate";
    return {};
  }
  FailureOr<int64_t> axis = node.normalizeAxis(node.intAttr("axis", 0),
                                               nn::shapeOf(inputs[0]).size());
  if (failed(axis))
    return {};
  Value v = node.create<nn::ConcatOp>(ValueRange(inputs),
                                      node.builder.getI64IntegerAttr(*axis));
  return {quantizeResult(node, v, 0, elementOfInput(node, 2))};
}

//===----------------------------------------------------------------------===//
// ConvInteger, MatMulInteger
//===----------------------------------------------------------------------===//

/// A constant of 16 bits as i8 where all elements fit.
Value narrowed(Node &node, Value v) {
  std::optional<llvm::SmallVector<int64_t>> values =
      nn::constantIntegers(node.constantOf(v));
  if (!values ||
      llvm::any_of(*values, [](int64_t x) { return x != int8_t(x); }))
    return v;
  llvm::SmallVector<char> bytes(values->begin(), values->end());
  auto type = RankedTensorType::get(nn::shapeOf(v), node.builder.getI8Type());
  return node.constant(nn::makeConstant(type, bytes));
}

/// v - zeroPoint, in 16 bits or fewer; `axis` is that of a rank 1 zero point.
Value centred(Node &node, Value v, Value zeroPoint, int64_t axis) {
  if (!v || !zeroPoint)
    return {};
  Type i16 = node.builder.getIntegerType(16);
  ArrayRef<int64_t> shape = nn::shapeOf(v);
  if (shape.size() == 1)
    axis = 0;
  Value spread = broadcastable(node, zeroPoint, shape, axis, 0);
  if (!spread)
    return {};
  Value difference =
      node.create<nn::SubOp>(node.cast(v, i16), node.cast(spread, i16));
  return difference ? narrowed(node, difference) : Value();
}

/// Operand `i` of an integer product with the zero point at input `zp`. A
/// single constant one is left to the product and given in `attr`; any other is
/// taken off the operand.
Value integerOperand(Node &node, size_t i, size_t zp, int64_t axis,
                     IntegerAttr &attr) {
  Value v = node.input(i);
  if (!v || !node.hasInput(zp))
    return v;
  std::optional<llvm::SmallVector<int64_t>> values =
      nn::constantIntegers(node.constantOf(node.inputs()[zp]));
  if (values && !values->empty() && llvm::all_equal(*values) &&
      !node.constantOf(v)) {
    if (values->front() != 0)
      attr = node.builder.getI32IntegerAttr(values->front());
    return v;
  }
  return centred(node, v, node.inputs()[zp], axis);
}

Values convInteger(Node &node) {
  IntegerAttr zeroPoint;
  Value x = integerOperand(node, 0, 2, 1, zeroPoint);
  Value w = node.input(1);
  if (w && node.hasInput(3))
    w = centred(node, w, node.inputs()[3], 0);
  return {importConv(node, x, w, Value(), zeroPoint)};
}

Values matmulInteger(Node &node) {
  IntegerAttr left, right;
  Value a = integerOperand(node, 0, 2, -2, left);
  Value b = integerOperand(node, 1, 3, -1, right);
  return {importMatmul(node, a, b, left, right)};
}

} // namespace

llvm::ArrayRef<Converter> mlc::quantizedConverters() {
  static const char *const microsoft = "com.microsoft";
  static const Converter table[] = {
      {"ConvInteger", convInteger},
      {"DequantizeLinear", dequantizeLinear},
      {"DequantizeLinear", dequantizeLinear, microsoft},
      {"MatMulInteger", matmulInteger},
      {"QGemm", qgemm, microsoft},
      {"QLinearAdd", qlinearBinary<nn::AddOp>, microsoft},
      {"QLinearConcat", qlinearConcat, microsoft},
      {"QLinearConv", qlinearConv},
      {"QLinearGlobalAveragePool", qlinearGlobalAveragePool, microsoft},
      {"QLinearLeakyRelu", qlinearLeakyRelu, microsoft},
      {"QLinearMatMul", qlinearMatmul},
      {"QLinearMul", qlinearBinary<nn::MulOp>, microsoft},
      {"QLinearSigmoid", qlinearSigmoid, microsoft},
      {"QuantizeLinear", quantizeLinear},
      {"QuantizeLinear", quantizeLinear, microsoft},
  };
  return table;
}
