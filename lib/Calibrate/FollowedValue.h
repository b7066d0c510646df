//===- FollowedValue.h - A value through two models -------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_FOLLOWEDVALUE_H
#define MLC_CALIBRATE_FOLLOWEDVALUE_H

#include "Calibrate/Squares.h"
#include "Calibrate/ValuePairs.h"

namespace mlc::calibrate {

/// Floats of any width.
std::vector<float> floatsOf(const Tensor &tensor);

/// Sums of one channel of both models, by which factors are found.
struct ChannelSums {
  double xx = 0, xy = 0, yy = 0;
};

/// A pair, where its values are among those of the reference, of the other
/// model and of that one cut, and what samples showed.
struct FollowedValue {
  ValuePair pair;
  size_t wanted = 0, seen = 0;
  std::optional<size_t> own, rounded; ///< in the cut model
  std::vector<ChannelSums> channels;  ///< of the second dimension
  std::vector<float> factors;         ///< by channel, where they are not 1
  Squares whole, alone, storage;
  float low = std::numeric_limits<float>::infinity(), high = -low;
  int64_t beyond = 0, count = 0;

  void sumChannels(llvm::ArrayRef<float> x, llvm::ArrayRef<float> y);
  /// Finds factors where the channels are the reference's but for these.
  void findFactors();
  void takeFactors(std::vector<float> &y) const;
  void noteRange(llvm::ArrayRef<float> x);
};

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_FOLLOWEDVALUE_H
