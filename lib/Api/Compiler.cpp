//===- Compiler.cpp - The public compiler ---------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlc/Compiler.h"

#include "Api/Convert.h"
#include "Pipeline/Graph.h"
#include "Pipeline/HostModel.h"
#include "Pipeline/Library.h"
#include "Pipeline/Phases.h"
#include "RuntimeObjects/RuntimeObjects.h"
#include "Support/Version.h"

#include "llvm/Support/SmallVectorMemoryBuffer.h"

using namespace mlc;

//===----------------------------------------------------------------------===//
// Graphs
//===----------------------------------------------------------------------===//

struct Graph::State {
  ModelGraph graph;
  CompileOptions options; ///< of its compiler
};

Graph::Graph(std::unique_ptr<State> state) : state(std::move(state)) {}
Graph::Graph(Graph &&other) = default;
Graph &Graph::operator=(Graph &&other) = default;
Graph::~Graph() = default;

Graph Graph::clone() const {
  return Graph(
      std::make_unique<State>(State{state->graph.clone(), state->options}));
}

Result<void> Graph::runTo(const std::string &phase) {
  if (llvm::Error error = state->graph.runTo(phase, state->options))
    return diagnosticsOf(std::move(error));
  return {};
}

std::string Graph::phase() const { return state->graph.phase().str(); }

std::vector<TensorSpec> Graph::inputs() const {
  return specsOf(state->graph.report().contract.inputs);
}

std::vector<TensorSpec> Graph::outputs() const {
  return specsOf(state->graph.report().contract.outputs);
}

std::string Graph::print(bool weights) const {
  return textBy([&](auto &os) { state->graph.print(os, weights); });
}

//===----------------------------------------------------------------------===//
// Libraries
//===----------------------------------------------------------------------===//

struct Library::State {
  BuiltLibrary built;
  Report report;
  std::string object;
};

Library::Library(std::unique_ptr<State> state) : state(std::move(state)) {}
Library::Library(Library &&other) = default;
Library &Library::operator=(Library &&other) = default;
Library::~Library() = default;

const Report &Library::report() const { return state->report; }

const std::string &Library::object() const { return state->object; }

Result<std::string> Library::archive() const {
  std::string bytes;
  llvm::raw_string_ostream os(bytes);
  if (llvm::Error error = state->built.writeArchive(os))
    return diagnosticsOf(std::move(error));
  return bytes;
}

std::string Library::header() const {
  return textBy(
      [&](auto &os) { writeHeader(state->built.report.contract, os); });
}

std::string Library::contract() const {
  return textBy([&](auto &os) { writeJson(state->built.report.contract, os); });
}

std::string Library::runtimeHeader() { return ::runtimeHeader().str(); }

Result<std::vector<std::string>>
Library::write(const std::string &folder) const {
  auto files = state->built.write(folder);
  if (!files)
    return diagnosticsOf(files.takeError());
  return std::move(*files);
}

//===----------------------------------------------------------------------===//
// Models in this process
//===----------------------------------------------------------------------===//

struct Executable::State {
  std::unique_ptr<HostModel> model;
  Report report;
};

Executable::Executable(std::unique_ptr<State> state)
    : state(std::move(state)) {}
Executable::Executable(Executable &&other) = default;
Executable &Executable::operator=(Executable &&other) = default;
Executable::~Executable() = default;

const std::vector<TensorSpec> &Executable::inputs() const {
  return state->report.inputs;
}

const std::vector<TensorSpec> &Executable::outputs() const {
  return state->report.outputs;
}

const Report &Executable::report() const { return state->report; }

std::string Executable::contract() const {
  return textBy(
      [&](auto &os) { writeJson(state->model->report().contract, os); });
}

Result<void> Executable::useThreads(unsigned threads) {
  if (llvm::Error error = state->model->useThreads(threads))
    return diagnosticsOf(std::move(error));
  return {};
}

Result<void> Executable::run(const std::vector<const void *> &inputs,
                             const std::vector<void *> &outputs) {
  if (llvm::Error error = state->model->runOn(inputs, outputs))
    return diagnosticsOf(std::move(error));
  return {};
}

//===----------------------------------------------------------------------===//
// Compilers
//===----------------------------------------------------------------------===//

Compiler::Compiler(ModelOptions options) : given(std::move(options)) {}

