//===- MixedPrecision.h - Which layers have fewer bits ----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each layer of a model can be stored in one of several forms, which take bytes
// and cost an error that was measured with this layer alone in that form.
// Errors of layers are taken to add up, which is what a squared error at the
// outputs nearly does; what is chosen by that is to be measured again.
//
//   PrecisionChoices choices(layers);
//   choices.front()                                    // the Pareto front
//   choices.within(bytes)                              // the best that fits
//   choices.smallest([&](const PrecisionChoice &c) -> Expected<bool> {
//     return dropOf(c) <= 0.5;                         // as measured
//   });
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_MIXEDPRECISION_H
#define MLC_CALIBRATE_MIXEDPRECISION_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace mlc::calibrate {

/// A form that a layer can have.
struct PrecisionOption {
  uint64_t bytes = 0;
  double error = 0; ///< finite
};

/// A form for each layer, by its place among the layer's options.
struct PrecisionChoice {
  std::vector<size_t> options;
  uint64_t bytes = 0; ///< of all layers
  double error = 0;   ///< the sum over layers
};

class PrecisionChoices {
public:
  /// At least one option a layer.
  explicit PrecisionChoices(std::vector<std::vector<PrecisionOption>> layers);

  /// Choices that no other beats both in bytes and in error, from the one with
  /// the least error on, each smaller than the last: those on the convex hull,
  /// which exchange errors for bytes at ever worse rates.
  llvm::ArrayRef<PrecisionChoice> front() const { return hull; }

  /// The least error within so many bytes, by dynamic programming over 4,096
  /// parts of the budget: a choice that fits with a part a layer to spare is
  /// never missed. None where the smallest does not fit.
  std::optional<PrecisionChoice> within(uint64_t bytes) const;

  /// The smallest choice that `isGood` accepts: the last of the front for which
  /// it is taken to hold, by halving, and then smaller forms of single layers
  /// as long as it holds for them, at most `tries` of these. None where it
  /// does not hold for the choice with the least error. Errors are isGood's.
  llvm::Expected<std::optional<PrecisionChoice>> smallest(
      llvm::function_ref<llvm::Expected<bool>(const PrecisionChoice &)> isGood,
      int tries = 16) const;

private:
  PrecisionChoice choiceOf(std::vector<size_t> options) const;
  void findFront();
  llvm::Error shrink(
      PrecisionChoice &choice,
      llvm::function_ref<llvm::Expected<bool>(const PrecisionChoice &)> isGood,
      int tries) const;

  std::vector<std::vector<PrecisionOption>> layers;
  std::vector<PrecisionChoice> hull;
};

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_MIXEDPRECISION_H
