//===- Identifier.cpp - C names for a model's tensors ---------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Contract.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace llvm;
using namespace mlc;

// Keywords of C11 to C23 and C++11 to C++23, and macros that compilers or the
// headers included define.
static constexpr const char *taken[] = {
    "alignas",     "alignof",
    "and",         "and_eq",
    "asm",         "auto",
    "bitand",      "bitor",
    "bool",        "break",
    "case",        "catch",
    "char",        "char16_t",
    "char32_t",    "char8_t",
    "class",       "co_await",
    "co_return",   "co_yield",
    "compl",       "concept",
    "const",       "const_cast",
    "consteval",   "constexpr",
    "constinit",   "continue",
    "decltype",    "default",
    "delete",      "do",
    "double",      "dynamic_cast",
    "else",        "enum",
    "explicit",    "export",
    "extern",      "false",
    "float",       "for",
    "friend",      "goto",
    "i386",        "if",
    "inline",      "int",
    "linux",       "long",
    "mutable",     "namespace",
    "new",         "noexcept",
    "not",         "not_eq",
    "nullptr",     "offsetof",
    "operator",    "or",
    "or_eq",       "private",
    "protected",   "public",
    "register",    "reinterpret_cast",
    "requires",    "restrict",
    "return",      "short",
    "signed",      "sizeof",
    "static",      "static_assert",
    "static_cast", "struct",
    "switch",      "template",
    "this",        "thread_local",
    "throw",       "true",
    "try",         "typedef",
    "typeid",      "typename",
    "typeof",      "typeof_unqual",
    "union",       "unix",
    "unsigned",    "using",
    "virtual",     "void",
    "volatile",    "wchar_t",
    "while",       "xor",
    "xor_eq",      "NULL",
    "errno",       "stdin",
    "stdout",      "stderr",
};

// Words that follow the prefix in the header's own macros.
static constexpr const char *headerWords[] = {
    "ARENA", "WEIGHTS", "STACK", "NO", "STATIC", "ALIGNAS", "ALIGNOF"};

std::string mlc::cIdentifier(StringRef name) {
  std::string result;
  // Two underscores in a row are the implementation's in C++.
  for (char c : name) {
    bool good = isAlnum(c);
    if (good || (!result.empty() && result.back() != '_'))
      result += good ? c : '_';
  }
  while (!result.empty() && result.back() == '_')
    result.pop_back();
  if (result.empty() || isDigit(result.front()))
    result = "t" + result;
  if (is_contained(taken, StringRef(result)))
    result += '_';
  return result;
}

bool mlc::isReservedPrefix(StringRef prefix) {
  // Headers of C11: what the library and programs include must not be found in
  // a model's folder.
  static constexpr StringRef headers[] = {
      "assert",   "complex",  "ctype",  "errno",       "fenv",    "float",
      "inttypes", "iso646",   "limits", "locale",      "math",    "setjmp",
      "signal",   "stdalign", "stdarg", "stdatomic",   "stdbool", "stddef",
      "stdint",   "stdio",    "stdlib", "stdnoreturn", "string",  "tgmath",
      "threads",  "time",     "uchar",  "wchar",       "wctype"};
  std::string lower = prefix.lower();
  return lower == "mlc" || StringRef(lower).starts_with("mlc_") ||
         is_contained(headers, StringRef(lower));
}

static std::string unused(StringRef name, StringSet<> &used) {
  std::string base = cIdentifier(name), result = base;
  for (unsigned i = 2; !used.insert(StringRef(result).upper()).second; ++i)
    result = base + (base.back() == '_' ? "" : "_") + utostr(i);
  return result;
}

void mlc::assignIdentifiers(ModelContract &contract) {
  StringSet<> used;
  for (const char *word : headerWords)
    used.insert(word);
  for (std::vector<TensorContract> *list :
       {&contract.inputs, &contract.outputs})
    for (TensorContract &tensor : *list)
      tensor.identifier = unused(tensor.name, used);
}
