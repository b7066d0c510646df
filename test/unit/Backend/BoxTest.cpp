//===- BoxTest.cpp - which views share bytes ------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/Box.h"
#include "mlir/IR/Builders.h"
#include "gtest/gtest.h"
#include <random>
#include <set>

using namespace mlc;

namespace {

/// A box of floats in the memory of no value in particular.
Box box(int64_t offset, std::vector<Box::Dim> dims) {
  Box result{{}, {}, 4, false};
  result.address.offset = offset;
  result.dims.assign(dims.begin(), dims.end());
  return result;
}

/// By looking at every element.
std::set<int64_t> elements(const Box &box) {
  std::set<int64_t> all = {box.address.offset};
  for (const Box::Dim &dim : box.dims) {
    std::set<int64_t> next;
    for (int64_t start : all)
      for (int64_t i = 0; i < dim.size; ++i)
        next.insert(start + i * dim.stride);
    all = next;
  }
  return all;
}

bool doOverlap(const Box &a, const Box &b) {
  std::set<int64_t> left = elements(a);
  for (int64_t at : elements(b))
    if (left.count(at))
      return true;
  return false;
}

TEST(Box, ColumnsInterleave) {
  // Columns 0..2 and 3..7 of a matrix of 8 columns.
  EXPECT_FALSE(
      mayOverlap(box(0, {{4, 32}, {3, 4}}), box(12, {{4, 32}, {5, 4}})));
  EXPECT_TRUE(
      mayOverlap(box(0, {{4, 32}, {4, 4}}), box(12, {{4, 32}, {5, 4}})));
}

TEST(Box, RowsFollow) {
  EXPECT_FALSE(mayOverlap(box(0, {{8, 4}}), box(32, {{8, 4}})));
  EXPECT_TRUE(mayOverlap(box(0, {{9, 4}}), box(32, {{8, 4}})));
}

TEST(Box, EmptyOnesOverlapNothing) {
  Box none = box(0, {});
  none.empty = true;
  EXPECT_FALSE(mayOverlap(none, box(0, {{8, 4}})));
}

TEST(Box, RunTimeOffsetsMayBeAnywhere) {
  Box moving = box(0, {{2, 4}});
  moving.address.terms.push_back({mlir::Value(), 4});
  EXPECT_TRUE(mayOverlap(moving, box(400, {{2, 4}})));
}

TEST(Box, NeverMissesAnOverlap) {
  // Random windows of a [3, 4, 5] buffer, some with strides of a reshaped one.
  std::mt19937 random(7);
  auto below = [&](int n) { return int64_t(random() % n); };
  unsigned disjoint = 0;
  for (int round = 0; round < 4000; ++round) {
    auto window = [&] {
      int64_t i = below(3), j = below(4), k = below(5);
      if (below(4) == 0) { // As [12, 5].
        int64_t row = i * 4 + j;
        return box(4 * (row * 5 + k),
                   {{1 + below(12 - row), 20}, {1 + below(5 - k), 4}});
      }
      return box(4 * (i * 20 + j * 5 + k), {{1 + below(3 - i), 80},
                                            {1 + below(4 - j), 20},
                                            {1 + below(5 - k), 4}});
    };
    Box a = window(), b = window();
    ASSERT_EQ(mayOverlap(a, b), mayOverlap(b, a));
    if (doOverlap(a, b))
      ASSERT_TRUE(mayOverlap(a, b));
    disjoint += !mayOverlap(a, b);
  }
  EXPECT_GT(disjoint, 1000u);
}

} // namespace
