//===- WorkFolderTest.cpp - Candidates that are kept ---------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/WorkFolder.h"
#include "Compress/Digest.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

#include <limits>

using namespace mlc;
using namespace mlc::compress;
using namespace llvm;

namespace {

class WorkFolderTest : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(sys::fs::createUniqueDirectory("compress", path));
  }
  void TearDown() override { sys::fs::remove_directories(path); }

  WorkFolder opened(std::string key) {
    return cantFail(WorkFolder::open(path, std::move(key)));
  }
  void write(const std::string &to, StringRef text) {
    std::error_code error;
    raw_fd_ostream os(to, error);
    ASSERT_FALSE(error);
    os << text;
  }
  std::string digestOf(const Options &options) {
    Digest digest;
    cantFail(digest.addOptions(options));
    return digest.text();
  }

  SmallString<128> path;
  const Recipe recipe{50, 0, compress::Numbers::Int8};
};

TEST_F(WorkFolderTest, FindsWhatItKept) {
  Record record;
  record.drop = -0.25;
  record.score = ModelScore{ScoreMetric::Rmse, 1.5, 12};
  EXPECT_FALSE(opened("k").find(recipe));
  ASSERT_FALSE(bool(opened("k").keep(recipe, record)));
  std::optional<Record> found = opened("k").find(recipe);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->drop, -0.25);
  EXPECT_EQ(found->failure, "");
  ASSERT_TRUE(found->score);
  EXPECT_EQ(found->score->metric, ScoreMetric::Rmse);
  EXPECT_EQ(found->score->value, 1.5);
  EXPECT_EQ(found->score->samples, 12);
}

TEST_F(WorkFolderTest, FindsWhyOneCannotBeMade) {
  Record record;
  record.failure = "nothing to \"prune\"\n";
  ASSERT_FALSE(bool(opened("k").keep(recipe, record)));
  EXPECT_EQ(opened("k").find(recipe)->failure, record.failure);
}

TEST_F(WorkFolderTest, ForgetsWhatWasMadeOfOtherThings) {
  ASSERT_FALSE(bool(opened("k").keep(recipe, {})));
  EXPECT_TRUE(opened("k").find(recipe));
  EXPECT_FALSE(opened("other").find(recipe));
}

TEST_F(WorkFolderTest, MeasuresAgainWhatJsonCannotHold) {
  Record record;
  record.drop = std::numeric_limits<double>::infinity();
  ASSERT_FALSE(bool(opened("k").keep(recipe, record)));
  EXPECT_FALSE(opened("k").find(recipe));
}

TEST_F(WorkFolderTest, TakesBrokenRecordsForNone) {
  WorkFolder folder = opened("k");
  std::string file = folder.fileOf("candidates/" + recipe.name() + ".json");
  for (StringRef text : {"", "{", "[]", "{\"key\": 1}", "{\"key\": \"k\"}",
                         "{\"key\": \"k\", \"drop\": \"no\"}"}) {
    write(file, text);
    EXPECT_FALSE(folder.find(recipe)) << text.str();
  }
}

TEST_F(WorkFolderTest, CannotBeWhereAFileIs) {
  write((path + "/file").str(), "x");
  Expected<WorkFolder> folder = WorkFolder::open((path + "/file").str(), "k");
  ASSERT_FALSE(folder);
  EXPECT_THAT(toString(folder.takeError()), testing::HasSubstr("file"));
}

TEST_F(WorkFolderTest, DigestsDifferWhereAnythingDoes) {
  auto of = [&](ArrayRef<StringRef> texts) {
    Digest digest;
    for (StringRef text : texts)
      digest.add(text);
    return digest.text();
  };
  EXPECT_EQ(of({"ab", "c"}), of({"ab", "c"}));
  EXPECT_NE(of({"ab", "c"}), of({"a", "bc"}));
  EXPECT_EQ(of({}).size(), 64u);
}

TEST_F(WorkFolderTest, DigestsFoldersByNamesAndBytes) {
  auto digest = [&] {
    Digest digest;
    cantFail(digest.addPath(path));
    return digest.text();
  };
  write((path + "/a").str(), "1");
  std::string first = digest();
  EXPECT_EQ(first, digest());
  write((path + "/a").str(), "2");
  std::string second = digest();
  EXPECT_NE(first, second);
  ASSERT_FALSE(sys::fs::rename((path + "/a").str(), (path + "/b").str()));
  EXPECT_NE(second, digest());
  Digest missing;
  EXPECT_THAT(toString(missing.addPath((path + "/none").str())),
              testing::HasSubstr("none: cannot be read"));
}

TEST_F(WorkFolderTest, DigestsOptionsOfTheModel) {
  Options options, other;
  EXPECT_EQ(digestOf(options), digestOf(other));
  other.dims["N"] = 2;
  EXPECT_NE(digestOf(options), digestOf(other));
  options.dims["N"] = 2;
  EXPECT_EQ(digestOf(options), digestOf(other));
  options.rounding = WeightRounding::Nearest;
  EXPECT_NE(digestOf(options), digestOf(other));
  options.rounding = other.rounding;
  options.ioTypes["x"].mean = {1, 2};
  other.ioTypes["x"].std = {1, 2};
  EXPECT_NE(digestOf(options), digestOf(other));
  options.values["x"] = ("@" + path + "/v").str();
  write((path + "/v").str(), "1");
  std::string first = digestOf(options);
  write((path + "/v").str(), "2");
  EXPECT_NE(first, digestOf(options));
}

} // namespace
