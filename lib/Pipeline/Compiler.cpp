//===- Compiler.cpp - From a model file to a library ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Pipeline/Compiler.h"

#include "Emit/Archive.h"
#include "Emit/Entry.h"
#include "Emit/Object.h"
#include "Emit/StackUse.h"
#include "Emit/WeightsObject.h"
#include "Import/Importer.h"
#include "NN/IR/NNDialect.h"
#include "Pipeline/Diagnostics.h"
#include "Pipeline/FreeConstants.h"
#include "Pipeline/Interface.h"
#include "Pipeline/Phases.h"
#include "RuntimeObjects/RuntimeObjects.h"
#include "Support/AtomicFile.h"
#include "Support/InputFile.h"
#include "Support/LastWords.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <chrono>

using namespace mlir;
using namespace mlc;

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

namespace {

/// Times phases and tells of them.
class PhaseClock {
public:
  PhaseClock(const CompileOptions &options, std::vector<PhaseTime> &times)
      : options(options), times(times), count(allPhases().size()) {}

  void begin(llvm::StringRef phase) {
    end();
    notePlace(phase);
    if (options.onPhase)
      options.onPhase(phase, times.size(), count);
    times.push_back({phase.str(), 0});
    start = std::chrono::steady_clock::now();
    isRunning = true;
  }

  void end() {
    if (!isRunning)
      return;
    std::chrono::duration<double> elapsed =
        std::chrono::steady_clock::now() - start;
    times.back().seconds = elapsed.count();
    isRunning = false;
  }

private:
  const CompileOptions &options;
  std::vector<PhaseTime> &times;
  unsigned count;
  std::chrono::steady_clock::time_point start;
  bool isRunning = false;
};

/// One compilation: the context, the module and what is learnt on the way.
class Compilation {
public:
  Compilation(const CompileOptions &options, CompiledModule &result)
      : options(options), result(result),
        context(makeRegistry(), MLIRContext::Threading::DISABLED),
        log(&context, options.model), clock(options, result.report.times) {}

  llvm::Error run() {
    if (llvm::Error error = options.schedule.check(options.targets))
      return error;
    if (llvm::Error error = runGraphPhases())
      return error;
    if (isStopped)
      return llvm::Error::success();
    return runBackendPhases();
  }

private:
  static DialectRegistry makeRegistry() {
    DialectRegistry registry;
    registerBackendDialects(registry);
    return registry;
  }

  llvm::Error import() {
    noteFile(options.model);
    clock.begin("import");
    if (llvm::StringRef(options.model).ends_with(".mlir")) {
      context.loadDialect<nn::NNDialect>();
      module = parseSourceFile<ModuleOp>(options.model, &context);
    } else {
      module = importOnnxFile(options.model, options, &context);
    }
    if (!module)
      return log.take();
    if (!module->lookupSymbol("main"))
      return llvm::createStringError(options.model + ": has no function @main");
    result.report.contract = contractOf(*module, prefixOf(options));
    return mergeContractFile();
  }

  llvm::Error mergeContractFile() {
    if (options.contractFile.empty())
      return llvm::Error::success();
    llvm::Expected<std::string> text = readTextFile(options.contractFile);
    if (!text)
      return text.takeError();
    return mergeContract(result.report.contract, *text, options.contractFile);
  }

  /// Whether to stop behind `phase`; prints the IR if so.
  bool stopsAfter(llvm::StringRef phase) {
    if (phase != options.stopAfter)
      return false;
    isStopped = true;
    if (options.irStream) {
      OpPrintingFlags flags;
      if (!options.printWeights)
        flags.elideLargeElementsAttrs(16).elideLargeResourceString(16);
      (*module)->print(*options.irStream, flags);
      *options.irStream << "\n";
    }
    return true;
  }

  llvm::Error runGraphPhases() {
    for (const Phase &phase : graphPhases()) {
      if (!phase.build) {
        if (llvm::Error error = import())
          return error;
      } else {
        clock.begin(phase.name);
        PassManager pipeline(&context);
        freeConstantsBehindPasses(pipeline);
        phase.build(pipeline, options);
        if (failed(pipeline.run(*module)))
          return log.take();
      }
      if (stopsAfter(phase.name))
        break;
    }
    clock.end();
    result.report.warnings = log.takeWarnings();
    addQuantization(*module, result.report.contract);
    return llvm::Error::success();
  }

