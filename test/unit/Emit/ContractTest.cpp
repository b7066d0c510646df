//===- ContractTest.cpp - header and JSON of a model ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Contract.h"
#include "RuntimeObjects/RuntimeObjects.h"
#include "ScaleModel.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

using namespace llvm;
using namespace mlc;
using namespace mlc::test;

namespace {

TensorContract tensor(StringRef name, mlc_type type, ArrayRef<int64_t> shape) {
  TensorContract result;
  result.name = name.str();
  result.type = type;
  result.shape.assign(shape.begin(), shape.end());
  return result;
}

ModelContract digits() {
  ModelContract contract;
  contract.name = "digits";
  contract.prefix = "digits";
  contract.mlcVersion = "0.1.0";
  contract.producer = "pytorch 2.5";
  contract.opsets = {{"", 18}, {"ai.onnx.ml", 3}};
  contract.metadata = {{"author", "somebody"}};
  contract.triple = "x86_64-unknown-linux-gnu";
  contract.variants = {"x86-64-v3", "x86-64-v2"};
  contract.arenaBytes = 4096;
  contract.threadBytes = 256;
  contract.threads = 4;
  contract.weightsBytes = 1024;
  contract.stackBytes = 2048;
  contract.macs = uint64_t(1) << 40;
  contract.inputs = {tensor("image", MLC_TYPE_F32, {1, 1, 8, 8})};
  contract.outputs = {tensor("scores", MLC_TYPE_F32, {1, 10})};
  assignIdentifiers(contract);
  return contract;
}

std::string header(const ModelContract &contract) {
  std::string text;
  raw_string_ostream os(text);
  writeHeader(contract, os);
  return text;
}

json::Object parsedJson(const ModelContract &contract) {
  std::string text;
  raw_string_ostream os(text);
  writeJson(contract, os);
  Expected<json::Value> value = json::parse(text);
  if (value)
    return std::move(*value->getAsObject());
  ADD_FAILURE() << toString(value.takeError()) << text;
  return {};
}

std::string refusal(StringRef json) {
  ModelContract contract = digits();
  return toString(mergeContract(contract, json, "c.json"));
}

/// Compiles `text` as the header model.h with C and C++ compilers that warn of
/// everything, and a program that includes it twice.
void expectCompiles(const std::string &text, StringRef body = "") {
  TemporaryFolder folder;
  folder.write("model.h", text);
  folder.write("mlc_runtime.h", runtimeHeader());
  std::string program = "#include \"model.h\"\n#include \"model.h\"\n" +
                        body.str() + "\nint main(void) { return 0; }\n";
  std::string c = folder.write("main.c", program);
  std::string cpp = folder.write("main.cpp", program);
  std::string flags = " -Wall -Wextra -Werror -pedantic -fsyntax-only ";
  run("cc -std=c11" + flags + c);
  run("c++ -std=c++11" + flags + cpp);
  run("c++ -std=c++20" + flags + cpp);
  run(LLVM_TOOLS_DIR "/clang -std=c11" + flags + c);
}

TEST(Header, CompilesAsCAndCpp) {
  ModelContract contract = digits();
  ASSERT_EQ(toString(mergeContract(contract, R"({
    "doc": "reads */ digits /* and \"more\" ??/ trigraphs",
    "inputs": {"image": {"layout": "NCHW", "range": [0, 16], "scale": 0.5,
      "zero_point": -128, "meaning": "grey levels",
      "preprocessing": {"mean": [0.5], "std": [2], "channel_order": "L"}}},
    "outputs": {"scores": {"labels": ["a\"b", "c\\d", "e??/f", "gr\u00fcn1",
      "4", "5", "6", "7", "8", "9"]}}})",
                                   "c.json")),
            "");
  std::string text = header(contract);
  expectCompiles(text, R"(
    int shape[] = DIGITS_IMAGE_SHAPE;
    float image[DIGITS_IMAGE_SIZE];
    digits_arena arena;
    digits_threads_arena all;
    char one[DIGITS_ARENA_SIZE_FOR(1) == 4096 ? 1 : -1];
    char three[DIGITS_ARENA_SIZE_FOR(3) == 4096 + 2 * 256 ? 1 : -1];
    char more[DIGITS_ARENA_SIZE_FOR(9u) == sizeof all ? 1 : -1];
    mlc_status run(digits_inputs *inputs, digits_outputs *outputs);
    mlc_status run(digits_inputs *inputs, digits_outputs *outputs) {
      inputs->image = image;
      if (digits_scores_labels[DIGITS_SCORES_LABEL_COUNT - 1][0] != '9')
        return MLC_OK;
      return digits_run(&arena, inputs, outputs);
    })");
  for (const char *part :
       {"#define DIGITS_ARENA_SIZE 4096\n", "#define DIGITS_ARENA_ALIGN 64\n",
        "#define DIGITS_ARENA_SIZE_PER_THREAD 256\n",
        "#define DIGITS_THREADS 4\n", "#define DIGITS_WEIGHTS_SIZE 1024\n",
        "#define DIGITS_STACK_SIZE 2048\n", "#define DIGITS_IMAGE_RANK 4\n",
        "#define DIGITS_IMAGE_DIM3 8\n",
        "#define DIGITS_IMAGE_SHAPE {1, 1, 8, 8}\n",
        "#define DIGITS_IMAGE_SIZE 64\n", "#define DIGITS_IMAGE_BYTES 256\n",
        "#define DIGITS_IMAGE_SCALE 0.5f\n",
        "#define DIGITS_IMAGE_ZERO_POINT (-128)\n",
        "#define DIGITS_IMAGE_RANGE_MAX 16.0f\n",
        "#define DIGITS_IMAGE_STD {2.0f}\n", "  const float *image;",
        "  float *scores;"})
    EXPECT_TRUE(StringRef(text).contains(part)) << part << text;
}

