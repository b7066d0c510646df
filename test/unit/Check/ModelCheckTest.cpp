//===- ModelCheckTest.cpp - A model's answers against stored ones ---------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Check/ModelCheck.h"
#include "TensorIO/TensorFile.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace mlc;
using testing::HasSubstr;

static Tensor scalar(float value) {
  Tensor tensor = llvm::cantFail(Tensor::create(ElementType::F32, {}));
  tensor.values<float>()[0] = value;
  return tensor;
}

/// The sum of all inputs, as a model with one output.
static llvm::Expected<std::vector<Tensor>>
addAll(llvm::ArrayRef<Tensor> inputs) {
  float sum = 0;
  for (const Tensor &input : inputs)
    sum += input.values<float>()[0];
  std::vector<Tensor> outputs;
  outputs.push_back(scalar(sum));
  return outputs;
}

namespace {
class DataSets : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("mlc-data", folder));
    for (int i = 0; i < 3; ++i)
      store("/input_" + std::to_string(i) + ".npy", float(1 << i));
  }
  void TearDown() override {
    EXPECT_FALSE(llvm::sys::fs::remove_directories(folder));
  }
  void store(const llvm::Twine &file, float value) {
    ASSERT_FALSE(bool(writeTensor((folder + file).str(), scalar(value))));
  }
  CaseOutcome check(RunFunction run,
                    llvm::ArrayRef<ConstantInput> constants = {}) {
    return checkDataSets(run, {folder.str().str()}, {"y"}, constants, {});
  }

  llvm::SmallString<128> folder;
};
} // namespace

TEST_F(DataSets, PassesWhereAllOutputsAgree) {
  store("/output_0.npy", 7.0001f);
  EXPECT_EQ(check(addAll).status, CaseStatus::Passed);
}

TEST_F(DataSets, NamesTheOutputThatIsWrong) {
  store("/output_0.npy", 8);
  CaseOutcome outcome = check(addAll);
  EXPECT_EQ(outcome.status, CaseStatus::Wrong);
  EXPECT_THAT(outcome.reason, HasSubstr("output 'y': 1 of 1 elements differ"));
}

TEST_F(DataSets, ConstantsAreNotHandedOver) {
  store("/output_0.npy", 2);
  ConstantInput a{"a", 0, nullptr}, c{"c", 2, nullptr};
  EXPECT_EQ(check(addAll, {a, c}).status, CaseStatus::Passed);
  EXPECT_EQ(check(addAll, {a}).status, CaseStatus::Wrong);
}

TEST_F(DataSets, ConstantsOfAnotherValueAreSaid) {
  store("/output_0.npy", 6);
  auto constant = [](float value) {
    return ConstantInput{"a", 0, std::make_shared<const Tensor>(scalar(value))};
  };
  EXPECT_EQ(check(addAll, {constant(1)}).status, CaseStatus::Passed);
  CaseOutcome outcome = check(addAll, {constant(16000)});
  EXPECT_EQ(outcome.status, CaseStatus::Wrong);
  EXPECT_EQ(outcome.reason,
            "input 'a' is f32[] [1] in the data, but bound to f32[] [16000]");
}

TEST_F(DataSets, AnotherNumberOfOutputsOrAFailedRunIsWrong) {
  store("/output_0.npy", 7);
  store("/output_1.npy", 7);
  EXPECT_EQ(check(addAll).reason,
            "the model has 1 outputs, the expected ones are 2");
  auto fails =
      [](llvm::ArrayRef<Tensor>) -> llvm::Expected<std::vector<Tensor>> {
    return llvm::createStringError("no luck");
  };
  EXPECT_EQ(check(fails).status, CaseStatus::Wrong);
  EXPECT_EQ(check(fails).reason, "no luck");
}

TEST(ModelCheck, WithoutDataAModelPasses) {
  EXPECT_EQ(checkDataSets(addAll, {}, {}, {}, {}).status, CaseStatus::Passed);
}
