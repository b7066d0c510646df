//===- ConvertContribLayout.cpp - Operators on channels that come last ----===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// onnxruntime's layout transformation writes operators of the standard into a
// domain of their own, where channels are the last dimension of input and
// result; weights stay as they are.
//
//===----------------------------------------------------------------------===//

#include "Import/Converters.h"
#include "Import/Delegate.h"

using namespace mlir;
using namespace mlc;

namespace {

/// Operator `opType` of the standard between two transpositions.
Values channelsLast(Node &node, StringRef opType, int64_t opset) {
  Value x = node.input(0);
  if (!x)
    return {};
  int64_t rank = nn::shapeOf(x).size();
  if (rank < 3) {
    node.error() << "input has rank " << rank << ", at least 3 is required";
    return {};
  }
  SmallVector<Value> operands(node.inputs());
  operands[0] = node.transpose(x, channelsToFront(rank));
  if (node.hasOutput(1)) {
    node.error() << "further outputs are not supported";
    return {};
  }
  Values y = convertAs(node, opType, opset, operands);
  if (node.failed() || y.empty() || !y[0])
    return {};
  return {node.transpose(y[0], channelsToBack(nn::shapeOf(y[0]).size()))};
}

Values maxPool(Node &node) { return channelsLast(node, "MaxPool", 13); }

Values sameOperator(Node &node) {
  return channelsLast(node, node.opType(), node.opset());
}

} // namespace

llvm::ArrayRef<Converter> mlc::contribLayoutConverters() {
  static const char *const layout = "com.ms.internal.nhwc";
  static const Converter table[] = {
      {"AveragePool", sameOperator, layout},
      {"BatchNormalization", sameOperator, layout},
      {"Conv", sameOperator, layout},
      {"ConvTranspose", sameOperator, layout},
      {"DepthToSpace", sameOperator, layout},
      {"GlobalAveragePool", sameOperator, layout},
      {"GlobalMaxPool", sameOperator, layout},
      {"LRN", sameOperator, layout},
      {"MaxPool", sameOperator, layout},
      {"NhwcMaxPool", maxPool, kMicrosoft},
      {"SpaceToDepth", sameOperator, layout},
  };
  return table;
}
