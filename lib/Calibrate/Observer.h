//===- Observer.h - What range a tensor's values take -----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Values of a tensor stream through an Observer, which keeps their histogram;
// afterwards it says which range a quantiser of that tensor should have.
//
//   Observer observer;
//   for (ArrayRef<float> values : batches)
//     observer.add(values);
//   Range range = observer.leastSquares(/*levels=*/256, /*symmetric=*/false);
//
// Memory is bounded, 64 KiB of counts: where a value lies outside, bins become
// twice as wide, two and two together. Widths are powers of two, so that no
// value ever falls into another bin than it would have from the beginning: all
// results depend on the values alone, neither on their order nor on how they
// are spread over calls.
//
// A quantiser of `levels` levels and a range has the step (high - low) /
// (levels - 1) and represents 0 exactly: see Grid.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_OBSERVER_H
#define MLC_CALIBRATE_OBSERVER_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <cstdint>
#include <vector>

namespace mlc::calibrate {

struct Range {
  float low = 0, high = 0;

  bool operator==(const Range &other) const {
    return low == other.low && high == other.high;
  }
};

/// The numbers that a quantiser represents: step * (q - zeroPoint) for q in
/// [0, levels).
struct Grid {
  double step = 0; ///< 0 where 0 is all that it represents
  int64_t zeroPoint = 0;
  int64_t levels = 2;

  /// The grid for a range, widened to have 0 in it; ends move by at most half a
  /// step, so that 0 is on the grid. `levels` is at least 2.
  static Grid of(Range range, int64_t levels);

  double low() const { return -step * double(zeroPoint); }
  double high() const { return step * double(levels - 1 - zeroPoint); }
  /// The number of the grid that is closest to `value`.
  double round(double value) const;
};

class Observer {
public:
  Observer();

  /// Counts values. Those that are infinite or NaN count only as nonFinite().
  void add(llvm::ArrayRef<float> values);

  /// How many finite values there were, and how many others.
  int64_t count() const { return finite; }
  int64_t nonFinite() const { return others; }
  /// The mean of the finite values' squares, from the bins: within 1 part in
  /// 1000 of the largest square.
  double meanSquare() const;

  /// Exact smallest and largest finite values; {0, 0} where there are none.
  Range minMax() const;

  /// The range that holds `percent` percent of the values: of the rest, one
  /// half is below it and the other above. 100 is minMax(). The ends are those
  /// of the values to within a bin, at most 2^-11 of the largest magnitude.
  Range percentile(double percent) const;

  /// The range whose grid has the least mean squared error. Symmetric: low is
  /// -high, and of an even number of levels one is not used. Always has 0.
  Range leastSquares(int64_t levels, bool symmetric) const;

  /// The range for which the distribution of the values on the grid is closest
  /// to that of the values, by Kullback-Leibler divergence. Both ends are the
  /// same share of the smallest and largest value. Zeros do not count: every
  /// grid has them exactly. Always has 0.
  Range entropy(int64_t levels, bool symmetric) const;

  /// The mean squared error of a grid over the finite values, taken as spread
  /// evenly over their bins.
  double meanSquaredError(Range range, int64_t levels) const;

private:
  /// A bin with `count` values between `low` and `high`.
  struct Segment {
    double low, high;
    double count;
  };

  static constexpr int binsPerSign = 4096, zeroBins = 8;
  static constexpr size_t blockSize = 2048;

  void widenTo(float magnitude);
  void countBins(llvm::ArrayRef<float> values);
  int64_t zeros() const;
  double binWidth() const;
  /// Bins that have values, from low to high, within minMax(); zeros are left
  /// out.
  std::vector<Segment> segments() const;
  static double squaredError(llvm::ArrayRef<Segment> segments,
                             const Grid &grid);
  static Range searchSymmetric(double largest,
                               llvm::function_ref<double(double, double)> cost);
  static Range searchBoth(Range whole,
                          llvm::function_ref<double(double, double)> cost);
  static double divergence(llvm::ArrayRef<Segment> segments, const Grid &grid);

  /// Bins of positive values, then of negative ones by magnitude, then those
  /// of zeros, then one of values that are not finite.
  std::vector<uint64_t> counts;
  int exponent;       ///< magnitudes are below 2^exponent
  int64_t finite = 0; ///< zeros among them
  int64_t others = 0;
  Range extremes;
};

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_OBSERVER_H
