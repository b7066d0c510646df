//===- ManPage.cpp - Manual pages -----------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ManPage.h"

#include "mlc/Compiler.h"

using namespace mlc;

/// `text` as roff: hyphens that are to be copied, and no line that begins as a
/// request does.
static std::string escaped(const std::string &text) {
  std::string result;
  for (char c : text) {
    bool begins = result.empty() || result.back() == '\n';
    if (begins && (c == '.' || c == '\''))
      result += "\\&";
    if (c == '-')
      result += '\\';
    result += c == '\\' ? std::string("\\e") : std::string(1, c);
  }
  return result;
}

static std::string upper(std::string text) {
  for (char &c : text)
    if (c >= 'a' && c <= 'z')
      c -= 'a' - 'A';
  return text;
}

static std::string begin(const std::string &name, const std::string &about) {
  return ".TH " + upper(name) + " 1 \"\" \"mlc " + Compiler::version() +
         "\" \"mlc\"\n.SH NAME\n" + escaped(name) + " \\- " + escaped(about) +
         "\n";
}

static constexpr const char *statuses =
    ".SH EXIT STATUS\n"
    ".TP\n0\nall is well\n"
    ".TP\n1\nthe model, a file or the machine is not as required\n"
    ".TP\n2\nthe command line is not\n"
    ".TP\n3\na check, a score or a budget was missed\n";

static std::string pageOf(const CommandInfo &info) {
  std::string name = std::string("mlc-") + info.name;
  std::string text = begin(name, info.about);
  text += std::string(".SH SYNOPSIS\n.B mlc ") + info.name + "\n[options] " +
          escaped(info.files) + "\n.SH OPTIONS\n";
  for (const OptionInfo &option : optionTable()) {
    if (!option.isOf(info.command))
      continue;
    bool isShort = option.name.size() == 1;
    text += ".TP\n.B " + escaped((isShort ? "-" : "--") + option.name);
    if (!option.value.empty())
      text += std::string(isShort ? " " : "=") + "\\fI" +
              escaped(option.value) + "\\fR";
    text += "\n" + escaped(option.help) + "\n";
  }
  return text + statuses + ".SH SEE ALSO\n.BR mlc (1)\n";
}

std::string manPage(const CommandInfo *info) {
  if (info)
    return pageOf(*info);
  std::string text = begin("mlc", "lowers trained models to native static "
                                  "libraries");
  text += ".SH SYNOPSIS\n.B mlc\n\\fIcommand\\fR [options] "
          "[files]\n.SH COMMANDS\n";
  for (const OtherCommand &each : allCommands())
    text +=
        std::string(".TP\n.B ") + each.name + "\n" + escaped(each.about) + "\n";
  text += std::string(statuses) + ".SH SEE ALSO\n";
  for (const CommandInfo &each : commandTable())
    text += std::string(".BR mlc\\-") + each.name + " (1)\n";
  return text;
}
