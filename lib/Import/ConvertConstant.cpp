//===- ConvertConstant.cpp - Constants and sizes of ONNX ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a model says itself, and what is known of a tensor without its elements.
//
//===----------------------------------------------------------------------===//

#include "Import/Converters.h"
#include "Import/GraphImporter.h"
#include "Import/Indices.h"
#include "Import/TensorImport.h"

using namespace mlir;
using namespace mlc;

namespace {

Values constant(Node &node) {
  Builder &b = node.builder;
  auto ints = [&](ArrayRef<int64_t> v, bool isScalar) {
    llvm::SmallVector<int64_t, 1> shape;
    if (!isScalar)
      shape.push_back(v.size());
    return DenseElementsAttr::get(RankedTensorType::get(shape, b.getI64Type()),
                                  v);
  };
  auto floats = [&](ArrayRef<float> v, bool isScalar) {
    llvm::SmallVector<int64_t, 1> shape;
    if (!isScalar)
      shape.push_back(v.size());
    return DenseElementsAttr::get(RankedTensorType::get(shape, b.getF32Type()),
                                  v);
  };
  if (node.hasAttr("value_int"))
    return {node.constant(ints({node.intAttr("value_int", 0)}, true))};
  if (node.hasAttr("value_ints"))
    return {node.constant(ints(node.intsAttr("value_ints"), false))};
  if (node.hasAttr("value_float"))
    return {node.constant(
        floats({static_cast<float>(node.floatAttr("value_float", 0))}, true))};
  if (node.hasAttr("value_floats"))
    return {node.constant(floats(node.floatsAttr("value_floats"), false))};
  const onnx::AttributeProto *value = node.findAttr("value");
  const onnx::AttributeProto *sparse = node.findAttr("sparse_value");
  if (!value && !sparse) {
    node.error() << "holds a value of a kind that is not supported";
    return {};
  }
  MLIRContext *context = b.getContext();
  llvm::Expected<ElementsAttr> tensor =
      value ? importTensor(value->t(), context)
            : importSparseTensor(sparse->sparse_tensor(), context);
  if (!tensor) {
    node.error() << llvm::toString(tensor.takeError());
    return {};
  }
  return {node.constant(*tensor)};
}

Values shape(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  ArrayRef<int64_t> dims = nn::shapeOf(x);
  int64_t rank = dims.size();
  int64_t start = node.intAttr("start", 0), end = node.intAttr("end", rank);
  start = std::clamp<int64_t>(start < 0 ? start + rank : start, 0, rank);
  end = std::clamp<int64_t>(end < 0 ? end + rank : end, start, rank);
  return {shapeValue(node, x, start, end)};
}

Values size(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  Extents &extents = node.importer.extents;
  int64_t rest = 1;
  llvm::SmallVector<Extent> found;
  for (auto [axis, dim] : llvm::enumerate(nn::shapeOf(x)))
    if (auto extent = extents.along(x, axis))
      found.push_back(*extent);
    else
      rest *= dim;
  if (found.empty())
    return {valueOf(node, Extent::constant(rest))};
  Extent first = found.front().times(rest);
  Value product = valueOf(node, first);
  for (const Extent &other : llvm::drop_begin(found))
    product = node.create<nn::MulOp>(product, valueOf(node, other));
  if (product && found.size() == 1)
    extents.setSizes(product, {first});
  return {product};
}

} // namespace

llvm::ArrayRef<Converter> mlc::constantConverters() {
  static const Converter table[] = {
      {"Constant", constant},
      {"Shape", shape},
      {"Size", size},
  };
  return table;
}
