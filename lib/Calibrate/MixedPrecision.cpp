//===- MixedPrecision.cpp - Which layers have fewer bits ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/MixedPrecision.h"

#include "llvm/ADT/STLExtras.h"

#include <limits>

using namespace llvm;

namespace mlc::calibrate {

using Options = std::vector<PrecisionOption>;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Error for a byte that is saved in going from one option to another; the
/// second is smaller.
static double rate(const PrecisionOption &from, const PrecisionOption &to) {
  return (to.error - from.error) / double(from.bytes - to.bytes);
}

PrecisionChoices::PrecisionChoices(std::vector<Options> layers)
    : layers(std::move(layers)) {
  findFront();
}

PrecisionChoice PrecisionChoices::choiceOf(std::vector<size_t> options) const {
  PrecisionChoice choice;
  for (auto [layer, option] : zip(layers, options)) {
    choice.bytes += layer[option].bytes;
    choice.error += layer[option].error;
  }
  choice.options = std::move(options);
  return choice;
}

//===----------------------------------------------------------------------===//
// The front
//===----------------------------------------------------------------------===//

/// The option with the least error, and of equal ones the smallest.
static size_t mostPrecise(const Options &options) {
  size_t best = 0;
  for (size_t i = 1; i != options.size(); ++i)
    if (std::pair(options[i].error, options[i].bytes) <
        std::pair(options[best].error, options[best].bytes))
      best = i;
  return best;
}

/// The smaller option at the best rate, and of equal ones the smallest; none
/// where there is no smaller one.
static std::optional<size_t> nextSmaller(const Options &options, size_t at) {
  std::optional<size_t> best;
  double least = kInfinity;
  for (size_t i = 0; i != options.size(); ++i) {
    if (options[i].bytes >= options[at].bytes)
      continue;
    double each = rate(options[at], options[i]);
    if (best && (each > least ||
                 (each == least && options[i].bytes >= options[*best].bytes)))
      continue;
    least = each;
    best = i;
  }
  return best;
}

void PrecisionChoices::findFront() {
  std::vector<size_t> options;
  for (const Options &layer : layers)
    options.push_back(mostPrecise(layer));
  hull.push_back(choiceOf(options));
  while (true) {
    std::optional<size_t> best;
    size_t bestOption = 0;
    double least = kInfinity;
    for (size_t i = 0; i != layers.size(); ++i) {
      std::optional<size_t> next = nextSmaller(layers[i], options[i]);
      if (!next)
        continue;
      double each = rate(layers[i][options[i]], layers[i][*next]);
      if (best && each >= least)
        continue;
      least = each;
      best = i;
      bestOption = *next;
    }
    if (!best)
      return;
    options[*best] = bestOption;
    hull.push_back(choiceOf(options));
  }
}

//===----------------------------------------------------------------------===//
// A budget of bytes
//===----------------------------------------------------------------------===//

std::optional<PrecisionChoice> PrecisionChoices::within(uint64_t bytes) const {
  // A layer's bytes count in whole parts, rounded up: what fits so fits.
  constexpr size_t parts = 4096;
  uint64_t part = std::max<uint64_t>((bytes + parts - 1) / parts, 1);
  size_t budget = bytes / part;
  std::vector<double> least(budget + 1, 0);
  std::vector<std::vector<size_t>> chosen;
  for (const Options &layer : layers) {
    std::vector<double> next(budget + 1, kInfinity);
    std::vector<size_t> options(budget + 1, 0);
    for (auto [i, option] : enumerate(layer)) {
      uint64_t cost = (option.bytes + part - 1) / part;
      for (size_t b = cost; b <= budget; ++b) {
        double error = least[b - cost] + option.error;
        if (error >= next[b])
          continue;
        next[b] = error;
        options[b] = i;
      }
    }
    least = std::move(next);
    chosen.push_back(std::move(options));
  }
  std::optional<PrecisionChoice> best;
  if (least[budget] < kInfinity) {
    std::vector<size_t> options(layers.size());
    size_t left = budget;
    for (size_t i = layers.size(); i-- != 0;) {
      options[i] = chosen[i][left];
      left -= (layers[i][options[i]].bytes + part - 1) / part;
    }
    best = choiceOf(std::move(options));
  }
  // Rounding up may have missed what the front has.
  for (const PrecisionChoice &choice : hull)
    if (choice.bytes <= bytes && (!best || choice.error < best->error))
      best = choice;
  return best;
}

//===----------------------------------------------------------------------===//
// A budget that is measured
//===----------------------------------------------------------------------===//

Error PrecisionChoices::shrink(
    PrecisionChoice &choice,
    function_ref<Expected<bool>(const PrecisionChoice &)> isGood,
    int tries) const {
  // By the bytes that they save: the next on the front was not good, but a
  // single large layer may be.
  std::vector<std::pair<uint64_t, size_t>> steps;
  for (size_t i = 0; i != layers.size(); ++i)
    if (auto next = nextSmaller(layers[i], choice.options[i]))
      steps.emplace_back(
          layers[i][choice.options[i]].bytes - layers[i][*next].bytes, i);
  llvm::sort(steps, [](const auto &a, const auto &b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  for (auto [saved, layer] : ArrayRef(steps).take_front(tries)) {
    PrecisionChoice other = choice;
    other.options[layer] = *nextSmaller(layers[layer], choice.options[layer]);
    other = choiceOf(std::move(other.options));
    Expected<bool> good = isGood(other);
    if (!good)
      return good.takeError();
    if (*good)
      choice = std::move(other);
  }
  return Error::success();
}

Expected<std::optional<PrecisionChoice>> PrecisionChoices::smallest(
    function_ref<Expected<bool>(const PrecisionChoice &)> isGood,
    int tries) const {
  Expected<bool> any = isGood(hull.front());
  if (!any)
    return any.takeError();
  if (!*any)
    return std::nullopt;
  size_t good = 0, bad = hull.size();
  while (bad - good > 1) {
    size_t middle = good + (bad - good) / 2;
    Expected<bool> isMiddleGood = isGood(hull[middle]);
    if (!isMiddleGood)
      return isMiddleGood.takeError();
    (*isMiddleGood ? good : bad) = middle;
  }
  PrecisionChoice choice = hull[good];
  if (Error error = shrink(choice, isGood, tries))
    return std::move(error);
  return choice;
}

} // namespace mlc::calibrate
