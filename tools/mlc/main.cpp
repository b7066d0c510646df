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

static cl::SubCommand targetsScope("targets",
                                   "List the targets and CPUs to compile for");

Command targetsCommand() {
  return {&targetsScope, []() -> Expected<int> {
            mlc::printTargets(outs());
            return 0;
          }};
}

static void printVersion(raw_ostream &os) {
  os << "mlc " << mlc::version() << " (LLVM " << LLVM_VERSION_STRING << ")\n";
}

/// One "error:" line a problem.
static int report(Error error) {
  std::string text = toString(std::move(error));
  SmallVector<StringRef> lines;
  StringRef(text).split(lines, '\n', -1, false);
  for (StringRef line : lines)
    WithColor::error(errs(), "mlc") << mlc::printable(line) << "\n";
  return 1;
}

/// LLVM's libraries bring hundreds of options of their own: people see ours.
static void hideForeignOptions() {
  for (auto [name, option] : cl::getRegisteredOptions())
    if (name != "help" && name != "version")
      option->setHiddenFlag(cl::ReallyHidden);
}

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  mlc::installLastWords("mlc");
  const Command commands[] = {compileCommand(), runCommand(),
                              checkCommand(),   benchCommand(),
                              tuneCommand(),    targetsCommand()};
  hideForeignOptions();
  cl::SetVersionPrinter(printVersion);
  cl::ParseCommandLineOptions(
      argc, argv,
      "mlc: lowers trained models to native static libraries\n\n"
      "  mlc compile model.onnx -o out/    a library, a C header, a contract\n"
      "  mlc run model.onnx                compile in memory and run once\n"
      "  mlc check model.onnx              compare with reference tensors\n"
      "  mlc bench model.onnx              time it and its operators\n"
      "  mlc tune model.onnx -o table.json measure how kernels are fastest\n");
  for (const Command &command : commands) {
    if (!*command.scope)
      continue;
    Expected<int> status = command.run();
    return status ? *status : report(status.takeError());
  }
  errs() << "mlc: a command is required: compile, run, check, bench, tune or "
            "targets; mlc --help explains\n";
  return 1;
}
