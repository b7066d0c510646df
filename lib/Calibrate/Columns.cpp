//===- Columns.cpp - What a layer's weights are multiplied with -----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/Columns.h"

using namespace mlc;
using namespace mlc::calibrate;

static llvm::StringRef textOf(const onnx::NodeProto &node,
                              llvm::StringRef name) {
  for (const onnx::AttributeProto &attribute : node.attribute())
    if (attribute.name() == name)
      return attribute.s();
  return "";
}

/// The windows of a Conv along spatial dimension `d`.
static Window windowOf(const onnx::NodeProto &node, const Layer &layer,
                       llvm::ArrayRef<int64_t> input, size_t d) {
  std::vector<int64_t> strides = intsOf(node, "strides"),
                       dilations = intsOf(node, "dilations"),
                       pads = intsOf(node, "pads");
  size_t rank = input.size() - 2;
  Window window{input[2 + d],
                0,
                layer.shape[2 + d],
                strides.empty() ? 1 : strides[d],
                dilations.empty() ? 1 : dilations[d],
                0};
  llvm::StringRef automatic = textOf(node, "auto_pad");
  int64_t padEnd = 0;
  if (automatic.starts_with("SAME")) {
    window.count = (window.extent + window.stride - 1) / window.stride;
    int64_t total = std::max<int64_t>(0, window.reachOfAll() - window.extent);
    window.padBegin = automatic == "SAME_UPPER" ? total / 2 : (total + 1) / 2;
    return window;
  }
  if (automatic != "VALID" && pads.size() == 2 * rank) {
    window.padBegin = pads[d];
    padEnd = pads[rank + d];
  }
  window.count = window.fitting(padEnd);
  return window;
}

std::optional<Columns> Columns::of(const Layer &layer,
                                   const onnx::NodeProto &node,
                                   llvm::ArrayRef<int64_t> input) {
  Columns result;
  result.shape.assign(input.begin(), input.end());
  result.columns = layer.columns;
  result.groupCount = layer.groups;
  if (input.size() < 2)
    return std::nullopt;
  if (layer.op != "Conv") {
    if (input.back() != layer.columns)
      return std::nullopt;
    for (int64_t size : input.drop_front().drop_back())
      result.positions *= size;
    return result;
  }
  if (input.size() != layer.shape.size() ||
      input[1] != layer.shape[1] * layer.groups)
    return std::nullopt;
  result.isWindow = true;
  for (size_t d = 0; d + 2 < input.size(); ++d) {
    result.window.push_back(windowOf(node, layer, input, d));
    result.positions *= result.window.back().count;
  }
  return result;
}

std::vector<int64_t> Columns::counts() const {
  std::vector<int64_t> result;
  for (const Window &each : window)
    result.push_back(each.count);
  return result;
}

void Columns::gather(llvm::ArrayRef<float> input, int64_t position,
                     int64_t group, float *to) const {
  if (!isWindow) {
    std::copy_n(input.data() + position * columns, columns, to);
    return;
  }
  // Where the window begins, and how far its elements reach.
  llvm::SmallVector<int64_t, 3> at(window.size());
  int64_t rest = position % positions, row = position / positions;
  for (size_t d = window.size(); d-- > 0; rest /= window[d].count)
    at[d] = rest % window[d].count;
  int64_t plane = 1, taps = 1;
  for (const Window &w : window) {
    plane *= w.extent;
    taps *= w.kernel;
  }
  int64_t channels = columns / taps;
  const float *from =
      input.data() + (row * shape[1] + group * channels) * plane;
  for (int64_t tap = 0; tap < taps; ++tap) {
    int64_t offset = 0, left = tap, scale = 1;
    bool isInside = true;
    for (size_t d = window.size(); d-- > 0; left /= window[d].kernel) {
      int64_t k = left % window[d].kernel;
      isInside &= window[d].inside(at[d], k);
      offset += scale * window[d].at(at[d], k);
      scale *= window[d].extent;
    }
    for (int64_t c = 0; c < channels; ++c)
      to[c * taps + tap] = isInside ? from[c * plane + offset] : 0;
  }
}
