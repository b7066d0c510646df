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

Values maxPool(Node &node) { return convertChannelsLast(node, "MaxPool", 13); }

Values sameOperator(Node &node) {
  return convertChannelsLast(node, node.opType(), node.opset());
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
