//===- CheckCommandTest.cpp - mlc check -----------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Check/CheckCommand.h"

#include "TensorIO/TensorFile.h"
#include "TensorIO/TensorProto.h"
#include "onnx/onnx_pb.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cstdlib>
#include <fstream>

using namespace mlc;
using testing::HasSubstr;
using testing::Not;

static Tensor scalar(float value) {
  Tensor tensor = llvm::cantFail(Tensor::create(ElementType::F32, {}));
  tensor.values<float>()[0] = value;
  return tensor;
}

/// Plays the compiler: every model has inputs a and b and the output a + b; the
/// folder's name says what else happens.
static llvm::Expected<RunnableModel> fakeCompile(llvm::StringRef path) {
  llvm::StringRef folder =
      llvm::sys::path::filename(llvm::sys::path::parent_path(path));
  bool bound = llvm::sys::path::filename(path) == "bound.onnx";
  if (folder == "crash")
    abort();
  if (folder == "refused" || (folder == "open" && !bound))
    return llvm::createStringError("error: no");
  RunnableModel model;
  model.inputs = {"a", "b"};
  model.outputs = {"sum"};
  model.run = [=](llvm::ArrayRef<Tensor> inputs)
      -> llvm::Expected<std::vector<Tensor>> {
    EXPECT_EQ(inputs.size(), bound ? 1u : 2u);
    float sum = 0;
    for (const Tensor &input : inputs)
      sum += input.values<float>()[0];
    std::vector<Tensor> outputs;
    outputs.push_back(scalar(sum));
    return outputs;
  };
  return model;
}

static llvm::Error fakeImport(llvm::StringRef path) {
  return llvm::createStringError("'" + path + "' is not imported");
}

namespace {
class CheckCommand : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("mlc-check", folder));
  }
  void TearDown() override {
    EXPECT_FALSE(llvm::sys::fs::remove_directories(folder));
  }

  /// A case whose model leaves the second operand of Reshape, b, open.
  void addCase(llvm::StringRef name, float expected) {
    std::string data = path(name + "/test_data_set_0");
    ASSERT_FALSE(llvm::sys::fs::create_directories(data));
    onnx::ModelProto model;
    onnx::NodeProto &node = *model.mutable_graph()->add_node();
    node.set_op_type("Reshape");
    for (const char *input : {"a", "b"}) {
      node.add_input(input);
      onnx::ValueInfoProto &info = *model.mutable_graph()->add_input();
      info.set_name(input);
      info.mutable_type()->mutable_tensor_type()->set_elem_type(
          onnx::TensorProto::FLOAT);
    }
    std::ofstream(path(name + "/model.onnx")) << model.SerializeAsString();
    store(name + "/test_data_set_0/input_0.pb", 1);
    store(name + "/test_data_set_0/input_1.pb", 2);
    store(name + "/test_data_set_0/output_0.pb", expected);
  }
  void store(const llvm::Twine &file, float value) {
    ASSERT_FALSE(bool(writeTensor(path(file), scalar(value))));
  }
  std::string path(const llvm::Twine &file) {
    return (folder + "/" + file).str();
  }
  /// "true", "false" or the error, after what was printed.
  std::string check() {
    std::string text;
    llvm::raw_string_ostream os(text);
    auto result = runCheck(options, {fakeCompile, fakeImport}, os);
    if (!result)
      return text + llvm::toString(result.takeError());
    return text + (*result ? "true" : "false");
  }

  llvm::SmallString<128> folder;
  CheckOptions options;
};
} // namespace

TEST_F(CheckCommand, ComparesWithTheDataBesideTheModel) {
  addCase("good", 3);
  options.model = path("good/model.onnx");
  EXPECT_EQ(check(), "test_data_set_0 sum: all 1 elements are equal\ntrue");
  addCase("bad", 4);
  options.model = path("bad/model.onnx");
  EXPECT_THAT(check(), HasSubstr("found 3, required 4"));
  EXPECT_THAT(check(), HasSubstr("\nfalse"));
}

TEST_F(CheckCommand, ComparesWithAFolderOrNamedFiles) {
  addCase("good", 3);
  store("sum.npy", 5);
  store("b.npy", 4);
  options.model = path("elsewhere.onnx");
  options.data = path("good/test_data_set_0");
  EXPECT_THAT(check(), HasSubstr("true"));
  options.data = "";
  options.references = {"sum=" + path("sum.npy")};
  options.inputs = {"b=" + path("b.npy")};
  EXPECT_EQ(check(), "input 'a' has no value, required: --input=a=file");
  options.inputs.push_back("a=" + path("good/test_data_set_0/input_0.pb"));
  EXPECT_EQ(check(), "sum: all 1 elements are equal\ntrue");
  options.references = {"total=" + path("sum.npy")};
  EXPECT_THAT(check(), HasSubstr("names no output, required: one of sum"));
}

TEST_F(CheckCommand, WithoutReferencesThereIsNothingToCheck) {
  options.model = path("model.onnx");
  EXPECT_THAT(check(), HasSubstr("nothing to compare with"));
  ASSERT_FALSE(llvm::sys::fs::create_directories(path("empty")));
  options.data = path("empty");
  EXPECT_THAT(check(), HasSubstr("holds no output_0.pb"));
}

TEST_F(CheckCommand, ASuiteIsGoodUnlessSomethingIsWrongOrCrashes) {
  options.suite = folder.str().str();
  addCase("good", 3);
  addCase("refused", 3);
  EXPECT_THAT(check(), testing::EndsWith("true"));
  addCase("wrong", 4);
  EXPECT_THAT(check(), testing::EndsWith("false"));
  EXPECT_FALSE(llvm::sys::fs::remove_directories(path("wrong")));
  addCase("crash", 3);
  EXPECT_THAT(check(), testing::EndsWith("false"));
}

TEST_F(CheckCommand, ShapeInputsAreBoundOnlyWhereACaseIsRefused) {
  options.suite = folder.str().str();
  addCase("good", 3);
  addCase("open", 1);
  EXPECT_THAT(check(), HasSubstr("\"refused\""));
  options.bindShapeInputs = true;
  std::string text = check();
  EXPECT_THAT(text, HasSubstr("\"note\":\"bound: b\""));
  EXPECT_THAT(text, Not(HasSubstr("refused")));
  EXPECT_THAT(text, testing::EndsWith("true"));
  EXPECT_FALSE(llvm::sys::fs::exists(path("open/bound.onnx")));
}

TEST_F(CheckCommand, ImportOnlyDoesNotCompile) {
  options.suite = folder.str().str();
  options.importOnly = true;
  addCase("crash", 3);
  EXPECT_THAT(check(), HasSubstr("is not imported"));
}