TEST(Header, EveryTypeAndScalarsAndNone) {
  ModelContract contract = digits();
  contract.inputs.clear();
  contract.outputs.clear();
  for (int type = 0; type < 32; ++type)
    if (findElementType(mlc_type(type)))
      contract.outputs.push_back(
          tensor("out" + std::to_string(type), mlc_type(type), {}));
  contract.outputs.push_back(tensor("packed", MLC_TYPE_I4, {3}));
  assignIdentifiers(contract);
  std::string text = header(contract);
  expectCompiles(text);
  EXPECT_TRUE(StringRef(text).contains("#define DIGITS_PACKED_BYTES 2\n"));
  EXPECT_TRUE(StringRef(text).contains("  uint16_t *out10;")) << "f16";
}

TEST(Header, HostileNamesStillCompile) {
  ModelContract contract = digits();
  contract.name = "*/ int x; /* \\";
  contract.doc = "line\nline\\\n*/#error \xff";
  contract.metadata = {{"*/", "/*/"}};
  contract.inputs.clear();
  for (const char *name : {"class", "int", "x:0", "x_0", "X.0", "", "3d", "__a",
                           "\xc3\xbc", "arena", "linux", "a//b*/", "NULL"})
    contract.inputs.push_back(tensor(name, MLC_TYPE_F32, {2}));
  contract.outputs = {tensor("x:0", MLC_TYPE_F32, {2})};
  assignIdentifiers(contract);
  expectCompiles(header(contract));
}

TEST(Header, RefusesAnotherMachine) {
  ModelContract contract = digits();
  contract.pointerBytes = 4;
  TemporaryFolder folder;
  std::string path = folder.write("model.h", header(contract));
  folder.write("mlc_runtime.h", runtimeHeader());
  std::string text = run("! cc -std=c11 -fsyntax-only -x c " + path);
  EXPECT_TRUE(StringRef(text).contains("another kind of machine")) << text;
}

TEST(Identifier, IsUsableAndUnique) {
  EXPECT_EQ(cIdentifier("input.1"), "input_1");
  EXPECT_EQ(cIdentifier("a//b__c"), "a_b_c");
  EXPECT_EQ(cIdentifier("784"), "t784");
  EXPECT_EQ(cIdentifier("::"), "t");
  EXPECT_EQ(cIdentifier("register"), "register_");
  for (const char *taken :
       {"mlc", "mlc_runtime", "MLC_model", "stdint", "Math"})
    EXPECT_TRUE(isReservedPrefix(taken)) << taken;
  for (const char *free : {"digits", "mlcx", "model_mlc", "math_net", ""})
    EXPECT_FALSE(isReservedPrefix(free)) << free;
  ModelContract contract = digits();
  contract.inputs = {tensor("x:0", MLC_TYPE_F32, {}),
                     tensor("X.0", MLC_TYPE_F32, {}),
                     tensor("arena", MLC_TYPE_F32, {})};
  contract.outputs = {tensor("x/0", MLC_TYPE_F32, {})};
  assignIdentifiers(contract);
  EXPECT_EQ(contract.inputs[0].identifier, "x_0");
  EXPECT_EQ(contract.inputs[1].identifier, "X_0_2");
  EXPECT_EQ(contract.inputs[2].identifier, "arena_2");
  EXPECT_EQ(contract.outputs[0].identifier, "x_0_3");
}