/// `options`, resolved, of a compilation that tells `progress` of its phases.
static llvm::Expected<CompileOptions>
withProgress(llvm::Expected<CompileOptions> options,
             const Compiler::Progress &progress) {
  if (options && progress)
    options->onPhase = [progress](llvm::StringRef phase, unsigned index,
                                  unsigned count) {
      progress(phase.str(), index, count);
    };
  return options;
}

template <typename Read>
static Result<std::pair<ModelGraph, CompileOptions>>
importWith(llvm::Expected<CompileOptions> options, const std::string &name,
           Read read) {
  if (!options)
    return diagnosticsOf(options.takeError());
  options->model = name;
  llvm::Expected<ModelGraph> graph = read(*options);
  if (!graph)
    return diagnosticsOf(graph.takeError());
  return std::pair(std::move(*graph), std::move(*options));
}

Result<Graph> Compiler::import(const std::string &path) const {
  auto read = importWith(withProgress(resolveOptions(given), progress), path,
                         ModelGraph::import);
  if (!read)
    return read.errors();
  return Graph(std::make_unique<Graph::State>(
      Graph::State{std::move(read->first), std::move(read->second)}));
}

Result<Graph> Compiler::import(const void *data, size_t size,
                               const std::string &name) const {
  llvm::StringRef bytes(static_cast<const char *>(data), size);
  auto read = importWith(withProgress(resolveOptions(given), progress), name,
                         [&](const CompileOptions &options) {
                           return ModelGraph::importBytes(bytes, options);
                         });
  if (!read)
    return read.errors();
  return Graph(std::make_unique<Graph::State>(
      Graph::State{std::move(read->first), std::move(read->second)}));
}

Result<Library> Compiler::compile(Graph graph) const {
  auto options = withProgress(resolveOptions(given), progress);
  if (!options)
    return diagnosticsOf(options.takeError());
  options->model = graph.state->options.model;
  options->stopAfter.clear();
  auto built = buildLibrary(std::move(graph.state->graph), *options);
  if (!built)
    return diagnosticsOf(built.takeError());
  auto state = std::make_unique<Library::State>();
  state->built = std::move(*built);
  state->report = reportOf(state->built.report);
  state->object = state->built.object->getBuffer().str();
  return Library(std::move(state));
}

Result<CompiledFiles> Compiler::compileTo(const std::string &folder,
                                          const std::string &path) const {
  auto options = withProgress(resolveOptions(given), progress);
  if (!options)
    return diagnosticsOf(options.takeError());
  options->model = path;
  options->stopAfter.clear();
  llvm::Expected<CompileReport> report = compileToFolder(*options, folder);
  if (!report)
    return diagnosticsOf(report.takeError());
  return CompiledFiles{reportOf(*report), report->files};
}

Result<Executable> Compiler::load(Graph graph) const {
  auto options = withProgress(resolveForHost(given), progress);
  if (!options)
    return diagnosticsOf(options.takeError());
  options->model = graph.state->options.model;
  options->stopAfter.clear();
  auto model = HostModel::create(std::move(graph.state->graph), *options);
  if (!model)
    return diagnosticsOf(model.takeError());
  auto state = std::make_unique<Executable::State>();
  state->model = std::move(*model);
  state->report = reportOf(state->model->report());
  return Executable(std::move(state));
}

Result<PrintedGraph> Compiler::printAfter(const std::string &phase,
                                          Graph graph) const {
  ModelOptions stopping = given;
  stopping.stopAfter = phase;
  auto options = withProgress(resolveOptions(stopping), progress);
  if (!options)
    return diagnosticsOf(options.takeError());
  options->model = graph.state->options.model;
  PrintedGraph printed;
  llvm::raw_string_ostream os(printed.text);
  options->irStream = &os;
  auto module = std::move(graph.state->graph).lower(*options);
  if (!module)
    return diagnosticsOf(module.takeError());
  printed.report = reportOf(module->report);
  return printed;
}

std::vector<std::pair<std::string, std::string>> Compiler::phases() {
  std::vector<std::pair<std::string, std::string>> result;
  for (const Phase &phase : allPhases())
    result.emplace_back(phase.name.str(), phase.description.str());
  return result;
}

std::string Compiler::version() { return mlc::version(); }
