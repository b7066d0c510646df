//===- CommandTable.h - The commands of mlc ---------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_TOOLS_COMMANDTABLE_H
#define MLC_TOOLS_COMMANDTABLE_H

#include "mlc/Options.h"

#include <string>
#include <vector>

/// A command as --help tells of it.
struct CommandInfo {
  mlc::Command command;
  const char *name, *about;
  const char *files; ///< "<model.onnx>"
};

/// Those with options of the table, in the order of the help.
const std::vector<CommandInfo> &commandTable();
/// The row of a name; null where there is none.
const CommandInfo *findCommand(const std::string &name);

/// A command without such options.
struct OtherCommand {
  const char *name, *about;
};
const std::vector<OtherCommand> &otherCommands();
/// Names of all commands, and what they do.
std::vector<OtherCommand> allCommands();

/// The command that a misspelt name is nearest to; "" where none is near.
std::string nearestCommand(const std::string &name);

/// What `mlc --help` prints.
std::string overview();

#endif // MLC_TOOLS_COMMANDTABLE_H
