//===- CApi.cpp - The compiler as a C library -----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// mlc-c/mlc.h over the C++ classes, and nothing else: what it can do, they can.
//
//===----------------------------------------------------------------------===//

#include "Api/CTypes.h"

#include "mlc/Compiler.h"
#include "mlc/Target.h"

#include <map>

using namespace mlc;

struct MlcCompiler {
  Compiler compiler;
};
struct MlcGraph {
  Graph graph;
  std::string text;
};
struct MlcLibrary {
  Library library;
  std::map<MlcPart, std::string> parts;
};
struct MlcExecutable {
  Executable executable;
  std::string contract, report; ///< JSON
};
struct MlcNames {
  std::vector<std::string> list;
};

//===----------------------------------------------------------------------===//
// Diagnostics
//===----------------------------------------------------------------------===//

/// Null where there are none.
static MlcDiagnostics *giveIfAny(const Diagnostics &list) {
  return list.empty() ? nullptr : give(list);
}

size_t mlcDiagnosticsCount(const MlcDiagnostics *diagnostics) {
  return diagnostics ? diagnostics->list.size() : 0;
}

MlcDiagnostic mlcDiagnosticsGet(const MlcDiagnostics *diagnostics,
                                size_t index) {
  const Diagnostic &from = diagnostics->list[index];
  MlcDiagnostic to;
  to.file = from.file.c_str();
  to.message = from.message.c_str();
  to.node = from.node.name.c_str();
  to.op = from.node.op.c_str();
  to.opset = from.node.opset;
  to.index = from.node.index;
  to.severity = from.severity == Severity::Error ? MLC_SEVERITY_ERROR
                                                 : MLC_SEVERITY_WARNING;
  return to;
}

const char *mlcDiagnosticsPlace(const MlcDiagnostics *diagnostics,
                                size_t index) {
  return diagnostics->list[index].place.c_str();
}

const char *mlcDiagnosticsLine(const MlcDiagnostics *diagnostics,
                               size_t index) {
  return diagnostics->lines[index].c_str();
}

const char *mlcDiagnosticsText(const MlcDiagnostics *diagnostics) {
  return diagnostics ? diagnostics->text.c_str() : "";
}

void mlcDiagnosticsDestroy(MlcDiagnostics *diagnostics) { delete diagnostics; }

//===----------------------------------------------------------------------===//
// Compilers
//===----------------------------------------------------------------------===//

uint32_t mlcApiVersion(void) { return MLC_C_API_VERSION; }

const char *mlcVersion(void) {
  static const std::string version = Compiler::version();
  return version.c_str();
}

MlcCompiler *mlcCompilerCreate(uint32_t version) {
  return version == MLC_C_API_VERSION ? new MlcCompiler{Compiler()} : nullptr;
}

void mlcCompilerDestroy(MlcCompiler *compiler) { delete compiler; }

MlcDiagnostics *mlcCompilerSet(MlcCompiler *compiler, const char *name,
                               const char *value) {
  std::optional<std::string> wrong = compiler->compiler.set(name, value);
  return wrong ? complain(*wrong) : nullptr;
}

void mlcCompilerOnPhase(MlcCompiler *compiler, MlcPhaseFunction function,
                        void *context) {
  Compiler::Progress progress;
  if (function)
    progress = [function, context](const std::string &phase, unsigned index,
                                   unsigned count) {
      function(context, phase.c_str(), index, count);
    };
  compiler->compiler.onPhase(std::move(progress));
}

const char *mlcTargetsJson(void) {
  static const std::string targets = describeTargetsJson();
  return targets.c_str();
}

int mlcOptionAt(size_t i, const char **name, const char **help) {
  for (const OptionInfo &info : optionTable()) {
    if (!info.isOf(Command::Compile) || i-- > 0)
      continue;
    *name = info.name.c_str();
    *help = info.help.c_str();
    return 1;
  }
  return 0;
}

//===----------------------------------------------------------------------===//
// Graphs
//===----------------------------------------------------------------------===//

MlcDiagnostics *mlcGraphImportFile(const MlcCompiler *compiler,
                                   const char *path, MlcGraph **graph) {
  return unpack(compiler->compiler.import(path), [&](Graph made) {
    *graph = new MlcGraph{std::move(made), {}};
  });
}

MlcDiagnostics *mlcGraphImportBytes(const MlcCompiler *compiler,
                                    const void *bytes, size_t size,
                                    const char *name, MlcGraph **graph) {
  return unpack(compiler->compiler.import(bytes, size, name), [&](Graph made) {
    *graph = new MlcGraph{std::move(made), {}};
  });
}

MlcDiagnostics *mlcShapeInputs(const void *bytes, size_t size,
                               MlcNames **names) {
  return unpack(Compiler::shapeInputs(bytes, size),
                [&](std::vector<std::string> found) {
                  *names = new MlcNames{std::move(found)};
                });
}

size_t mlcNamesCount(const MlcNames *names) { return names->list.size(); }

const char *mlcNamesGet(const MlcNames *names, size_t index) {
  return names->list[index].c_str();
}

