//===- TensorTest.cpp - Host tensors --------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TensorIO/Tensor.h"
#include "TensorIO/Compare.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cmath>
#include <limits>

using namespace mlc;
using testing::HasSubstr;

template <typename T>
static Tensor make(ElementType type, llvm::ArrayRef<int64_t> shape,
                   llvm::ArrayRef<T> values) {
  Tensor tensor = llvm::cantFail(Tensor::create(type, shape));
  EXPECT_EQ(size_t(tensor.size()), values.size());
  llvm::copy(values, tensor.values<T>().begin());
  return tensor;
}

static Tensor f32(llvm::ArrayRef<float> values) {
  return make<float>(ElementType::F32, {int64_t(values.size())}, values);
}

static std::string printed(const Tensor &tensor) {
  std::string text;
  llvm::raw_string_ostream(text) << tensor;
  return text;
}

TEST(ElementType, NamesAreUniqueAndFoundAgain) {
  for (unsigned i = 0; i <= unsigned(ElementType::Bool); ++i)
    EXPECT_EQ(elementTypeFromName(name(ElementType(i))), ElementType(i));
  EXPECT_FALSE(elementTypeFromName("f8"));
}

TEST(Tensor, IsZeroAndAligned) {
  Tensor tensor = llvm::cantFail(Tensor::create(ElementType::I16, {3, 5}));
  EXPECT_EQ(tensor.size(), 15);
  EXPECT_EQ(tensor.sizeInBytes(), 30u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.data()) % Tensor::kAlignment,
            0u);
  for (int16_t value : tensor.values<int16_t>())
    EXPECT_EQ(value, 0);
}

TEST(Tensor, RefusesShapesThatAreNone) {
  auto message = [](llvm::ArrayRef<int64_t> shape) {
    return llvm::toString(Tensor::create(ElementType::I8, shape).takeError());
  };
  EXPECT_EQ(message({2, -1}), "dimension 1 is -1, required: 0 or more");
  EXPECT_THAT(message({1LL << 40, 1LL << 40}),
              HasSubstr("more elements than memory can hold"));
  EXPECT_THAT(message({1LL << 58}), HasSubstr("out of memory"));
}

TEST(Tensor, AZeroDimensionMakesAnyShapeEmpty) {
  int64_t huge = std::numeric_limits<int64_t>::max();
  Tensor tensor =
      llvm::cantFail(Tensor::create(ElementType::F64, {huge, 0, huge}));
  EXPECT_EQ(tensor.size(), 0);
  EXPECT_NE(tensor.data(), nullptr);
}

TEST(Tensor, PrintsTypeShapeAndElements) {
  EXPECT_EQ(printed(make<int8_t>(ElementType::I4, {2, 1}, {-8, 7})),
            "i4[2x1] [-8, 7]");
  EXPECT_EQ(printed(make<float>(ElementType::F32, {}, {0.5f})), "f32[] [0.5]");
  EXPECT_EQ(printed(llvm::cantFail(Tensor::create(ElementType::Bool, {17}))),
            "bool[17] [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...]");
}

TEST(BFloat16, RoundsToNearestEven) {
  EXPECT_EQ(BFloat16(1.0f).bits, 0x3f80);
  EXPECT_EQ(BFloat16(1.00390625f).bits, 0x3f80); // a tie, down to even
  EXPECT_EQ(BFloat16(1.01171875f).bits, 0x3f82); // a tie, up to even
  EXPECT_TRUE(std::isnan(float(BFloat16(std::nanf("")))));
  EXPECT_TRUE(std::isinf(float(BFloat16(3.4e38f))));
}

TEST(RandomTensor, DependsOnTheSeedAlone) {
  auto first = llvm::cantFail(randomTensor(ElementType::F32, {100}, 1));
  auto again = llvm::cantFail(randomTensor(ElementType::F32, {100}, 1));
  auto other = llvm::cantFail(randomTensor(ElementType::F32, {100}, 2));
  EXPECT_EQ(first.values<float>(), again.values<float>());
  EXPECT_NE(first.values<float>(), other.values<float>());
  // The first output of SplitMix64 for seed 1 is 0x910a2dec89025cc1.
  EXPECT_EQ(first.values<float>()[0], float(0x110a2d) / (1 << 23));
}

TEST(RandomTensor, StaysInTheRangeOfItsType) {
  struct Range {
    ElementType type;
    double low, high;
  };
  for (Range range : {Range{ElementType::F32, -1, 1},
                      {ElementType::F16, -1, 1},
                      {ElementType::BF16, -1, 1},
                      {ElementType::I4, -8, 7},
                      {ElementType::U4, 0, 15},
                      {ElementType::I8, -128, 127},
                      {ElementType::U8, 0, 255},
                      {ElementType::Bool, 0, 1},
                      {ElementType::I64, 0, 7},
                      {ElementType::U16, 0, 7}}) {
    auto tensor = llvm::cantFail(randomTensor(range.type, {4096}, 3));
    double low = tensor.at(0), high = tensor.at(0);
    for (int64_t i = 0; i < tensor.size(); ++i) {
      low = std::min(low, tensor.at(i));
      high = std::max(high, tensor.at(i));
    }
    EXPECT_NEAR(low, range.low, 0.01) << name(range.type).str();
    EXPECT_NEAR(high, range.high, 0.01) << name(range.type).str();
  }
}

