//===- ConvertReduction.cpp - Reductions of ONNX --------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Converters.h"

using namespace mlir;
using namespace mlc;

namespace {

/// Axes as an attribute (older opsets) or input 1; none means all, or nothing
/// at all with noop_with_empty_axes.
template <nn::ReduceKind kind>
Values convertReduce(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  int64_t rank = nn::shapeOf(x).size();
  llvm::SmallVector<int64_t> axes = node.intsAttr("axes");
  if (node.hasInput(1)) {
    FailureOr<llvm::SmallVector<int64_t>> given = node.constantInts(1);
    if (failed(given))
      return {};
    axes = *given;
  }
  bool isNoop = axes.empty() && node.intAttr("noop_with_empty_axes", 0);
  if (axes.empty() && !isNoop)
    axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  FailureOr<llvm::SmallVector<int64_t>> normal = node.normalizeAxes(axes, rank);
  if (failed(normal))
    return {};
  Builder &b = node.builder;
  return {node.create<nn::ReduceOp>(
      x, nn::ReduceKindAttr::get(b.getContext(), kind),
      b.getDenseI64ArrayAttr(*normal),
      node.intAttr("keepdims", 1) ? b.getUnitAttr() : UnitAttr())};
}

/// Before opset 13 the input is flattened to two dimensions at `axis` (default
/// 1).
template <bool log>
Values softmax(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  ArrayRef<int64_t> shape = nn::shapeOf(x);
  bool isOld = node.opset() < 13;
  int64_t rank = shape.size();
  FailureOr<int64_t> axis =
      node.normalizeAxis(node.intAttr("axis", isOld ? 1 : -1), rank);
  if (failed(axis))
    return {};
  UnitAttr logAttr = log ? node.builder.getUnitAttr() : UnitAttr();
  if (!isOld || *axis == rank - 1)
    return {node.create<nn::SoftmaxOp>(x, node.builder.getI64IntegerAttr(*axis),
                                       logAttr)};
  int64_t outer = 1, inner = 1;
  for (int64_t d = 0; d < rank; ++d)
    (d < *axis ? outer : inner) *= shape[d];
  Value flat = node.reshape(x, {outer, inner});
  Value y = node.create<nn::SoftmaxOp>(flat, node.builder.getI64IntegerAttr(1),
                                       logAttr);
  return {node.reshape(y, shape)};
}

} // namespace

llvm::ArrayRef<Converter> mlc::reductionConverters() {
  static const Converter table[] = {
      {"LogSoftmax", softmax<true>},
      {"ReduceL1", convertReduce<nn::ReduceKind::l1>},
      {"ReduceL2", convertReduce<nn::ReduceKind::l2>},
      {"ReduceLogSum", convertReduce<nn::ReduceKind::log_sum>},
      {"ReduceLogSumExp", convertReduce<nn::ReduceKind::log_sum_exp>},
      {"ReduceMax", convertReduce<nn::ReduceKind::max>},
      {"ReduceMean", convertReduce<nn::ReduceKind::mean>},
      {"ReduceMin", convertReduce<nn::ReduceKind::min>},
      {"ReduceProd", convertReduce<nn::ReduceKind::prod>},
      {"ReduceSum", convertReduce<nn::ReduceKind::sum>},
      {"ReduceSumSquare", convertReduce<nn::ReduceKind::sum_square>},
      {"Softmax", softmax<false>},
  };
  return table;
}
