//===- main.cpp - The mlc tool --------------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Uses what is installed in include/mlc, and nothing else.
//
//===----------------------------------------------------------------------===//

#include "CommandLine.h"
#include "CommandTable.h"
#include "CompileCommand.h"
#include "Completion.h"
#include "Console.h"
#include "ManPage.h"

#include "mlc/Commands.h"
#include "mlc/Compiler.h"
#include "mlc/Target.h"

#include <iostream>
#include <malloc.h>
#include <optional>

using namespace mlc;

/// What is wrong with the files of a command line, "" where nothing is.
static std::string checkFiles(const CommandInfo &info,
                              const CommandLine &line) {
  std::string name = info.name;
  size_t count = line.files.size();
  if (info.command == Command::Check) {
    if (count + !line.options.suite.empty() == 1 ||
        (count == 2 && line.options.suite.empty()))
      return "";
    return "check: a model, a reference and a model, or --suite is required; "
           "mlc check --help explains";
  }
  std::string what =
      info.command == Command::Package ? "folder of mlc compile" : "model";
  if (count == 0)
    return name + ": a " + what + " is required; mlc " + name +
           " --help explains";
  if (count == 1 || info.command == Command::Tune ||
      info.command == Command::Report)
    return "";
  return name + ": one " + what + " is required, '" + line.files[0] +
         "' and '" + line.files[1] + "' are given";
}

/// The exit status; errors are printed.
template <typename T>
static int statusOf(const Result<T> &result) {
  if (!result) {
    printDiagnostics(result.errors());
    return exitFailure;
  }
  if constexpr (!std::is_void_v<T>)
    return *result ? exitSuccess : exitMissed;
  return exitSuccess;
}

static int runCommand(const CommandInfo &info, const CommandLine &line) {
  const Options &options = line.options;
  CommandOutput output{std::cout, printDiagnostics, showStep};
  std::string model = line.files.empty() ? "" : line.files.front();
  switch (info.command) {
  case Command::Compile:
    return statusOf(compileModel(options, model));
  case Command::Run:
    return statusOf(runModel(options, model, output));
  case Command::Check:
    if (line.files.size() == 2)
      return statusOf(checkAgainst(options, model, line.files.back(), output));
    return statusOf(checkModel(options, model, output));
  case Command::Bench:
    return statusOf(benchModel(options, model, output));
  case Command::Tune:
    return statusOf(tuneModels(options, line.files, output));
  case Command::Eval:
    return statusOf(evaluateModel(options, model, output));
  case Command::Report:
    return statusOf(reportModels(options, line.files, output));
  case Command::Quantize:
    return statusOf(quantizeModel(options, model, output));
  case Command::Package:
    return statusOf(packageModel(options, model, output));
  case Command::Prune:
    return statusOf(pruneModel(options, model, output));
  case Command::Factorize:
    return statusOf(factorizeModel(options, model, output));
  case Command::Compress:
    return statusOf(compressModel(options, model, output));
  }
  return exitFailure;
}

static int run(const CommandInfo &info, const std::vector<std::string> &words) {
  CommandLine line = readCommandLine(info.command, words);
  if (line.wantsHelp) {
    std::cout << helpOf(info);
    return exitSuccess;
  }
  if (!line.errors.empty())
    return printUsageErrors(line.errors);
  if (line.options.listPhases) {
    printPhases();
    return exitSuccess;
  }
  std::string wrong = checkFiles(info, line);
  return wrong.empty() ? runCommand(info, line) : printUsageErrors({wrong});
}

/// `name`, which is no command, as an error.
static int refuse(const std::string &name) {
  if (name.empty())
    return printUsageErrors({"a command is required; mlc --help lists them"});
  std::string nearest = nearestCommand(name);
  return printUsageErrors(
      {"'" + name + "' is no command; " +
       (nearest.empty() ? "" : "did you mean " + nearest + "? ") +
       "mlc --help lists them"});
}

/// Commands that read no model; nothing for others.
static std::optional<int> runOther(const std::string &name,
                                   const std::vector<std::string> &words) {
  const std::string word = words.empty() ? "" : words.front();
  if (words.size() > 1)
    return std::nullopt;
  if (name == "version" || name == "--version") {
    std::cout << "mlc " << Compiler::version() << '\n';
    return exitSuccess;
  }
  if (name == "targets" && (word.empty() || word == "--json")) {
    std::cout << (word.empty() ? describeTargets() : describeTargetsJson());
    return exitSuccess;
  }
  if (name == "help" || name == "--help" || name == "-h" || name == "man") {
    const CommandInfo *info = findCommand(word);
    if (!info && !word.empty())
      return refuse(word);
    if (name == "man")
      std::cout << manPage(info);
    else
      std::cout << (info ? helpOf(*info) : overview());
    return exitSuccess;
  }
  if (name == "completion") {
    std::string script = completionScript(word);
    if (script.empty())
      return printUsageErrors({"completion: bash, zsh or fish is required"});
    std::cout << script;
    return exitSuccess;
  }
  return std::nullopt;
}

/// Large blocks, weights and models, go back to the system when they are freed.
/// glibc keeps them from the first that was freed on, in pieces: a fifth of the
/// memory of a compilation.
static void giveBackLargeBlocks() {
#ifdef M_MMAP_THRESHOLD
  constexpr int least = 128 << 10;
  mallopt(M_MMAP_THRESHOLD, least);
#endif
}

int main(int argc, char **argv) {
  giveBackLargeBlocks();
  installLastWords("mlc");
  // Whoever reads a suite's lines sees each as it comes.
  std::cout << std::unitbuf;
  std::vector<std::string> words(argv + 1, argv + argc);
  std::string name = words.empty() ? "" : words.front();
  if (!words.empty())
    words.erase(words.begin());
  if (const CommandInfo *info = findCommand(name))
    return run(*info, words);
  if (std::optional<int> status = runOther(name, words))
    return *status;
  for (const OtherCommand &other : otherCommands())
    if (name == other.name)
      return printUsageErrors({name + ": '" + words.back() +
                               "' is not understood; mlc --help explains"});
  return refuse(name);
}
