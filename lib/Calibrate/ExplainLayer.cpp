//===- ExplainLayer.cpp - Why a layer goes wrong --------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/CompareModels.h"

#include "Support/Printable.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace mlc;
using namespace mlc::calibrate;

/// Noise of a part explains that of a whole that is at most so many dB less.
static constexpr double kSlack = 3;

/// Why the integers of a value do not hold it.
static std::string explainStorage(const ComparedLayer &value) {
  // A range that lets one element in a thousand through is chosen so.
  constexpr double manySaturated = 1e-3;
  constexpr double fewSteps = 32;
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "'" << printable(value.value) << "' ";
  if (value.low && value.saturated > manySaturated)
    os << llvm::format("saturates: %.2g %% of its elements are beyond %.4g to "
                       "%.4g, the range of its integers",
                       100 * value.saturated, *value.low, *value.high);
  else if (value.stepsUsed && *value.stepsUsed < fewSteps)
    os << llvm::format("has too wide a range: its elements spread over %.0f of "
                       "its steps",
                       std::ceil(*value.stepsUsed));
  else
    os << llvm::format("loses too much where it is rounded, %.1f dB are left",
                       *value.storedSqnr);
  return text;
}

std::string calibrate::explain(const ComparedLayer &layer,
                               llvm::ArrayRef<const ComparedLayer *> operands,
                               double minSqnr) {
  if (layer.ownSqnr && !(*layer.ownSqnr >= minSqnr)) {
    double own = *layer.ownSqnr;
    if (std::isinf(own) && own < 0)
      return "gives NaN or infinities where the reference gives numbers";
    const ComparedLayer *worst = nullptr;
    for (const ComparedLayer *operand : operands)
      if (operand->storedSqnr &&
          (!worst || *operand->storedSqnr < *worst->storedSqnr))
        worst = operand;
    bool isWeights = layer.weightsSqnr && *layer.weightsSqnr <= own + kSlack;
    if (worst && *worst->storedSqnr <= own + kSlack &&
        !(isWeights && *layer.weightsSqnr < *worst->storedSqnr))
      return "its operand " + explainStorage(*worst);
    std::string text;
    llvm::raw_string_ostream os(text);
    if (isWeights)
      os << llvm::format("its weights are off, %.1f dB are left of them",
                         *layer.weightsSqnr);
    else
      os << "computes something else of operands that are close";
    return text;
  }
  if (layer.storedSqnr && !(*layer.storedSqnr >= minSqnr))
    return explainStorage(layer);
  return "";
}
