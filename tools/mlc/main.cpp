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
#include "CompileCommand.h"
#include "Console.h"

#include "mlc/Commands.h"
#include "mlc/Compiler.h"
#include "mlc/Target.h"

#include <iostream>

using namespace mlc;

static constexpr CommandInfo commands[] = {
    {Command::Compile, "compile",
     "Compile a model to a static library, a C header and a contract.",
     "<model.onnx>"},
    {Command::Run, "run",
     "Compile a model for this machine, in memory, and run it once.",
     "<model.onnx>"},
    {Command::Check, "check",
     "Compare a model's results with reference tensors.", "<model.onnx>"},
    {Command::Bench, "bench",
     "Time a model and each of its operators on this machine.", "<model.onnx>"},
    {Command::Tune, "tune",
     "Measure on this machine how kernels of models are fastest, for mlc "
     "compile --schedule.",
     "<model.onnx>..."},
    {Command::Quantize, "quantize",
     "Make a model of floats one of integers, in QDQ form, by samples of its "
     "inputs.",
     "<model.onnx>"},
    {Command::Eval, "eval",
     "Judge a model on labelled samples, and beside another model.",
     "<model.onnx>"},
};

static constexpr const char *help =
    "mlc: lowers trained models to native static libraries\n\n"
    "  mlc compile model.onnx -o out/    a library, a C header, a contract\n"
    "  mlc run model.onnx                compile in memory and run once\n"
    "  mlc check model.onnx              compare with reference tensors\n"
    "  mlc bench model.onnx              time it and its operators\n"
    "  mlc tune model.onnx -o table.json measure how kernels are fastest\n"
    "  mlc quantize model.onnx --calibration samples.npz -o model.int8.onnx\n"
    "                                    from floats to integers\n"
    "  mlc eval model.onnx --data s.npz  accuracy on labelled samples\n"
    "  mlc targets                       the targets and CPUs there are\n\n"
    "mlc <command> --help explains its options; mlc --version\n";

/// What is wrong with the files of a command line, "" where nothing is.
static std::string checkFiles(const CommandInfo &info,
                              const CommandLine &line) {
  std::string name = info.name;
  size_t count = line.files.size();
  if (info.command == Command::Check) {
    if (count + !line.options.suite.empty() == 1)
      return "";
    return "check: a model or --suite is required; mlc check --help explains";
  }
  if (count == 0)
    return name + ": a model is required; mlc " + name + " --help explains";
  if (count == 1 || info.command == Command::Tune)
    return "";
  return name + ": one model is required, '" + line.files[0] + "' and '" +
         line.files[1] + "' are given";
}

/// The exit status; errors are printed.
template <typename T>
static int statusOf(const Result<T> &result) {
  if (!result) {
    printDiagnostics(result.errors());
    return 1;
  }
  if constexpr (!std::is_void_v<T>)
    return *result ? 0 : 1;
  return 0;
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
    return statusOf(checkModel(options, model, output));
  case Command::Bench:
    return statusOf(benchModel(options, model, output));
  case Command::Tune:
    return statusOf(tuneModels(options, line.files, output));
  case Command::Eval:
    return statusOf(evaluateModel(options, model, output));
  case Command::Quantize:
    return statusOf(quantizeModel(options, model, output));
  }
  return 1;
}

static int run(const CommandInfo &info, const std::vector<std::string> &words) {
  CommandLine line = readCommandLine(info.command, words);
  if (line.wantsHelp) {
    std::cout << helpOf(info);
    return 0;
  }
  if (!line.errors.empty())
    return printErrors(line.errors);
  if (line.options.listPhases) {
    printPhases();
    return 0;
  }
  std::string wrong = checkFiles(info, line);
  return wrong.empty() ? runCommand(info, line) : printErrors({wrong});
}

int main(int argc, char **argv) {
  installLastWords("mlc");
  // Whoever reads a suite's lines sees each as it comes.
  std::cout << std::unitbuf;
  std::vector<std::string> words(argv + 1, argv + argc);
  std::string name = words.empty() ? "" : words.front();
  if (name == "--help" || name == "-h" || name == "help") {
    std::cout << help;
    return 0;
  }
  if (name == "--version") {
    std::cout << "mlc " << Compiler::version() << '\n';
    return 0;
  }
  if (name == "targets") {
    std::cout << describeTargets();
    return 0;
  }
  for (const CommandInfo &info : commands)
    if (name == info.name)
      return run(info, {words.begin() + 1, words.end()});
  return printErrors(
      {(name.empty() ? "" : "'" + name + "' is no command; ") +
       "a command is required: compile, run, check, bench, tune, quantize, "
       "eval or targets; mlc --help explains"});
}
