//===- ConvertLinear.cpp - Matrix products of ONNX ------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Converters.h"
#include "Import/Products.h"

using namespace mlir;
using namespace mlc;

static Value makeMatmul(Node &node, Value a, Value b, bool transposeRhs,
                        IntegerAttr lhsZeroPoint = {},
                        IntegerAttr rhsZeroPoint = {}) {
  if (node.failed() || !a || !b)
    return {};
  return node.finish(nn::MatmulOp::create(
      node.builder, node.loc, a.getType(), a, b, Value(), ValueRange(),
      transposeRhs, lhsZeroPoint, rhsZeroPoint));
}

namespace {

Values matmul(Node &node) {
  return {importMatmul(node, node.input(0), node.input(1), {}, {})};
}

/// alpha * A' * B' + beta * C, A' and B' transposed where the attributes say
/// so.
Values gemm(Node &node) {
  return {importGemm(node, node.input(0), node.input(1),
                     node.hasInput(2) ? node.inputs()[2] : Value())};
}

} // namespace

Value mlc::importProduct(Node &node, Value a, Value b, bool transposeRhs) {
  return makeMatmul(node, a, b, transposeRhs);
}

Value mlc::importGemm(Node &node, Value a, Value b, Value c) {
  if (node.failed() || !a || !b)
    return {};
  if (nn::shapeOf(a).size() != 2 || nn::shapeOf(b).size() != 2) {
    node.error() << "multiplies ranks " << nn::shapeOf(a).size() << " and "
                 << nn::shapeOf(b).size() << ", 2 is required";
    return {};
  }
  if (node.intAttr("transA", 0))
    a = node.transpose(a, {1, 0});
  Value v = makeMatmul(node, a, b, node.intAttr("transB", 0));
  double alpha = node.floatAttr("alpha", 1), beta = node.floatAttr("beta", 1);
  if (v && alpha != 1)
    v = node.create<nn::MulOp>(v, node.scalar(nn::elementOf(v), alpha));
  if (!v || !c)
    return v;
  if (beta != 1)
    c = node.create<nn::MulOp>(c, node.scalar(nn::elementOf(c), beta));
  return node.create<nn::AddOp>(v, c);
}

Value mlc::importMatmul(Node &node, Value a, Value b, IntegerAttr lhsZeroPoint,
                        IntegerAttr rhsZeroPoint) {
  if (node.failed() || !a || !b)
    return {};
  bool isRowVector = nn::shapeOf(a).size() == 1,
       isColumnVector = nn::shapeOf(b).size() == 1;
  if (nn::shapeOf(a).empty() || nn::shapeOf(b).empty()) {
    node.error() << "multiplies a scalar, rank 1 at least is required";
    return {};
  }
  if (isRowVector)
    a = node.reshape(a, {1, nn::shapeOf(a)[0]});
  if (isColumnVector)
    b = node.reshape(b, {nn::shapeOf(b)[0], 1});
  Value product = makeMatmul(node, a, b, false, lhsZeroPoint, rhsZeroPoint);
  if (!product)
    return {};
  llvm::SmallVector<int64_t> shape(nn::shapeOf(product));
  if (isColumnVector)
    shape.pop_back();
  if (isRowVector)
    shape.erase(shape.end() - (isColumnVector ? 1 : 2));
  return node.reshape(product, shape);
}

llvm::ArrayRef<Converter> mlc::linearConverters() {
  static const Converter table[] = {
      {"Gemm", gemm},
      {"MatMul", matmul},
  };
  return table;
}
