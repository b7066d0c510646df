//===- PackTest.cpp - weights in kernel.conv's order ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Pack.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"
#include <numeric>

using namespace mlir;
using namespace mlir::kernel;

namespace {

struct PackTest : testing::Test {
  MLIRContext context;
  Builder builder{&context};

  /// 1, 2, 3, ...
  DenseElementsAttr counting(ArrayRef<int64_t> shape) {
    auto type = RankedTensorType::get(shape, builder.getF32Type());
    std::vector<float> values(type.getNumElements());
    std::iota(values.begin(), values.end(), 1.0f);
    return DenseElementsAttr::get(type, ArrayRef<float>(values));
  }
  static std::vector<float> values(DenseElementsAttr attr) {
    auto range = attr.getValues<float>();
    return {range.begin(), range.end()};
  }
};

TEST_F(PackTest, ConvolutionIsBlockedByOutputChannel) {
  // [O = 6, I = 2, 1, 2] in 2 groups of 3, blocks of 2: the last lane is zero.
  DenseElementsAttr packed = packConvWeights(counting({6, 2, 1, 2}), 2, 2);
  EXPECT_EQ(packed.getType().getShape(), (ArrayRef<int64_t>{2, 2, 1, 2, 2, 2}));
  // Of output channel o, input channel i and column x: 4 o + 2 i + x + 1.
  EXPECT_EQ(values(packed),
            (std::vector<float>{1,  5,  3,  7,  2,  6,  4,  8,  9,  0,  11,
                                0,  10, 0,  12, 0,  13, 17, 15, 19, 14, 18,
                                16, 20, 21, 0,  23, 0,  22, 0,  24, 0}));
}

TEST_F(PackTest, SmallGroupsShareBlocks) {
  // Three groups of 2 to 2 in blocks of 8 / 2: the last group is alone.
  DenseElementsAttr packed = packConvWeights(counting({6, 2, 1, 1}), 3, 8);
  EXPECT_EQ(packed.getType().getShape(), (ArrayRef<int64_t>{2, 1, 1, 1, 2, 4}));
  EXPECT_EQ(values(packed), (std::vector<float>{1, 3, 5, 7, 2, 4, 6, 8, 9, 11,
                                                0, 0, 10, 12, 0, 0}));
}

TEST_F(PackTest, BlocksAreNoWiderThanGroups) {
  auto shape = [](int64_t o, int64_t i, int64_t groups) {
    return llvm::to_vector(packedConvShape({o, i, 3, 3}, groups, 32));
  };
  EXPECT_EQ(shape(12, 3, 2), (SmallVector<int64_t>{2, 1, 3, 3, 3, 8}));
  EXPECT_EQ(shape(128, 32, 2), (SmallVector<int64_t>{2, 2, 3, 3, 32, 32}));
  EXPECT_EQ(shape(12, 3, 1), (SmallVector<int64_t>{1, 1, 3, 3, 3, 32}));
}

TEST_F(PackTest, SplatsStaySplatsUnlessPadded) {
  auto type = RankedTensorType::get({4, 1, 1, 1}, builder.getF32Type());
  auto splat = DenseElementsAttr::get(type, 2.0f);
  EXPECT_TRUE(packConvWeights(splat, 1, 4).isSplat());
  EXPECT_EQ(values(packConvWeights(splat, 1, 3)),
            (std::vector<float>{2, 2, 2, 2, 0, 0}));
}

TEST_F(PackTest, MatmulFromBothOrders) {
  // [K = 2, N = 3].
  DenseElementsAttr packed = packMatmulWeights(counting({2, 3}), false, 2);
  EXPECT_EQ(packed.getType().getShape(), (ArrayRef<int64_t>{1, 2, 1, 1, 2, 2}));
  EXPECT_EQ(values(packed), (std::vector<float>{1, 2, 4, 5, 3, 0, 6, 0}));
  // [N = 3, K = 2].
  packed = packMatmulWeights(counting({3, 2}), true, 2);
  EXPECT_EQ(values(packed), (std::vector<float>{1, 3, 2, 4, 5, 0, 6, 0}));
}

TEST_F(PackTest, DepthwiseIsChannelsLast) {
  DenseElementsAttr packed = packDepthwiseWeights(counting({3, 1, 1, 2}));
  EXPECT_EQ(packed.getType().getShape(), (ArrayRef<int64_t>{1, 2, 3}));
  EXPECT_EQ(values(packed), (std::vector<float>{1, 3, 5, 2, 4, 6}));
}

TEST_F(PackTest, BytesOfAnyType) {
  auto type = RankedTensorType::get({3, 1, 1, 1}, builder.getI8Type());
  auto bytes = DenseElementsAttr::get(type, ArrayRef<int8_t>{-1, 2, -3});
  auto range = packConvWeights(bytes, 1, 4).getValues<int8_t>();
  EXPECT_EQ((std::vector<int8_t>{range.begin(), range.end()}),
            (std::vector<int8_t>{-1, 2, -3, 0}));
}

} // namespace
