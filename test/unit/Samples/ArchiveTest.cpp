//===- ArchiveTest.cpp - Samples in .npz and .npy files -------------------===//

#include "Files.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cmath>
#include <limits>

using namespace llvm;
using namespace mlc;
using testing::AllOf;
using testing::HasSubstr;

static const Wanted kImage = {"x", ElementType::F32, {1, 2, 3}};

static std::string goodZip(const TestFolder &folder, bool isCompressed = true) {
  std::string path = folder.path("good.npz");
  writeZip(path,
           {{"labels.npy", npy(counting(ElementType::I64, {5}))},
            {"x.npy", npy(counting(ElementType::F32, {5, 2, 3}))}},
           isCompressed);
  return path;
}

TEST(Archive, SamplesInAnyOrderAndBatch) {
  TestFolder folder;
  for (bool isCompressed : {false, true}) {
    auto samples =
        cantFail(Samples::open(goodZip(folder, isCompressed), kImage));
    ASSERT_EQ(samples.count(), 5);
    std::vector<Tensor> batch;
    for (auto [first, count] :
         {std::pair(0, 5), std::pair(3, 2), std::pair(1, 1), std::pair(4, 1),
          std::pair(0, 2), std::pair(2, 3)}) {
      cantFail(samples.read(first, count, batch));
      ASSERT_EQ(batch.size(), 1u);
      EXPECT_EQ(batch[0].shape(), ArrayRef<int64_t>({count, 1, 2, 3}));
      for (int64_t i = 0; i != count * 6; ++i)
        EXPECT_EQ(batch[0].at(i), double(first * 6 + i));
    }
  }
}

TEST(Archive, ShapesOfSamples) {
  TestFolder folder;
  auto countOf = [&](ArrayRef<int64_t> array, ArrayRef<int64_t> sample) {
    std::string path =
        folder.write("x.npy", npy(counting(ElementType::I32, array)));
    Expected<Samples> samples = Samples::open(
        path, Wanted{"x", ElementType::I32, SmallVector<int64_t>(sample)});
    if (samples)
      return samples->count();
    consumeError(samples.takeError());
    return int64_t(-1);
  };
  EXPECT_EQ(countOf({7, 3}, {1, 3}), 7);
  EXPECT_EQ(countOf({7, 1, 3}, {1, 3}), 7);
  EXPECT_EQ(countOf({8, 3}, {2, 3}), 4);
  EXPECT_EQ(countOf({8, 2, 3}, {2, 3}), 8);
  EXPECT_EQ(countOf({8}, {}), 8);
  EXPECT_EQ(countOf({8}, {1}), 8);
  EXPECT_EQ(countOf({8}, {4}), 2);
  EXPECT_EQ(countOf({7, 3}, {2, 3}), -1);
  EXPECT_EQ(countOf({7, 3}, {1, 4}), -1);
  EXPECT_EQ(countOf({3}, {1, 3}), -1);
  EXPECT_EQ(countOf({}, {1, 3}), -1);
  EXPECT_EQ(countOf({}, {}), -1);
  EXPECT_EQ(countOf({7, 1, 1, 3}, {1, 3}), -1);
}

TEST(Archive, SeveralInputs) {
  TestFolder folder;
  std::string path = folder.path("two.npz");
  Wanted flag = {"flag", ElementType::Bool, {}};
  writeZip(path, {{"x.npy", npy(counting(ElementType::F32, {2, 2, 3}))},
                  {"flag.npy", npy(counting(ElementType::Bool, {2}))}});
  auto samples = cantFail(Samples::open(path, {flag, kImage}));
  std::vector<Tensor> batch;
  cantFail(samples.read(1, 1, batch));
  EXPECT_EQ(batch[0].at(0), 1);
  EXPECT_EQ(batch[1].at(0), 6);
  writeZip(path, {{"x.npy", npy(counting(ElementType::F32, {2, 2, 3}))},
                  {"flag.npy", npy(counting(ElementType::Bool, {3}))}});
  EXPECT_THAT(problemOf(path, {kImage, flag}),
              HasSubstr("array 'flag': has 3 samples, array 'x' has 2"));
}

TEST(Archive, SaysWhichArrayIsWrongAndHow) {
  TestFolder folder;
  std::string good = goodZip(folder);
  EXPECT_EQ(problemOf(good, kImage), "");
  EXPECT_THAT(problemOf(good, Wanted{"y", ElementType::F32, {1}}),
              HasSubstr("good.npz: has no array 'y'; it has 'labels', 'x'"));
  EXPECT_THAT(problemOf(good, Wanted{"x", ElementType::F32, {1, 3, 2}}),
              HasSubstr("good.npz: array 'x': is f32[5x2x3], 'x' is "
                        "f32[1x3x2]: shape Nx3x2 is required"));
  EXPECT_THAT(problemOf(good, Wanted{"x", ElementType::F64, {1, 2, 3}}),
              HasSubstr("elements of type f64 are required"));
  EXPECT_THAT(problemOf(good, Wanted{"x", ElementType::F32, {2, 2, 3}}),
              HasSubstr("a multiple of 2 rows is required"));
  EXPECT_THAT(problemOf(good, Wanted{"x", ElementType::F32, {1, 0, 3}}),
              HasSubstr("no elements"));
  EXPECT_THAT(problemOf(folder.path("nosuch.npz"), kImage),
              AllOf(HasSubstr("nosuch.npz"), HasSubstr("o such file")));
  EXPECT_THAT(problemOf(folder.write("text.npz", "PK hello"), kImage),
              HasSubstr("text.npz: is no .npz archive"));
  EXPECT_THAT(problemOf(folder.write("empty.npz", ""), kImage),
              HasSubstr("is no .npz archive"));
}

