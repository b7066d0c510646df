//===- TensorTextTest.cpp - Tensors written by hand -----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TensorIO/TensorText.h"

#include <gmock/gmock.h>

using namespace mlc;

namespace {

/// The tensor as it prints, or the error.
std::string parsed(llvm::StringRef text, ElementType type,
                   llvm::ArrayRef<int64_t> shape = {}) {
  llvm::Expected<Tensor> tensor = parseTensor(text, type, shape);
  if (!tensor)
    return llvm::toString(tensor.takeError());
  std::string result;
  llvm::raw_string_ostream(result) << *tensor;
  return result;
}

TEST(TensorText, ReadsNumbersOfTheType) {
  EXPECT_EQ(parsed("16000", ElementType::I64), "i64[] [16000]");
  EXPECT_EQ(parsed("1, -2,3", ElementType::I32, {3}), "i32[3] [1, -2, 3]");
  EXPECT_EQ(parsed("0.5,-1e-3,inf,2", ElementType::F32, {2, 2}),
            "f32[2x2] [0.5, -0.001, inf, 2]");
  EXPECT_EQ(parsed("true,0,False,1", ElementType::Bool, {4}),
            "bool[4] [1, 0, 0, 1]");
  EXPECT_EQ(parsed("18446744073709551615", ElementType::U64),
            "u64[] [18446744073709551615]");
  EXPECT_EQ(parsed("-9223372036854775808", ElementType::I64),
            "i64[] [-9223372036854775808]");
  EXPECT_EQ(parsed("0.5", ElementType::F16), "f16[] [0.5]");
  EXPECT_EQ(parsed("", ElementType::F32, {0}), "f32[0] []");
}

TEST(TensorText, RefusesAnotherNumberOfElements) {
  EXPECT_EQ(parsed("1,2", ElementType::I64),
            "has 2 elements, 1 are required for i64[]");
  EXPECT_EQ(parsed("1", ElementType::F32, {2, 3}),
            "has 1 elements, 6 are required for f32[2x3]");
}

TEST(TensorText, RefusesWhatIsNoNumberOfTheType) {
  EXPECT_EQ(parsed("1.5", ElementType::I64),
            "'1.5' is no integer, as i64 requires");
  EXPECT_EQ(parsed("--1", ElementType::I64),
            "'--1' is no integer, as i64 requires");
  EXPECT_EQ(parsed("1,,2", ElementType::I8, {3}),
            "'' is no integer, as i8 requires");
  EXPECT_EQ(parsed("x", ElementType::F32), "'x' is no number");
  EXPECT_EQ(parsed("2", ElementType::Bool),
            "'2' is no bool, one of true, false, 1, 0 is required");
}

TEST(TensorText, RefusesWhatTheTypeDoesNotHold) {
  EXPECT_EQ(parsed("128", ElementType::I8), "'128' is outside the range of i8");
  EXPECT_EQ(parsed("-128", ElementType::I8), "i8[] [-128]");
  EXPECT_EQ(parsed("-1", ElementType::U8), "'-1' is outside the range of u8");
  EXPECT_EQ(parsed("99999999999999999999999", ElementType::I64),
            "'99999999999999999999999' is outside the range of i64");
  EXPECT_EQ(parsed("9223372036854775808", ElementType::I64),
            "'9223372036854775808' is outside the range of i64");
  EXPECT_EQ(parsed("70000", ElementType::F16),
            "'70000' is outside the range of f16");
  EXPECT_EQ(parsed("1e39", ElementType::F32),
            "'1e39' is outside the range of f32");
}

} // namespace
