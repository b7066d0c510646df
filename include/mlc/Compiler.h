//===- Compiler.h - From a model to a library -------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   mlc::Compiler compiler;
//   if (auto wrong = compiler.set("dim", "N=1")) ...
//   mlc::Result<mlc::Graph> graph = compiler.import("digits.onnx");
//   if (!graph) ...                                     // graph.errors()
//   mlc::Result<mlc::Library> library = compiler.compile(graph->clone());
//   mlc::Result<mlc::Executable> model = compiler.load(std::move(*graph));
//   if (library) library->write("out");                 // out/libdigits.a, ...
//
// A process may hold any number of compilers, graphs and models. A graph and
// its clones share memory: they belong to one thread at a time, together. No
// option of LLVM's, which a program may use itself, is left changed.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_COMPILER_H
#define MLC_COMPILER_H

#include "mlc/Executable.h"
#include "mlc/Options.h"

#include <functional>

namespace mlc {

/// A model on its way through the phases of `mlc compile --list-phases`, all
/// but the last two, which are LLVM's.
class Graph {
public:
  Graph(Graph &&other);
  Graph &operator=(Graph &&other);
  ~Graph();

  /// Another one at the same phase; weights are shared.
  Graph clone() const;

  /// Goes on to the end of a phase, with the options of the compiler that
  /// imported it. Errors: no such phase, or one that is behind it already; what
  /// the phase reports, after which nothing more can be done with it. Phases
  /// behind "lower" are for the targets of these options: the graph can then be
  /// compiled for them alone.
  Result<void> runTo(const std::string &phase);
  /// The last phase that it went through.
  std::string phase() const;

  std::vector<TensorSpec> inputs() const, outputs() const;
  /// The IR as text, large constants only by their size unless `weights`.
  std::string print(bool weights = false) const;

private:
  friend class Compiler;
  struct State;
  explicit Graph(std::unique_ptr<State> state);

  std::unique_ptr<State> state;
};

/// What `mlc compile` writes.
class Library {
public:
  Library(Library &&other);
  Library &operator=(Library &&other);
  ~Library();

  const Report &report() const;
  /// Code and constants but the weights, a relocatable object of the target.
  const std::string &object() const;
  /// The static library PREFIX.a: the code, the weights, the runtime.
  Result<std::string> archive() const;
  std::string header() const;   ///< PREFIX.h
  std::string contract() const; ///< PREFIX.json
  /// mlc_runtime.h, which the header includes.
  static std::string runtimeHeader();

  /// Writes the archive, both headers and the contract, all or none, into a
  /// folder that is made where there is none; the paths.
  Result<std::vector<std::string>> write(const std::string &folder) const;

private:
  friend class Compiler;
  struct State;
  explicit Library(std::unique_ptr<State> state);

  std::unique_ptr<State> state;
};

/// What Compiler::printAfter gives.
struct PrintedGraph {
  std::string text;
  Report report; ///< of what there is by then
};

/// What Compiler::compileTo wrote.
struct CompiledFiles {
  Report report;
  std::vector<std::string> paths;
};

class Compiler {
public:
  explicit Compiler(ModelOptions options = {});

  /// Sets an option by the name that it has in `mlc compile --help`. Returns
  /// what is wrong, nothing where all is well.
  [[nodiscard]] std::optional<std::string> set(std::string_view name,
                                               std::string_view value) {
    return setOption(given, name, value);
  }
  ModelOptions &options() { return given; }
  const ModelOptions &options() const { return given; }

  /// Called when a phase begins, with its place among all.
  using Progress = std::function<void(const std::string &phase, unsigned index,
                                      unsigned count)>;
  void onPhase(Progress function) { progress = std::move(function); }

  /// Reads a file: .onnx with external data beside it, or .mlir of nn ops.
  Result<Graph> import(const std::string &path) const;
  /// Reads an ONNX model in memory, all of its weights in it; `name` is what
  /// diagnostics and C names call it, as "digits.onnx".
  Result<Graph> import(const void *data, size_t size,
                       const std::string &name) const;

  /// Compiles for the options `target` and `cpu`. The graph may be at any
  /// phase; those that it went through are not done again, whatever this
  /// compiler's options are.
  Result<Library> compile(Graph graph) const;

  /// Reads, compiles and writes in one go, for less memory; a folder that
  /// cannot be is known before the work.
  Result<CompiledFiles> compileTo(const std::string &folder,
                                  const std::string &path) const;

  /// Compiles for this machine, in memory. `target` and `cpu` do not count.
  Result<Executable> load(Graph graph) const;

  /// Inputs of an ONNX model in memory that decide shapes, as the target of
  /// Reshape, in the model's order: where no initializer has their values, the
  /// option `value` has to.
  static Result<std::vector<std::string>> shapeInputs(const void *data,
                                                      size_t size);

  /// The IR behind any phase but the last two, as text, for this compiler's
  /// targets.
  Result<PrintedGraph> printAfter(const std::string &phase, Graph graph) const;

  /// Names and descriptions of all phases, in their order.
  static std::vector<std::pair<std::string, std::string>> phases();
  /// "0.1.0".
  static std::string version();

private:
  ModelOptions given;
  Progress progress;
};

} // namespace mlc

#endif // MLC_COMPILER_H
