//===- FollowedValue.cpp - A value through two models ---------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/FollowedValue.h"

using namespace mlc;
using namespace mlc::calibrate;

std::vector<float> calibrate::floatsOf(const Tensor &tensor) {
  if (tensor.type() == ElementType::F32)
    return tensor.values<float>().vec();
  std::vector<float> values(tensor.size());
  for (int64_t i = 0; i < tensor.size(); ++i)
    values[i] = static_cast<float>(tensor.at(i));
  return values;
}

void FollowedValue::sumChannels(llvm::ArrayRef<float> x,
                                llvm::ArrayRef<float> y) {
  size_t inner = x.size() / channels.size();
  for (size_t i = 0; i < x.size(); ++i) {
    ChannelSums &sums = channels[i / inner];
    sums.xx += double(x[i]) * x[i];
    sums.xy += double(x[i]) * y[i];
    sums.yy += double(y[i]) * y[i];
  }
}

void FollowedValue::findFactors() {
  double raw = 0, fitted = 0, xx = 0, yy = 0;
  std::vector<float> found;
  for (const ChannelSums &sums : channels) {
    double factor = sums.xx > 0 ? sums.xy / sums.xx : 1;
    if (!(factor > 0))
      factor = 1;
    found.push_back(static_cast<float>(factor));
    raw += sums.xx - 2 * sums.xy + sums.yy;
    fitted += factor * factor * sums.xx - 2 * factor * sums.xy + sums.yy;
    xx += sums.xx;
    yy += sums.yy;
  }
  // 10 dB without the factors, which no rounding leaves, and 20 dB with them.
  constexpr double far = 0.1, close = 0.01;
  if (raw > far * xx && fitted < close * yy)
    factors = std::move(found);
}

void FollowedValue::takeFactors(std::vector<float> &y) const {
  if (factors.empty())
    return;
  size_t inner = y.size() / factors.size();
  for (size_t i = 0; i < y.size(); ++i)
    y[i] /= factors[i / inner];
}

void FollowedValue::noteRange(llvm::ArrayRef<float> x) {
  float half = static_cast<float>(pair.step / 2);
  for (float value : x) {
    low = std::min(low, value);
    high = std::max(high, value);
    beyond += pair.range && (value < pair.range->low - half ||
                             value > pair.range->high + half);
  }
  count += static_cast<int64_t>(x.size());
}
