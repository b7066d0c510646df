//===- EnergyTest.cpp - Joules of a run, an estimate ---------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report/Energy.h"
#include "gtest/gtest.h"

using namespace mlc;

namespace {

constexpr uint64_t KiB = 1 << 10, MiB = 1 << 20;

OperatorRow row(const char *element, uint64_t macs, uint64_t others,
                uint64_t bytes, uint64_t weightBytes) {
  OperatorRow result;
  result.element = element;
  result.visits = 1;
  result.macs = macs;
  result.operations = 2 * macs + others;
  result.bytes = bytes;
  result.weightBytes = weightBytes;
  return result;
}

// The figures are Horowitz's table.
TEST(Energy, OfOperations) {
  EXPECT_DOUBLE_EQ(energyOf(row("f32", 10, 0, 0, 0), 0).total(), 46);
  EXPECT_DOUBLE_EQ(energyOf(row("f32", 0, 10, 0, 0), 0).arithmetic, 9);
  EXPECT_DOUBLE_EQ(energyOf(row("i8", 10, 0, 0, 0), 0).total(), 3);
  EXPECT_DOUBLE_EQ(energyOf(row("ui8", 10, 0, 0, 0), 0).total(), 3);
  EXPECT_DOUBLE_EQ(energyOf(row("i32", 10, 0, 0, 0), 0).total(), 32);
  EXPECT_DOUBLE_EQ(energyOf(row("bf16", 10, 0, 0, 0), 0).total(), 20);
}

TEST(Energy, OfWhatTheTableDoesNotHave) {
  EXPECT_STREQ(energyOf("f64").element, "f32");
  EXPECT_STREQ(energyOf("i64").element, "i32");
  EXPECT_STREQ(energyOf("ui16").element, "i32");
  EXPECT_STREQ(energyOf("").element, "f32");
}

TEST(Energy, OfMemories) {
  EXPECT_EQ(levelOf(0).read64, 10);
  EXPECT_EQ(levelOf(8 * KiB).read64, 10);
  EXPECT_EQ(levelOf(8 * KiB + 1).read64, 20);
  EXPECT_EQ(levelOf(MiB).read64, 100);
  EXPECT_EQ(levelOf(MiB + 1).read64, 1300);
  EXPECT_EQ(levelOf(UINT64_MAX).read64, 1300);
}

/// Weights come from the level of all weights, the rest from the kernel's own.
TEST(Energy, OfBytes) {
  Energy small = energyOf(row("f32", 0, 0, 800, 160), 160);
  EXPECT_DOUBLE_EQ(small.weights, 20 * 10);
  EXPECT_DOUBLE_EQ(small.activations, 80 * 10);
  Energy large = energyOf(row("f32", 0, 0, 800, 160), 2 * MiB);
  EXPECT_DOUBLE_EQ(large.weights, 20 * 1300);
  EXPECT_DOUBLE_EQ(large.activations, 80 * 10);
}

TEST(Energy, OfSeveralVisits) {
  OperatorRow twice = row("f32", 0, 0, 16 * KiB, 800);
  twice.visits = 2;
  Energy energy = energyOf(twice, 800);
  EXPECT_DOUBLE_EQ(energy.weights, 1600 / 8 * 10);
  // 8 KiB a visit.
  EXPECT_DOUBLE_EQ(energy.activations, (16 * KiB - 1600) / 8 * 10);
}

} // namespace
