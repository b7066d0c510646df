//===- Observer.cpp - What range a tensor's values take -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/Observer.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

using namespace llvm;

namespace mlc::calibrate {

/// Below 2^-100, all values share the first bins: the inverse of a bin's width
/// has to be a normal float.
static constexpr int kLeastExponent = -100;
static constexpr float kLargest = std::numeric_limits<float>::max();

//===----------------------------------------------------------------------===//
// Grid
//===----------------------------------------------------------------------===//

Grid Grid::of(Range range, int64_t levels) {
  double low = std::min(range.low, 0.0f), high = std::max(range.high, 0.0f);
  Grid grid;
  grid.levels = levels;
  grid.step = (high - low) / double(levels - 1);
  if (grid.step > 0)
    grid.zeroPoint =
        std::clamp<int64_t>(std::llrint(-low / grid.step), 0, levels - 1);
  return grid;
}

double Grid::round(double value) const {
  if (step == 0)
    return 0;
  double q = std::nearbyint(value / step);
  return step *
         std::clamp(q, double(-zeroPoint), double(levels - 1 - zeroPoint));
}

/// Of an even number of levels a symmetric grid leaves one unused.
static Grid gridOf(double low, double high, int64_t levels, bool symmetric) {
  return Grid::of({float(low), float(high)},
                  symmetric ? std::max<int64_t>((levels - 1) | 1, 3) : levels);
}

//===----------------------------------------------------------------------===//
// Counting
//===----------------------------------------------------------------------===//

Observer::Observer()
    : counts(2 * binsPerSign + zeroBins + 1), exponent(kLeastExponent) {}

double Observer::binWidth() const {
  return std::ldexp(1.0, exponent) / binsPerSign;
}

void Observer::widenTo(float magnitude) {
  int wanted;
  std::frexp(magnitude, &wanted); // magnitude < 2^wanted
  if (wanted <= exponent)
    return;
  int shift = std::min(wanted - exponent, 31);
  exponent = wanted;
  for (int sign = 0; sign != 2; ++sign) {
    uint64_t *bins = counts.data() + sign * binsPerSign;
    for (int i = 1; i != binsPerSign; ++i) {
      uint64_t moved = bins[i];
      bins[i] = 0;
      bins[uint32_t(i) >> shift] += moved;
    }
  }
}

void Observer::add(ArrayRef<float> values) {
  // In blocks that stay in the first cache for all passes.
  for (; values.size() > blockSize; values = values.drop_front(blockSize))
    add(values.take_front(blockSize));
  float low = kLargest, high = -kLargest;
  for (float value : values) {
    bool isFinite = std::fabs(value) <= kLargest;
    low = isFinite && value < low ? value : low;
    high = isFinite && value > high ? value : high;
  }
  if (low > high) { // none is finite
    others += values.size();
    return;
  }
  extremes = finite == 0 ? Range{low, high}
                         : Range{std::min(extremes.low, low),
                                 std::max(extremes.high, high)};
  widenTo(std::max(std::fabs(low), std::fabs(high)));
  countBins(values);
}

/// Bins first, several at once, and then counts, one by one. Zeros go to one
/// bin in turn, since counting one waits for the last count of the same bin.
void Observer::countBins(ArrayRef<float> values) {
  constexpr int zeroBin = 2 * binsPerSign, otherBin = zeroBin + zeroBins;
  // Exact, being a power of two; so no value is in another bin by rounding.
  const float toBin = std::ldexp(float(binsPerSign), -exponent);
  int bins[blockSize];
  for (size_t i = 0; i != values.size(); ++i) {
    float value = values[i], magnitude = std::fabs(value);
    bool isFinite = magnitude <= kLargest;
    int bin = int(isFinite ? magnitude * toBin : 0.0f);
    bin += value < 0 ? binsPerSign : 0;
    bin = value == 0 ? zeroBin + int(i % zeroBins) : bin;
    bins[i] = isFinite ? bin : otherBin;
  }
  uint64_t othersBefore = counts[otherBin];
  for (size_t i = 0; i != values.size(); ++i)
    ++counts[bins[i]];
  int64_t newOthers = int64_t(counts[otherBin] - othersBefore);
  others += newOthers;
  finite += int64_t(values.size()) - newOthers;
}

int64_t Observer::zeros() const {
  return std::accumulate(counts.begin() + 2 * binsPerSign,
                         counts.begin() + 2 * binsPerSign + zeroBins,
                         int64_t(0));
}

std::vector<Observer::Segment> Observer::segments() const {
  std::vector<Segment> result;
  double width = binWidth();
  auto append = [&](double low, double high, uint64_t count) {
    if (count)
      result.push_back({std::max<double>(low, extremes.low),
                        std::min<double>(high, extremes.high), double(count)});
  };
  for (int i = binsPerSign; i-- != 0;)
    append(-(i + 1) * width, -i * width, counts[binsPerSign + i]);
  for (int i = 0; i != binsPerSign; ++i)
    append(i * width, (i + 1) * width, counts[i]);
  return result;
}

double Observer::meanSquare() const {
  double sum = 0;
  for (const Segment &s : segments())
    sum += s.count * (s.low * s.low + s.low * s.high + s.high * s.high) / 3;
  return finite ? sum / double(finite) : 0;
}

//===----------------------------------------------------------------------===//
// Ranges by counts
//===----------------------------------------------------------------------===//

Range Observer::minMax() const { return extremes; }

Range Observer::percentile(double percent) const {
  double cut = double(finite) * std::clamp(100 - percent, 0.0, 100.0) / 200;
  std::vector<Segment> all = segments();
  if (zeros()) {
    auto at = find_if(all, [](const Segment &s) { return s.high > 0; });
    all.insert(at, {0, 0, double(zeros())});
  }
  Range range = extremes;
  double left = cut;
  for (const Segment &s : all) {
    if (left < s.count) {
      range.low = float(s.low + (s.high - s.low) * left / s.count);
      break;
    }
    left -= s.count;
  }
  left = cut;
  for (const Segment &s : reverse(all)) {
    if (left < s.count) {
      range.high = float(s.high - (s.high - s.low) * left / s.count);
      break;
    }
    left -= s.count;
  }
  // Half of all is cut at either end where percent is 0.
  range.high = std::max(range.low, range.high);
  return range;
}

//===----------------------------------------------------------------------===//
// Ranges by error
//===----------------------------------------------------------------------===//

/// The integral of (u - round(u))^2 from 0 to t.
static double roundingIntegral(double t) {
  double whole = double(int64_t(t + (t < 0 ? -0.5 : 0.5)));
  double rest = t - whole;
  return whole / 12 + rest * rest * rest / 3;
}

static double cube(double x) { return x * x * x; }

double Observer::squaredError(ArrayRef<Segment> segments, const Grid &grid) {
  double low = grid.low(), high = grid.high(), step = grid.step, sum = 0;
  double cubedStep = cube(step), inverse = step > 0 ? 1 / step : 0;
  for (const Segment &s : segments) {
    double width = s.high - s.low;
    if (!(width > 0)) { // all values of the bin are one
      sum += s.count * std::pow(s.low - grid.round(s.low), 2);
      continue;
    }
    double error = 0;
    double below = std::min(s.high, low), above = std::max(s.low, high);
    if (s.low < below)
      error += (cube(below - low) - cube(s.low - low)) / 3;
    if (above < s.high)
      error += (cube(s.high - high) - cube(above - high)) / 3;
    double from = std::max(s.low, low), to = std::min(s.high, high);
    if (from < to)
      error += cubedStep * (roundingIntegral(to * inverse) -
                            roundingIntegral(from * inverse));
    sum += s.count * error / width;
  }
  return sum;
}

double Observer::meanSquaredError(Range range, int64_t levels) const {
  if (finite == 0)
    return 0;
  return squaredError(segments(), Grid::of(range, levels)) / double(finite);
}

/// The factor in (0, 1] with the least cost: first along powers of 2^(1/8),
/// since the best may be a hundredth of the whole, then ever closer.
static double searchFactor(function_ref<double(double)> cost) {
  constexpr int coarse = 64, fine = 8;
  double best = 1, least = cost(1);
  auto consider = [&](double factor) {
    double value = factor > 0 && factor <= 1
                       ? cost(factor)
                       : std::numeric_limits<double>::infinity();
    if (value < least) {
      least = value;
      best = factor;
    }
  };
  for (int i = 1; i <= coarse; ++i)
    consider(std::exp2(-i / 8.0));
  double reach = 0.1 / fine; // of the best factor; between two powers lie 9 %
  for (int round = 0; round != 2; ++round, reach /= fine) {
    double center = best;
    for (int i = -fine; i <= fine; ++i)
      consider(center * (1 + i * reach));
  }
  return best;
}

Range Observer::searchSymmetric(double largest,
                                function_ref<double(double, double)> cost) {
  double high = largest * searchFactor([&](double factor) {
                  return cost(-largest * factor, largest * factor);
                });
  return {float(-high), float(high)};
}

Range Observer::searchBoth(Range whole,
                           function_ref<double(double, double)> cost) {
  double low = whole.low, high = whole.high;
  // Together first: each end alone, the other far out, would gain nothing.
  double both = searchFactor(
      [&](double factor) { return cost(low * factor, high * factor); });
  double bestLow = low * both, bestHigh = high * both;
  double least = cost(bestLow, bestHigh);
  for (int round = 0; round != 3 && low < 0 && high > 0; ++round) {
    double nextHigh = high * searchFactor([&](double factor) {
                        return cost(bestLow, high * factor);
                      });
    double nextLow = low * searchFactor([&](double factor) {
                       return cost(low * factor, nextHigh);
                     });
    double value = cost(nextLow, nextHigh);
    if (value >= least)
      break;
    bestLow = nextLow, bestHigh = nextHigh, least = value;
  }
  return {float(bestLow), float(bestHigh)};
}

Range Observer::leastSquares(int64_t levels, bool symmetric) const {
  Range whole{std::min(extremes.low, 0.0f), std::max(extremes.high, 0.0f)};
  std::vector<Segment> all = segments();
  auto cost = [&](double low, double high) {
    return squaredError(all, gridOf(low, high, levels, symmetric));
  };
  if (symmetric)
    return searchSymmetric(std::max(-whole.low, whole.high), cost);
  return searchBoth(whole, cost);
}

//===----------------------------------------------------------------------===//
// Ranges by divergence
//===----------------------------------------------------------------------===//

/// From the values, those beyond the grid at its ends, to what the grid says of
/// them: each level's values spread evenly over the bins that it stands for.
double Observer::divergence(ArrayRef<Segment> segments, const Grid &grid) {
  struct Bin {
    double inside, all;
    int64_t level;
  };
  std::vector<Bin> bins;
  double inside = 0, all = 0, below = 0;
  for (const Segment &s : segments) {
    double center = (s.low + s.high) / 2;
    all += s.count;
    if (center < grid.low()) {
      below += s.count;
    } else if (center > grid.high()) {
      if (bins.empty())
        return std::numeric_limits<double>::infinity();
      bins.back().all += s.count;
    } else {
      bins.push_back({s.count, s.count + below,
                      std::llrint(center / grid.step) + grid.zeroPoint});
      inside += s.count;
      below = 0;
    }
  }
  if (bins.empty() || below > 0)
    return std::numeric_limits<double>::infinity();
  double sum = 0;
  for (size_t begin = 0, end = 0; begin != bins.size(); begin = end) {
    double mass = 0;
    for (; end != bins.size() && bins[end].level == bins[begin].level; ++end)
      mass += bins[end].inside;
    double each = mass / double(end - begin) / inside;
    for (const Bin &bin : ArrayRef(bins).slice(begin, end - begin))
      sum += bin.all / all * std::log(bin.all / all / each);
  }
  return sum;
}

Range Observer::entropy(int64_t levels, bool symmetric) const {
  Range whole{std::min(extremes.low, 0.0f), std::max(extremes.high, 0.0f)};
  if (symmetric) {
    whole.high = std::max(-whole.low, whole.high);
    whole.low = -whole.high;
  }
  std::vector<Segment> all = segments();
  if (all.empty())
    return whole;
  double factor = searchFactor([&](double share) {
    return divergence(
        all, gridOf(whole.low * share, whole.high * share, levels, symmetric));
  });
  return {float(whole.low * factor), float(whole.high * factor)};
}

} // namespace mlc::calibrate
