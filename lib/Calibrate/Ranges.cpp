//===- Ranges.cpp - Activations to bytes ----------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/Ranges.h"

#include "Support/Printable.h"

#include <cmath>

using namespace mlc;
using namespace mlc::calibrate;

Stored calibrate::storedFor(Range range, const ActivationForm &form) {
  float low = std::min(range.low, 0.0f), high = std::max(range.high, 0.0f);
  int least = form.least();
  // Constant zeros have no range: any scale will do.
  if (low == high)
    return {1, least};
  Stored stored;
  // In halves, since the range may be wider than the greatest float.
  stored.scale = scaleFor(high / 2 - low / 2, 255, form.powersOfTwo) * 2;
  double zero = std::nearbyint(-static_cast<double>(low) / stored.scale);
  stored.zeroPoint = least + static_cast<int>(std::clamp(zero, 0.0, 255.0));
  return stored;
}

llvm::Expected<std::vector<Observer>>
calibrate::observe(Session &session, const onnx::ModelProto &model,
                   const Plan &plan, const SampleRange &range) {
  std::vector<std::string> values;
  std::vector<int> groups;
  for (const Point &point : plan.points) {
    if (!point.isSeen)
      continue;
    values.push_back(point.value);
    groups.push_back(point.group);
  }
  std::vector<Observer> observers(plan.groups);
  auto add = [&](llvm::ArrayRef<Tensor> tensors, BatchPart) -> llvm::Error {
    for (size_t i = 0; i < tensors.size(); ++i) {
      llvm::ArrayRef<float> numbers = tensors[i].values<float>();
      if (!llvm::all_of(numbers, [](float x) { return std::isfinite(x); }))
        return llvm::createStringError(
            session.runOptions().name + ": value '" + printable(values[i]) +
            "' is NaN or infinite for one of the samples: it has no range");
      observers[groups[i]].add(numbers);
    }
    return llvm::Error::success();
  };
  if (llvm::Error error = session.run(model, values, range, "ranges", add))
    return std::move(error);
  return std::move(observers);
}
