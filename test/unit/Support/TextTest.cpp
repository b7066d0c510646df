//===- TextTest.cpp - text of others --------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Support/Json.h"
#include "Support/Printable.h"

#include "gtest/gtest.h"

using namespace llvm;
using namespace mlc;

namespace {

TEST(Printable, WhatTerminalsObeyIsSpelt) {
  EXPECT_EQ(printable("plain 'text', \\n"), "plain 'text', \\n");
  EXPECT_EQ(printable("a\x1b[31mb\nc\r\td\x7f"), "a\\x1b[31mb\\nc\\r\\td\\x7f");
  EXPECT_EQ(printable(StringRef("\0", 1)), "\\x00");
  EXPECT_EQ(printable("gr\xc3\xb6\xc3\x9f\x65 \xe6\xb7\xb1"),
            "gr\xc3\xb6\xc3\x9f\x65 \xe6\xb7\xb1");
  // One-byte CSI, right-to-left override, a line separator.
  EXPECT_EQ(printable("\xc2\x9b"
                      "1m"),
            "\\x9b1m");
  EXPECT_EQ(printable("\xe2\x80\xae"), "\\u202e");
  EXPECT_EQ(printable("\xe2\x80\xa8"), "\\u2028");
  // No UTF-8: a lone byte, a cut sequence, an overlong one.
  EXPECT_EQ(printable("\xff"), "\\xff");
  EXPECT_EQ(printable("a\xe6\xb7"), "a\\xe6\\xb7");
  EXPECT_EQ(printable("\xc0\x8a"), "\\xc0\\x8a");
}

std::string errorOf(StringRef text) {
  Expected<json::Value> value = parseJson(text, "t.json");
  return value ? "" : toString(value.takeError());
}

TEST(Json, ErrorsSayWhere) {
  EXPECT_EQ(errorOf("{\"a\": [1, 2]}"), "");
  EXPECT_EQ(errorOf("{\n  a: 1}"), "t.json:2:3: expected object key");
}

TEST(Json, DeepTextsAreRefusedBeforeTheyAreParsed) {
  std::string nested(100, '[');
  EXPECT_EQ(errorOf(nested + std::string(100, ']')), "");
  EXPECT_EQ(errorOf("[\n" + nested),
            "t.json:2:100: nested deeper than 100 levels");
  EXPECT_EQ(errorOf(std::string(1000000, '[')),
            "t.json:1:101: nested deeper than 100 levels");
  std::string objects;
  for (int i = 0; i < 1000; ++i)
    objects += "{\"\\\"[\":";
  EXPECT_EQ(errorOf(objects), "t.json:1:701: nested deeper than 100 levels");
  // Brackets in strings are text.
  EXPECT_EQ(errorOf("\"" + std::string(1000, '[') + "\\\"[\""), "");
}

} // namespace
