//===- PackTest.cpp - weights in the order that kernels read --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Pack.h"
#include "gtest/gtest.h"
#include <cstring>
#include <numeric>

using namespace mlir::kernel;

namespace {

/// What becomes of 1, 2, 3, ...
template <typename T>
std::vector<T> packCounting(const PackedWeights &packed, size_t count) {
  std::vector<T> values(count);
  std::iota(values.begin(), values.end(), T(1));
  llvm::SmallVector<char> bytes = packed.pack(
      {reinterpret_cast<const char *>(values.data()), count * sizeof(T)},
      sizeof(T));
  std::vector<T> result(bytes.size() / sizeof(T));
  std::memcpy(result.data(), bytes.data(), bytes.size());
  return result;
}

using Shape = std::vector<int64_t>;

PackedWeights conv(PackStep step, const Shape &weights, int64_t groups,
                   int64_t block) {
  return PackedWeights::get({WeightsKind::conv, step, groups, block}, weights);
}

PackedWeights matmul(PackStep step, const Shape &rhs, bool isTransposed,
                     int64_t block) {
  WeightsKind kind =
      isTransposed ? WeightsKind::matmul_transposed : WeightsKind::matmul;
  return PackedWeights::get({kind, step, /*groups=*/1, block}, rhs);
}

PackedWeights depthwise(PackStep step, const Shape &weights) {
  return PackedWeights::get({WeightsKind::depthwise, step}, weights);
}

Shape shapeOf(const PackedWeights &packed) {
  return {packed.shape().begin(), packed.shape().end()};
}

TEST(Pack, ConvolutionIsBlockedByOutputChannel) {
  // [O = 6, I = 2, 1, 2] in 2 groups of 3, blocks of 2: the last lane is zero.
  auto packed = conv(PackStep::single, {6, 2, 1, 2}, 2, 2);
  EXPECT_EQ(shapeOf(packed), (Shape{2, 2, 1, 2, 2, 2}));
  // Of output channel o, input channel i and column x: 4 o + 2 i + x + 1.
  EXPECT_EQ(packCounting<float>(packed, 24),
            (std::vector<float>{1,  5,  3,  7,  2,  6,  4,  8,  9,  0,  11,
                                0,  10, 0,  12, 0,  13, 17, 15, 19, 14, 18,
                                16, 20, 21, 0,  23, 0,  22, 0,  24, 0}));
}

TEST(Pack, SmallGroupsShareBlocks) {
  // Three groups of 2 to 2 in blocks of 8 / 2: the last group is alone.
  auto packed = conv(PackStep::single, {6, 2, 1, 1}, 3, 8);
  EXPECT_EQ(shapeOf(packed), (Shape{2, 1, 1, 1, 2, 4}));
  EXPECT_EQ(
      packCounting<float>(packed, 12),
      (std::vector<float>{1, 3, 5, 7, 2, 4, 6, 8, 9, 11, 0, 0, 10, 12, 0, 0}));
}

TEST(Pack, QuadsAreOfInputChannelsWithTheirSumsBehind) {
  // [O = 2, I = 5, 1, 1] in blocks of 4: two rows of quads, one of sums.
  auto packed = conv(PackStep::quads, {2, 5, 1, 1}, 1, 4);
  EXPECT_EQ(shapeOf(packed), (Shape{1, 1, 1, 1, 3, 4, 4}));
  EXPECT_EQ(
      packCounting<int8_t>(packed, 10),
      (std::vector<int8_t>{1,  2, 3, 4, 6,  7, 8, 9, 0, 0, 0, 0, 0, 0, 0, 0, //
                           5,  0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, //
                           15, 0, 0, 0, 40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  // Sums are signed, of each element of the window.
  auto window = conv(PackStep::quads, {1, 2, 1, 2}, 1, 1);
  EXPECT_EQ(shapeOf(window), (Shape{1, 1, 1, 2, 2, 4, 4}));
  const char weights[] = {-128, 5, -127, -6};
  llvm::SmallVector<char> bytes = window.pack(weights, 1);
  EXPECT_EQ(std::vector<int>(bytes.begin() + 16, bytes.begin() + 20),
            (std::vector<int>{1, -1, -1, -1})); // -255
  EXPECT_EQ(std::vector<int>(bytes.begin() + 48, bytes.begin() + 52),
            (std::vector<int>{-1, -1, -1, -1})); // 5 - 6
}

TEST(Pack, OctetsAreOfEightInputChannels) {
  // [O = 2, I = 9, 1, 1] in blocks of 4: two rows of octets, one of sums.
  auto packed = conv(PackStep::octets, {2, 9, 1, 1}, 1, 4);
  EXPECT_EQ(packed.shape(), (llvm::ArrayRef<int64_t>{1, 1, 1, 1, 3, 4, 8}));
  llvm::SmallVector<char> weights;
  for (char i = 1; i <= 18; ++i)
    weights.push_back(i);
  llvm::SmallVector<char> bytes = packed.pack(weights, 1);
  ASSERT_EQ(bytes.size(), 3u * 4 * 8);
  EXPECT_EQ(llvm::ArrayRef(bytes).slice(0, 8),
            (llvm::ArrayRef<char>{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(llvm::ArrayRef(bytes).slice(8, 8),
            (llvm::ArrayRef<char>{10, 11, 12, 13, 14, 15, 16, 17}));
  EXPECT_EQ(bytes[32], 9);
  EXPECT_EQ(bytes[40], 18);
  EXPECT_EQ(llvm::ArrayRef(bytes).slice(64, 4),
            (llvm::ArrayRef<char>{45, 0, 0, 0}));
  EXPECT_EQ(llvm::ArrayRef(bytes).slice(72, 4),
            (llvm::ArrayRef<char>{126, 0, 0, 0}));
}

TEST(Pack, NibblesAreTwoQuadsARow) {
  // [O = 2, I = 9] in blocks of 4: two rows, and the sums.
  const char weights[] = {-8, -7, -6, -5, 1, 2, 3, 4, 7, //
                          0,  0,  0,  -1, 0, 0, 0, 0, -2};
  auto packed = conv(PackStep::nibbles, {2, 9, 1, 1}, 1, 4);
  EXPECT_EQ(shapeOf(packed), (Shape{1, 1, 1, 1, 3, 4, 4}));
  auto bytesOf = [&](llvm::SmallVector<char> bytes, size_t from, size_t count) {
    return std::vector<int>(bytes.begin() + from, bytes.begin() + from + count);
  };
  llvm::SmallVector<char> bytes = packed.pack(weights, 1);
  EXPECT_EQ(bytesOf(bytes, 0, 8),
            (std::vector<int>{0x18, 0x29, 0x3a, 0x4b, 0, 0, 0, 0x0f}));
  EXPECT_EQ(bytesOf(bytes, 16, 8),
            (std::vector<int>{7, 0, 0, 0, 0x0e, 0, 0, 0}));
  EXPECT_EQ(bytesOf(bytes, 32, 8),
            (std::vector<int>{-9, -1, -1, -1, -3, -1, -1, -1}));
  EXPECT_EQ(shapeOf(conv(PackStep::nibbles, {128, 32, 3, 3}, 2, 32)),
            (Shape{2, 2, 3, 3, 5, 32, 4}));
  // [K = 5, N = 1] and [N = 1, K = 5]: the fifth is the second quad's.
  for (bool transposed : {false, true}) {
    auto matrix = matmul(PackStep::nibbles,
                         transposed ? Shape{1, 5} : Shape{5, 1}, transposed, 4);
    EXPECT_EQ(shapeOf(matrix), (Shape{1, 1, 1, 1, 2, 4, 4}));
    EXPECT_EQ(bytesOf(matrix.pack(llvm::ArrayRef(weights, 5), 1), 0, 4),
              (std::vector<int>{0x18, 9, 0xa, 0xb}));
  }
  EXPECT_TRUE(PackedWeights::areNibbles(weights));
  EXPECT_FALSE(PackedWeights::areNibbles({char(8)}));
  EXPECT_FALSE(PackedWeights::areNibbles({char(-9)}));
}

TEST(Pack, HalvesAreOfTwoInputChannels) {
  // [O = 2, I = 3, 1, 2] in blocks of 4: of output channel o, input channel i
  // and column x: 6 o + 2 i + x + 1. The fourth channel is zero.
  auto packed = conv(PackStep::halves, {2, 3, 1, 2}, 1, 4);
  EXPECT_EQ(shapeOf(packed), (Shape{1, 1, 1, 2, 2, 4, 2}));
  EXPECT_EQ(packCounting<uint16_t>(packed, 12),
            (std::vector<uint16_t>{1, 3, 7,  9,  0, 0, 0, 0, //
                                   5, 0, 11, 0,  0, 0, 0, 0, //
                                   2, 4, 8,  10, 0, 0, 0, 0, //
                                   6, 0, 12, 0,  0, 0, 0, 0}));
  EXPECT_EQ(shapeOf(conv(PackStep::halves, {12, 3, 3, 3}, 2, 32)),
            (Shape{2, 1, 3, 3, 2, 8, 2}));
  // [K = 2, N = 1] and [N = 1, K = 2].
  for (bool transposed : {false, true}) {
    auto matrix = matmul(PackStep::halves,
                         transposed ? Shape{1, 2} : Shape{2, 1}, transposed, 4);
    EXPECT_EQ(shapeOf(matrix), (Shape{1, 1, 1, 1, 1, 4, 2}));
    EXPECT_EQ(packCounting<uint16_t>(matrix, 2),
              (std::vector<uint16_t>{1, 2, 0, 0, 0, 0, 0, 0}));
  }
}

TEST(Pack, DepthwiseQuadsInterleaveChannels) {
  // [C = 21, 1, KH = 1, KW = 5]: channel c has 5 c + 1, ... 5 c + 5.
  auto packed = depthwise(PackStep::quads, {21, 1, 1, 5});
  EXPECT_EQ(shapeOf(packed), (Shape{1, 2, 2, 4, 16, 4}));
  std::vector<int8_t> bytes = packCounting<int8_t>(packed, 105);
  auto quad = [&](int64_t row, int64_t quadOfRow, int64_t v, int64_t lane) {
    auto at = bytes.begin() + (((row * 2 + quadOfRow) * 4 + v) * 16 + lane) * 4;
    return std::vector<int>(at, at + 4);
  };
  EXPECT_EQ(quad(0, 0, 0, 1), (std::vector<int>{6, 7, 8, 9}));     // channel 1
  EXPECT_EQ(quad(0, 1, 0, 1), (std::vector<int>{10, 0, 0, 0}));    // its rest
  EXPECT_EQ(quad(1, 0, 0, 1), (std::vector<int>{40, 0, 0, 0}));    // its sum
  EXPECT_EQ(quad(0, 0, 1, 0), (std::vector<int>{21, 22, 23, 24})); // channel 4
  EXPECT_EQ(quad(0, 0, 1, 4), (std::vector<int>{101, 102, 103, 104})); // 20
  EXPECT_EQ(quad(0, 0, 1, 5), (std::vector<int>{0, 0, 0, 0})); // there is none
}

TEST(Pack, QuadsOfGroupsAndMatrices) {
  EXPECT_EQ(shapeOf(conv(PackStep::quads, {12, 3, 3, 3}, 2, 32)),
            (Shape{2, 1, 3, 3, 2, 8, 4}));
  EXPECT_EQ(shapeOf(conv(PackStep::quads, {128, 32, 3, 3}, 2, 32)),
            (Shape{2, 2, 3, 3, 9, 32, 4}));
  // [K = 2, N = 1] and [N = 1, K = 2].
  for (bool transposed : {false, true}) {
    auto packed = matmul(PackStep::quads,
                         transposed ? Shape{1, 2} : Shape{2, 1}, transposed, 4);
    EXPECT_EQ(shapeOf(packed), (Shape{1, 1, 1, 1, 2, 4, 4}));
    std::vector<int8_t> bytes = packCounting<int8_t>(packed, 2);
    EXPECT_EQ(std::vector<int8_t>(bytes.begin(), bytes.begin() + 5),
              (std::vector<int8_t>{1, 2, 0, 0, 0}));
    EXPECT_EQ(bytes[16], 3);
  }
}

TEST(Pack, BlocksAreNoWiderThanGroups) {
  EXPECT_EQ(shapeOf(conv(PackStep::single, {12, 3, 3, 3}, 2, 32)),
            (Shape{2, 1, 3, 3, 3, 8}));
  EXPECT_EQ(shapeOf(conv(PackStep::single, {128, 32, 3, 3}, 2, 32)),
            (Shape{2, 2, 3, 3, 32, 32}));
  EXPECT_EQ(shapeOf(conv(PackStep::single, {12, 3, 3, 3}, 1, 32)),
            (Shape{1, 1, 3, 3, 3, 32}));
}

TEST(Pack, MatmulFromBothOrders) {
  // [K = 2, N = 3].
  auto packed = matmul(PackStep::single, {2, 3}, false, 2);
  EXPECT_EQ(shapeOf(packed), (Shape{1, 2, 1, 1, 2, 2}));
  EXPECT_EQ(packCounting<float>(packed, 6),
            (std::vector<float>{1, 2, 4, 5, 3, 0, 6, 0}));
  // [N = 3, K = 2].
  packed = matmul(PackStep::single, {3, 2}, true, 2);
  EXPECT_EQ(packCounting<float>(packed, 6),
            (std::vector<float>{1, 3, 2, 4, 5, 0, 6, 0}));
}

TEST(Pack, DepthwiseIsChannelsLast) {
  auto packed = depthwise(PackStep::single, {3, 1, 2, 2});
  EXPECT_EQ(shapeOf(packed), (Shape{2, 2, 3}));
  EXPECT_EQ(packCounting<float>(packed, 12),
            (std::vector<float>{1, 5, 9, 2, 6, 10, 3, 7, 11, 4, 8, 12}));
}

TEST(Pack, BytesOfAnyType) {
  EXPECT_EQ(packCounting<int8_t>(conv(PackStep::single, {3, 1, 1, 1}, 1, 4), 3),
            (std::vector<int8_t>{1, 2, 3, 0}));
  EXPECT_EQ(packCounting<double>(conv(PackStep::single, {3, 1, 1, 1}, 1, 4), 3),
            (std::vector<double>{1, 2, 3, 0}));
}

} // namespace
