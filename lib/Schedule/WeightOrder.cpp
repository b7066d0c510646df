//===- WeightOrder.cpp - How CPUs want weights to lie ---------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Schedule/WeightOrder.h"

using namespace mlc;

int64_t mlc::packedBlock(llvm::ArrayRef<TargetInfo> targets) {
  // Two vectors of weights a broadcast, as most tiles are wide: a chunk's
  // weights then are whole cache lines one behind the other, where parts of
  // wider blocks would share few sets of L1. 128-bit units read
  // four vectors from a line.
  unsigned widest = 128;
  for (const TargetInfo &target : targets)
    widest = std::max(widest, target.vectorBits);
  return widest > 256 ? 32 : 16;
}

bool mlc::multipliesWords(const TargetInfo &target) {
  return target.byteUnit == ByteUnit::pmaddwd;
}

bool mlc::multipliesPairs(const TargetInfo &target) {
  constexpr unsigned widest = 256;
  return multipliesWords(target) && target.bytePairs &&
         target.vectorBits <= widest;
}

bool mlc::multipliesOctets(const TargetInfo &target) {
  return target.byteUnit == ByteUnit::usdot;
}

bool mlc::gainsByPairs(llvm::ArrayRef<int64_t> image) {
  constexpr int64_t leastPixels = 16;
  return image[0] * image[1] * image[2] >= leastPixels;
}
