//===- ConvertContribTensor.cpp - Contrib operators that move and compare -===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Most are operators that the standard has by now, in the form they had before.
//
//===----------------------------------------------------------------------===//

#include "Import/Compose.h"
#include "Import/Converters.h"
#include "Import/Delegate.h"
#include "Import/Norms.h"
#include "Import/Products.h"

using namespace mlir;
using namespace mlc;

namespace {

//===----------------------------------------------------------------------===//
// Operators that became standard
//===----------------------------------------------------------------------===//

Values gatherND(Node &node) {
  return convertAs(node, "GatherND", 13, node.inputs());
}

Values gridSample(Node &node) {
  return convertAs(node, "GridSample", 16, node.inputs());
}

Values trilu(Node &node) { return convertAs(node, "Trilu", 14, node.inputs()); }

Values pad(Node &node) { return convertAs(node, "Pad", 13, node.inputs()); }

/// Bounds may have rank 1, and the step is 1 where it is absent.
Values range(Node &node) {
  SmallVector<Value> operands;
  for (size_t i = 0; i < 2; ++i)
    operands.push_back(node.hasInput(i) ? node.reshape(node.inputs()[i], {})
                                        : node.input(i));
  if (node.failed())
    return {};
  operands.push_back(node.hasInput(2)
                         ? node.reshape(node.inputs()[2], {})
                         : node.scalar(nn::elementOf(operands[0]), 1));
  return convertAs(node, "Range", 13, operands);
}

Values expandDims(Node &node) {
  Value x = node.input(0);
  FailureOr<SmallVector<int64_t>> axes = node.constantInts(1);
  if (!x || failed(axes))
    return {};
  SmallVector<int64_t> shape(nn::shapeOf(x));
  if (axes->size() != 1) {
    node.error() << "has " << axes->size() << " axes, 1 is required";
    return {};
  }
  FailureOr<int64_t> axis = node.normalizeAxis(axes->front(), shape.size() + 1);
  if (failed(axis))
    return {};
  shape.insert(shape.begin() + *axis, 1);
  return {node.reshape(x, shape)};
}

/// Pads are an input, before the bias.
Values convTransposeWithPads(Node &node) {
  SmallVector<Value> operands = {node.input(0), node.input(1),
                                 node.optionalInput(3)};
  if (!node.hasInput(2))
    return convertAs(node, "ConvTranspose", 13, operands);
  FailureOr<SmallVector<int64_t>> pads = node.constantInts(2);
  if (failed(pads))
    return {};
  return convertAs(node, "ConvTranspose", 13, operands,
                   {intsAttribute("pads", *pads)});
}

Values torchEmbedding(Node &node) {
  return {gatherRows(node, node.input(0), node.input(1))};
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

/// Whether no input has an infinity, or a NaN; the attributes ask for one
/// alone.
Values isAllFinite(Node &node) {
  Builder &b = node.builder;
  Value all;
  for (size_t i = 0; i < node.numInputs(); ++i) {
    Value x = node.input(i), bad;
    if (!node.intAttr("isnan_only", 0))
      bad =
          node.create<nn::IsInfOp>(x, b.getBoolAttr(true), b.getBoolAttr(true));
    if (!node.intAttr("isinf_only", 0)) {
      Value isNaN = node.create<nn::IsNaNOp>(x);
      bad = bad ? node.create<nn::OrOp>(bad, isNaN) : isNaN;
    }
    if (!bad)
      return {};
    auto axes = llvm::to_vector(llvm::seq<int64_t>(0, nn::shapeOf(x).size()));
    Value good = reduce(node, node.create<nn::NotOp>(bad), nn::ReduceKind::min,
                        axes, false);
    all = all ? node.create<nn::AndOp>(all, good) : good;
  }
  return {all};
}

/// Distances of the rows of A from those of B, by products as onnxruntime has
/// them.
Values cdist(Node &node) {
  Value a = node.input(0), b = node.input(1);
  std::string metric = node.stringAttr("metric", "sqeuclidean");
  if (!a || !b)
    return {};
  if (nn::shapeOf(a).size() != 2 || nn::shapeOf(b).size() != 2 ||
      (metric != "euclidean" && metric != "sqeuclidean")) {
    node.error() << "compares " << a.getType() << " with " << b.getType()
                 << " by '" << metric
                 << "'; rank 2, and euclidean or sqeuclidean are required";
    return {};
  }
  auto squares = [&](Value v) {
    return reduce(node, node.create<nn::MulOp>(v, v), nn::ReduceKind::sum, {1},
                  true);
  };
  Value sum =
      node.create<nn::AddOp>(squares(a), node.transpose(squares(b), {1, 0}));
  Value twice = withScalar<nn::MulOp>(node, importProduct(node, a, b, true), 2);
  Value distance =
      withScalar<nn::MaxOp>(node, node.create<nn::SubOp>(sum, twice), 0);
  return {metric == "euclidean" ? node.create<nn::SqrtOp>(distance) : distance};
}

/// Pairs of real and imaginary parts in the last dimension; B may be
/// conjugated.
template <bool isConjugated>
Values complexMul(Node &node) {
  Value a = node.input(0), b = node.input(1);
  if (!a || !b)
    return {};
  auto part = [&](Value v, int64_t i) {
    return node.slice(v, nn::shapeOf(v).size() - 1, i, 1);
  };
  for (Value v : {a, b})
    if (nn::shapeOf(v).empty() || nn::shapeOf(v).back() != 2) {
      node.error() << "operand is " << v.getType()
                   << ", 2 in the last dimension is required";
      return {};
    }
  auto mul = [&](Value x, Value y) { return node.create<nn::MulOp>(x, y); };
  Value ar = part(a, 0), ai = part(a, 1), br = part(b, 0), bi = part(b, 1);
  if (isConjugated)
    bi = node.create<nn::NegOp>(bi);
  Value real = node.create<nn::SubOp>(mul(ar, br), mul(ai, bi));
  Value imaginary = node.create<nn::AddOp>(mul(ar, bi), mul(ai, br));
  if (!real || !imaginary)
    return {};
  return {concat(node, {real, imaginary}, nn::shapeOf(real).size() - 1)};
}

/// Rows of [B, N, M], and what one step of Gauss and Jordan's elimination makes
/// of them: row `step`, swapped with the one whose element in that column is
/// greatest, has 1 there, and all others 0.
Value eliminated(Node &node, Value rows, int64_t step) {
  SmallVector<int64_t> shape(nn::shapeOf(rows));
  Type element = nn::elementOf(rows), i64 = node.builder.getI64Type();
  Value index = iota(node, shape[1], i64, 1, 3);
  Value column = node.slice(rows, 2, step, 1);
  Value isLeft = withScalar<nn::GreaterOrEqualOp>(node, index, step);
  if (!column || !isLeft)
    return {};
  Value size = node.create<nn::SelectOp>(isLeft, node.create<nn::AbsOp>(column),
                                         node.scalar(element, -1));
  Value isPivot = node.create<nn::EqualOp>(
      index, argExtreme(node, size, 1, /*isMax=*/true, /*isLast=*/false));
  Value isOwn = withScalar<nn::EqualOp>(node, index, step);
  if (!isPivot || !isOwn)
    return {};
  Value chosen = reduce(
      node, node.create<nn::SelectOp>(isPivot, rows, node.scalar(element, 0)),
      nn::ReduceKind::sum, {1}, true);
  Value swapped =
      node.create<nn::SelectOp>(isPivot, node.slice(rows, 1, step, 1), rows);
  Value own = node.create<nn::DivOp>(chosen, node.slice(chosen, 2, step, 1));
  Value factors = node.slice(swapped, 2, step, 1);
  Value others =
      node.create<nn::SubOp>(swapped, node.create<nn::MulOp>(factors, own));
  return node.create<nn::SelectOp>(isOwn, own, others);
}

/// Of matrices [..., N, N], side by side with the identity.
Values inverse(Node &node) {
  constexpr int64_t kMaxSize = 32;
  Value x = node.input(0);
  if (!x)
    return {};
  SmallVector<int64_t> shape(nn::shapeOf(x));
  size_t rank = shape.size();
  if (rank < 2 || !isa<FloatType>(nn::elementOf(x)) ||
      shape[rank - 1] != shape[rank - 2] || shape[rank - 1] > kMaxSize) {
    node.error() << "input is " << x.getType()
                 << ", square matrices of at most " << kMaxSize
                 << " rows are required";
    return {};
  }
  int64_t size = shape[rank - 1];
  Type element = nn::elementOf(x), stash = stashType(x);
  int64_t batch = dimProduct(ArrayRef(shape).drop_back(2));
  Type i64 = node.builder.getI64Type();
  Value identity =
      node.cast(node.create<nn::EqualOp>(iota(node, size, i64, 1, 3),
                                         iota(node, size, i64, 2, 3)),
                stash);
  Value rows = concat(node,
                      {node.reshape(node.cast(x, stash), {batch, size, size}),
                       broadcast(node, identity, {batch, size, size})},
                      2);
  for (int64_t step = 0; step < size && rows; ++step)
    rows = eliminated(node, rows, step);
  if (!rows)
    return {};
  return {
      node.cast(node.reshape(node.slice(rows, 2, size, size), shape), element)};
}

} // namespace

llvm::ArrayRef<Converter> mlc::contribTensorConverters() {
  static const Converter table[] = {
      {"CDist", cdist, kMicrosoft},
      {"ComplexMul", complexMul<false>, kMicrosoft},
      {"ComplexMulConj", complexMul<true>, kMicrosoft},
      {"ConvTransposeWithDynamicPads", convTransposeWithPads, kMicrosoft},
      {"ExpandDims", expandDims, kMicrosoft},
      {"GatherND", gatherND, kMicrosoft},
      {"GridSample", gridSample, kMicrosoft},
      {"Inverse", inverse, kMicrosoft},
      {"IsAllFinite", isAllFinite, kMicrosoft},
      {"Pad", pad, kMicrosoft},
      {"Range", range, kMicrosoft},
      {"TorchEmbedding", torchEmbedding, kMicrosoft},
      {"Trilu", trilu, kMicrosoft},
  };
  return table;
}
