//===- PoolIndices.cpp - Where a pool found its maxima --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/PoolIndices.h"

#include "Import/Compose.h"

using namespace mlir;
using namespace mlc;

namespace {

using Dims = llvm::SmallVector<int64_t>;

/// Taps of a window, each of which is compared with the best so far.
constexpr int64_t kMostTaps = 4096;

class IndexFinder {
public:
  IndexFinder(Node &node, Value x, const WindowAttributes &window,
              ArrayRef<int64_t> result)
      : node(node), x(x), window(window), input(nn::shapeOf(x)), result(result),
        rank(input.size()), i64(node.builder.getI64Type()) {
    strides = nn::rowMajorStrides(input);
    if (node.intAttr("storage_order", 0) == 1)
      for (int64_t d = 2, step = 1; d < rank; step *= input[d++])
        strides[d] = step;
  }

  Value run() {
    int64_t taps = dimProduct(window.kernel);
    if (taps > kMostTaps) {
      node.error() << "gives the indices of windows of " << taps
                   << " elements, at most " << kMostTaps << " are supported";
      return {};
    }
    Value padded = pad();
    Value best, offset, isFound;
    Dims steps = nn::rowMajorStrides(window.kernel);
    for (int64_t i = 0; i < taps && !node.failed(); ++i) {
      Dims tap;
      for (auto [d, step] : llvm::enumerate(steps))
        tap.push_back(i / step % window.kernel[d] * window.dilations[d]);
      take(padded, tap, best, offset, isFound);
    }
    // What all taps of a window have in common.
    for (int64_t d = 0; d < rank; ++d) {
      int64_t start = d < 2 ? 0 : -window.pads[d - 2],
              step = d < 2 ? 1 : window.strides[d - 2];
      offset = node.create<nn::AddOp>(offset, iota(node, result[d], i64, d,
                                                   rank, start * strides[d],
                                                   step * strides[d]));
    }
    return offset;
  }

private:
  /// The input with the least value around, as far as windows reach.
  Value pad() {
    Dims pads(2 * rank, 0);
    for (int64_t d = 2; d < rank; ++d) {
      int64_t reach = window.along(d - 2, input[d], result[d]).reachOfAll();
      pads[d] = window.pads[d - 2];
      pads[rank + d] = std::max<int64_t>(0, reach - pads[d] - input[d]);
    }
    Type element = nn::elementOf(x);
    Value least = node.scalar(element, extremeOf(element, false));
    if (!least)
      return {};
    return node.finish(nn::PadOp::create(node.builder, node.loc, x.getType(), x,
                                         least, pads, nn::PadMode::constant));
  }

  /// Where a tap lies in the input: all true, a constant or null for
  /// everywhere.
  Value insideOf(ArrayRef<int64_t> tap) {
    Value inside;
    for (int64_t d = 2; d < rank; ++d) {
      int64_t stride = window.strides[d - 2],
              start = tap[d - 2] - window.pads[d - 2];
      if (start >= 0 && start + (result[d] - 1) * stride < input[d])
        continue;
      Value place = iota(node, result[d], i64, d, rank, start, stride);
      Value own = node.create<nn::AndOp>(
          withScalar<nn::GreaterOrEqualOp>(node, place, 0),
          withScalar<nn::LessOp>(node, place, input[d]));
      inside = inside ? node.create<nn::AndOp>(inside, own) : own;
    }
    return inside;
  }

  /// Takes the tap where it is more than the best, or the first in the input.
  void take(Value padded, ArrayRef<int64_t> tap, Value &best, Value &offset,
            Value &isFound) {
    Dims starts(rank, 0), sizes(result), steps(rank, 1);
    int64_t position = 0;
    for (int64_t d = 2; d < rank; ++d) {
      starts[d] = tap[d - 2];
      steps[d] = window.strides[d - 2];
      position += tap[d - 2] * strides[d];
    }
    Value v = node.create<nn::SliceOp>(padded, starts, sizes, steps);
    Value inside = insideOf(tap), own = node.scalar(i64, position);
    if (!v || !own)
      return;
    Value everywhere = node.scalar(node.builder.getI1Type(), 1);
    Value here = inside ? inside : everywhere;
    if (!best) {
      best = v;
      offset = broadcast(node, own, result);
      isFound = here;
      return;
    }
    Value isMore = node.create<nn::GreaterOp>(v, best);
    Value isFirst =
        node.create<nn::AndOp>(here, node.create<nn::NotOp>(isFound));
    Value wins = node.create<nn::OrOp>(isMore, isFirst);
    best = node.create<nn::SelectOp>(wins, v, best);
    offset = node.create<nn::SelectOp>(wins, own, offset);
    isFound = node.create<nn::OrOp>(isFound, here);
  }

  Node &node;
  Value x;
  const WindowAttributes &window;
  Dims input, result, strides;
  int64_t rank;
  Type i64;
};

} // namespace

Value mlc::maxIndices(Node &node, Value x, const WindowAttributes &window,
                      ArrayRef<int64_t> shape) {
  return IndexFinder(node, x, window, shape).run();
}
