//===- Commands.h - What mlc does besides compiling -------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `mlc run`, `check`, `bench`, `tune`, `quantize`, `prune`, `factorize`,
// `compress`, `eval` and `report` as functions: they read the options that the
// table has for their command, and write what people read to `out`. And
// mlc-opt, which has options of its own.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_COMMANDS_H
#define MLC_COMMANDS_H

#include "mlc/Diagnostics.h"
#include "mlc/Options.h"

#include <functional>
#include <iosfwd>

namespace mlc {

/// Where commands write to, and whom they tell.
struct CommandOutput {
  std::ostream &out;
  /// What a compilation warned of, once it is done, and what of a budget was
  /// missed.
  std::function<void(const Diagnostics &warnings)> onWarnings;
  /// What is being done, as "layout", with its place among all; an empty text
  /// when it is over. For the impatient.
  std::function<void(const std::string &what, unsigned index, unsigned count)>
      onStep;
};

/// Runs a model once, on files and random inputs; prints outputs, or writes
/// them to files.
Result<void> runModel(const Options &options, const std::string &model,
                      const CommandOutput &output);

/// Compares a model's results, or with an empty `model` those of a suite, with
/// what is expected. Whether all is well.
Result<bool> checkModel(const Options &options, const std::string &model,
                        const CommandOutput &output);

/// Compares a model with a reference by layers, on samples (mlc/Compare.h).
/// Whether no layer goes wrong.
Result<bool> checkAgainst(const Options &options, const std::string &reference,
                          const std::string &model,
                          const CommandOutput &output);

/// Times a model and each of its operators.
Result<void> benchModel(const Options &options, const std::string &model,
                        const CommandOutput &output);

/// Measures how kernels of models are fastest, and writes the table that the
/// option `schedule` reads.
Result<void> tuneModels(const Options &options,
                        const std::vector<std::string> &models,
                        const CommandOutput &output);

/// Judges a model on labelled samples, and beside another model.
Result<void> evaluateModel(const Options &options, const std::string &model,
                           const CommandOutput &output);

/// Quantises a model on samples (mlc/Quantize.h) and writes it. Whether budgets
/// are met.
Result<bool> quantizeModel(const Options &options, const std::string &model,
                           const CommandOutput &output);

/// Prunes a model by samples (mlc/Prune.h) and writes it. Whether budgets are
/// met.
Result<bool> pruneModel(const Options &options, const std::string &model,
                        const CommandOutput &output);

/// Makes layers of a model several smaller ones (mlc/Factorize.h) and writes
/// it. Whether budgets are met.
Result<bool> factorizeModel(const Options &options, const std::string &model,
                            const CommandOutput &output);

/// Searches what of pruning, quantising and narrow numbers makes a model best
/// within a budget, and writes it with all that was tried. Whether the budget
/// is met.
Result<bool> compressModel(const Options &options, const std::string &model,
                           const CommandOutput &output);

/// Sizes, times, energy and scores of models side by side, by kernels too.
/// There is one model at least.
Result<void> reportModels(const Options &options,
                          const std::vector<std::string> &models,
                          const CommandOutput &output);

/// Makes a package, as options say, of a folder that a compilation wrote, or of
/// the contract in it.
Result<void> packageModel(const Options &options, const std::string &path,
                          const CommandOutput &output);

/// mlc-opt: runs passes on a module or a model, as its arguments say. The exit
/// status. Once a process: flags of the command line are LLVM's, and global.
int runPasses(int argc, char **argv);

/// mlc-lsp-server: answers an editor about modules in mlc's dialects, on
/// standard input and output, by the Language Server Protocol. As runPasses.
int runLanguageServer(int argc, char **argv);

/// For a program that is a tool: makes running out of memory and LLVM's fatal
/// errors end the process with one line that begins with `tool`, a literal, and
/// keeps the process within the machine's memory.
void installLastWords(const char *tool);

} // namespace mlc

#endif // MLC_COMMANDS_H