  llvm::Error runBackendPhases() {
    BackendOptions backend(options);
    backend.prefix = prefixOf(options);
    backend.targets = options.targets;
    for (const TargetInfo &target : options.targets)
      backend.schedules.push_back(options.schedule.tableFor(target));
    backend.profile = options.profile;
    llvm::ArrayRef<BackendPhase> phases = backendPhases();
    size_t next = 0;
    clock.begin(phases[next++].name);
    backend.afterPhase = [&](llvm::StringRef phase, ModuleOp) {
      if (stopsAfter(phase))
        return false;
      if (next < phases.size())
        clock.begin(phases[next++].name);
      return true;
    };
    FailureOr<BackendResult> lowered = runBackend(*module, backend);
    if (failed(lowered))
      return log.take();
    clock.end();
    llvm::append_range(result.report.warnings, log.takeWarnings());
    if (isStopped)
      return llvm::Error::success();
    module = {};
    return finish(std::move(*lowered));
  }

  llvm::Error finish(BackendResult lowered) {
    CompileReport &report = result.report;
    EntrySpec spec = entryOf(report.contract);
    spec.plannedBytes = lowered.arenaSize;
    spec.threadBytes = lowered.threadBytes;
    spec.threads = options.threads;
    for (auto [target, body] : llvm::zip(options.targets, lowered.entries))
      spec.variants.push_back({target, body});
    // Of all models that a program links, each has its own.
    result.weightsName = report.contract.prefix + "_weights";
    if (llvm::GlobalVariable *weights =
            lowered.module->getNamedGlobal(lowered.weightsName))
      weights->setName(result.weightsName);
    declareWeights(*lowered.module, spec, result.weightsName,
                   lowered.weights.bytes);
    result.weights = std::move(lowered.weights);
    if (llvm::Error error =
            addEntryPoints(*lowered.module, spec, options.targets.back()))
      return error;
    report.contract.arenaBytes = spec.arenaSize();
    report.contract.threadBytes = spec.threadBytes;
    report.contract.arenaAlign = kArenaAlign;
    report.contract.threads = options.threads;
    report.contract.weightsBytes = spec.weightsSize;
    report.arenaLowerBound = lowered.arenaLowerBound;
    report.memoryMap = std::move(lowered.memoryMap);
    report.kernels = std::move(lowered.kernels);
    report.calls = std::move(lowered.calls);
    report.contract.triple = options.targets.back().triple.str();
    report.contract.pointerBytes =
        options.targets.back().triple.isArch64Bit() ? 8 : 4;
    for (const TargetInfo &target : options.targets)
      report.contract.variants.push_back(target.name);
    result.context = std::move(lowered.context);
    result.module = std::move(lowered.module);
    return llvm::Error::success();
  }

  const CompileOptions &options;
  CompiledModule &result;
  MLIRContext context;
  DiagnosticLog log;
  PhaseClock clock;
  OwningOpRef<ModuleOp> module;
  bool isStopped = false;
};

/// Writes the four files of `report`; on failure removes those already written.
class FolderWriter {
public:
  FolderWriter(llvm::StringRef folder, CompileReport &report)
      : folder(folder), report(report) {}

  /// `weights` is an object, or nothing.
  llvm::Error write(llvm::MemoryBufferRef object, llvm::ArrayRef<char> weights,
                    const llvm::Triple &triple) {
    llvm::Error error = writeAll(object, weights, triple);
    if (error)
      for (const std::string &file : report.files)
        (void)llvm::sys::fs::remove(file);
    return error;
  }

private:
  std::string pathOf(const llvm::Twine &name) {
    llvm::SmallString<256> path(folder);
    llvm::sys::path::append(path, name);
    return path.str().str();
  }

  template <typename Writer>
  llvm::Error writeText(const llvm::Twine &name, Writer writer) {
    std::string path = pathOf(name);
    if (llvm::Error error =
            writeFileAtomically(path, [&](llvm::raw_pwrite_stream &os) {
              writer(os);
              return llvm::Error::success();
            }))
      return error;
    report.files.push_back(path);
    return llvm::Error::success();
  }

