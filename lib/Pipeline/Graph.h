//===- Graph.h - A model between its phases ---------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   Expected<ModelGraph> graph = ModelGraph::import(options);
//   if (Error error = graph->runTo("layout", options)) ...
//   ModelGraph other = graph->clone();            // a candidate, a calibration
//   Expected<CompiledModule> module = std::move(other).lower(options);
//
// A graph and its clones have one context, and so one thread at a time. The
// memory of constants goes back when none of them names these any more.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_PIPELINE_GRAPH_H
#define MLC_PIPELINE_GRAPH_H

#include "Pipeline/Compiler.h"
#include "Pipeline/CountParameters.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace mlc {

class ModelGraph {
public:
  /// Reads `options.model`. Errors hold the diagnostics (Diagnostics.h).
  static llvm::Expected<ModelGraph> import(const CompileOptions &options);
  /// The same for an ONNX model in memory, which `options.model` names.
  static llvm::Expected<ModelGraph> importBytes(llvm::StringRef bytes,
                                                const CompileOptions &options);

  ModelGraph(ModelGraph &&) = default;
  ModelGraph &operator=(ModelGraph &&other);
  ~ModelGraph();

  ModelGraph clone() const;

  /// Goes on to the end of `phase`, one of irPhases(). Errors: it is none of
  /// them, or behind the graph; the graph was lowered for other targets; what a
  /// pass reports.
  llvm::Error runTo(llvm::StringRef phase, const CompileOptions &options);
  /// The last phase that it went through.
  llvm::StringRef phase() const;

  /// Goes through all phases that are left; stops as options.stopAfter says.
  llvm::Expected<CompiledModule> lower(const CompileOptions &options) &&;

  void print(llvm::raw_ostream &os, bool weights) const;
  /// Of a graph that was imported, and no more.
  ParameterCount parameters() const { return readParameters(*module); }
  /// What is known by now.
  const CompileReport &report() const { return found; }

private:
  class Shared;
  ModelGraph(std::shared_ptr<Shared> shared);

  /// What reads the model, once there is a context for it.
  using Reader = llvm::function_ref<mlir::OwningOpRef<mlir::ModuleOp>(
      mlir::MLIRContext *)>;
  static llvm::Expected<ModelGraph> importWith(const CompileOptions &options,
                                               Reader read);
  /// Without the CPUs that are not worth their code in this model.
  CompileOptions optionsFor(const CompileOptions &options) const;
  llvm::Error runPhase(size_t index, const CompileOptions &options);
  void takeNotes(const CompileOptions &options);
  llvm::Error checkTargets(const CompileOptions &options);
  /// The phases behind lastOfAllCpus(), and LLVM IR, for a CPU at a time.
  llvm::Expected<CompiledModule> lowerCpus(const CompileOptions &options);
  void setModule(mlir::OwningOpRef<mlir::ModuleOp> other);
  mlir::OwningOpRef<mlir::ModuleOp> takeModule();
  void forgetModule();

  std::shared_ptr<Shared> shared; ///< outlives the module
  mlir::OwningOpRef<mlir::ModuleOp> module;
  size_t done = 0;        ///< phases
  bool hasBytes = false;  ///< that are multiplied or looked up
  std::string loweredFor; ///< what a phase for targets was run for, in words
  CompileReport found;
};

} // namespace mlc

#endif // MLC_PIPELINE_GRAPH_H
