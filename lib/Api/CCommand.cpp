//===- CCommand.cpp - Commands of the tool as a C library -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Api/CTypes.h"

#include "mlc/Commands.h"

#include <sstream>

using namespace mlc;

namespace {

/// What a command does with its models; false where it missed a budget, which
/// its warnings tell.
using Function = Result<bool> (*)(const Options &,
                                  const std::vector<std::string> &models,
                                  const CommandOutput &);

struct CommandRow {
  const char *name;
  Command command;
  bool takesMany;
  Function run;
};

} // namespace

struct MlcCommand {
  const CommandRow *row;
  Options options;
  MlcShareFunction progress = nullptr;
  void *context = nullptr;
  std::string text;
  Diagnostics warnings;
};

static Result<bool> allIsWell(const Result<void> &result) {
  if (!result)
    return result.errors();
  return true;
}

static const CommandRow commandRows[] = {
    {"compress", Command::Compress, false,
     [](const Options &options, const std::vector<std::string> &models,
        const CommandOutput &output) {
       return compressModel(options, models.front(), output);
     }},
    {"eval", Command::Eval, false,
     [](const Options &options, const std::vector<std::string> &models,
        const CommandOutput &output) {
       return allIsWell(evaluateModel(options, models.front(), output));
     }},
    {"factorize", Command::Factorize, false,
     [](const Options &options, const std::vector<std::string> &models,
        const CommandOutput &output) {
       return factorizeModel(options, models.front(), output);
     }},
    {"prune", Command::Prune, false,
     [](const Options &options, const std::vector<std::string> &models,
        const CommandOutput &output) {
       return pruneModel(options, models.front(), output);
     }},
    {"report", Command::Report, true,
     [](const Options &options, const std::vector<std::string> &models,
        const CommandOutput &output) {
       return allIsWell(reportModels(options, models, output));
     }}};

MlcDiagnostics *mlcCommandCreate(uint32_t version, const char *name,
                                 MlcCommand **command) {
  if (version != MLC_C_API_VERSION)
    return complain("version " + std::to_string(version) +
                    " of the API is not that of this library");
  for (const CommandRow &row : commandRows) {
    if (std::string(name) != row.name)
      continue;
    *command = new MlcCommand{&row, {}, nullptr, nullptr, "", {}};
    // It is to tell nothing but its JSON.
    (*command)->options.quiet = true;
    (void)(*command)->options.set("json", "-", row.command);
    return nullptr;
  }
  return complain("'" + std::string(name) +
                  "' is not compress, eval, factorize, prune or report");
}

void mlcCommandDestroy(MlcCommand *command) { delete command; }

MlcDiagnostics *mlcCommandSet(MlcCommand *command, const char *name,
                              const char *value) {
  std::optional<std::string> wrong =
      command->options.set(name, value, command->row->command);
  return wrong ? complain(*wrong) : nullptr;
}

void mlcCommandOnProgress(MlcCommand *command, MlcShareFunction function,
                          void *context) {
  command->progress = function;
  command->context = context;
}

/// What a command has to say goes into `command`.
static CommandOutput outputOf(MlcCommand *command, std::ostream &text) {
  CommandOutput output{text,
                       [command](const Diagnostics &warnings) {
                         command->warnings.insert(command->warnings.end(),
                                                  warnings.begin(),
                                                  warnings.end());
                       },
                       {}};
  if (command->progress)
    output.onStep = [command](const std::string &what, unsigned index,
                              unsigned count) {
      if (!what.empty())
        command->progress(command->context, what.c_str(),
                          count ? double(index) / count : 0, -1);
    };
  return output;
}

MlcDiagnostics *mlcCommandRun(MlcCommand *command, const char *const *paths,
                              size_t count) {
  if (count == 0 || (count > 1 && !command->row->takesMany))
    return complain(std::string(command->row->name) + ": " +
                    (count ? "one model is required" : "a model is required"));
  std::ostringstream text;
  command->warnings.clear();
  Result<bool> result = command->row->run(
      command->options, {paths, paths + count}, outputOf(command, text));
  command->text = text.str();
  return result ? nullptr : give(result.errors());
}

const char *mlcCommandText(const MlcCommand *command) {
  return command->text.c_str();
}

MlcDiagnostics *mlcCommandWarnings(const MlcCommand *command) {
  return command->warnings.empty() ? nullptr : give(command->warnings);
}
