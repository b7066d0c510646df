//===- Squares.h - Sums of squared errors -----------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_SQUARES_H
#define MLC_CALIBRATE_SQUARES_H

#include "llvm/ADT/ArrayRef.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace mlc::calibrate {

/// -10 log10 of a relative squared error; 200 where it is less than 1e-20.
inline double decibels(double relativeError) {
  return relativeError < 1e-20 ? 200 : -10 * std::log10(relativeError);
}

/// How far numbers are off those that they stand for. What is infinite or NaN
/// where it stands for a number is infinitely far off; what it stands for that
/// is no number counts for nothing.
class Squares {
public:
  void add(float wanted, float found) {
    if (!std::isfinite(wanted))
      return;
    double difference = static_cast<double>(wanted) - found;
    double off = std::isfinite(found) ? std::fabs(difference)
                                      : std::numeric_limits<double>::infinity();
    error += off * off;
    signal += static_cast<double>(wanted) * wanted;
    mostOff = std::max(mostOff, off);
    most = std::max(most, std::fabs(static_cast<double>(wanted)));
    ++count;
  }
  void add(llvm::ArrayRef<float> wanted, llvm::ArrayRef<float> found) {
    for (size_t i = 0; i < wanted.size(); ++i)
      add(wanted[i], found[i]);
  }

  /// Over the squares of what is wanted.
  double relative() const {
    return error == 0 ? 0 : error / std::max(signal, 1e-30);
  }
  /// Signal to noise.
  double sqnr() const { return decibels(relative()); }
  double rootMean() const { return count ? std::sqrt(error / count) : 0; }
  double largest() const { return mostOff; }
  /// The largest error over the largest number.
  double relativeLargest() const {
    return mostOff == 0 ? 0 : mostOff / std::max(most, 1e-30);
  }

private:
  double error = 0, signal = 0, mostOff = 0, most = 0;
  double count = 0;
};

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_SQUARES_H
