//===- NpyTest.cpp - NumPy's .npy files -----------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TensorIO/Npy.h"
#include "TensorIO/Compare.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace mlc;
using testing::HasSubstr;

/// A file of version 1 or 2 with this header and payload.
static std::string file(llvm::StringRef header, llvm::StringRef payload,
                        char version = 1) {
  std::string bytes("\x93NUMPY");
  bytes += {version, '\0', char(header.size()), char(header.size() >> 8)};
  if (version > 1)
    bytes += {'\0', '\0'};
  return bytes + header.str() + payload.str();
}

static std::string header(llvm::StringRef descr, llvm::StringRef order,
                          llvm::StringRef shape) {
  return ("{'descr': '" + descr + "', 'fortran_order': " + order +
          ", 'shape': " + shape + ", }")
      .str();
}

static std::string messageOf(llvm::StringRef bytes) {
  llvm::Expected<Tensor> tensor = parseNpy(bytes);
  return tensor ? "no error" : llvm::toString(tensor.takeError());
}

static std::string written(const Tensor &tensor) {
  std::string bytes;
  llvm::raw_string_ostream os(bytes);
  printNpy(os, tensor);
  return bytes;
}

static std::string printed(llvm::StringRef bytes) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::cantFail(parseNpy(bytes));
  return text;
}

TEST(Npy, EveryTypeSurvivesARoundTrip) {
  for (unsigned i = 0; i <= unsigned(ElementType::Bool); ++i) {
    auto type = ElementType(i);
    if (type == ElementType::BF16 || type == ElementType::I4 ||
        type == ElementType::U4)
      continue;
    Tensor before = llvm::cantFail(randomTensor(type, {2, 3, 5}, i));
    Tensor after = llvm::cantFail(parseNpy(written(before)));
    EXPECT_TRUE(compare(after, before, {0, 0}).matches()) << name(type).str();
  }
}

TEST(Npy, TypesThatNumPyLacksAreWidened) {
  Tensor narrow = llvm::cantFail(Tensor::create(ElementType::BF16, {1}));
  narrow.values<BFloat16>()[0] = BFloat16(-2.5f);
  EXPECT_EQ(printed(written(narrow)), "f32[1] [-2.5]");
  Tensor nibble = llvm::cantFail(Tensor::create(ElementType::I4, {1}));
  nibble.values<int8_t>()[0] = -8;
  EXPECT_EQ(printed(written(nibble)), "i8[1] [-8]");
}

TEST(Npy, DataStartsAtAMultipleOf64Bytes) {
  for (int64_t dim : {1, 10, 1000, 100000}) {
    Tensor tensor = llvm::cantFail(Tensor::create(ElementType::I8, {dim, 1}));
    EXPECT_EQ((written(tensor).size() - dim) % 64, 0u);
  }
}

TEST(Npy, ReadsScalarsAndEmptyTensors) {
  EXPECT_EQ(printed(file(header("|i1", "False", "()"), "\x05")), "i8[] [5]");
  EXPECT_EQ(printed(file(header("<f8", "False", "(0, 3)"), "")), "f64[0x3] []");
}

TEST(Npy, ReadsEveryVersionAndByteOrder) {
  for (char version : {1, 2, 3})
    EXPECT_EQ(printed(file(header("<u2", "False", "(1,)"), "\1\2", version)),
              "u16[1] [513]");
  EXPECT_EQ(printed(file(header(">u2", "False", "(1,)"), "\1\2")),
            "u16[1] [258]");
}

TEST(Npy, ReadsFortranOrderKeysInAnyOrderAndOldLongs) {
  EXPECT_EQ(printed(file(header("|u1", "True", "(2, 3)"), "\1\2\3\4\5\6")),
            "u8[2x3] [1, 3, 5, 2, 4, 6]");
  EXPECT_EQ(
      printed(file("{\"shape\":(2L,),'fortran_order':False,'descr':'|b1'}",
                   "\2\3")),
      "bool[2] [1, 1]");
}

TEST(Npy, SaysWhatIsWrong) {
  std::string good = header("<f4", "False", "(2,)");
  EXPECT_THAT(messageOf("PK\3\4 not an array"), HasSubstr("not a .npy file"));
  EXPECT_THAT(messageOf("\x93NUMPY\1"), HasSubstr("ends inside its header"));
  EXPECT_THAT(messageOf(file(good, "12345678", 4)), HasSubstr("version is 4"));
  EXPECT_THAT(messageOf(file(good, "1234567")),
              HasSubstr("7 bytes of data, required: 8 for f32[2]"));
  EXPECT_THAT(messageOf(file(good, "123456789")), HasSubstr("9 bytes of data"));
  EXPECT_THAT(messageOf(file(header("<c8", "False", "()"), "12345678")),
              HasSubstr("required: an integer, float or bool type"));
  EXPECT_THAT(messageOf(file("{'descr': [('a', '<f4')]}", "")),
              HasSubstr("records are not tensors"));
  EXPECT_THAT(messageOf(file(header("<f4", "Maybe", "()"), "")),
              HasSubstr("required: True or False"));
  EXPECT_THAT(messageOf(file(header("<f4", "False", "[2]"), "")),
              HasSubstr("required: the shape, a tuple"));
  EXPECT_THAT(messageOf(file("{'shape': (), 'shape': ()}", "")),
              HasSubstr("one each of descr"));
  EXPECT_THAT(messageOf(file("{'shape': ()}", "")),
              HasSubstr("before the end"));
}

TEST(Npy, AbsurdShapesTakeNoMemory) {
  EXPECT_THAT(messageOf(file(header("<f4", "False", "(4611686018427387904, 4)"),
                             "12345678")),
              HasSubstr("more elements than memory can hold"));
  EXPECT_THAT(
      messageOf(file(header("<f4", "False", "(1000000000000,)"), "1234")),
      HasSubstr("4 bytes of data, required: 4000000000000"));
  EXPECT_THAT(messageOf(file(header("<f4", "False", "(-1,)"), "")),
              HasSubstr("dimension 0 is -1"));
  EXPECT_THAT(
      messageOf(file(header("<f4", "False", "(99999999999999999999999,)"), "")),
      HasSubstr("required: a dimension"));
}

TEST(Npy, AnyTruncationOrFlippedBitIsATensorOrAnError) {
  std::string good =
      written(llvm::cantFail(randomTensor(ElementType::F32, {3, 4}, 7)));
  for (size_t size = 0; size < good.size(); ++size)
    EXPECT_NE(messageOf(llvm::StringRef(good).take_front(size)), "no error");
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = char(bad[bit / 8] ^ 1 << bit % 8);
    EXPECT_FALSE(messageOf(bad).empty());
  }
}
