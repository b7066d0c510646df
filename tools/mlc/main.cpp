//===- main.cpp - The mlc tool --------------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"

#include "Support/LastWords.h"
#include "Support/Printable.h"
#include "Support/Version.h"
#include "Target/Target.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/WithColor.h"

using namespace llvm;

namespace {
struct Entry {
  CommandInfo info;
  Expected<int> (*run)(const CommandLine &line);
};
} // namespace

static constexpr Entry commands[] = {
    {{mlc::Command::Compile, "compile",
      "Compile a model to a static library, a C header and a contract.",
      "<model.onnx>"},
     runCompile},
    {{mlc::Command::Run, "run",
      "Compile a model for this machine, in memory, and run it once.",
      "<model.onnx>"},
     runRun},
    {{mlc::Command::Check, "check",
      "Compare a model's results with reference tensors.", "<model.onnx>"},
     runCheck},
    {{mlc::Command::Bench, "bench",
      "Time a model and each of its operators on this machine.",
      "<model.onnx>"},
     runBench},
    {{mlc::Command::Tune, "tune",
      "Measure on this machine how kernels of models are fastest, for mlc "
      "compile --schedule.",
      "<model.onnx>..."},
     runTune},
};

static constexpr const char *help =
    "mlc: lowers trained models to native static libraries\n\n"
    "  mlc compile model.onnx -o out/    a library, a C header, a contract\n"
    "  mlc run model.onnx                compile in memory and run once\n"
    "  mlc check model.onnx              compare with reference tensors\n"
    "  mlc bench model.onnx              time it and its operators\n"
    "  mlc tune model.onnx -o table.json measure how kernels are fastest\n"
    "  mlc targets                       the targets and CPUs there are\n\n"
    "mlc <command> --help explains its options; mlc --version\n";

/// One "error:" line per problem.
static int report(Error error) {
  std::string text = toString(std::move(error));
  SmallVector<StringRef> lines;
  StringRef(text).split(lines, '\n', -1, false);
  for (StringRef line : lines)
    WithColor::error(errs(), "mlc") << mlc::printable(line) << "\n";
  return 1;
}

static int run(const Entry &entry, const std::vector<std::string> &words) {
  CommandLine line = readCommandLine(entry.info.command, words);
  if (line.wantsHelp) {
    outs() << helpOf(entry.info);
    return 0;
  }
  if (!line.errors.empty())
    return report(createStringError(join(line.errors, "\n")));
  Expected<int> status = entry.run(line);
  return status ? *status : report(status.takeError());
}

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  mlc::installLastWords("mlc");
  std::vector<std::string> words(argv + 1, argv + argc);
  StringRef name = words.empty() ? "" : StringRef(words.front());
  if (name == "--help" || name == "-h" || name == "help") {
    outs() << help;
    return 0;
  }
  if (name == "--version") {
    outs() << "mlc " << mlc::version() << " (LLVM " << LLVM_VERSION_STRING
           << ")\n";
    return 0;
  }
  if (name == "targets") {
    mlc::printTargets(outs());
    return 0;
  }
  for (const Entry &entry : commands)
    if (name == entry.info.name)
      return run(entry, {words.begin() + 1, words.end()});
  return report(createStringError(
      (name.empty() ? "" : "'" + name + "' is no command; ") +
      "a command is required: compile, run, check, bench, tune or targets; "
      "mlc --help explains"));
}
