//===- ForkPoolTest.cpp - Jobs in child processes -------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Check/ForkPool.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cstdlib>
#include <unistd.h>
#include <vector>

using namespace mlc;
using testing::HasSubstr;

static std::vector<JobResult>
runAll(size_t count, const ForkLimits &limits,
       llvm::function_ref<std::string(size_t)> job) {
  std::vector<JobResult> results;
  llvm::cantFail(runForked(count, limits, job, [&](size_t i, JobResult result) {
    EXPECT_EQ(i, results.size()) << "not in order";
    results.push_back(std::move(result));
  }));
  EXPECT_EQ(results.size(), count);
  return results;
}

TEST(ForkPool, DeliversEveryResultInOrder) {
  auto results = runAll(20, {/*parallel=*/4, /*seconds=*/20}, [](size_t i) {
    usleep(i % 4 == 0 ? 20000 : 0);
    return std::string(i * 10000, 'x');
  });
  for (size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(results[i].kind, JobResult::Finished);
    EXPECT_EQ(results[i].output.size(), i * 10000);
  }
}

TEST(ForkPool, ACrashIsAResult) {
  auto results = runAll(3, {2, 20}, [](size_t i) -> std::string {
    if (i == 0)
      abort();
    if (i == 1)
      _exit(7);
    return "fine";
  });
  EXPECT_EQ(results[0].kind, JobResult::Crashed);
  EXPECT_EQ(results[0].reason, "Aborted");
  EXPECT_EQ(results[1].kind, JobResult::Crashed);
  EXPECT_EQ(results[1].reason, "exit status 7");
  EXPECT_EQ(results[2].output, "fine");
}

TEST(ForkPool, AJobThatHangsIsEnded) {
  auto results = runAll(2, {2, /*seconds=*/1}, [](size_t i) -> std::string {
    while (i == 0)
      fputs("busy writing\n", stderr);
    return "fine";
  });
  EXPECT_EQ(results[0].kind, JobResult::TimedOut);
  EXPECT_GE(results[0].seconds, 1);
  EXPECT_LT(results[0].seconds, 10);
  EXPECT_EQ(results[0].log.size(), 4096u);
  EXPECT_EQ(results[1].output, "fine");
}

#if !LLVM_ADDRESS_SANITIZER_BUILD // whose shadow memory knows no limit
TEST(ForkPool, MemoryIsLimited) {
  ForkLimits limits{1, 20, /*memory=*/uint64_t(1) << 30};
  auto results = runAll(1, limits, [](size_t) -> std::string {
    void *volatile memory = malloc(size_t(2) << 30);
    return memory ? "got it" : "refused";
  });
  EXPECT_EQ(results[0].output, "refused");
}
#endif

TEST(ForkPool, WhatAJobPrintsIsKept) {
  auto results = runAll(1, {1, 20}, [](size_t) -> std::string {
    fputs("assertion failed\n", stderr);
    abort();
  });
  EXPECT_THAT(results[0].log, HasSubstr("assertion failed"));
}
