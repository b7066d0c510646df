//===- Windows.cpp - Sliding-window attributes of ONNX --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Windows.h"

using namespace mlir;
using namespace mlc;

/// Values above which products in shape arithmetic could overflow.
static constexpr int64_t kMaxEntry = int64_t(1) << 31;

static LogicalResult check(Node &node, llvm::StringRef name,
                           llvm::ArrayRef<int64_t> values, size_t count,
                           int64_t least) {
  if (values.size() != count)
    return node.fail("attribute '" + name + "' has " +
                     llvm::Twine(values.size()) + " entries, " +
                     llvm::Twine(count) + " are required");
  for (int64_t v : values)
    if (v < least || v > kMaxEntry)
      return node.fail("attribute '" + name + "' holds " + llvm::Twine(v) +
                       ", which is out of range");
  return success();
}

/// SAME_UPPER and SAME_LOWER: the result has ceil(size / stride) positions; an
/// odd padding element goes to the end or the beginning.
static void padSame(WindowAttributes &w, llvm::ArrayRef<int64_t> input,
                    bool upper) {
  size_t rank = input.size();
  for (size_t i = 0; i < rank; ++i) {
    int64_t positions = llvm::divideCeil(input[i], w.strides[i]);
    int64_t reach = w.along(i, input[i], positions).reachOfAll();
    int64_t total = std::max<int64_t>(0, reach - input[i]);
    int64_t less = total / 2, more = total - less;
    w.pads[i] = upper ? less : more;
    w.pads[rank + i] = upper ? more : less;
  }
}

FailureOr<WindowAttributes> mlc::readWindow(Node &node,
                                            llvm::ArrayRef<int64_t> input,
                                            llvm::ArrayRef<int64_t> kernel) {
  size_t rank = input.size();
  llvm::SmallVector<int64_t> ones(rank, 1), zeros(2 * rank, 0);
  WindowAttributes w{
      llvm::SmallVector<int64_t>(kernel), node.intsAttr("strides", ones),
      node.intsAttr("pads", zeros), node.intsAttr("dilations", ones)};
  llvm::SmallVector<int64_t> declared = node.intsAttr("kernel_shape", kernel);
  if (llvm::ArrayRef<int64_t>(declared) != kernel) {
    node.error() << "attribute 'kernel_shape' does not agree with the weights";
    return failure();
  }
  if (failed(check(node, "kernel_shape", w.kernel, rank, 1)) ||
      failed(check(node, "strides", w.strides, rank, 1)) ||
      failed(check(node, "dilations", w.dilations, rank, 1)) ||
      failed(check(node, "pads", w.pads, 2 * rank, 0)))
    return failure();
  std::string mode = node.stringAttr("auto_pad", "NOTSET");
  if (mode == "SAME_UPPER" || mode == "SAME_LOWER") {
    padSame(w, input, mode == "SAME_UPPER");
  } else if (mode == "VALID") {
    w.pads = zeros;
  } else if (mode != "NOTSET") {
    node.error() << "attribute 'auto_pad' is '" << mode
                 << "', NOTSET, VALID, SAME_UPPER or SAME_LOWER is required";
    return failure();
  }
  return w;
}
