//===- TableTest.cpp - Measured decisions ---------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Schedule/Table.h"

#include "gtest/gtest.h"

using namespace mlc;

namespace {

// clang-format off
const char *const whole = R"json({
  "version": 1,
  "cpu": "x86-64-v3",
  "vector_bits": 256,
  "entries": [
    {"problem": "conv 1x8x8x16 -> 1x8x8x32 1x3 f32", "algorithm": "direct", "order": "rows", "divide": "pixels", "prefetch": "weights|outputs", "shared_inputs": false, "unroll": 8, "unit": "vectors", "ms": 0.250000, "usual_ms": 0.500000},
    {"problem": "conv 1x8x8x16 -> 1x8x8x32 3x3 f32 pad=1x1", "algorithm": "F(4,3)", "tile": [6, 2], "ms": 0.250000, "usual_ms": 0.500000},
    {"problem": "depthwise 1x8x8x16 -> 1x8x8x16 3x3 f32 pad=1x1", "tile": [1, 8], "ms": 0.100000, "usual_ms": 0.200000}
  ]
}
)json";
// clang-format on

TargetInfo targetOf(const char *cpu) {
  return llvm::cantFail(resolveTargets("x86_64-linux-gnu", cpu)).front();
}

ScheduleTable parse(llvm::StringRef text) {
  return llvm::cantFail(ScheduleTable::parse(text, "t.json"));
}

std::string textOf(const ScheduleTable &table) {
  std::string text;
  llvm::raw_string_ostream os(text);
  table.write(os);
  return text;
}

std::string errorOf(llvm::StringRef text) {
  llvm::Expected<ScheduleTable> table = ScheduleTable::parse(text, "t.json");
  return table ? "" : llvm::toString(table.takeError());
}

/// `whole` with one piece replaced.
std::string with(llvm::StringRef from, llvm::StringRef to) {
  auto [before, after] = llvm::StringRef(whole).split(from);
  return (before + to + after).str();
}

ScheduleEntry entry(const char *problem, std::array<int64_t, 2> tile) {
  ScheduleEntry result;
  result.problem = llvm::cantFail(Problem::parse(problem));
  result.decision.tile = tile;
  return result;
}

constexpr const char *point = "conv 1x8x8x16 -> 1x8x8x32 1x1 f32";

TEST(Table, WhatIsWrittenIsRead) {
  EXPECT_EQ(textOf(parse(whole)), whole);
  ScheduleTable empty(targetOf("x86-64-v4"));
  EXPECT_EQ(textOf(parse(textOf(empty))), textOf(empty));
}

TEST(Table, FindsByProblem) {
  ScheduleTable table = parse(whole);
  Problem problem = llvm::cantFail(
      Problem::parse("conv 1x8x8x16 -> 1x8x8x32 3x3 f32 pad=1x1"));
  const ScheduleEntry *found = table.find(problem);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->decision.str(problem), "F(4,3) 6x2");
  EXPECT_EQ(found->ms, 0.25);
  problem.pad = {0, 0};
  EXPECT_EQ(table.find(problem), nullptr);
}

TEST(Table, TheLaterEntryWins) {
  ScheduleTable first, second;
  first.insert(entry(point, {6, 2}));
  first.insert(entry("conv 1x8x8x16 -> 1x8x8x64 1x1 f32", {4, 2}));
  second.insert(entry(point, {3, 4}));
  first.merge(second);
  EXPECT_EQ(first.size(), 2u);
  const ScheduleEntry *found =
      first.find(llvm::cantFail(Problem::parse(point)));
  EXPECT_EQ(found->decision.tile, (std::array<int64_t, 2>{3, 4}));
}

