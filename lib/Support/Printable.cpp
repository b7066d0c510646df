//===- Printable.cpp - text of others on a terminal -----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Support/Printable.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"

using namespace llvm;

static bool isObeyed(uint32_t c) {
  bool isControl = c < 0x20 || (c >= 0x7f && c < 0xa0);
  bool isLineEnd = c == 0x2028 || c == 0x2029;
  bool turns = c == 0x61c || c == 0x200e || c == 0x200f ||
               (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
  return isControl || isLineEnd || turns;
}

static std::string spelt(uint32_t c) {
  if (c == '\n')
    return "\\n";
  if (c == '\t')
    return "\\t";
  if (c == '\r')
    return "\\r";
  if (c < 0x100)
    return "\\x" + utohexstr(c, /*LowerCase=*/true, /*Width=*/2);
  return "\\u" + utohexstr(c, /*LowerCase=*/true, /*Width=*/4);
}

std::string mlc::printable(StringRef text) {
  std::string result;
  const UTF8 *at = text.bytes_begin(), *end = text.bytes_end();
  while (at != end) {
    UTF32 c = 0;
    const UTF8 *next = at;
    if (convertUTF8Sequence(&next, end, &c, strictConversion) != conversionOK) {
      result += spelt(*at++);
      continue;
    }
    if (isObeyed(c))
      result += spelt(c);
    else
      result.append(at, next);
    at = next;
  }
  return result;
}
