//===- Commands.h - The commands of mlc -------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_TOOLS_COMMANDS_H
#define MLC_TOOLS_COMMANDS_H

#include "Pipeline/Compiler.h"
#include "Pipeline/Options.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Error.h"

/// One command of the tool: its options live in `scope`, `run` does it and
/// gives the exit status. Errors are printed by main, a line each, with
/// status 1.
struct Command {
  llvm::cl::SubCommand *scope;
  llvm::Expected<int> (*run)();
};

Command compileCommand();
Command runCommand();
Command checkCommand();
Command benchCommand();
Command targetsCommand();
Command tuneCommand();

/// Options that say how a model is read, for every command that reads one.
struct ImportFlags {
  explicit ImportFlags(llvm::cl::SubCommand &scope);
  /// Parses the lists. Errors name the option and what it should look like.
  llvm::Expected<mlc::ImportOptions> parse() const;

  llvm::cl::list<std::string> dims, shapes, values;
  llvm::cl::opt<int64_t> maxBoxes, maxFound;
};

/// How results are rounded, for every command that compiles a model.
struct NumericFlags {
  explicit NumericFlags(llvm::cl::SubCommand &scope);

  /// Errors name the option.
  llvm::Error apply(mlc::CompileOptions &options) const;

  llvm::cl::opt<mlc::QuantizeMode> arithmetic;
  llvm::cl::opt<double> maxUlp;
  enum class Weights { F32, F16 };
  llvm::cl::opt<Weights> fcWeights;
};

/// Which measured decisions count, for every command that compiles a model.
struct ScheduleFlag {
  explicit ScheduleFlag(llvm::cl::SubCommand &scope);
  /// Reads the tables. Errors are the reader's.
  llvm::Error apply(mlc::CompileOptions &options) const;

  llvm::cl::list<std::string> files;
};

/// What is kept in memory, for every command that compiles a model.
struct MemoryFlags {
  explicit MemoryFlags(llvm::cl::SubCommand &scope);
  void apply(mlc::CompileOptions &options) const;

  llvm::cl::opt<bool> stream;
};

/// How many threads a command runs a model on.
struct ThreadsFlag {
  explicit ThreadsFlag(llvm::cl::SubCommand &scope);
  /// Makes code for so many. Errors: none, or more than a pool holds.
  llvm::Error apply(mlc::CompileOptions &options) const;

  llvm::cl::opt<unsigned> threads;
};

/// The one CPU that --cpu names and this machine is to run. Errors: none or
/// several.
llvm::Error setHostCpu(mlc::CompileOptions &options, llvm::StringRef cpu);

/// "name=value" split at the last part that cannot be a name: names may hold
/// '='. Errors name `option`.
llvm::Expected<std::pair<std::string, std::string>>
splitPair(llvm::StringRef option, llvm::StringRef text);

/// Shows phases on standard error while it is a terminal.
void showProgress(mlc::CompileOptions &options);
/// Takes the last phase shown off the terminal.
void clearProgress();
/// Prints what compilation warned of, a line each, on standard error.
void printWarnings(const mlc::CompileReport &report);

#endif // MLC_TOOLS_COMMANDS_H