TEST(Archive, ArraysThatCannotBeReadBySample) {
  TestFolder folder;
  std::string fortran = npy(counting(ElementType::F32, {5, 2, 3}));
  fortran.replace(fortran.find("False"), 5, "True ");
  EXPECT_THAT(problemOf(folder.write("f.npy", fortran), kImage),
              HasSubstr("numpy.ascontiguousarray"));
  std::string none = npy(counting(ElementType::F32, {0, 2, 3}));
  EXPECT_THAT(problemOf(folder.write("none.npy", none), kImage),
              HasSubstr("none.npy: has no samples"));
  Wanted other = {"y", ElementType::F32, {1}};
  EXPECT_THAT(problemOf(folder.write("one.npy", none), {kImage, other}),
              HasSubstr("is one array, the model has 2 inputs"));
  std::string cut = npy(counting(ElementType::F32, {5, 2, 3}));
  EXPECT_THAT(
      problemOf(folder.write("cut.npy", StringRef(cut).drop_back(1)), kImage),
      HasSubstr("119 bytes of data, required: 120"));
}

TEST(Archive, OtherByteOrder) {
  TestFolder folder;
  std::string bytes = npy(counting(ElementType::I16, {3}));
  bytes[bytes.find("'<i2'") + 1] = '>';
  auto samples = cantFail(Samples::open(folder.write("big.npy", bytes),
                                        Wanted{"x", ElementType::I16, {1}}));
  std::vector<Tensor> batch;
  cantFail(samples.read(1, 2, batch));
  EXPECT_EQ(batch[0].at(0), 256);
  EXPECT_EQ(batch[0].at(1), 512);
}

TEST(Archive, NumbersMustBeFinite) {
  TestFolder folder;
  for (ElementType type :
       {ElementType::F16, ElementType::F32, ElementType::F64}) {
    Tensor tensor = counting(type, {5, 2, 3});
    visitElementType(type, [&](auto zero) {
      tensor.values<decltype(zero)>()[6 * 3 + 4] = decltype(zero)(
          type == ElementType::F32 ? std::numeric_limits<double>::quiet_NaN()
                                   : std::numeric_limits<double>::infinity());
    });
    std::string path = folder.write("x.npy", npy(tensor));
    EXPECT_THAT(problemOf(path, Wanted{"x", type, {1, 2, 3}}),
                AllOf(HasSubstr("x.npy: sample 3 holds "),
                      HasSubstr("as element 4; finite numbers")));
  }
}

TEST(Archive, Labels) {
  TestFolder folder;
  std::string good = goodZip(folder);
  EXPECT_EQ(cantFail(readLabels(good, "labels", 5)),
            (std::vector<int64_t>{0, 1, 2, 3, 4}));
  auto problem = [&](StringRef path, StringRef name, int64_t count) {
    Expected<std::vector<int64_t>> labels = readLabels(path, name, count);
    return labels ? "" : toString(labels.takeError());
  };
  EXPECT_THAT(problem(good, "labels", 4),
              HasSubstr("is i64[5], one for each of 4 is required"));
  EXPECT_THAT(problem(good, "x", 5), HasSubstr("integers are required"));
  EXPECT_THAT(problem(good, "truth", 5), HasSubstr("has no array 'truth'"));
  EXPECT_THAT(problem(folder.write("a.npy", "x"), "labels", 5),
              HasSubstr("is one array"));
  EXPECT_TRUE(cantFail(hasArray(good, "labels")));
  EXPECT_FALSE(cantFail(hasArray(good, "truth")));
  EXPECT_FALSE(cantFail(hasArray(folder.path("a.npy"), "labels")));
  EXPECT_THAT(toString(hasArray(folder.path("b.npz"), "labels").takeError()),
              HasSubstr("o such file"));
}

TEST(Archive, DamageIsFoundOut) {
  TestFolder folder;
  std::string good = goodZip(folder, /*isCompressed=*/false);
  std::string bytes = (*MemoryBuffer::getFile(good))->getBuffer().str();
  // A bit of the array's last float, which its checksum knows.
  std::string changed = bytes;
  float last = 29;
  size_t at = changed.rfind(
      std::string(reinterpret_cast<const char *>(&last), sizeof last));
  ASSERT_NE(at, std::string::npos);
  changed[at] ^= 1;
  EXPECT_THAT(problemOf(folder.write("bad.npz", changed), kImage),
              HasSubstr("its checksum is another"));
  // Without the record at the end there is no list of members.
  size_t record = bytes.rfind("PK\5\6");
  for (size_t size = 0; size < record; size += 7)
    EXPECT_NE(problemOf(folder.write("cut.npz", bytes.substr(0, size)), kImage),
              "");
}

TEST(Archive, AnyBytesGiveSamplesOrAnError) {
  TestFolder folder;
  uint64_t state = 88172645463325252u;
  auto random = [&](size_t below) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return size_t(state % below);
  };
  for (bool isCompressed : {false, true}) {
    std::string good = goodZip(folder, isCompressed);
    std::string bytes = (*MemoryBuffer::getFile(good))->getBuffer().str();
    for (int round = 0; round != 1500; ++round) {
      std::string changed = bytes;
      for (size_t i = 0, e = 1 + random(4); i != e; ++i)
        changed[random(changed.size())] = char(random(256));
      if (random(4) == 0)
        changed.erase(random(changed.size()), random(40));
      std::string path = folder.write("fuzz.npz", changed);
      std::string problem = problemOf(path, kImage);
      if (!problem.empty())
        EXPECT_THAT(problem, HasSubstr("fuzz.npz"));
      consumeError(readLabels(path, "labels", 5).takeError());
    }
  }
}