void mlcNamesDestroy(MlcNames *names) { delete names; }

MlcGraph *mlcGraphClone(const MlcGraph *graph) {
  return new MlcGraph{graph->graph.clone(), {}};
}

MlcDiagnostics *mlcGraphRunTo(MlcGraph *graph, const char *phase) {
  Result<void> result = graph->graph.runTo(phase);
  return result ? nullptr : give(result.errors());
}

const char *mlcGraphPrint(MlcGraph *graph) {
  graph->text = graph->graph.print();
  return graph->text.c_str();
}

void mlcGraphDestroy(MlcGraph *graph) { delete graph; }

//===----------------------------------------------------------------------===//
// Libraries
//===----------------------------------------------------------------------===//

MlcDiagnostics *mlcGraphCompile(const MlcCompiler *compiler,
                                const MlcGraph *graph, MlcLibrary **library) {
  return unpack(
      compiler->compiler.compile(graph->graph.clone()),
      [&](Library made) { *library = new MlcLibrary{std::move(made), {}}; });
}

static Result<std::string> partOf(const Library &library, MlcPart part) {
  switch (part) {
  case MLC_PART_OBJECT:
    return library.object();
  case MLC_PART_ARCHIVE:
    return library.archive();
  case MLC_PART_HEADER:
    return library.header();
  case MLC_PART_CONTRACT:
    return library.contract();
  case MLC_PART_RUNTIME_HEADER:
    return Library::runtimeHeader();
  case MLC_PART_REPORT:
    return library.report().json();
  case MLC_PART_MEMORY_MAP:
    return library.report().memoryMapJson;
  }
  Diagnostic unknown;
  unknown.message = "a library has no part " + std::to_string(part);
  return Diagnostics{unknown};
}

MlcDiagnostics *mlcLibraryPart(MlcLibrary *library, MlcPart part,
                               const char **bytes, size_t *size) {
  auto known = library->parts.find(part);
  if (known == library->parts.end()) {
    Result<std::string> made = partOf(library->library, part);
    if (!made)
      return give(made.errors());
    known = library->parts.emplace(part, std::move(*made)).first;
  }
  *bytes = known->second.data();
  *size = known->second.size();
  return nullptr;
}

MlcDiagnostics *mlcLibraryWarnings(const MlcLibrary *library) {
  return giveIfAny(library->library.report().warnings);
}

MlcDiagnostics *mlcLibraryWrite(const MlcLibrary *library, const char *folder) {
  auto files = library->library.write(folder);
  return files ? nullptr : give(files.errors());
}

void mlcLibraryDestroy(MlcLibrary *library) { delete library; }

//===----------------------------------------------------------------------===//
// Models in this process
//===----------------------------------------------------------------------===//

MlcDiagnostics *mlcGraphLoad(const MlcCompiler *compiler, const MlcGraph *graph,
                             MlcExecutable **executable) {
  return unpack(compiler->compiler.load(graph->graph.clone()),
                [&](Executable made) {
                  std::string contract = made.contract();
                  std::string report = made.report().json();
                  *executable = new MlcExecutable{
                      std::move(made), std::move(contract), std::move(report)};
                });
}

static MlcTensor describe(const TensorSpec &spec) {
  return {spec.name.c_str(), spec.shape.data(), spec.shape.size(), spec.bytes,
          spec.type};
}

size_t mlcExecutableInputCount(const MlcExecutable *executable) {
  return executable->executable.inputs().size();
}

size_t mlcExecutableOutputCount(const MlcExecutable *executable) {
  return executable->executable.outputs().size();
}

MlcTensor mlcExecutableInput(const MlcExecutable *executable, size_t index) {
  return describe(executable->executable.inputs()[index]);
}

MlcTensor mlcExecutableOutput(const MlcExecutable *executable, size_t index) {
  return describe(executable->executable.outputs()[index]);
}

const char *mlcExecutableContract(const MlcExecutable *executable) {
  return executable->contract.c_str();
}

const char *mlcExecutableReport(const MlcExecutable *executable) {
  return executable->report.c_str();
}

MlcDiagnostics *mlcExecutableWarnings(const MlcExecutable *executable) {
  return giveIfAny(executable->executable.report().warnings);
}

MlcDiagnostics *mlcExecutableUseThreads(MlcExecutable *executable,
                                        uint32_t threads) {
  Result<void> result = executable->executable.useThreads(threads);
  return result ? nullptr : give(result.errors());
}

MlcDiagnostics *mlcExecutableRun(MlcExecutable *executable,
                                 const void *const *inputs,
                                 void *const *outputs) {
  Executable &model = executable->executable;
  size_t in = model.inputs().size(), out = model.outputs().size();
  if ((in && !inputs) || (out && !outputs))
    return complain("a required pointer is null");
  // Not in braces: two pointers to pointers are pointers, too.
  std::vector<const void *> from(inputs, inputs + in);
  std::vector<void *> to(outputs, outputs + out);
  Result<void> result = model.run(from, to);
  return result ? nullptr : give(result.errors());
}

void mlcExecutableDestroy(MlcExecutable *executable) { delete executable; }
