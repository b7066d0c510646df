//===- EvaluateTest.cpp - Models judged on samples ------------------------===//

#include "Evaluate/Evaluate.h"
#include "TensorIO/Npy.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <cstring>

using namespace llvm;
using namespace mlc;
using testing::HasSubstr;

namespace {

/// A folder with four samples of three floats, and more where a test writes it.
class Evaluate : public testing::Test {
protected:
  void SetUp() override {
    cantFail(
        errorCodeToError(sys::fs::createUniqueDirectory("evaluate", folder)));
    write("x", {4, 3}, {1, 0, 0, 0, 2, 0, 0, 0, 3, 5, 4, 0});
  }
  void TearDown() override { sys::fs::remove_directories(folder); }

  void write(StringRef name, ArrayRef<int64_t> shape, ArrayRef<float> values,
             ElementType type = ElementType::F32) {
    Tensor tensor = cantFail(Tensor::create(type, shape));
    visitElementType(type, [&](auto zero) {
      for (auto [to, from] : zip(tensor.values<decltype(zero)>(), values))
        to = decltype(zero)(from);
    });
    SmallString<128> path(folder);
    sys::path::append(path, name + ".npy");
    std::error_code error;
    raw_fd_ostream os(path, error);
    printNpy(os, tensor);
  }

  void writeLabels(ArrayRef<float> values) {
    write("labels", {int64_t(values.size())}, values, ElementType::I32);
  }

  EvaluateOptions options(ScoreMetric metric) {
    EvaluateOptions result;
    result.data = folder.str().str();
    result.metric = metric;
    return result;
  }

  std::string problemOf(ScoreMetric metric, const EvaluatedModel &model,
                        const EvaluatedModel *reference = nullptr) {
    Expected<Evaluation> result = evaluate(model, reference, options(metric));
    return result ? "" : toString(result.takeError());
  }

  SmallString<128> folder;
};

} // namespace

/// Adds `bias` to its input.
static EvaluatedModel biased(std::vector<float> bias,
                             SmallVector<int64_t> shape = {1, 3}) {
  EvaluatedModel model;
  model.name = "model";
  model.inputs = {{"x", ElementType::F32, shape}};
  model.outputs = {{"y", ElementType::F32, shape}};
  model.run = [bias](ArrayRef<const void *> inputs, ArrayRef<void *> outputs) {
    for (size_t i = 0; i != bias.size(); ++i)
      static_cast<float *>(outputs[0])[i] =
          static_cast<const float *>(inputs[0])[i] + bias[i];
    return Error::success();
  };
  return model;
}

TEST_F(Evaluate, CountsRowsWhoseLabelIsTheBest) {
  writeLabels({0, 1, 2, 1});
  auto result = cantFail(
      evaluate(biased({0, 0, 0}), nullptr, options(ScoreMetric::Auto)));
  EXPECT_EQ(result.metric, ScoreMetric::Top1);
  EXPECT_EQ(result.samples, 4);
  EXPECT_EQ(result.output, "y");
  EXPECT_EQ(result.model.count.right, 3);
  EXPECT_EQ(result.model.count.rows, 4);
  EXPECT_FALSE(result.agreement.has_value());
}

TEST_F(Evaluate, TakesSeveralRowsAtOnce) {
  writeLabels({0, 1, 2, 1});
  auto result = cantFail(evaluate(biased({0, 0, 0, 0, 0, 0}, {2, 3}), nullptr,
                                  options(ScoreMetric::Top1)));
  EXPECT_EQ(result.samples, 2);
  EXPECT_EQ(result.model.count.right, 3);
  EXPECT_EQ(result.model.count.rows, 4);
}

