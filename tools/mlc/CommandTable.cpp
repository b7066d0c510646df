//===- CommandTable.cpp - The commands of mlc -----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CommandTable.h"

#include <algorithm>

using namespace mlc;

const std::vector<CommandInfo> &commandTable() {
  static const std::vector<CommandInfo> commands = {
      {Command::Compile, "compile",
       "Compile a model to a static library, a C header and a contract.",
       "<model.onnx>"},
      {Command::Run, "run",
       "Compile a model for this machine, in memory, and run it once.",
       "<model.onnx>"},
      {Command::Check, "check",
       "Compare a model's results with reference tensors, or those of its "
       "layers with another model's.",
       "[<reference.onnx>] <model.onnx>"},
      {Command::Bench, "bench",
       "Time a model and each of its operators on this machine.",
       "<model.onnx>"},
      {Command::Tune, "tune",
       "Measure on this machine how kernels of models are fastest, for mlc "
       "compile --schedule.",
       "<model.onnx>..."},
      {Command::Quantize, "quantize",
       "Make a model of floats one of integers, in QDQ form, by samples of its "
       "inputs.",
       "<model.onnx>"},
      {Command::Prune, "prune",
       "Make weights of a model zero, by samples of its inputs.",
       "<model.onnx>"},
      {Command::Factorize, "factorize",
       "Make layers of a model two or three smaller ones each, by samples of "
       "its inputs.",
       "<model.onnx>"},
      {Command::Compress, "compress",
       "Search what of pruning, integers and narrow floats makes a model "
       "smallest and fastest within a budget.",
       "<model.onnx>"},
      {Command::Eval, "eval",
       "Judge a model on labelled samples, and beside another model.",
       "<model.onnx>"},
      {Command::Report, "report",
       "Tell what models cost, side by side and by kernels: parameters, "
       "operations, flash, memory, time, energy, and with samples accuracy.",
       "<model.onnx>..."},
      {Command::Package, "package",
       "Make a module for another build system or language of what mlc "
       "compile wrote.",
       "<folder>"},
  };
  return commands;
}

const CommandInfo *findCommand(const std::string &name) {
  for (const CommandInfo &info : commandTable())
    if (name == info.name)
      return &info;
  return nullptr;
}

const std::vector<OtherCommand> &otherCommands() {
  static const std::vector<OtherCommand> commands = {
      {"targets", "Print the targets and CPUs that code can be made for."},
      {"completion", "Print a script that completes commands and options, for "
                     "bash, zsh or fish."},
      {"man", "Print the manual page of mlc, or of a command."},
      {"help", "Print this text, or the help of a command."},
      {"version", "Print the version."}};
  return commands;
}

std::vector<OtherCommand> allCommands() {
  std::vector<OtherCommand> all;
  for (const CommandInfo &info : commandTable())
    all.push_back({info.name, info.about});
  all.insert(all.end(), otherCommands().begin(), otherCommands().end());
  return all;
}

/// Insertions, deletions and replacements from one text to the other.
static size_t distanceOf(const std::string &from, const std::string &to) {
  std::vector<size_t> row(to.size() + 1);
  for (size_t j = 0; j <= to.size(); ++j)
    row[j] = j;
  for (size_t i = 1; i <= from.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= to.size(); ++j) {
      size_t replaced = diagonal + (from[i - 1] != to[j - 1]);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

std::string nearestCommand(const std::string &name) {
  // Of a name as short as `man` two letters are most.
  constexpr size_t longest = 32;
  size_t least = std::min<size_t>(3, name.size());
  std::string nearest;
  if (name.size() > longest)
    return nearest;
  for (const OtherCommand &known : allCommands())
    if (size_t distance = distanceOf(name, known.name); distance < least) {
      least = distance;
      nearest = known.name;
    }
  return nearest;
}

std::string overview() {
  std::string text =
      "mlc: lowers trained models to native static libraries\n\n";
  constexpr size_t column = 36;
  auto add = [&](std::string line, const char *about) {
    line.resize(std::max(line.size() + 1, column), ' ');
    text += line + about + "\n";
  };
  add("  mlc compile model.onnx -o out/", "a library, a C header, a contract");
  add("  mlc run model.onnx", "compile in memory and run once");
  add("  mlc check model.onnx", "compare with reference tensors");
  text += "  mlc check float.onnx model.onnx --data samples.npz\n";
  add("", "which layer goes wrong, and why");
  add("  mlc bench model.onnx", "time it and its operators");
  add("  mlc tune model.onnx -o table.json", "measure how kernels are fastest");
  text += "  mlc quantize model.onnx --calibration samples.npz -o "
          "model.int8.onnx\n";
  add("", "from floats to integers");
  text += "  mlc prune model.onnx --calibration samples.npz --sparsity 0.7 "
          "-o pruned.onnx\n";
  add("", "weights that are zero, which take neither time nor room");
  text += "  mlc factorize model.onnx --calibration samples.npz --saving 0.3 "
          "-o factors.onnx\n";
  add("", "two or three smaller layers in place of one");
  text += "  mlc compress model.onnx --calibration samples.npz --eval "
          "test.npz --max-drop 0.5 -o out/\n";
  add("", "the best of all, within a budget");
  add("  mlc eval model.onnx --data s.npz", "accuracy on labelled samples");
  add("  mlc report a.onnx b.onnx", "size, speed, memory, energy, accuracy");
  add("  mlc package out/ --kind=rust -o crate/",
      "a module for CMake, Rust, ...");
  add("  mlc targets [--json]", "the targets and CPUs there are");
  add("  mlc completion bash|zsh|fish", "completion for a shell");
  add("  mlc man [command]", "a manual page, in roff");
  return text +
         "\nmlc help <command> explains its options; mlc version\n\n"
         "exit status: 0 all is well; 1 the model, a file or the machine is "
         "not;\n  2 the command line is not; 3 a check, a score or a budget "
         "was "
         "missed\n";
}
