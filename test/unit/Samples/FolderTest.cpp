//===- FolderTest.cpp - Samples in folders --------------------------------===//

#include "Files.h"
#include "TensorIO/TensorProto.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace llvm;
using namespace mlc;
using testing::AllOf;
using testing::HasSubstr;

static const Wanted kRow = {"x", ElementType::F32, {1, 3}};
static const Wanted kScalar = {"k", ElementType::I64, {}};

static std::string pb(const Tensor &tensor) {
  std::string bytes;
  raw_string_ostream os(bytes);
  printTensorProto(os, tensor);
  return bytes;
}

static Tensor filled(ElementType type, ArrayRef<int64_t> shape, int value) {
  Tensor tensor = cantFail(Tensor::create(type, shape));
  visitElementType(type, [&](auto zero) {
    for (auto &element : tensor.values<decltype(zero)>())
      element = decltype(zero)(value);
  });
  return tensor;
}

/// Samples 1 .. 12, each in a folder of its own that is called so.
static void writeSamples(const TestFolder &folder) {
  for (int i = 1; i <= 12; ++i) {
    folder.write("s/set_" + Twine(i) + "/input_0.pb",
                 pb(filled(ElementType::F32, {1, 3}, i)));
    folder.write("s/set_" + Twine(i) + "/input_1.npy",
                 npy(filled(ElementType::I64, {}, 100 + i)));
    folder.write("s/set_" + Twine(i) + "/output_0.pb",
                 pb(filled(ElementType::F32, {1}, -i)));
  }
  folder.write("s/labels.npy", npy(counting(ElementType::U8, {12})));
  folder.write("s/notes.txt", "not a sample");
  folder.write("s/.git/config", "nor this");
}

TEST(Folders, SamplesByNumber) {
  TestFolder folder;
  writeSamples(folder);
  auto samples = cantFail(Samples::open(folder.path("s"), {kRow, kScalar}));
  ASSERT_EQ(samples.count(), 12);
  std::vector<Tensor> batch;
  cantFail(samples.read(8, 4, batch));
  EXPECT_EQ(batch[0].shape(), ArrayRef<int64_t>({4, 1, 3}));
  EXPECT_EQ(batch[1].shape(), ArrayRef<int64_t>({4}));
  for (int i = 0; i != 4; ++i) {
    EXPECT_EQ(batch[0].at(3 * i + 2), 9 + i);
    EXPECT_EQ(batch[1].at(i), 109 + i);
  }
  Wanted result = {"y", ElementType::F32, {1}};
  auto outputs = cantFail(Samples::open(folder.path("s"), result, "output"));
  cantFail(outputs.read(11, 1, batch));
  EXPECT_EQ(batch[0].at(0), -12);
  EXPECT_EQ(cantFail(readLabels(folder.path("s"), "labels", 12)).back(), 11);
}

TEST(Folders, SaysWhichFileIsWrongAndHow) {
  TestFolder folder;
  writeSamples(folder);
  std::string path = folder.path("s");
  EXPECT_THAT(problemOf(path, Wanted{"x", ElementType::F32, {1, 4}}),
              AllOf(HasSubstr("set_1/input_0.pb: is f32[1x3], f32[1x4] is "
                              "required for 'x'")));
  EXPECT_THAT(problemOf(path, {kRow, kScalar, kRow}),
              HasSubstr("input_2.npy: no such file, nor with .pb, for 'x'"));
  folder.write("s/set_7/input_0.pb", "\xff\xff");
  EXPECT_THAT(problemOf(path, kRow), HasSubstr("set_7/input_0.pb"));
  Tensor infinite = filled(ElementType::F32, {1, 3}, 0);
  infinite.values<float>()[1] = -HUGE_VALF;
  folder.write("s/set_2/input_0.pb", pb(infinite));
  EXPECT_THAT(problemOf(path, kRow),
              HasSubstr("set_2/input_0.pb: holds -Inf as element 1"));
}

TEST(Folders, EmptyOrMissing) {
  TestFolder folder;
  folder.write("empty/notes.txt", "no samples");
  EXPECT_THAT(problemOf(folder.path("empty"), kRow),
              HasSubstr("has neither arrays (NAME.npy) nor folders"));
  EXPECT_THAT(problemOf(folder.path("nosuch"), kRow), HasSubstr("nosuch"));
}

TEST(Folders, UnpackedArchives) {
  TestFolder folder;
  folder.write("u/x.npy", npy(counting(ElementType::F32, {4, 3})));
  folder.write("u/k.npy", npy(counting(ElementType::I64, {4})));
  auto samples = cantFail(Samples::open(folder.path("u"), {kScalar, kRow}));
  EXPECT_EQ(samples.count(), 4);
  std::vector<Tensor> batch;
  cantFail(samples.read(3, 1, batch));
  EXPECT_EQ(batch[0].at(0), 3);
  EXPECT_EQ(batch[1].at(0), 9);
  EXPECT_THAT(problemOf(folder.path("u"), Wanted{"z", ElementType::F32, {1}}),
              HasSubstr("u: has no array 'z'; it has 'k', 'x'"));
}
