//===- Json.cpp - JSON from files of others -------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Support/Json.h"

#include "llvm/ADT/StringExtras.h"

#include <cmath>

using namespace llvm;
using namespace mlc;

static constexpr unsigned kMostLevels = 100;

/// Where `text` is nested too deep, if it is: whatever else is wrong with it,
/// the parser goes no deeper than the brackets outside of strings.
static std::optional<size_t> tooDeep(StringRef text) {
  unsigned depth = 0;
  bool inString = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (inString && c == '\\')
      ++i;
    else if (c == '"')
      inString = !inString;
    else if (!inString && (c == '[' || c == '{') && ++depth > kMostLevels)
      return i;
    else if (!inString && (c == ']' || c == '}') && depth > 0)
      --depth;
  }
  return std::nullopt;
}

static Error at(StringRef name, StringRef line, StringRef column,
                const Twine &message) {
  return createStringError(name + ":" + line + ":" + column + ": " + message);
}

/// LLVM says "[2:5, byte=17]: Expected ...".
static Error locate(StringRef name, Error error) {
  std::string text = toString(std::move(error));
  StringRef rest = text;
  StringRef line, column;
  if (!rest.consume_front("["))
    return createStringError(name + ": " + text);
  std::tie(line, rest) = rest.split(':');
  std::tie(column, rest) = rest.split(',');
  std::string message = rest.split("]: ").second.str();
  if (!message.empty())
    message[0] = toLower(message[0]);
  return at(name, line, column, message);
}

Expected<json::Value> mlc::parseJson(StringRef text, StringRef name) {
  if (std::optional<size_t> place = tooDeep(text)) {
    StringRef before = text.take_front(*place);
    size_t column = *place - (before.rfind('\n') + 1);
    return at(name, utostr(before.count('\n') + 1), utostr(column + 1),
              "nested deeper than " + Twine(kMostLevels) + " levels");
  }
  Expected<json::Value> value = json::parse(text);
  if (!value)
    return locate(name, value.takeError());
  return value;
}

json::Value mlc::numberOrNull(std::optional<double> value) {
  return value && std::isfinite(*value) ? json::Value(*value)
                                        : json::Value(nullptr);
}