  llvm::Error writeAll(llvm::MemoryBufferRef object,
                       llvm::ArrayRef<char> weights,
                       const llvm::Triple &triple) {
    const std::string &prefix = report.contract.prefix;
    std::vector<ArchiveMember> members = {{prefix + ".o", object}};
    auto add = [&](llvm::StringRef name, llvm::ArrayRef<char> bytes) {
      if (!bytes.empty())
        members.push_back(
            {name.str(),
             llvm::MemoryBufferRef(llvm::StringRef(bytes.data(), bytes.size()),
                                   name)});
    };
    std::string weightsFile = prefix + "_weights.o";
    add(weightsFile, weights);
    add("mlc_runtime.o", runtimeObject(triple));
    add("mlc_half.o", halfObject(triple));
    std::string archive = pathOf("lib" + prefix + ".a");
    if (llvm::Error error = writeArchive(archive, members))
      return error;
    report.files.push_back(archive);
    if (llvm::Error error =
            writeText("mlc_runtime.h",
                      [&](llvm::raw_ostream &os) { os << runtimeHeader(); }))
      return error;
    if (llvm::Error error =
            writeText(prefix + ".h", [&](llvm::raw_ostream &os) {
              writeHeader(report.contract, os);
            }))
      return error;
    return writeText(prefix + ".json", [&](llvm::raw_ostream &os) {
      writeJson(report.contract, os);
    });
  }

  llvm::StringRef folder;
  CompileReport &report;
};

} // namespace

llvm::Expected<CompiledModule>
mlc::compileToModule(const CompileOptions &options) {
  CompiledModule result;
  {
    // The context goes before the caller optimises: it may hold the weights
    // once more.
    Compilation compilation(options, result);
    if (llvm::Error error = compilation.run())
      return error;
  }
  return result;
}

/// compileToFolder with a folder that exists.
static llvm::Expected<CompileReport> compileInto(const CompileOptions &options,
                                                 llvm::StringRef folder) {
  llvm::Expected<CompiledModule> compiled = compileToModule(options);
  if (!compiled)
    return compiled.takeError();
  CompileReport &report = compiled->report;
  if (!compiled->module)
    return std::move(report);
  const TargetInfo &least = options.targets.back();
  PhaseClock clock(options, report.times);
  clock.begin("optimize");
  if (llvm::Error error = optimize(*compiled->module, least))
    return error;
  CallGraph calls = callGraph(*compiled->module);
  clock.begin("emit");
  auto object = emitObject(*compiled->module, least, folder);
  if (!object)
    return object.takeError();
  compiled->module.reset();
  auto stack = stackUse(**object, calls, report.contract.prefix + "_run");
  if (!stack)
    return stack.takeError();
  report.contract.stackBytes = *stack;
  auto loaded = loadedBytes(**object);
  if (!loaded)
    return loaded.takeError();
  report.contract.codeBytes = *loaded;
  std::vector<char> weights = std::move(compiled->weights.bytes);
  if (!weights.empty())
    if (llvm::Error error =
            wrapWeights(weights, compiled->weightsName, **object))
      return error;
  if (llvm::Error error =
          FolderWriter(folder, report).write(**object, weights, least.triple))
    return error;
  clock.end();
  return std::move(report);
}

llvm::Expected<CompileReport>
mlc::compileToFolder(const CompileOptions &options, llvm::StringRef folder) {
  // What runs in this process can have any name, a library for others cannot.
  if (std::string name = nameOf(options); isReservedPrefix(name))
    return llvm::createStringError(
        options.model +
        ": the runtime or the C library has headers and "
        "functions called '" +
        name + "'; give the model another name with --prefix=<name>");
  // First, since a folder that cannot be is known before long work.
  bool existed = llvm::sys::fs::is_directory(folder);
  if (std::error_code error = llvm::sys::fs::create_directories(folder))
    return llvm::createStringError(folder +
                                   ": cannot be created: " + error.message());
  llvm::Expected<CompileReport> report = compileInto(options, folder);
  if (!existed)
    (void)llvm::sys::fs::remove(folder); // does so only where it is empty
  return report;
}
