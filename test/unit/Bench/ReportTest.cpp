//===- ReportTest.cpp - what a benchmark found ----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Bench/Report.h"
#include "llvm/Support/raw_ostream.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace llvm;
using namespace mlc;
using testing::HasSubstr;
using testing::Not;

namespace {

TEST(Times, OfAnOddAndAnEvenNumber) {
  Times odd = summarize({3, 1, 8});
  EXPECT_EQ(odd.best, 1);
  EXPECT_EQ(odd.median, 3);
  EXPECT_EQ(odd.runs, 3u);
  EXPECT_EQ(summarize({4, 1, 8, 2}).median, 3);
  EXPECT_EQ(summarize({}).runs, 0u);
}

TEST(Times, RunsAsOftenAsAsked) {
  unsigned calls = 0;
  auto count = [&] {
    ++calls;
    return Error::success();
  };
  EXPECT_EQ(cantFail(timeRuns(count, {5, 1})).runs, 5u);
  EXPECT_EQ(calls, 6u) << "one to warm up";
  EXPECT_EQ(cantFail(timeRuns(count, {0, 0})).runs, 3u);
}

TEST(Times, StopAtAnError) {
  unsigned calls = 0;
  auto fail = [&]() -> Error {
    if (++calls < 3)
      return Error::success();
    return createStringError("third");
  };
  EXPECT_EQ(toString(timeRuns(fail, {5, 1}).takeError()), "third");
}

OperatorRow row(const char *node, const char *op, const char *element,
                double ms, uint64_t operations) {
  OperatorRow result;
  result.node = node;
  result.op = op;
  result.kernel = "conv";
  result.function = "k0_conv";
  result.element = element;
  result.ms = ms;
  result.visits = 1;
  result.operations = operations;
  result.nominal = operations;
  result.bytes = 4000;
  return result;
}

/// 2 ms; the peak is 100 GFLOP/s.
BenchReport report() {
  BenchReport result;
  result.model = "a<b";
  result.machine = {"some cpu", 100, 256, 10};
  result.times = {2, 3, 7};
  result.rows = {row("it's (1)", "Conv", "f32", 1, 50'000'000),
                 row("", "", "i32", 0.5, 100'000'000)};
  return result;
}

TEST(Report, NodesHaveNames) {
  BenchReport r = report();
  EXPECT_EQ(r.rows[0].node, "it's (1)");
  EXPECT_EQ(r.rows[0].op, "Conv");
  EXPECT_EQ(r.rows[0].title(), "it's (1)");
  EXPECT_EQ(r.rows[1].title(), "k0_conv");
}

TEST(Report, RatesFollowFromTimes) {
  BenchReport r = report();
  EXPECT_DOUBLE_EQ(r.rows[0].gflops(), 50);
  EXPECT_DOUBLE_EQ(*r.peakShare(r.rows[0]), 0.5);
  EXPECT_FALSE(r.peakShare(r.rows[1])) << "the peak is f32's";
  EXPECT_EQ(r.nominalOperations(), 150'000'000u);
  EXPECT_DOUBLE_EQ(r.gflops(), 75);
  EXPECT_DOUBLE_EQ(r.operatorMs(), 1.5);
}

TEST(Report, RefusesRatesAboveThePeak) {
  BenchReport r = report();
  EXPECT_EQ(toString(checkRates(r)), "");
  r.rows[0].ms = 0.1;
  EXPECT_THAT(toString(checkRates(r)),
              HasSubstr("operator 'it's (1)': 500.0 GFLOP/s is above the "
                        "measured peak of 100.0 GFLOP/s"));
}

TEST(Report, TextListsTheLongestFirst) {
  BenchReport r = report();
  std::swap(r.rows[0], r.rows[1]);
  std::string text;
  raw_string_ostream os(text);
  r.writeText(os);
  EXPECT_LT(text.find("it's (1)"), text.find("k0_conv"));
  EXPECT_THAT(text, HasSubstr("50.0%"));
  EXPECT_THAT(text, HasSubstr("best 2.000 ms, median 3.000 ms, 7 runs"));
}

TEST(Report, JsonHasWhatProgramsAskFor) {
  json::Value value = report().toJSON();
  const json::Object &object = *value.getAsObject();
  EXPECT_EQ(object.getNumber("best_ms"), 2);
  EXPECT_EQ(object.getNumber("median_ms"), 3);
  EXPECT_EQ(object.getInteger("runs"), 7);
  EXPECT_EQ(object.getInteger("threads"), 1);
  EXPECT_EQ(object.getString("cpu"), "some cpu");
  const json::Array &rows = *object.getArray("operators");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].getAsObject()->getNumber("peak_share"), 0.5);
  EXPECT_TRUE(rows[1].getAsObject()->getNull("peak_share").has_value());
  EXPECT_EQ(rows[0].getAsObject()->getInteger("bytes"), 4000);
}

TEST(Report, PageEscapesAndRefersToNothing) {
  std::string text;
  raw_string_ostream os(text);
  report().writeHtml(os);
  EXPECT_THAT(text, HasSubstr("<title>a&lt;b</title>"));
  EXPECT_THAT(text, HasSubstr("width:50.00%"));
  EXPECT_THAT(text, Not(HasSubstr("http")));
}

} // namespace
