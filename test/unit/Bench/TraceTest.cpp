//===- TraceTest.cpp - one run, by kernel and thread ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Bench/Trace.h"
#include "Bench/Profile.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

using namespace llvm;
using namespace mlc;

namespace {

/// Runs a region's tasks on threads of their own, but for the first.
void forkApart(void *, void (*task)(void *, uint32_t), void *data,
               uint32_t count) {
  std::vector<std::thread> threads;
  for (uint32_t i = 1; i < count; ++i)
    threads.emplace_back([=] { task(data, i); });
  task(data, 0);
  for (std::thread &thread : threads)
    thread.join();
}

void addOne(void *data, uint32_t index) { ++static_cast<int *>(data)[index]; }

/// A run with a plain kernel, and one of three parts.
Error runOnce(Profile &profile, Trace &trace, int *done) {
  mlc_executor apart{nullptr, 3, &forkApart};
  const mlc_executor *watched = trace.watch(&apart);
  EXPECT_EQ(watched->threads, 3u);
  return profile.record(
      [&] {
        profile.mark(-1);
        profile.mark(1);
        watched->parallel_for(watched->context, addOne, done, 3);
        profile.mark(0);
        return Error::success();
      },
      &trace);
}

TEST(Trace, TellsWhoDidWhat) {
  Profile profile;
  Trace trace;
  int done[3] = {};
  ASSERT_EQ(toString(runOnce(profile, trace, done)), "");
  for (int each : done)
    EXPECT_EQ(each, 1);
  ASSERT_EQ(trace.kernels().size(), 2u);
  EXPECT_EQ(trace.threads(), 3u);
  const Trace::Kernel &plain = trace.kernels()[0], &forked = trace.kernels()[1];
  EXPECT_EQ(plain.call, 1);
  EXPECT_TRUE(plain.parts.empty());
  EXPECT_EQ(forked.call, 0);
  ASSERT_EQ(forked.parts.size(), 3u);
  EXPECT_LE(plain.end, forked.begin);
  EXPECT_LE(forked.end, trace.duration());
  for (auto [i, part] : enumerate(forked.parts)) {
    EXPECT_EQ(part.index, i);
    EXPECT_EQ(part.thread == 0, i == 0);
    EXPECT_LE(forked.begin, part.begin);
    EXPECT_LE(part.begin, part.end);
    EXPECT_LE(part.end, forked.end);
  }
}

TEST(Trace, KeepsTheFastestRun) {
  Trace trace;
  auto at = [](int microseconds) {
    return Trace::Clock::time_point(std::chrono::microseconds(microseconds));
  };
  for (int length : {30, 10, 20}) {
    trace.beginRun(at(100));
    trace.addKernel(0, at(101), at(100 + length));
    trace.endRun(at(100 + length));
  }
  EXPECT_EQ(trace.duration(), std::chrono::microseconds(10));
  ASSERT_EQ(trace.kernels().size(), 1u);
  EXPECT_EQ(trace.kernels()[0].end, std::chrono::microseconds(10));
}

TEST(Trace, DoesNotWatchBetweenRuns) {
  Trace trace;
  mlc_executor apart{nullptr, 2, &forkApart};
  const mlc_executor *watched = trace.watch(&apart);
  int done[2] = {};
  watched->parallel_for(watched->context, addOne, done, 2);
  EXPECT_EQ(done[1], 1);
  EXPECT_TRUE(trace.kernels().empty());
}

TEST(Trace, IsJsonWhateverNamesAre) {
  Trace trace;
  Trace::Clock::time_point start;
  trace.beginRun(start);
  trace.addKernel(4, start, start + std::chrono::nanoseconds(1500));
  trace.endRun(start + std::chrono::microseconds(2));
  BenchReport report;
  report.model = "m";
  OperatorRow row;
  row.call = 4;
  row.visits = 1;
  row.node = "a\"\n\xff";
  report.rows.push_back(row);
  std::string text;
  raw_string_ostream os(text);
  writeTrace(report, trace, os);
  Expected<json::Value> value = json::parse(text);
  ASSERT_TRUE(bool(value)) << toString(value.takeError());
  const json::Array &events = *value->getAsObject()->getArray("traceEvents");
  ASSERT_EQ(events.size(), 4u); // two names, the run, the kernel
  const json::Object &kernel = *events[3].getAsObject();
  EXPECT_EQ(kernel.getString("cat"), "kernel");
  EXPECT_EQ(kernel.getNumber("ts"), 0.0);
  EXPECT_EQ(kernel.getNumber("dur"), 1.5);
}

} // namespace
