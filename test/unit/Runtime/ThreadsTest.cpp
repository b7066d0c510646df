//===- ThreadsTest.cpp - The fork-join pool under stress ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlc/threads.h"

#include "mlc/clock.h"
#include "gtest/gtest.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <thread>
#include <vector>

namespace {

using Task = std::function<void(uint32_t)>;

/// Runs `task` through a pool as a model would.
void run(mlc_pool &pool, uint32_t count, const Task &task) {
  mlc_parallel_for(
      mlc_pool_executor(&pool),
      [](void *data, uint32_t index) {
        (*static_cast<const Task *>(data))(index);
      },
      const_cast<Task *>(&task), count);
}

struct Setup {
  uint32_t threads, spin;
};

/// A pool for each way workers wait: sleeping at once, spinning, between.
class Pool : public testing::TestWithParam<Setup> {
protected:
  void SetUp() override {
    ASSERT_EQ(mlc_pool_start(&pool, GetParam().threads, GetParam().spin),
              MLC_OK);
  }
  void TearDown() override { mlc_pool_stop(&pool); }

  mlc_pool pool;
};

TEST_P(Pool, RunsEveryIndexOnceInTenThousandRegions) {
  // Plain integers: a task that ran twice, or after its region, is a race.
  std::vector<uint32_t> runs(64);
  std::vector<uint32_t> expected(64);
  for (uint32_t region = 0; region < 10000; ++region) {
    uint32_t count = region * 7 % 65;
    run(pool, count, [&](uint32_t index) { runs[index] += region; });
    for (uint32_t i = 0; i < count; ++i)
      expected[i] += region;
    ASSERT_EQ(runs, expected) << "region " << region;
  }
}

TEST_P(Pool, GivesTheSameResultAsOneThread) {
  auto sums = [](const mlc_executor *executor) {
    std::vector<float> partial(100);
    mlc_parallel_for(
        executor,
        [](void *data, uint32_t index) {
          float sum = 0;
          for (int i = 1; i < 1000; ++i)
            sum += 1.0f / (i + index);
          static_cast<float *>(data)[index] = sum;
        },
        partial.data(), partial.size());
    return partial;
  };
  EXPECT_EQ(sums(mlc_pool_executor(&pool)), sums(nullptr));
}

TEST_P(Pool, WakesWorkersThatFellAsleep) {
  uint32_t threads = GetParam().threads;
  for (int region = 0; region < 5; ++region) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    // No task returns before all have begun: each needs a thread of its own.
    std::atomic<uint32_t> begun{0}, late{0};
    uint64_t deadline = mlc_clock_ns() + 30000000000u;
    run(pool, threads, [&](uint32_t) {
      ++begun;
      while (begun < threads && !late) {
        std::this_thread::yield();
        late = mlc_clock_ns() > deadline;
      }
    });
    ASSERT_EQ(late, 0u) << "a worker did not wake within 30 seconds";
  }
}

TEST_P(Pool, RunsARegionInsideATaskOnItsThread) {
  std::vector<uint32_t> counts(8);
  run(pool, 8, [&](uint32_t outer) {
    std::thread::id self = std::this_thread::get_id();
    run(pool, 5, [&](uint32_t) {
      EXPECT_EQ(std::this_thread::get_id(), self);
      ++counts[outer];
    });
  });
  EXPECT_EQ(counts, std::vector<uint32_t>(8, 5));
}

TEST_P(Pool, ServesSeveralCallers) {
  std::vector<std::thread> callers;
  std::atomic<uint32_t> wrong{0};
  for (int caller = 0; caller < 3; ++caller)
    callers.emplace_back([&] {
      for (uint32_t region = 0; region < 500; ++region) {
        std::vector<uint32_t> runs(16);
        run(pool, 16, [&](uint32_t index) { ++runs[index]; });
        wrong += runs != std::vector<uint32_t>(16, 1);
      }
    });
  for (std::thread &caller : callers)
    caller.join();
  EXPECT_EQ(wrong, 0u);
}

INSTANTIATE_TEST_SUITE_P(Threads, Pool,
                         testing::Values(Setup{1, MLC_POOL_SPIN_DEFAULT},
                                         Setup{2, 0},
                                         Setup{2, MLC_POOL_SPIN_DEFAULT},
                                         Setup{4, 0}, Setup{4, 30},
                                         Setup{7, 100}),
                         [](const testing::TestParamInfo<Setup> &info) {
                           return std::to_string(info.param.threads) +
                                  "threads" + std::to_string(info.param.spin) +
                                  "spins";
                         });

TEST(PoolStart, RefusesBadArguments) {
  auto pool = std::make_unique<mlc_pool>();
  EXPECT_EQ(mlc_pool_start(nullptr, 2, 0), MLC_NULL_POINTER);
  EXPECT_EQ(mlc_pool_start(pool.get(), 0, 0), MLC_BAD_THREAD_COUNT);
  EXPECT_EQ(mlc_pool_start(pool.get(), MLC_POOL_MAX_THREADS + 1, 0),
            MLC_BAD_THREAD_COUNT);
}

TEST(PoolStart, StartsAndStopsOverAndOver) {
  mlc_pool pool;
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(mlc_pool_start(&pool, 3, 10), MLC_OK);
    if (i % 2)
      run(pool, 3, [](uint32_t) {});
    mlc_pool_stop(&pool);
  }
  mlc_pool_stop(nullptr);
}

TEST(PoolStart, HoldsTheMostThreads) {
  mlc_pool pool;
  ASSERT_EQ(mlc_pool_start(&pool, MLC_POOL_MAX_THREADS, 0), MLC_OK);
  EXPECT_EQ(mlc_pool_executor(&pool)->threads, MLC_POOL_MAX_THREADS);
  std::atomic<uint32_t> runs{0};
  run(pool, 1000, [&](uint32_t) { ++runs; });
  EXPECT_EQ(runs, 1000u);
  mlc_pool_stop(&pool);
}

TEST(Clock, GoesForwardInNanoseconds) {
  uint64_t begin = mlc_clock_ns();
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  uint64_t passed = mlc_clock_ns() - begin;
  EXPECT_GE(passed, 5000000u);
  EXPECT_LT(passed, 60000000000u);
}

} // namespace
