//===- PrecisionSearch.cpp - Bits of each layer under a budget ------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/PrecisionSearch.h"

#include "Calibrate/Squares.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlc;
using namespace mlc::calibrate;

Plan calibrate::withFourBits(Plan plan, llvm::ArrayRef<size_t> isFour) {
  for (auto [layer, four] : llvm::zip(plan.layers, isFour))
    if (four)
      layer.type = WeightType::Int4;
  return plan;
}

Numbers calibrate::mixed(const Numbers &eight, const Numbers &four,
                         llvm::ArrayRef<size_t> isFour) {
  Numbers result = eight;
  for (size_t i = 0; i < isFour.size(); ++i)
    if (isFour[i])
      result.layers[i] = four.layers[i];
  return result;
}

PrecisionSearch::PrecisionSearch(const Plan &plan, WeightType type,
                                 const Numbers &eight, const Numbers &four,
                                 Measures measures)
    : plan(plan), type(type), eight(eight), four(four),
      measures(std::move(measures)) {}

llvm::Error PrecisionSearch::measureLayers() {
  llvm::Expected<double> none = measures.error(plan, eight);
  if (!none)
    return none.takeError();
  base = *none;
  for (size_t i = 0; i < plan.layers.size(); ++i) {
    measures.progress("layers", i, plan.layers.size());
    std::vector<size_t> isFour(plan.layers.size(), 0);
    isFour[i] = 1;
    llvm::Expected<double> error =
        measures.error(withFourBits(plan, isFour), mixed(eight, four, isFour));
    if (!error)
      return error.takeError();
    alone.push_back(*error);
  }
  return llvm::Error::success();
}

llvm::Expected<double> PrecisionSearch::dropOf(const PrecisionChoice &choice) {
  measures.progress("accuracy", dropsMeasured, dropsMeasured + 1);
  ++dropsMeasured;
  llvm::Expected<double> drop = measures.drop(
      withFourBits(plan, choice.options), mixed(eight, four, choice.options));
  if (!drop)
    return drop;
  for (PrecisionPoint &point : points)
    if (point.bytes == choice.bytes)
      point.drop = *drop;
  return drop;
}

llvm::Expected<std::vector<size_t>>
PrecisionSearch::choose(const PrecisionBudget &budget) {
  if (llvm::Error error = measureLayers())
    return std::move(error);
  std::vector<std::vector<PrecisionOption>> layers;
  for (size_t i = 0; i < plan.layers.size(); ++i)
    layers.push_back({{eight.layers[i].bytes(type), 0},
                      {four.layers[i].bytes(WeightType::Int4),
                       std::max(0.0, alone[i] - base)}});
  PrecisionChoices choices(std::move(layers));
  for (const PrecisionChoice &choice : choices.front()) {
    PrecisionPoint point;
    point.bytes = choice.bytes;
    point.fourBitLayers = llvm::count(choice.options, size_t(1));
    point.expectedSqnr = decibels(base + choice.error);
    points.push_back(point);
  }
  if (budget.bytes) {
    auto fitting = choices.within(*budget.bytes);
    return fitting ? fitting->options : choices.front().back().options;
  }
  auto smallest = choices.smallest(
      [&](const PrecisionChoice &choice) -> llvm::Expected<bool> {
        llvm::Expected<double> drop = dropOf(choice);
        if (!drop)
          return drop.takeError();
        return *drop <= *budget.drop;
      },
      /*tries=*/8);
  if (!smallest)
    return smallest.takeError();
  return *smallest ? (*smallest)->options : choices.front().front().options;
}
