//===- DimExpressionTest.cpp - Sizes that follow from others --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/DimExpression.h"

#include <gmock/gmock.h>

using namespace mlc;
using testing::ElementsAre;

namespace {

/// The size of `text` with a = 3, b = 8, s0 = 2^40, z = 0; or the error.
std::string evaluate(llvm::StringRef text) {
  llvm::StringMap<int64_t> sizes;
  sizes["a"] = 3;
  sizes["b"] = 8;
  sizes["s0"] = int64_t(1) << 40;
  sizes["z"] = 0;
  llvm::Expected<int64_t> size = evaluateDimension(text, sizes);
  return size ? std::to_string(*size) : llvm::toString(size.takeError());
}

TEST(DimExpression, Computes) {
  EXPECT_EQ(evaluate("a"), "3");
  EXPECT_EQ(evaluate(" a + b "), "11");
  EXPECT_EQ(evaluate("2*a - b + 5"), "3");
  EXPECT_EQ(evaluate("2*(a + b)"), "22");
  EXPECT_EQ(evaluate("(b - 1)//2 + 1"), "4");
  EXPECT_EQ(evaluate("b - a - 2"), "3");
  EXPECT_EQ(evaluate("-a + b"), "5");
  EXPECT_EQ(evaluate("a**2 + 2**a"), "17");
  EXPECT_EQ(evaluate("-a**2 + 10"), "1");
  EXPECT_EQ(evaluate("b % a"), "2");
  EXPECT_EQ(evaluate("(-b) % a"), "1");
  EXPECT_EQ(evaluate("z"), "0");
}

TEST(DimExpression, FractionsAreExact) {
  EXPECT_EQ(evaluate("floor(a/2)"), "1");
  EXPECT_EQ(evaluate("floor(a/2 - 5/2) + 2"), "1");
  EXPECT_EQ(evaluate("ceiling(a/2 + 1/6)"), "2");
  EXPECT_EQ(evaluate("a/2*2"), "3");
  EXPECT_EQ(evaluate("floor(0.5*a + 0.25)"), "1");
  EXPECT_EQ(evaluate("a/2"), "it is 3/2, no whole number");
}

TEST(DimExpression, HasTheFunctionsOfExporters) {
  EXPECT_EQ(evaluate("Max(1, a, b)"), "8");
  EXPECT_EQ(evaluate("Min(a, b)"), "3");
  EXPECT_EQ(evaluate("FloorDiv(b, a)"), "2");
  EXPECT_EQ(evaluate("CeilDiv(b, a)"), "3");
  EXPECT_EQ(evaluate("Mod(b, a)"), "2");
  EXPECT_EQ(evaluate("TruncToInt(IntTrueDiv(b, a))"), "2");
}

TEST(DimExpression, ProblemsAreLocated) {
  EXPECT_EQ(evaluate("a + c"), "'c' has no size at character 5");
  EXPECT_EQ(evaluate("a +* b"), "cannot read '*' at character 4");
  EXPECT_EQ(evaluate("a b"), "cannot read 'b' at character 3");
  EXPECT_EQ(evaluate("(a"), "')' is missing at character 3");
  EXPECT_EQ(evaluate("a +"), "an operand is missing at character 4");
  EXPECT_EQ(evaluate(""), "an operand is missing at character 1");
  EXPECT_EQ(evaluate("1 + foo(a, b)"),
            "no function 'foo' of 2 arguments at character 5");
  EXPECT_EQ(evaluate("floor(a, b)"),
            "no function 'floor' of 2 arguments at character 1");
  EXPECT_EQ(evaluate("a - b"), "it is -5, no size");
  EXPECT_EQ(evaluate("a // z"),
            "a division by zero or an overflow at character 6");
  EXPECT_EQ(evaluate("s0 + 1"), "it is 1099511627777, no size");
  EXPECT_EQ(evaluate("s0*s0"),
            "a division by zero or an overflow at character 4");
  EXPECT_EQ(evaluate("99999999999999999999"),
            "a number is too large at character 1");
  EXPECT_EQ(evaluate("0.0000000000000000001"),
            "a number is too long at character 1");
  EXPECT_EQ(evaluate(std::string(100, '(')),
            "more than 64 levels at character 65");
  EXPECT_EQ(evaluate(std::string(100000, '-')),
            "more than 64 levels at character 65");
}

TEST(DimExpression, NamesAreFound) {
  auto names = dimensionNames("2*batch.size + Max(größe, s0**9) // (b - 1)");
  ASSERT_TRUE(bool(names));
  EXPECT_THAT(*names, ElementsAre("b", "batch.size", "größe", "s0"));
  EXPECT_EQ(llvm::toString(dimensionNames("a ? b").takeError()),
            "cannot read '?' at character 3");
}

} // namespace
