//===- Commands.h - The commands of mlc -------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_TOOLS_COMMANDS_H
#define MLC_TOOLS_COMMANDS_H

#include "CommandLine.h"

#include "Pipeline/Compiler.h"
#include "Pipeline/Options.h"

#include "llvm/Support/Error.h"

// Each does a command and gives the exit status. Errors are printed by main, a
// line each, with status 1.
llvm::Expected<int> runCompile(const CommandLine &line);
llvm::Expected<int> runRun(const CommandLine &line);
llvm::Expected<int> runCheck(const CommandLine &line);
llvm::Expected<int> runBench(const CommandLine &line);
llvm::Expected<int> runTune(const CommandLine &line);

/// Errors unless there is one file.
llvm::Expected<std::string> oneModel(const CommandLine &line,
                                     llvm::StringRef command);

/// Shows phases on standard error while it is a terminal.
void showProgress(mlc::CompileOptions &options);
/// Takes the last phase shown off the terminal.
void clearProgress();
/// Prints what compilation warned of, a line each, on standard error.
void printWarnings(const mlc::CompileReport &report);

#endif // MLC_TOOLS_COMMANDS_H
