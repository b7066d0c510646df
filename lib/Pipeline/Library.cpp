//===- Library.cpp - What a compilation ships -----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Pipeline/Library.h"

#include "Emit/Object.h"
#include "Emit/Parts.h"
#include "Emit/WeightsObject.h"
#include "Pipeline/PhaseClock.h"
#include "Pipeline/Phases.h"
#include "RuntimeObjects/RuntimeObjects.h"
#include "Support/AtomicFile.h"
#include "Support/GiveBack.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlc;

//===----------------------------------------------------------------------===//
// Objects
//===----------------------------------------------------------------------===//

/// Fills in what only the code tells.
static llvm::Error measure(llvm::MemoryBufferRef object,
                           const PartsCompiler &parts,
                           ModelContract &contract) {
  auto stack =
      stackUse(parts.frames(), parts.calls(), contract.prefix + "_run");
  if (!stack)
    return stack.takeError();
  contract.stackBytes = *stack;
  auto loaded = loadedBytes(object);
  if (!loaded)
    return loaded.takeError();
  contract.codeBytes = *loaded;
  return llvm::Error::success();
}

/// The weights, with room for what makes them an object.
static std::vector<char> withRoom(mlir::AsmResourceBlob weights) {
  llvm::ArrayRef<char> data = weights.getData();
  std::vector<char> bytes;
  if (data.empty())
    return bytes;
  bytes.reserve(data.size() + kWrapRoom);
  bytes.assign(data.begin(), data.end());
  return bytes;
}

llvm::Expected<BuiltLibrary> mlc::buildLibrary(ModelGraph graph,
                                               const CompileOptions &options) {
  if (llvm::Error error = checkLibraryName(options))
    return std::move(error);
  auto compiled = std::move(graph).lower(options);
  if (!compiled)
    return compiled.takeError();
  BuiltLibrary library;
  library.report = std::move(compiled->report);
  const TargetInfo &least = options.targets.back();
  library.triple = least.triple;
  if (!compiled->module) // stopAfter
    return library;
  PhaseClock clock(options, library.report.times);
  clock.begin(kOptimizePhase);
  PartsCompiler parts(std::move(compiled->context), std::move(compiled->module),
                      std::move(compiled->others), least, jobsOf(options));
  auto object = parts.emit();
  if (!object)
    return object.takeError();
  clock.begin(kEmitPhase);
  if (llvm::Error error = measure(**object, parts, library.report.contract))
    return std::move(error);
  giveBackMemory(); // of the parts, for the weights' object
  library.weights = withRoom(std::move(compiled->weights));
  if (!library.weights.empty())
    if (llvm::Error error =
            least.triple.isOSBinFormatELF()
                ? wrapWeights(library.weights, compiled->weightsName, **object)
                : emitWeights(library.weights, compiled->weightsName, least))
      return std::move(error);
  library.object = std::move(*object);
  clock.end();
  return library;
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

std::vector<ArchiveMember> BuiltLibrary::members() const {
  const std::string &prefix = report.contract.prefix;
  std::vector<ArchiveMember> members = {{prefix + ".o", *object}};
  auto add = [&](const std::string &name, llvm::ArrayRef<char> bytes) {
    llvm::StringRef text(bytes.data(), bytes.size());
    if (!bytes.empty())
      members.push_back({name, llvm::MemoryBufferRef(text, "")});
  };
  add(prefix + "_weights.o", weights);
  add("mlc_runtime.o", runtimeObject(triple));
  add("mlc_half.o", halfObject(triple));
  return members;
}

llvm::Error BuiltLibrary::writeArchive(llvm::raw_ostream &os) const {
  return mlc::writeArchive(os, members());
}

namespace {

/// Writes the files of a library; those already written go where one fails.
class FolderWriter {
public:
  explicit FolderWriter(llvm::StringRef folder) : folder(folder) {}

  /// `write` is of (raw_ostream &), with an error or none.
  template <typename Write>
  llvm::Error add(const std::string &name, Write write) {
    llvm::SmallString<256> path(folder);
    llvm::sys::path::append(path, name);
    llvm::Error error = writeFileAtomically(
        path, [&](llvm::raw_pwrite_stream &os) { return write(os); });
    if (!error)
      files.push_back(path.str().str());
    return error;
  }
  template <typename Write>
  llvm::Error addText(const std::string &name, Write write) {
    return add(name, [&](llvm::raw_ostream &os) {
      write(os);
      return llvm::Error::success();
    });
  }
  void removeAll() {
    for (const std::string &file : files)
      (void)llvm::sys::fs::remove(file);
  }

  std::vector<std::string> files;

private:
  llvm::StringRef folder;
};

} // namespace

llvm::Expected<std::vector<std::string>>
BuiltLibrary::write(llvm::StringRef folder) const {
  if (std::error_code error = makeFolder(folder))
    return llvm::createStringError(folder +
                                   ": cannot be created: " + error.message());
  const ModelContract &contract = report.contract;
  FolderWriter writer(folder);
  llvm::Error error =
      writer.add("lib" + contract.prefix + ".a",
                 [&](llvm::raw_ostream &os) { return writeArchive(os); });
  if (!error)
    error = writer.addText(
        "mlc_runtime.h", [&](llvm::raw_ostream &os) { os << runtimeHeader(); });
  if (!error)
    error = writer.addText(contract.prefix + ".h", [&](llvm::raw_ostream &os) {
      writeHeader(contract, os);
    });
  if (!error)
    error =
        writer.addText(contract.prefix + ".json",
                       [&](llvm::raw_ostream &os) { writeJson(contract, os); });
  if (!error)
    return writer.files;
  writer.removeAll();
  return std::move(error);
}
