//===- CApiTest.cpp - the compiler as a C library -------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What mlc/Compiler.h does is tested there; here is what C adds.
//
//===----------------------------------------------------------------------===//

#include "mlc-c/mlc.h"

#include "gtest/gtest.h"

#include <string>

namespace {

const std::string models = MLC_MODELS;

TEST(CApi, HasOneVersion) {
  EXPECT_EQ(mlcApiVersion(), MLC_C_API_VERSION);
  EXPECT_EQ(mlcCompilerCreate(MLC_C_API_VERSION + 1), nullptr);
  EXPECT_STRNE(mlcVersion(), "");
}

TEST(CApi, ListsOptions) {
  const char *name = nullptr, *help = nullptr;
  std::string names;
  size_t count = 0;
  for (; mlcOptionAt(count, &name, &help); ++count)
    names += std::string(" ") + name;
  EXPECT_GT(count, 10u);
  EXPECT_NE(names.find(" max-ulp"), std::string::npos);
  EXPECT_EQ(names.find(" margin"), std::string::npos) << "is mlc tune's";
}

TEST(CApi, DiagnosticsAreStructs) {
  MlcCompiler *compiler = mlcCompilerCreate(MLC_C_API_VERSION);
  MlcGraph *graph = nullptr;
  MlcDiagnostics *wrong = mlcGraphImportFile(
      compiler, (models + "/bad/unsupported_two.onnx").c_str(), &graph);
  EXPECT_EQ(graph, nullptr);
  ASSERT_EQ(mlcDiagnosticsCount(wrong), 2u);
  MlcDiagnostic second = mlcDiagnosticsGet(wrong, 1);
  EXPECT_STREQ(second.node, "second");
  EXPECT_STREQ(second.op, "Wobble");
  EXPECT_EQ(second.opset, 17);
  EXPECT_EQ(second.index, 2);
  EXPECT_EQ(second.severity, MLC_SEVERITY_ERROR);
  EXPECT_NE(std::string(mlcDiagnosticsText(wrong)).find('\n'),
            std::string::npos);
  mlcDiagnosticsDestroy(wrong);
  wrong = mlcCompilerSet(compiler, "threads", "0");
  EXPECT_STREQ(mlcDiagnosticsText(wrong), "--threads=0: 1 to 256 are required");
  EXPECT_EQ(mlcDiagnosticsGet(wrong, 0).index, -1);
  mlcDiagnosticsDestroy(wrong);
  mlcDiagnosticsDestroy(nullptr);
  mlcCompilerDestroy(compiler);
}

TEST(CApi, CompilesAndRuns) {
  MlcCompiler *compiler = mlcCompilerCreate(MLC_C_API_VERSION);
  MlcGraph *graph = nullptr;
  ASSERT_EQ(
      mlcGraphImportFile(compiler, (models + "/mlp.onnx").c_str(), &graph),
      nullptr);
  MlcGraph *clone = mlcGraphClone(graph);
  EXPECT_EQ(mlcGraphRunTo(clone, "lower"), nullptr);
  EXPECT_NE(std::string(mlcGraphPrint(clone)).find("kernel."),
            std::string::npos);
  EXPECT_EQ(std::string(mlcGraphPrint(graph)).find("kernel."),
            std::string::npos);
  MlcDiagnostics *wrong = mlcGraphRunTo(clone, "import");
  EXPECT_NE(wrong, nullptr);
  mlcDiagnosticsDestroy(wrong);
  MlcLibrary *library = nullptr;
  ASSERT_EQ(mlcGraphCompile(compiler, clone, &library), nullptr);
  const char *bytes = nullptr;
  size_t size = 0;
  const std::pair<MlcPart, const char *> parts[] = {
      {MLC_PART_OBJECT, "\x7f"
                        "ELF"},
      {MLC_PART_ARCHIVE, "!<arch>"},
      {MLC_PART_HEADER, "/*"},
      {MLC_PART_CONTRACT, "{"},
      {MLC_PART_RUNTIME_HEADER, "/*"}};
  for (auto [part, begin] : parts) {
    ASSERT_EQ(mlcLibraryPart(library, part, &bytes, &size), nullptr);
    EXPECT_EQ(std::string(bytes, size).rfind(begin, 0), 0u) << part;
  }
  wrong = mlcLibraryPart(library, static_cast<MlcPart>(9), &bytes, &size);
  EXPECT_STREQ(mlcDiagnosticsText(wrong), "a library has no part 9");
  mlcDiagnosticsDestroy(wrong);

  MlcExecutable *model = nullptr;
  ASSERT_EQ(mlcGraphLoad(compiler, graph, &model), nullptr);
  ASSERT_EQ(mlcExecutableInputCount(model), 1u);
  ASSERT_EQ(mlcExecutableOutputCount(model), 1u);
  MlcTensor input = mlcExecutableInput(model, 0);
  EXPECT_STREQ(input.name, "x");
  EXPECT_EQ(input.type, MLC_TYPE_F32);
  ASSERT_EQ(input.rank, 2u);
  EXPECT_EQ(input.shape[1], 8);
  EXPECT_EQ(input.bytes, 32u);
  float x[8] = {1, 2, 3, 4}, y[4] = {-1, -1, -1, -1};
  const void *inputs[] = {x};
  void *outputs[] = {y};
  EXPECT_EQ(mlcExecutableUseThreads(model, 2), nullptr);
  EXPECT_EQ(mlcExecutableRun(model, inputs, outputs), nullptr);
  EXPECT_NE(y[0] + y[1] + y[2] + y[3], -4);
  wrong = mlcExecutableRun(model, nullptr, outputs);
  EXPECT_STREQ(mlcDiagnosticsText(wrong), "a required pointer is null");
  mlcDiagnosticsDestroy(wrong);
  mlcExecutableDestroy(model);
  mlcLibraryDestroy(library);
  mlcGraphDestroy(clone);
  mlcGraphDestroy(graph);
  mlcCompilerDestroy(compiler);
}

} // namespace
