//===- TensorProtoTest.cpp - ONNX's serialised tensors --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TensorIO/TensorProto.h"
#include "TensorIO/Compare.h"
#include "TensorIO/TensorFile.h"

#include "onnx/onnx_pb.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace mlc;
using onnx::TensorProto;
using testing::HasSubstr;

static TensorProto protoOf(TensorProto::DataType type,
                           llvm::ArrayRef<int64_t> dims) {
  TensorProto proto;
  proto.set_name("w");
  proto.set_data_type(type);
  for (int64_t dim : dims)
    proto.add_dims(dim);
  return proto;
}

static std::string printed(const TensorProto &proto) {
  llvm::Expected<Tensor> tensor = fromTensorProto(proto);
  if (!tensor)
    return llvm::toString(tensor.takeError());
  std::string text;
  llvm::raw_string_ostream(text) << *tensor;
  return text;
}

TEST(TensorProto, EveryTypeSurvivesARoundTripOfRawData) {
  for (unsigned i = 0; i <= unsigned(ElementType::Bool); ++i) {
    // An odd count leaves half a byte of packed nibbles.
    Tensor before = llvm::cantFail(randomTensor(ElementType(i), {3, 5}, i));
    std::string bytes;
    llvm::raw_string_ostream os(bytes);
    printTensorProto(os, before);
    Tensor after = llvm::cantFail(parseTensorProto(bytes));
    EXPECT_TRUE(compare(after, before, {0, 0}).matches())
        << name(ElementType(i)).str();
  }
}

TEST(TensorProto, ReadsTypedFields) {
  TensorProto floats = protoOf(TensorProto::FLOAT, {2});
  floats.add_float_data(1.5f);
  floats.add_float_data(-2);
  EXPECT_EQ(printed(floats), "f32[2] [1.5, -2]");
  TensorProto doubles = protoOf(TensorProto::DOUBLE, {});
  doubles.add_double_data(0.1);
  EXPECT_EQ(printed(doubles), "f64[] [0.1]");
  TensorProto longs = protoOf(TensorProto::INT64, {1});
  longs.add_int64_data(INT64_MIN);
  EXPECT_EQ(printed(longs), "i64[1] [-9223372036854775808]");
  TensorProto unsigneds = protoOf(TensorProto::UINT32, {1});
  unsigneds.add_uint64_data(UINT32_MAX);
  EXPECT_EQ(printed(unsigneds), "u32[1] [4294967295]");
}

TEST(TensorProto, ReadsNarrowTypesFromInt32Fields) {
  auto one = [](TensorProto::DataType type, int32_t value) {
    TensorProto proto = protoOf(type, {1});
    proto.add_int32_data(value);
    return printed(proto);
  };
  EXPECT_EQ(one(TensorProto::FLOAT16, 0xc100), "f16[1] [-2.5]");
  EXPECT_EQ(one(TensorProto::BFLOAT16, 0xc020), "bf16[1] [-2.5]");
  EXPECT_EQ(one(TensorProto::INT8, -7), "i8[1] [-7]");
  EXPECT_EQ(one(TensorProto::UINT16, 65535), "u16[1] [65535]");
  EXPECT_EQ(one(TensorProto::BOOL, 2), "bool[1] [1]");
}

TEST(TensorProto, UnpacksNibblesLowFirst) {
  TensorProto proto = protoOf(TensorProto::INT4, {3});
  proto.add_int32_data(0x7f);
  proto.add_int32_data(0x08);
  EXPECT_EQ(printed(proto), "i4[3] [-1, 7, -8]");
  proto.set_data_type(TensorProto::UINT4);
  EXPECT_EQ(printed(proto), "u4[3] [15, 7, 8]");
}

TEST(TensorProto, SaysWhatIsWrong) {
  EXPECT_EQ(printed(protoOf(TensorProto::FLOAT, {2})),
            "tensor 'w': found 0 values, required: 2");
  TensorProto raw = protoOf(TensorProto::INT16, {2});
  raw.set_raw_data("123");
  EXPECT_EQ(printed(raw), "tensor 'w': found 3 bytes of raw data, required: 4");
  EXPECT_THAT(printed(protoOf(TensorProto::STRING, {1})),
              HasSubstr("element type 8 is not one"));
  EXPECT_THAT(printed(protoOf(TensorProto::FLOAT, {-2})),
              HasSubstr("dimension 0 is -2"));
  EXPECT_THAT(printed(protoOf(TensorProto::FLOAT, {1LL << 40, 1LL << 40})),
              HasSubstr("more elements than memory can hold"));
  EXPECT_THAT(printed(protoOf(TensorProto::INT4, {1LL << 50})),
              HasSubstr("found 0 values"));
  TensorProto external = protoOf(TensorProto::FLOAT, {1});
  external.set_data_location(TensorProto::EXTERNAL);
  EXPECT_THAT(printed(external), HasSubstr("lies in another file"));
  EXPECT_EQ(llvm::toString(parseTensorProto("\xff\xff\xff").takeError()),
            "not a serialised ONNX tensor");
}

TEST(TensorFile, WritesAndReadsByEnding) {
  llvm::SmallString<128> folder;
  ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("mlc-tensorio", folder));
  Tensor before = llvm::cantFail(randomTensor(ElementType::F32, {4}, 1));
  for (llvm::StringRef file : {"/x.npy", "/x.pb"}) {
    std::string path = (folder + file).str();
    ASSERT_FALSE(bool(writeTensor(path, before)));
    Tensor after = llvm::cantFail(readTensor(path));
    EXPECT_TRUE(compare(after, before, {0, 0}).matches());
  }
  EXPECT_FALSE(llvm::sys::fs::remove_directories(folder));
}

TEST(TensorFile, ErrorsNameTheFile) {
  EXPECT_EQ(llvm::toString(readTensor("x.csv").takeError()),
            "'x.csv' ends in '.csv', required: .npy or .pb");
  EXPECT_EQ(llvm::toString(readTensor("/nowhere/x.npy").takeError()),
            "'/nowhere/x.npy': No such file or directory");
}
