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

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

const std::string models = MLC_MODELS;
const std::string digits = MLC_EXAMPLES "/digits/digits.onnx";

std::string fileAt(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(file)), {});
}

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
  EXPECT_STREQ(mlcDiagnosticsPlace(wrong, 1),
               "node 'second' (Wobble, opset 17)");
  std::string line = mlcDiagnosticsLine(wrong, 1);
  EXPECT_NE(line.find("node 'second' (Wobble, opset 17): "), std::string::npos);
  EXPECT_EQ(line.find('\n'), std::string::npos);
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
      {MLC_PART_RUNTIME_HEADER, "/*"},
      {MLC_PART_REPORT, "{\n  \"prefix\": \"mlp\""},
      {MLC_PART_MEMORY_MAP, "{"}};
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
  EXPECT_NE(std::string(mlcExecutableContract(model)).find("\"arena_bytes\""),
            std::string::npos);
  EXPECT_NE(std::string(mlcExecutableReport(model)).find("\"kernels\""),
            std::string::npos);
  EXPECT_EQ(mlcExecutableWarnings(model), nullptr);
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

void notePhase(void *context, const char *phase, unsigned index,
               unsigned count) {
  EXPECT_LT(index, count);
  static_cast<std::vector<std::string> *>(context)->push_back(phase);
}

TEST(CApi, TellsPhases) {
  std::vector<std::string> phases;
  MlcCompiler *compiler = mlcCompilerCreate(MLC_C_API_VERSION);
  mlcCompilerOnPhase(compiler, notePhase, &phases);
  MlcGraph *graph = nullptr;
  ASSERT_EQ(
      mlcGraphImportFile(compiler, (models + "/mlp.onnx").c_str(), &graph),
      nullptr);
  MlcLibrary *library = nullptr;
  ASSERT_EQ(mlcGraphCompile(compiler, graph, &library), nullptr);
  ASSERT_GT(phases.size(), 10u);
  EXPECT_EQ(phases.front(), "import");
  EXPECT_EQ(phases.back(), "emit");
  EXPECT_EQ(mlcLibraryWarnings(library), nullptr);
  mlcLibraryDestroy(library);
  size_t told = phases.size();
  mlcCompilerOnPhase(compiler, nullptr, nullptr);
  ASSERT_EQ(mlcGraphCompile(compiler, graph, &library), nullptr);
  EXPECT_EQ(phases.size(), told);
  mlcLibraryDestroy(library);
  mlcGraphDestroy(graph);
  mlcCompilerDestroy(compiler);
}

TEST(CApi, GivesWarnings) {
  MlcCompiler *compiler = mlcCompilerCreate(MLC_C_API_VERSION);
  ASSERT_EQ(mlcCompilerSet(compiler, "dim", "N=1"), nullptr);
  ASSERT_EQ(mlcCompilerSet(compiler, "fc-weights", "f16"), nullptr);
  MlcGraph *graph = nullptr;
  MlcLibrary *library = nullptr;
  MlcExecutable *model = nullptr;
  ASSERT_EQ(mlcGraphImportFile(compiler, digits.c_str(), &graph), nullptr);
  ASSERT_EQ(mlcGraphCompile(compiler, graph, &library), nullptr);
  ASSERT_EQ(mlcGraphLoad(compiler, graph, &model), nullptr);
  for (MlcDiagnostics *warnings :
       {mlcLibraryWarnings(library), mlcExecutableWarnings(model)}) {
    ASSERT_GT(mlcDiagnosticsCount(warnings), 0u);
    EXPECT_EQ(mlcDiagnosticsGet(warnings, 0).severity, MLC_SEVERITY_WARNING);
    mlcDiagnosticsDestroy(warnings);
  }
  mlcExecutableDestroy(model);
  mlcLibraryDestroy(library);
  mlcGraphDestroy(graph);
  mlcCompilerDestroy(compiler);
}