TEST(Compare, AppliesBothTolerances) {
  Tensor expected = f32({100, 0, -100});
  EXPECT_TRUE(
      compare(f32({100.09f, 0, -100.09f}), expected, {1e-3, 0}).matches());
  EXPECT_FALSE(compare(f32({100.2f, 0, -100}), expected, {1e-3, 0}).matches());
  EXPECT_FALSE(compare(f32({100, 1e-4f, -100}), expected, {1e-3, 0}).matches());
  EXPECT_TRUE(compare(f32({100, 1e-4f, -100}), expected, {0, 1e-3}).matches());
}

TEST(Compare, AbsoluteToleranceMayBeOfTheScale) {
  Tolerance tolerance{0, 1e-3, /*atolOfScale=*/true};
  EXPECT_TRUE(compare(f32({100, 0.09f}), f32({100, 0}), tolerance).matches());
  EXPECT_FALSE(compare(f32({1, 0.09f}), f32({1, 0}), tolerance).matches());
}

TEST(Compare, GrantsFloat16TwoUnitsInTheLastPlace) {
  auto f16 = [](double value) {
    return make<_Float16>(ElementType::F16, {1}, {_Float16(value)});
  };
  Tensor one = f16(1);
  EXPECT_TRUE(compare(f16(1 + 2.0 / 1024), one, {1e-3, 0}).matches());
  EXPECT_FALSE(compare(f16(1 + 3.0 / 1024), one, {1e-3, 0}).matches());
  EXPECT_FALSE(compare(f16(1 + 2.0 / 1024), one, {0, 0}).matches());
}

TEST(Compare, GrantsBFloat16TwoUnitsInTheLastPlace) {
  auto bf16 = [](float value) {
    return make<BFloat16>(ElementType::BF16, {1}, {BFloat16(value)});
  };
  Tensor one = bf16(1);
  EXPECT_TRUE(compare(bf16(1 + 2.0f / 128), one, {1e-3, 0}).matches());
  EXPECT_FALSE(compare(bf16(1 + 3.0f / 128), one, {1e-3, 0}).matches());
  EXPECT_TRUE(compare(bf16(1 + 3.0f / 128), one, {0.1, 0}).matches());
}

TEST(Compare, ReportsTheWorstElement) {
  Tensor found = make<float>(ElementType::F32, {2, 2}, {1, 2.5f, 3, 8});
  Tensor wanted = make<float>(ElementType::F32, {2, 2}, {1, 2, 3, 4});
  Comparison result = compare(found, wanted, {0, 0});
  EXPECT_EQ(result.mismatches, 2);
  EXPECT_EQ(result.worst, 3);
  EXPECT_EQ(result.maxAbsError, 4);
  EXPECT_EQ(result.maxRelError, 1);
  EXPECT_EQ(result.str(),
            "2 of 4 elements differ too much, worst at [1,1]: found 8, "
            "required 4; max error 4 absolute, 1 relative, scale 4");
}

TEST(Compare, NaNAndInfinityAgreeOnlyWithThemselves) {
  float nan = std::nanf(""), inf = std::numeric_limits<float>::infinity();
  Tolerance loose{1e3, 1e3};
  EXPECT_TRUE(
      compare(f32({nan, inf, -inf}), f32({nan, inf, -inf}), loose).matches());
  for (auto [found, wanted] : {std::pair(nan, 1.0f),
                               {1.0f, nan},
                               {inf, 1.0f},
                               {1.0f, inf},
                               {inf, -inf},
                               {nan, inf}}) {
    Comparison result = compare(f32({found}), f32({wanted}), loose);
    EXPECT_EQ(result.mismatches, 1) << found << " and " << wanted;
    EXPECT_TRUE(std::isinf(result.maxAbsError));
  }
}

TEST(Compare, IntegersAreExactUnlessUnitsAllowMore) {
  int64_t big = (1LL << 62) + 1;
  Tensor found = make<int64_t>(ElementType::I64, {1}, {big});
  Tensor wanted = make<int64_t>(ElementType::I64, {1}, {big - 1});
  EXPECT_FALSE(compare(found, wanted, {1, 1}).matches());
  EXPECT_TRUE(compare(found, wanted, {0, 0, false, 1}).matches());
  Tensor low = make<int8_t>(ElementType::I8, {1}, {-128});
  Tensor high = make<int8_t>(ElementType::I8, {1}, {127});
  EXPECT_EQ(compare(low, high, {}).maxAbsError, 255);
}

TEST(Compare, BooleansMayNeverDiffer) {
  Tensor found = make<uint8_t>(ElementType::Bool, {1}, {1});
  Tensor wanted = make<uint8_t>(ElementType::Bool, {1}, {0});
  EXPECT_FALSE(compare(found, wanted, {9, 9, false, 9}).matches());
}

TEST(Compare, TypeAndShapeMayNeverDiffer) {
  Tensor wanted = f32({1, 2});
  EXPECT_EQ(compare(f32({1}), wanted, {}).shapeError,
            "found f32[1], required: f32[2]");
  Tensor wide = make<double>(ElementType::F64, {2}, {1, 2});
  EXPECT_FALSE(compare(wide, wanted, {}).matches());
}