TEST(Json, RoundTrips) {
  ModelContract contract = digits();
  contract.codeBytes = 512;
  contract.doc = "bytes \xff that are no UTF-8";
  ASSERT_EQ(toString(mergeContract(
                contract,
                R"({"inputs": {"image": {"range": [0, 16], "zero_point": 3,
                    "preprocessing": "raw"}}})",
                "c.json")),
            "");
  json::Object object = parsedJson(contract);
  EXPECT_EQ(object.getString("prefix"), "digits");
  EXPECT_EQ(object.getInteger("macs"), int64_t(1) << 40);
  EXPECT_EQ(object.getObject("memory")->getInteger("arena_bytes"), 4096);
  EXPECT_EQ(object.getObject("memory")->getInteger("arena_bytes_per_thread"),
            256);
  EXPECT_EQ(object.getObject("memory")->getInteger("code_bytes"), 512);
  EXPECT_EQ(
      object.getObject("model")->getObject("opsets")->getInteger("ai.onnx"),
      18);
  const json::Object &image = *(*object.getArray("inputs"))[0].getAsObject();
  EXPECT_EQ(image.getString("type"), "f32");
  EXPECT_EQ(*image.getArray("shape"), json::Array({1, 1, 8, 8}));
  EXPECT_EQ(*image.getArray("range"), json::Array({0.0, 16.0}));
  EXPECT_EQ(image.getInteger("zero_point"), 3);
  EXPECT_EQ(image.getObject("preprocessing")->getString("description"), "raw");
  EXPECT_EQ(image.get("labels"), nullptr) << "unknown is left out";
}

TEST(MergeContract, AddsToTheModel) {
  ModelContract contract = digits();
  ASSERT_EQ(toString(mergeContract(
                contract, R"({"metadata": {"license": "MIT"}, "outputs":
                {"scores": {"meaning": "probability", "layout": "NC"}}})",
                "c.json")),
            "");
  EXPECT_EQ(contract.metadata.size(), 2u);
  EXPECT_EQ(contract.metadata["license"], "MIT");
  EXPECT_EQ(contract.outputs[0].meaning, "probability");
  EXPECT_EQ(contract.outputs[0].layout, "NC");
}

TEST(MergeContract, ErrorsSayWhere) {
  std::pair<const char *, const char *> rows[] = {
      {"[]", "c.json: found an array, required is an object"},
      {R"({"input": {}})", "c.json: unknown key 'input', known are doc, "
                           "metadata, inputs, outputs"},
      {R"({"inputs": {"img": {}}})",
       "c.json: inputs: the model has no 'img' there, it has image"},
      {R"({"inputs": {"image": {"rnage": 1}}})",
       "c.json: inputs.image: unknown key 'rnage', known are layout, range, "
       "scale, zero_point, labels, preprocessing, meaning, doc"},
      {R"({"inputs": {"image": {"range": [0, "x"]}}})",
       "c.json: inputs.image.range[1]: found a text, required is a number"},
      {R"({"inputs": {"image": {"range": [2, 1]}}})",
       "c.json: inputs.image.range: required are two numbers, the lower one "
       "first"},
      {R"({"inputs": {"image": {"layout": "NHW"}}})",
       "c.json: inputs.image.layout: 'NHW' names 3 dimensions, 'image' has 4"},
      {R"({"inputs": {"image": {"scale": 0}}})",
       "c.json: inputs.image.scale: a scale must be positive"},
      {R"({"inputs": {"image": {"zero_point": 0.5}}})",
       "c.json: inputs.image.zero_point: found a number, required is a whole "
       "number"},
      {R"({"inputs": {"image": {"preprocessing": 3}}})",
       "c.json: inputs.image.preprocessing: found a number, required is a text "
       "or an object"},
      {R"({"outputs": {"scores": {"labels": ["a"]}}, "doc": "x"})", nullptr},
      {R"({"outputs": {"scores": {"labels": ["a", "b", "c"]}}})",
       "c.json: outputs.scores.labels: 3 labels, but 'scores' has no dimension "
       "of that extent"},
  };
  for (const auto &[json, message] : rows)
    EXPECT_EQ(refusal(json), message ? message : "") << json;
  EXPECT_TRUE(StringRef(refusal("{\"doc\": \"x\",\n oops}"))
                  .starts_with("c.json:2:2: "))
      << refusal("{\"doc\": \"x\",\n oops}");
}

TEST(MergeContract, AFailureChangesNothing) {
  ModelContract contract = digits();
  Error error = mergeContract(
      contract, R"({"outputs": {"scores": {"meaning": "m", "range": 1}}})",
      "c.json");
  EXPECT_NE(toString(std::move(error)), "");
  EXPECT_EQ(contract.outputs[0].meaning, "");
}

} // namespace
