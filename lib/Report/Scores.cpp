//===- Scores.cpp - One number for a model --------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report/Scores.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace mlc;

double mlc::netScore(double percent, double millionParameters,
                     double gigaMacs) {
  return 20 * std::log10(percent * percent /
                         std::sqrt(millionParameters * gigaMacs));
}

double mlc::informationDensity(double percent, double millionParameters) {
  return percent / millionParameters;
}

static bool dominates(const Considerations &a, const Considerations &b) {
  bool isBetter = false;
  for (auto [mine, other] : llvm::zip_equal(a, b)) {
    if (mine > other)
      return false;
    isBetter |= mine < other;
  }
  return isBetter;
}

llvm::SmallVector<bool>
mlc::paretoFront(llvm::ArrayRef<Considerations> models) {
  llvm::SmallVector<bool> front;
  for (const Considerations &model : models)
    front.push_back(llvm::none_of(models, [&](const Considerations &other) {
      return dominates(other, model);
    }));
  return front;
}
