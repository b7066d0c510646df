//===- PrecisionSearch.h - Bits of each layer under a budget ----*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which layers have weights of 4 bits. Each is measured: how far the outputs
// are off where it alone has 4 bits. A budget of accuracy is measured as well,
// on labelled samples and with the whole model.
//
//   PrecisionSearch search(plan, WeightType::Int8, eight, four, measures);
//   Expected<std::vector<size_t>> isFour = search.choose(budget);
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_PRECISIONSEARCH_H
#define MLC_CALIBRATE_PRECISIONSEARCH_H

#include "Calibrate/MixedPrecision.h"
#include "Calibrate/QdqWriter.h"

#include "mlc/Quantize.h"

#include <functional>

namespace mlc::calibrate {

struct PrecisionBudget {
  std::optional<double> drop;    ///< as AccuracyDrop has it
  std::optional<uint64_t> bytes; ///< of weights, scales and biases
};

/// `plan` with weights of 4 bits in some layers.
Plan withFourBits(Plan plan, llvm::ArrayRef<size_t> isFour);
/// The numbers of such a plan.
Numbers mixed(const Numbers &eight, const Numbers &four,
              llvm::ArrayRef<size_t> isFour);

class PrecisionSearch {
public:
  /// How models are measured.
  struct Measures {
    /// The relative squared error of outputs, by calibration samples.
    std::function<llvm::Expected<double>(const Plan &, const Numbers &)> error;
    /// The drop; null where there is no budget of it.
    std::function<llvm::Expected<double>(const Plan &, const Numbers &)> drop;
    /// Told of a measurement of `what`, among `count`.
    std::function<void(const char *what, size_t index, size_t count)> progress;
  };

  /// All must outlive this. `eight` and `four` are numbers of the plan with
  /// all layers in its own form, and with all in 4 bits.
  PrecisionSearch(const Plan &plan, WeightType type, const Numbers &eight,
                  const Numbers &four, Measures measures);

  /// The choice for a budget: 1 for layers of 4 bits. Where it cannot be met,
  /// the choice that comes closest: the smallest, or the most accurate.
  llvm::Expected<std::vector<size_t>> choose(const PrecisionBudget &budget);

  /// The front, with the drops that were measured.
  const std::vector<PrecisionPoint> &front() const { return points; }
  /// By layer, the error of outputs where it alone has 4 bits.
  llvm::ArrayRef<double> sensitivities() const { return alone; }

private:
  llvm::Error measureLayers();
  llvm::Expected<double> dropOf(const PrecisionChoice &choice);

  const Plan &plan;
  WeightType type;
  const Numbers &eight, &four;
  Measures measures;
  double base = 0; ///< error with no layer in 4 bits
  std::vector<double> alone;
  std::vector<PrecisionPoint> points;
  size_t dropsMeasured = 0;
};

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_PRECISIONSEARCH_H
