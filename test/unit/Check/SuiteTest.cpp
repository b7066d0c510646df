//===- SuiteTest.cpp - Many cases, one line of JSON each ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Check/Suite.h"

#include "TensorIO/TensorFile.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cstdlib>
#include <unistd.h>

using namespace mlc;
using testing::HasSubstr;

namespace {
/// A folder that is gone after the test.
class SuiteFiles : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("mlc-suite", folder));
  }
  void TearDown() override {
    EXPECT_FALSE(llvm::sys::fs::remove_directories(folder));
  }

  std::string path(llvm::StringRef file) {
    std::string full = (folder + "/" + file).str();
    EXPECT_FALSE(
        llvm::sys::fs::create_directories(llvm::sys::path::parent_path(full)));
    return full;
  }
  void touch(llvm::StringRef file) {
    std::error_code error;
    llvm::raw_fd_ostream os(path(file), error);
    ASSERT_FALSE(error);
  }
  void store(llvm::StringRef file, float value) {
    Tensor tensor = llvm::cantFail(Tensor::create(ElementType::F32, {}));
    tensor.values<float>()[0] = value;
    ASSERT_FALSE(bool(writeTensor(path(file), tensor)));
  }

  llvm::SmallString<128> folder;
};
} // namespace

TEST_F(SuiteFiles, FindsFoldersAndLooseModelsSorted) {
  touch("b/model.onnx");
  touch("b/test_data_set_0/input_0.pb");
  touch("b/test_data_set_1/input_0.pb");
  touch("a.onnx");
  touch("c/readme.txt");
  auto cases = llvm::cantFail(findCases(folder));
  ASSERT_EQ(cases.size(), 2u);
  EXPECT_EQ(cases[0].name, "a");
  EXPECT_TRUE(cases[0].dataSets.empty());
  EXPECT_EQ(cases[1].name, "b");
  EXPECT_EQ(cases[1].dataSets.size(), 2u);
}

TEST_F(SuiteFiles, AnEmptySuiteIsAnError) {
  EXPECT_THAT(llvm::toString(findCases(folder).takeError()),
              HasSubstr("holds neither <case>/model.onnx nor *.onnx"));
  EXPECT_THAT(llvm::toString(findCases("/nowhere").takeError()),
              HasSubstr("No such file"));
}

TEST_F(SuiteFiles, ReadsDataInTheOrderOfNumbers) {
  for (int i = 0; i < 12; ++i)
    store("input_" + std::to_string(i) + (i % 2 ? ".npy" : ".pb"), float(i));
  store("output_0.pb", 100);
  DataSet data = llvm::cantFail(readDataSet(folder));
  ASSERT_EQ(data.inputs.size(), 12u);
  for (int i = 0; i < 12; ++i)
    EXPECT_EQ(data.inputs[i].at(0), i);
  ASSERT_EQ(data.outputs.size(), 1u);
  touch("output_1.npy");
  EXPECT_THAT(llvm::toString(readDataSet(folder).takeError()),
              HasSubstr("output_1.npy': not a .npy file"));
}

TEST(Suite, PrintsALinePerCaseWhateverHappens) {
  std::vector<CaseFiles> cases;
  for (const char *name : {"crash", "fine", "hang", "no", "off"})
    cases.push_back({name, "", {}});
  std::string text;
  llvm::raw_string_ostream os(text);
  auto check = [](const CaseFiles &files) -> CaseOutcome {
    if (files.name == "crash")
      abort();
    while (files.name == "hang")
      sleep(1);
    if (files.name == "no")
      return {CaseStatus::Refused, "error: \"X\"\nis unknown", ""};
    if (files.name == "off")
      return {CaseStatus::Wrong, "by 3", "a note"};
    return {};
  };
  auto counts = llvm::cantFail(runSuite(cases, {2, 1}, check, os));
  for (CaseStatus status :
       {CaseStatus::Passed, CaseStatus::Refused, CaseStatus::Wrong,
        CaseStatus::Crashed, CaseStatus::Timeout})
    EXPECT_EQ(counts[status], 1u) << name(status).str();

  llvm::SmallVector<llvm::StringRef> lines;
  llvm::StringRef(text).trim().split(lines, '\n');
  ASSERT_EQ(lines.size(), 5u);
  std::vector<std::string> seen;
  for (llvm::StringRef line : lines) {
    auto value = llvm::cantFail(llvm::json::parse(line));
    auto field = [&](llvm::StringRef key) {
      return value.getAsObject()->getString(key).value_or("").str();
    };
    seen.push_back(field("case") + " " + field("status") + " " +
                   field("reason") + "|" + field("note"));
  }
  EXPECT_THAT(seen,
              testing::ElementsAre("crash crashed Aborted|", "fine passed |",
                                   "hang timeout not done after 1 s|",
                                   "no refused error: \"X\"\nis unknown|",
                                   "off wrong by 3|a note"));
}
