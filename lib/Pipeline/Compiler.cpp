//===- Compiler.cpp - From a model file to a library ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Pipeline/Compiler.h"

#include "Pipeline/Library.h"
#include "Pipeline/PhaseClock.h"
#include "Pipeline/Phases.h"
#include "Support/AtomicFile.h"
#include "Support/LastWords.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlc;

//===----------------------------------------------------------------------===//
// Names and times
//===----------------------------------------------------------------------===//

/// The name that was asked for, or the file's.
static std::string nameOf(const CompileOptions &options) {
  return options.prefix.empty()
             ? cIdentifier(llvm::sys::path::stem(options.model))
             : options.prefix;
}

std::string mlc::prefixOf(const CompileOptions &options) {
  std::string name = nameOf(options);
  return isReservedPrefix(name) ? "model_" + name : name;
}

void PhaseClock::begin(llvm::StringRef phase) {
  end();
  notePlace(phase);
  auto known = llvm::find_if(
      times, [&](const PhaseTime &time) { return time.phase == phase; });
  current = known - times.begin();
  if (known == times.end()) {
    if (options.onPhase)
      options.onPhase(phase, times.size(), allPhases().size());
    times.push_back({phase.str(), 0});
  }
  start = std::chrono::steady_clock::now();
  isRunning = true;
}

void PhaseClock::end() {
  if (!isRunning)
    return;
  std::chrono::duration<double> elapsed =
      std::chrono::steady_clock::now() - start;
  times[current].seconds += elapsed.count();
  isRunning = false;
}

//===----------------------------------------------------------------------===//
// Compilations
//===----------------------------------------------------------------------===//

llvm::Expected<CompiledModule>
mlc::compileToModule(const CompileOptions &options) {
  llvm::Expected<ModelGraph> graph = ModelGraph::import(options);
  if (!graph)
    return graph.takeError();
  return std::move(*graph).lower(options);
}

/// compileToFolder with a folder that exists.
static llvm::Expected<CompileReport> compileInto(const CompileOptions &options,
                                                 llvm::StringRef folder) {
  llvm::Expected<ModelGraph> graph = ModelGraph::import(options);
  if (!graph)
    return graph.takeError();
  auto library = buildLibrary(std::move(*graph), options);
  if (!library)
    return library.takeError();
  if (library->object) {
    auto files = library->write(folder);
    if (!files)
      return files.takeError();
    library->report.files = std::move(*files);
  }
  return std::move(library->report);
}

/// What runs in this process can have any name, a library for others cannot.
llvm::Error mlc::checkLibraryName(const CompileOptions &options) {
  std::string name = nameOf(options);
  if (!isReservedPrefix(name))
    return llvm::Error::success();
  return llvm::createStringError(
      options.model +
      ": the runtime or the C library has headers and functions called '" +
      name + "'; give the model another name with --prefix=<name>");
}

llvm::Expected<CompileReport>
mlc::compileToFolder(const CompileOptions &options, llvm::StringRef folder) {
  if (llvm::Error error = checkLibraryName(options))
    return std::move(error);
  // First, since a folder that cannot be is known before long work.
  bool existed = llvm::sys::fs::is_directory(folder);
  if (std::error_code error = makeFolder(folder))
    return llvm::createStringError(folder +
                                   ": cannot be created: " + error.message());
  llvm::Expected<CompileReport> report = compileInto(options, folder);
  if (!existed)
    (void)llvm::sys::fs::remove(folder); // does so only where it is empty
  return report;
}
