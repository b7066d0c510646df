//===- CommandLine.h - The words behind mlc ---------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Flags are the rows of mlc/Options.def: "--name=value", "--name value", "-o
// folder", and "--name" alone for what is true or false. What begins with no
// dash, or comes behind "--", is a file.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_TOOLS_COMMANDLINE_H
#define MLC_TOOLS_COMMANDLINE_H

#include "CommandTable.h"

struct CommandLine {
  mlc::Options options;
  std::vector<std::string> files;
  bool wantsHelp = false;
  std::vector<std::string> errors; ///< a line each
};

CommandLine readCommandLine(mlc::Command command,
                            const std::vector<std::string> &words);

/// Usage and flags of a command, in lines of 100 characters.
std::string helpOf(const CommandInfo &info);

#endif // MLC_TOOLS_COMMANDLINE_H