TEST(CApi, NamesInputsThatDecideShapes) {
  MlcNames *names = nullptr;
  std::string file = fileAt(models + "/shape_arithmetic.onnx");
  ASSERT_EQ(mlcShapeInputs(file.data(), file.size(), &names), nullptr);
  EXPECT_EQ(mlcNamesCount(names), 0u) << "all are known";
  mlcNamesDestroy(names);
  file = fileAt(models + "/bad/shape_data_dependent.onnx");
  ASSERT_EQ(mlcShapeInputs(file.data(), file.size(), &names), nullptr);
  ASSERT_EQ(mlcNamesCount(names), 1u);
  EXPECT_STREQ(mlcNamesGet(names, 0), "s");
  mlcNamesDestroy(names);
  MlcDiagnostics *wrong = mlcShapeInputs("no model", 8, &names);
  EXPECT_NE(std::string(mlcDiagnosticsText(wrong)).find("not an ONNX model"),
            std::string::npos);
  mlcDiagnosticsDestroy(wrong);
}

TEST(CApi, ListsTargets) {
  EXPECT_NE(std::string(mlcTargetsJson()).find("\"x86-64-v3\""),
            std::string::npos);
}

void noteShare(void *context, const char *what, double share, double) {
  EXPECT_STRNE(what, "");
  EXPECT_LE(share, 1);
  ++*static_cast<int *>(context);
}

TEST(CApi, Quantizes) {
  EXPECT_EQ(mlcQuantizerCreate(MLC_C_API_VERSION + 1), nullptr);
  MlcQuantizer *quantizer = mlcQuantizerCreate(MLC_C_API_VERSION);
  for (const char *name : {"o", "report", "q"}) {
    MlcDiagnostics *wrong = mlcQuantizerSet(quantizer, name, "x");
    EXPECT_NE(std::string(mlcDiagnosticsText(wrong)).find("no such option"),
              std::string::npos);
    mlcDiagnosticsDestroy(wrong);
  }
  MlcDiagnostics *wrong = mlcQuantizerSet(quantizer, "threads", "0");
  EXPECT_STREQ(mlcDiagnosticsText(wrong), "--threads=0: 1 to 256 are required");
  mlcDiagnosticsDestroy(wrong);
  const char *options[][2] = {{"calibration", MLC_EXAMPLES "/digits/input.npy"},
                              {"observer", "minmax"},
                              {"rounding", "nearest"},
                              {"threads", "2"}};
  for (auto &[name, value] : options)
    ASSERT_EQ(mlcQuantizerSet(quantizer, name, value), nullptr) << name;
  int told = 0;
  mlcQuantizerOnProgress(quantizer, noteShare, &told);
  MlcQuantizedModel *model = nullptr;
  ASSERT_EQ(mlcQuantize(quantizer, digits.c_str(), &model), nullptr);
  EXPECT_GT(told, 0);
  const char *bytes = nullptr;
  size_t size = 0;
  ASSERT_EQ(mlcQuantizedModelPart(model, MLC_QUANTIZED_FILE, &bytes, &size),
            nullptr);
  MlcCompiler *compiler = mlcCompilerCreate(MLC_C_API_VERSION);
  MlcGraph *graph = nullptr;
  ASSERT_EQ(mlcCompilerSet(compiler, "dim", "N=1"), nullptr);
  EXPECT_EQ(mlcGraphImportBytes(compiler, bytes, size, "int8.onnx", &graph),
            nullptr);
  mlcGraphDestroy(graph);
  mlcCompilerDestroy(compiler);
  ASSERT_EQ(mlcQuantizedModelPart(model, MLC_QUANTIZED_REPORT, &bytes, &size),
            nullptr);
  EXPECT_EQ(std::string(bytes, size).rfind("{", 0), 0u);
  ASSERT_EQ(mlcQuantizedModelPart(model, MLC_QUANTIZED_MISSED, &bytes, &size),
            nullptr);
  EXPECT_EQ(size, 0u);
  wrong = mlcQuantizedModelPart(model, static_cast<MlcQuantizedPart>(9), &bytes,
                                &size);
  EXPECT_STREQ(mlcDiagnosticsText(wrong), "a quantised model has no part 9");
  mlcDiagnosticsDestroy(wrong);
  mlcQuantizedModelDestroy(model);
  wrong = mlcQuantize(quantizer, "nowhere.onnx", &model);
  EXPECT_NE(wrong, nullptr);
  mlcDiagnosticsDestroy(wrong);
  mlcQuantizerDestroy(quantizer);
}

} // namespace