TEST(Table, EveryErrorIsOneLocatedLine) {
  struct Row {
    const char *from, *to, *message;
  } rows[] = {
      {"\"version\": 1", "\"version\": 2",
       "t.json: version: version 2, required is 1"},
      {"\"version\": 1,", "", "t.json: no 'version', which is required"},
      {"\"x86-64-v3\"", "3", "t.json: cpu: a text is required"},
      {"256", "\"wide\"",
       "t.json: vector_bits: a whole number of at least 0 is required"},
      {"\"cpu\"", "\"cpus\"",
       "t.json: unknown key 'cpus', known are version, cpu, vector_bits, "
       "entries"},
      {"1x8x8x16 -> 1x8x8x32 3x3", "1x8x8 -> 1x8x8x32 3x3",
       "t.json: entries[1].problem: 'conv 1x8x8 -> 1x8x8x32 3x3 f32 pad=1x1' "
       "is no problem; one is required as 'conv 1x8x8x16 -> 1x8x8x32 3x3 f32 "
       "pad=1x1'"},
      {"F(4,3)", "F(6,3)",
       "t.json: entries[1].algorithm: no algorithm 'F(6,3)' for it, known are "
       "direct, F(2,3), F(4,3)"},
      {"[6, 2]", "[6]", "t.json: entries[1].tile: two numbers are required"},
      {"[1, 8]", "[1, 0]",
       "t.json: entries[2].tile: two numbers of at least 1 are required"},
      {"[1, 8]", "[1, 0.5]",
       "t.json: entries[2].tile: a whole number of at least 0 is required"},
      {"0.100000", "-1",
       "t.json: entries[2].ms: a time of at least 0 is "
       "required"},
      {"\"ms\": 0.100000,", "",
       "t.json: entries[2]: no 'ms', which is required"},
      {"depthwise 1x8x8x16 -> 1x8x8x16", "conv 1x8x8x16 -> 1x8x8x32",
       "t.json: entries[2].problem: 'conv 1x8x8x16 -> 1x8x8x32 3x3 f32 "
       "pad=1x1' is there twice"},
      {"\"rows\"", "\"diagonals\"",
       "t.json: entries[0].order: 'diagonals' found, 'channels' or 'rows' is "
       "required"},
      {"\"pixels\"", "1", "t.json: entries[0].divide: a text is required"},
      {"weights|outputs", "weights|all",
       "t.json: entries[0].prefetch: 'weights|all' found, 'none' or some of "
       "weights|inputs|rows|outputs is required"},
      {"false", "0",
       "t.json: entries[0].shared_inputs: true or false is "
       "required"},
      {"\"unroll\": 8", "\"unroll\": 0.5",
       "t.json: entries[0].unroll: a whole number of at least 0 is required"},
      {"\"vectors\"", "\"tensors\"",
       "t.json: entries[0].unit: 'tensors' found, 'vectors' or 'matrices' is "
       "required"},
      {"\"entries\": [", "\"entries\": [7, ",
       "t.json: entries[0]: an object is required"},
      {"\"vector_bits\"", "vector_bits", "t.json:4:3: expected object key"},
  };
  for (const Row &row : rows)
    EXPECT_EQ(errorOf(with(row.from, row.to)), row.message);
  EXPECT_EQ(errorOf("[]"), "t.json: an object is required");
  EXPECT_EQ(errorOf("{\"version\": 1, \"cpu\": \"x86-64-v3\", "
                    "\"vector_bits\": 256, \"entries\": 7}"),
            "t.json: entries: an array is required");
}

/// A file that was cut anywhere, or one bit of which was flipped, is an error
/// with its place or another table, never a crash.
TEST(Table, DamagedFilesAreRefused) {
  llvm::StringRef text = llvm::StringRef(whole).rtrim();
  for (size_t size = 0; size < text.size(); ++size) {
    std::string message = errorOf(text.take_front(size));
    EXPECT_EQ(message.rfind("t.json:", 0), 0u) << size << " " << message;
    EXPECT_EQ(message.find('\n'), std::string::npos);
  }
  for (size_t at = 0; at < text.size(); ++at)
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string damaged = text.str();
      damaged[at] ^= 1 << bit;
      std::string message = errorOf(damaged);
      if (!message.empty())
        EXPECT_EQ(message.rfind("t.json:", 0), 0u) << message;
    }
}

TEST(Table, IsForOneCpu) {
  ScheduleTable table = parse(whole);
  EXPECT_TRUE(table.isFor(targetOf("x86-64-v3")));
  EXPECT_FALSE(table.isFor(targetOf("haswell")));
  EXPECT_FALSE(table.isFor(targetOf("x86-64-v3+avxvnni")));
  TargetInfo native = targetOf("native");
  EXPECT_EQ(ScheduleTable::cpuOf(native), native.cpu);
}

TEST(Table, TilesThatDoNotFitAreRefused) {
  TargetInfo target = targetOf("x86-64-v3");
  EXPECT_FALSE(bool(parse(whole).check(target)));
  EXPECT_EQ(llvm::toString(parse(with("[6, 2]", "[7, 2]")).check(target)),
            "t.json: 'conv 1x8x8x16 -> 1x8x8x32 3x3 f32 pad=1x1': a tile of "
            "7x2 does not fit the 16 vector registers");
  EXPECT_TRUE(bool(llvm::Error(parse(with("[1, 8]", "[4, 4]")).check(target))));
}

TEST(Table, OptionsMergeInTheirOrder) {
  ScheduleOptions options;
  options.tables = {parse(whole), parse(with("[6, 2]", "[5, 2]"))};
  TargetInfo target = targetOf("x86-64-v3");
  ScheduleTable merged = options.tableFor(target);
  Problem problem = llvm::cantFail(
      Problem::parse("conv 1x8x8x16 -> 1x8x8x32 3x3 f32 pad=1x1"));
  EXPECT_EQ(merged.find(problem)->decision.tile,
            (std::array<int64_t, 2>{5, 2}));
  EXPECT_FALSE(bool(options.check({target, targetOf("x86-64-v2")})));
  EXPECT_EQ(llvm::toString(options.check({targetOf("x86-64-v2")})),
            "a schedule for x86-64-v3 (256-bit vectors) was given, code is "
            "made for x86-64-v2 (128-bit vectors)");
}

/// Whoever changes a tile's meaning or a CPU's registers has to measure again.
TEST(Table, ShippedTablesFitTheirCpus) {
  for (const char *cpu :
       {"znver1", "znver3", "znver4", "znver5", "haswell", "skylake-avx512"}) {
    TargetInfo target = targetOf(cpu);
    const ScheduleTable *table = shippedTable(target);
    if (!table)
      continue;
    EXPECT_GT(table->size(), 0u);
    EXPECT_EQ(llvm::toString(table->check(target)), "");
    for (const auto &[key, entry] : table->all()) {
      EXPECT_TRUE(entry.isShipped);
      EXPECT_LT(entry.ms, entry.usualMs) << key;
    }
  }
}

} // namespace
