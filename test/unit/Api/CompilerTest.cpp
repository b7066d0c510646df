//===- CompilerTest.cpp - the compiler as a library -----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlc/Compiler.h"
#include "mlc/Target.h"

#include "gtest/gtest.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <thread>

using namespace mlc;

namespace {

std::string pathOf(const std::string &model) {
  return std::string(MLC_MODELS) + "/" + model + ".onnx";
}

std::string bytesOf(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The value; without one, the test cannot go on.
template <typename T>
T get(Result<T> result) {
  if (!result) {
    std::cerr << textOf(result.errors()) << std::endl;
    std::abort();
  }
  return std::move(*result);
}

template <typename T>
std::string errorOf(const Result<T> &result) {
  return result ? "no error" : textOf(result.errors());
}

Graph read(const Compiler &compiler, const std::string &model) {
  return get(compiler.import(pathOf(model)));
}

/// Outputs of one run on numbers that repeat.
std::vector<std::vector<char>> run(Executable &model) {
  std::vector<std::vector<char>> in, out;
  std::vector<const void *> inputs;
  std::vector<void *> outputs;
  for (const TensorSpec &spec : model.inputs()) {
    std::vector<char> &bytes = in.emplace_back(spec.bytes);
    auto *numbers = reinterpret_cast<float *>(bytes.data());
    for (size_t i = 0; i < spec.bytes / sizeof(float); ++i)
      numbers[i] = static_cast<float>(i % 7) - 3;
    inputs.push_back(bytes.data());
  }
  for (const TensorSpec &spec : model.outputs())
    outputs.push_back(out.emplace_back(spec.bytes).data());
  EXPECT_EQ(errorOf(model.run(inputs, outputs)), "no error");
  return out;
}

TEST(Compiler, GivesTheLibraryThatItWrites) {
  Compiler compiler;
  Library library = get(compiler.compile(read(compiler, "conv_bn_relu")));
  std::string folder = testing::TempDir() + "api_library";
  std::vector<std::string> files = get(library.write(folder));
  ASSERT_EQ(files.size(), 4u);
  EXPECT_EQ(bytesOf(files[0]), get(library.archive()));
  EXPECT_EQ(bytesOf(files[1]), Library::runtimeHeader());
  EXPECT_EQ(bytesOf(files[2]), library.header());
  EXPECT_EQ(bytesOf(files[3]), library.contract());
  EXPECT_EQ(library.object().substr(0, 4), "\x7f"
                                           "ELF");
  EXPECT_NE(get(library.archive()).find(library.object()), std::string::npos);
  // The way of less memory gives the same.
  CompiledFiles direct =
      get(compiler.compileTo(folder + "2", pathOf("conv_bn_relu")));
  EXPECT_EQ(bytesOf(direct.paths[0]), bytesOf(files[0]));
  EXPECT_EQ(direct.report.arenaBytes, library.report().arenaBytes);
  std::filesystem::remove_all(folder);
  std::filesystem::remove_all(folder + "2");
}

TEST(Compiler, ReportsCosts) {
  Compiler compiler;
  Library library = get(compiler.compile(read(compiler, "conv_winograd")));
  const Report &report = library.report();
  EXPECT_EQ(report.prefix, "conv_winograd");
  EXPECT_GT(report.macs, 1000u);
  EXPECT_GT(report.codeBytes, 0u);
  EXPECT_GT(report.arenaBytes, 0u);
  EXPECT_GT(report.arenaBytesPerThread, 0u);
  EXPECT_LE(report.arenaLowerBound, report.arenaBytes);
  EXPECT_EQ(report.threads, 4u);
  ASSERT_FALSE(report.kernels.empty());
  bool hasConv = false;
  for (const KernelCost &kernel : report.kernels)
    for (const NodeId &node : kernel.nodes)
      hasConv |= node.op == "Conv" && node.isKnown() && kernel.operations > 0;
  EXPECT_TRUE(hasConv) << "no kernel tells the node that it computes";
  ASSERT_FALSE(report.buffers.empty());
  for (const BufferCost &buffer : report.buffers)
    EXPECT_LE(buffer.offset + buffer.bytes, report.arenaBytes);
  EXPECT_EQ(report.phases.front().name, "import");
  EXPECT_EQ(report.phases.back().name, "emit");
}

TEST(Compiler, ReadsModelsInMemory) {
  Compiler compiler;
  std::string bytes = bytesOf(pathOf("conv_winograd"));
  Graph graph =
      get(compiler.import(bytes.data(), bytes.size(), pathOf("conv_winograd")));
  std::string archive = get(get(compiler.compile(std::move(graph))).archive());
  EXPECT_EQ(
      archive,
      get(get(compiler.compile(read(compiler, "conv_winograd"))).archive()));
  EXPECT_EQ(errorOf(compiler.import("no model", 8, "it.onnx")),
            "it.onnx: is not an ONNX model, or is truncated");
  bytes = bytesOf(pathOf("external_data"));
  EXPECT_NE(errorOf(compiler.import(bytes.data(), bytes.size(), "it.onnx"))
                .find("a model in memory has no folder for it"),
            std::string::npos);
}

TEST(Compiler, OptionsGoByName) {
  Compiler compiler;
  EXPECT_EQ(compiler.set("max-ulp", "0"), std::nullopt);
  EXPECT_EQ(compiler.options().maxUlp, 0);
  EXPECT_EQ(compiler.set("max-ulp", "-1").value_or(""),
            "--max-ulp=-1: 0 or more is required");
  EXPECT_EQ(compiler.set("margin", "0.1").value_or(""),
            "--margin: no such option");
  EXPECT_EQ(compiler.set("prefix", "9"), std::nullopt);
  EXPECT_EQ(errorOf(compiler.import(pathOf("mlp"))),
            "--prefix=9: a C identifier is required");
}

TEST(Compiler, TellsOfPhases) {
  Compiler compiler;
  std::vector<std::string> told;
  compiler.onPhase(
      [&](const std::string &phase, unsigned index, unsigned count) {
        EXPECT_EQ(index, told.size());
        EXPECT_EQ(count, Compiler::phases().size());
        told.push_back(phase);
      });
  (void)get(compiler.compile(read(compiler, "mlp")));
  std::vector<std::string> names;
  for (const auto &[name, description] : Compiler::phases())
    names.push_back(name);
  EXPECT_EQ(told, names);
}

TEST(Compiler, SeveralWorkAtOnce) {
  const char *models[] = {"mlp", "conv_bn_relu", "mlp", "bn_conv"};
  auto archiveOf = [](const char *model) {
    Compiler compiler;
    return get(get(compiler.compile(read(compiler, model))).archive());
  };
  std::vector<std::string> alone, together(std::size(models));
  for (const char *model : models)
    alone.push_back(archiveOf(model));
  std::vector<std::thread> threads;
  for (size_t i = 0; i < std::size(models); ++i)
    threads.emplace_back([&, i] {
      for (int round = 0; round < 3; ++round)
        together[i] = archiveOf(models[i]);
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(together, alone);
}

TEST(Graph, GoesFromPhaseToPhase) {
  Compiler compiler;
  Graph graph = read(compiler, "conv_bn_relu");
  EXPECT_EQ(graph.phase(), "import");
  EXPECT_NE(graph.print().find("nn.batch_norm"), std::string::npos);
  EXPECT_EQ(errorOf(graph.runTo("fuse")), "no error");
  EXPECT_EQ(graph.phase(), "fuse");
  EXPECT_EQ(graph.print().find("nn.batch_norm"), std::string::npos);
  EXPECT_EQ(errorOf(graph.runTo("fuse")), "no error");
  EXPECT_EQ(errorOf(graph.runTo("simplify")),
            "the graph is at 'fuse', which is behind 'simplify'");
  EXPECT_EQ(errorOf(graph.runTo("optimize")),
            "'optimize' is no phase of a graph, 'import' to 'lower-to-llvm' "
            "are");
  EXPECT_NE(get(compiler.printAfter("plan-arena", std::move(graph)))
                .text.find("mlc.arena_size"),
            std::string::npos);
}

TEST(Graph, CanBeCompiledFromAnyPhase) {
  Compiler compiler;
  auto archiveOf = [&](Graph graph) {
    return get(get(compiler.compile(std::move(graph))).archive());
  };
  std::string usual = archiveOf(read(compiler, "conv_bn_relu"));
  Graph graph = read(compiler, "conv_bn_relu");
  auto phases = Compiler::phases();
  for (size_t i = 0; i + 2 < phases.size(); ++i) {
    ASSERT_EQ(errorOf(graph.runTo(phases[i].first)), "no error");
    EXPECT_EQ(archiveOf(graph.clone()), usual) << phases[i].first;
  }
  EXPECT_EQ(graph.phase(), "lower-to-llvm");
  EXPECT_EQ(archiveOf(std::move(graph)), usual);
}

TEST(Graph, IsCompiledForTheTargetsThatItWasLoweredFor) {
  Compiler compiler, other;
  for (Compiler *each : {&compiler, &other})
    EXPECT_EQ(each->set("target", "x86_64-linux-gnu"), std::nullopt);
  EXPECT_EQ(compiler.set("cpu", "x86-64-v3"), std::nullopt);
  EXPECT_EQ(other.set("cpu", "x86-64-v2"), std::nullopt);
  Graph graph = read(compiler, "mlp");
  EXPECT_EQ(errorOf(graph.runTo("schedule")), "no error");
  EXPECT_EQ(errorOf(other.compile(graph.clone())),
            "the graph is at 'schedule' as 'mlp' for x86-64-v3 of "
            "x86_64-unknown-linux-gnu, 4 threads, and cannot become 'mlp' for "
            "x86-64-v2 of x86_64-unknown-linux-gnu, 4 threads");
  EXPECT_EQ(errorOf(compiler.compile(std::move(graph))), "no error");
}

// Weights that one of them folds, packs or gives back are still the others'.
TEST(Graph, ClonesDoNotDisturbEachOther) {
  Compiler compiler, direct;
  EXPECT_EQ(direct.set("max-ulp", "0"), std::nullopt);
  auto archiveOf = [](const Compiler &by, Graph graph) {
    return get(get(by.compile(std::move(graph))).archive());
  };
  std::string usual = archiveOf(compiler, read(compiler, "conv_winograd"));
  std::string other = archiveOf(direct, read(direct, "conv_winograd"));
  ASSERT_NE(usual, other);

  Graph graph = read(compiler, "conv_winograd");
  EXPECT_EQ(errorOf(graph.runTo("layout")), "no error");
  std::string text = graph.print(/*weights=*/true);
  EXPECT_EQ(archiveOf(direct, graph.clone()), other);
  EXPECT_EQ(archiveOf(compiler, graph.clone()), usual);
  Executable model = get(compiler.load(graph.clone()));
  EXPECT_EQ(graph.print(/*weights=*/true), text);
  Graph last = graph.clone();
  graph = read(compiler, "mlp"); // The first one goes.
  EXPECT_EQ(last.print(/*weights=*/true), text);
  EXPECT_EQ(archiveOf(compiler, std::move(last)), usual);
  Executable again = get(compiler.load(read(compiler, "conv_winograd")));
  EXPECT_EQ(run(model), run(again));
}

TEST(Diagnostics, NameTheirNode) {
  Compiler compiler;
  std::string path = std::string(MLC_MODELS) + "/bad/unsupported_two.onnx";
  Result<Graph> graph = compiler.import(path);
  ASSERT_FALSE(graph);
  ASSERT_EQ(graph.errors().size(), 2u) << textOf(graph.errors());
  const Diagnostic &first = graph.errors()[0];
  EXPECT_EQ(first.severity, Severity::Error);
  EXPECT_EQ(first.file, path);
  EXPECT_EQ(first.node, (NodeId{"first", "Frobnicate", 17, 0}));
  EXPECT_EQ(first.text(),
            path + ": node 'first' (Frobnicate, opset 17): " + first.message);
  EXPECT_EQ(graph.errors()[1].node.name, "second");
  EXPECT_EQ(graph.errors()[1].node.index, 2);
}

TEST(Diagnostics, WarningsAreInTheReport) {
  Compiler compiler;
  EXPECT_EQ(compiler.set("fc-weights", "f16"), std::nullopt);
  Library library = get(compiler.compile(read(compiler, "mlp")));
  ASSERT_FALSE(library.report().warnings.empty());
  const Diagnostic &warning = library.report().warnings.front();
  EXPECT_EQ(warning.severity, Severity::Warning);
  EXPECT_TRUE(warning.node.isKnown());
  EXPECT_NE(warning.message.find("f16"), std::string::npos);
}

TEST(Diagnostics, WhatIsNotAFileIsSaid) {
  Compiler compiler;
  Result<Graph> graph = compiler.import("/nowhere/model.onnx");
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.errors()[0].file, "/nowhere/model.onnx");
  EXPECT_FALSE(graph.errors()[0].node.isKnown());
}

TEST(Executable, RunsOnThreads) {
  Compiler compiler;
  Executable model = get(compiler.load(read(compiler, "conv_winograd")));
  auto alone = run(model);
  EXPECT_EQ(errorOf(model.useThreads(3)), "no error");
  EXPECT_EQ(run(model), alone);
  EXPECT_NE(errorOf(model.useThreads(0)), "no error");
  EXPECT_EQ(run(model), alone) << "the pool before goes on";
  EXPECT_NE(errorOf(model.run({}, {})), "no error");
}

TEST(Target, IsFoundByName) {
  std::vector<Target> targets =
      get(findTargets("x86_64-linux-gnu", "x86-64-v2,x86-64-v4"));
  ASSERT_EQ(targets.size(), 2u);
  EXPECT_EQ(targets[0].name, "x86-64-v4") << "best first";
  EXPECT_EQ(targets[0].vectorBits, 512u);
  EXPECT_NE(errorOf(findTargets("pdp11")).find("unknown target 'pdp11'"),
            std::string::npos);
  EXPECT_NE(describeTargets().find("cortex-a76"), std::string::npos);
}

} // namespace
