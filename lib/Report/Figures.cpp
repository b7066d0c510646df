//===- Figures.cpp - What a report tells of models ------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report/Figures.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace mlc;

uint64_t ModelFigures::executedMacs() const {
  uint64_t sum = 0;
  for (const OperatorRow &row : bench.rows)
    sum += row.macs;
  return sum;
}

uint64_t ModelFigures::movedBytes() const {
  uint64_t sum = 0;
  for (const OperatorRow &row : bench.rows)
    sum += row.bytes;
  return sum;
}

Energy ModelFigures::energyOf(const OperatorRow &row) const {
  return mlc::energyOf(row, weightsBytes);
}

Energy ModelFigures::energy() const {
  Energy sum;
  for (const OperatorRow &row : bench.rows)
    sum += energyOf(row);
  return sum;
}

/// How many elements a vector holds where it holds one f32.
static double lanesOf(StringRef element) {
  unsigned bits = 32;
  StringRef digits = element.drop_while([](char c) { return !isDigit(c); });
  if (digits.getAsInteger(10, bits) || bits == 0)
    return 1;
  return std::clamp(32.0 / bits, 0.5, 4.0);
}

double ModelFigures::estimatedMs(const OperatorRow &row) const {
  double rate = bench.peakGflops() * lanesOf(row.element);
  uint64_t visits = std::max(1u, row.visits);
  uint64_t weights = visits * row.weightBytes, bytes = 0;
  if (weightsBytes > bench.l2Bytes)
    bytes += weights;
  if ((row.bytes - weights) / visits > bench.l2Bytes)
    bytes += row.bytes - weights;
  return std::max(row.operations / (rate * 1e6),
                  bytes / (bench.machine.readGBs * 1e6));
}

double ModelFigures::estimatedMs() const {
  double sum = 0;
  for (const OperatorRow &row : bench.rows)
    sum += estimatedMs(row);
  return sum;
}

std::optional<double> ModelFigures::netScoreWith(double parameters) const {
  if (!score || !score->isPercent() || score->value <= 0 || parameters <= 0 ||
      macs == 0)
    return std::nullopt;
  return netScore(score->value, parameters / 1e6, macs / 1e9);
}

std::optional<double> ModelFigures::densityWith(double parameters) const {
  if (!score || !score->isPercent() || parameters <= 0)
    return std::nullopt;
  return informationDensity(score->value, parameters / 1e6);
}

bool ModelReport::isMeasured() const {
  return all_of(models, [](const ModelFigures &m) { return m.isMeasured(); });
}

bool ModelReport::isScored() const {
  return all_of(models, [&](const ModelFigures &m) {
    return m.score && m.score->metric == models.front().score->metric;
  });
}

SmallVector<bool> ModelReport::front() const {
  SmallVector<Considerations> considered;
  bool isMeasured = this->isMeasured(), isScored = this->isScored();
  for (const ModelFigures &model : models) {
    Considerations each;
    if (isMeasured)
      each.push_back(model.bench.times.best);
    each.push_back(model.flashBytes());
    each.push_back(model.memoryBytes());
    each.push_back(model.energy().total());
    if (isScored)
      each.push_back(model.score->isPercent() ? -model.score->value
                                              : model.score->value);
    considered.push_back(std::move(each));
  }
  return paretoFront(considered);
}
