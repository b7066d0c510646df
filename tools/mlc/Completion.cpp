//===- Completion.cpp - Completion for shells -----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Completion.h"

#include "CommandTable.h"

using namespace mlc;

static bool takesValue(const OptionInfo &option) { return !option.isFlag; }

/// "--dim=" or "--quiet", and "-o".
static std::string flagOf(const OptionInfo &option) {
  if (option.name.size() == 1)
    return "-" + option.name;
  return "--" + option.name + (takesValue(option) ? "=" : "");
}

/// The first clause of a help text, without what quotes it would end.
static std::string shortHelp(const std::string &help) {
  std::string text;
  for (char c : help.substr(0, help.find_first_of(".;(")))
    if (c != '\'' && c != '[' && c != ']' && c != ':' && c != '\\' && c != '"')
      text += c;
  while (!text.empty() && text.back() == ' ')
    text.pop_back();
  return text;
}

static std::string allNames() {
  std::string names;
  for (const OtherCommand &info : allCommands())
    names += std::string(info.name) + " ";
  names.pop_back();
  return names;
}

static std::string bashScript() {
  std::string text = "# source <(mlc completion bash)\n"
                     "_mlc() {\n"
                     "  local current=${COMP_WORDS[COMP_CWORD]} words=\n"
                     "  if [ \"$COMP_CWORD\" = 1 ]; then\n"
                     "    words='" +
                     allNames() +
                     "'\n"
                     "  else\n"
                     "    case ${COMP_WORDS[1]} in\n";
  for (const CommandInfo &info : commandTable()) {
    text += std::string("    ") + info.name + ") words='--help";
    for (const OptionInfo &option : optionTable())
      if (option.isOf(info.command))
        text += " " + flagOf(option);
    text += "' ;;\n";
  }
  return text +
         "    completion) words='bash zsh fish' ;;\n"
         "    targets) words='--json' ;;\n"
         "    help|man) words='" +
         allNames() +
         "' ;;\n"
         "    esac\n"
         "  fi\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
         "  if [[ ${COMPREPLY[0]} == *= ]]; then compopt -o nospace "
         "2>/dev/null; fi\n"
         "}\n"
         "complete -o default -F _mlc mlc\n";
}

static std::string zshScript() {
  std::string text =
      "#compdef mlc\n"
      "# source <(mlc completion zsh), or a file _mlc in $fpath\n"
      "_mlc() {\n"
      "  local -a commands=(\n";
  for (const OtherCommand &info : allCommands())
    text +=
        std::string("    '") + info.name + ":" + shortHelp(info.about) + "'\n";
  text += "  )\n"
          "  if (( CURRENT == 2 )); then _describe command commands; return; "
          "fi\n"
          "  case $words[2] in\n";
  for (const CommandInfo &info : commandTable()) {
    text += std::string("  ") + info.name + ") _arguments '--help[explain]'";
    for (const OptionInfo &option : optionTable())
      if (option.isOf(info.command))
        text += " \\\n    '*" + flagOf(option) + "[" + shortHelp(option.help) +
                "]" + (takesValue(option) ? ":value:_files" : "") + "'";
    text += " '*:model:_files' ;;\n";
  }
  return text + "  completion) _values shell bash zsh fish ;;\n"
                "  help|man) _describe command commands ;;\n"
                "  targets) _arguments '--json[as JSON]' ;;\n"
                "  esac\n"
                "}\n"
                "compdef _mlc mlc\n";
}

static std::string fishScript() {
  std::string text = "# mlc completion fish | source\n";
  for (const OtherCommand &info : allCommands())
    text += std::string("complete -c mlc -n __fish_use_subcommand -a ") +
            info.name + " -d '" + shortHelp(info.about) + "'\n";
  for (const CommandInfo &info : commandTable())
    for (const OptionInfo &option : optionTable())
      if (option.isOf(info.command))
        text +=
            std::string("complete -c mlc -n '__fish_seen_subcommand_from ") +
            info.name + "' " + (option.name.size() == 1 ? "-s " : "-l ") +
            option.name + (takesValue(option) ? " -r" : "") + " -d '" +
            shortHelp(option.help) + "'\n";
  return text +
         "complete -c mlc -n '__fish_seen_subcommand_from completion' "
         "-a 'bash zsh fish'\n"
         "complete -c mlc -n '__fish_seen_subcommand_from help man' -a '" +
         allNames() +
         "'\n"
         "complete -c mlc -n '__fish_seen_subcommand_from targets' -l json\n";
}

std::string completionScript(const std::string &shell) {
  if (shell == "bash")
    return bashScript();
  if (shell == "zsh")
    return zshScript();
  return shell == "fish" ? fishScript() : "";
}
