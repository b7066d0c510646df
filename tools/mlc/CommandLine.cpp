//===- CommandLine.cpp - The words behind mlc -----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CommandLine.h"

#include <algorithm>
#include <sstream>

using namespace mlc;

/// Whether `command` has `name` as a flag that needs no value.
static bool isFlag(const std::string &name, Command command) {
  return std::any_of(
      optionTable().begin(), optionTable().end(), [&](const OptionInfo &info) {
        return info.isFlag && info.isOf(command) && info.name == name;
      });
}

/// Whether `command` has `name` at all.
static bool isKnown(const std::string &name, Command command) {
  return std::any_of(optionTable().begin(), optionTable().end(),
                     [&](const OptionInfo &info) {
                       return info.isOf(command) && info.name == name;
                     });
}

/// One or two dashes and a name: "-" alone is a file.
static bool isOption(const std::string &word) {
  return word.size() > 1 && word.front() == '-' && word != "--";
}

CommandLine readCommandLine(Command command,
                            const std::vector<std::string> &words) {
  CommandLine line;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string &word = words[i];
    if (word == "--") {
      line.files.insert(line.files.end(), words.begin() + i + 1, words.end());
      break;
    }
    if (!isOption(word)) {
      line.files.push_back(word);
      continue;
    }
    std::string name = word.substr(word[1] == '-' ? 2 : 1);
    std::string value = "true";
    size_t equals = name.find('=');
    if (name == "help" || name == "h") {
      line.wantsHelp = true;
      continue;
    }
    if (equals != std::string::npos) {
      value = name.substr(equals + 1);
      name.resize(equals);
    } else if (isKnown(name, command) && !isFlag(name, command)) {
      if (i + 1 == words.size()) {
        line.errors.push_back(word + ": a value is required");
        continue;
      }
      value = words[++i];
    }
    if (auto wrong = line.options.set(name, value, command))
      line.errors.push_back(*wrong);
  }
  return line;
}

/// Appends `text` in lines of at most 100 characters, the first one from where
/// `out` ends, all from `column`.
static void wrap(std::string &out, const std::string &text, size_t column) {
  constexpr size_t width = 100;
  std::istringstream words(text);
  size_t at = column;
  for (std::string word; words >> word;) {
    if (at > column && at + 1 + word.size() > width) {
      out += "\n" + std::string(column, ' ');
      at = column;
    } else if (at > column) {
      out += ' ';
      ++at;
    }
    out += word;
    at += word.size();
  }
  out += '\n';
}

std::string helpOf(const CommandInfo &info) {
  std::string out = std::string("usage: mlc ") + info.name + " [options] " +
                    info.files + "\n\n" + info.about + "\n\noptions:\n";
  constexpr size_t column = 28;
  for (const OptionInfo &option : optionTable()) {
    if (!option.isOf(info.command))
      continue;
    std::string flag = (option.name.size() == 1 ? "  -" : "  --") + option.name;
    if (!option.value.empty())
      flag += (option.name.size() == 1 ? " <" : "=<") + option.value + ">";
    out += flag;
    // A long flag has its text below it.
    out += flag.size() + 2 > column ? "\n" + std::string(column, ' ')
                                    : std::string(column - flag.size(), ' ');
    wrap(out, option.help, column);
  }
  return out;
}