TEST_F(Evaluate, ComparesWithAReference) {
  writeLabels({0, 1, 2, 1});
  EvaluatedModel model = biased({0, 1.5, 0}), reference = biased({0, 0, 0});
  auto result =
      cantFail(evaluate(model, &reference, options(ScoreMetric::Top1)));
  EXPECT_EQ(result.model.count.right, 3); // not the first, but the last
  EXPECT_EQ(result.reference.count.right, 3);
  EXPECT_EQ(result.agreement->right, 2);
  EXPECT_EQ(result.agreement->rows, 4);
  ASSERT_EQ(result.outputs.size(), 1u);
  EXPECT_EQ(result.outputs[0].difference.largest(), 1.5);
  EXPECT_EQ(result.outputs[0].difference.meanSquared(), 0.75);
}

TEST_F(Evaluate, NeedsNoLabelsForAgreement) {
  EvaluatedModel model = biased({0, 0, 0}), reference = biased({0, 0, 4});
  auto result =
      cantFail(evaluate(model, &reference, options(ScoreMetric::Auto)));
  EXPECT_EQ(result.metric, ScoreMetric::Agreement);
  EXPECT_EQ(result.agreement->right, 2); // in the last, the first of two fives
}

TEST_F(Evaluate, MeasuresTheDifferenceFromTargets) {
  write("y", {4, 3}, {1, 0, 0, 0, 2, 0, 0, 0, 3, 5, 4, 6});
  auto result =
      cantFail(evaluate(biased({0, 0, 0}), nullptr, options(ScoreMetric::Mse)));
  EXPECT_EQ(result.model.difference.meanSquared(), 3);
  write("y", {3, 3}, {1, 0, 0, 0, 2, 0, 0, 0, 3});
  EXPECT_THAT(problemOf(ScoreMetric::Rmse, biased({0, 0, 0})),
              HasSubstr("has 4 samples and 3 targets 'y'"));
}

TEST_F(Evaluate, SaysWhatCannotBeScored) {
  EvaluatedModel model = biased({0, 0, 0});
  EXPECT_THAT(problemOf(ScoreMetric::Auto, model),
              HasSubstr("nothing can be scored"));
  EXPECT_THAT(problemOf(ScoreMetric::Agreement, model),
              HasSubstr("--reference is required"));
  EXPECT_THAT(problemOf(ScoreMetric::Top1, model),
              HasSubstr("has no array 'labels'; it has 'x'"));
  EXPECT_THAT(problemOf(ScoreMetric::Mse, model), HasSubstr("no array 'y'"));
  writeLabels({0, 1, 3, 1});
  EXPECT_THAT(problemOf(ScoreMetric::Top1, model),
              HasSubstr("array 'labels' has 3 as element 2, output 'y' has the "
                        "classes 0 to 2"));
  writeLabels({0, 1, -1, 1});
  EXPECT_THAT(problemOf(ScoreMetric::Top5, model), HasSubstr("has -1 as"));
  writeLabels({0, 1});
  EXPECT_THAT(problemOf(ScoreMetric::Top1, model),
              HasSubstr("one for each of 4 is required"));
  model.outputs[0].shape = {1, 1};
  EXPECT_THAT(problemOf(ScoreMetric::Top1, model),
              HasSubstr("no output with scores"));
}

TEST_F(Evaluate, ModelsMustHaveTheSameInputsAndOutputs) {
  EvaluatedModel model = biased({0, 0, 0}), other = model;
  other.name = "other";
  other.inputs[0].name = "z";
  EXPECT_THAT(problemOf(ScoreMetric::Auto, model, &other),
              HasSubstr("other: has the inputs 'z' f32[1x3], model has 'x' "
                        "f32[1x3]; the same are required"));
  other = model;
  other.outputs.push_back({"more", ElementType::I8, {1}});
  EXPECT_THAT(problemOf(ScoreMetric::Auto, model, &other),
              HasSubstr("has the outputs 'y' f32[1x3], 'more' i8[1]"));
}

TEST_F(Evaluate, ReportsWhatARunSays) {
  writeLabels({0, 1, 2, 1});
  EvaluatedModel model = biased({0, 0, 0});
  model.run = [](ArrayRef<const void *>, ArrayRef<void *>) {
    return createStringError("out of order");
  };
  EXPECT_EQ(problemOf(ScoreMetric::Top1, model), "out of order");
}
