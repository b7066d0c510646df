//===- executor.cpp - A program brings its own threads --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program that has a thread pool already lets its models use it instead of
// mlc/threads.h: it wraps the pool in an mlc_executor. Here the "pool" is the
// standard library; a game engine's job system, OpenMP or Grand Central
// Dispatch goes in the same place. With a model named digits:
//
//   digits_set_executor(&arena, &executor);
//
//===----------------------------------------------------------------------===//

#include "mlc/runtime.h"

#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

namespace {

/// The one thing that an executor must do: run task(data, i) for each i, and
/// return when all have returned.
void parallelFor(void *context, void (*task)(void *data, uint32_t index),
                 void *data, uint32_t count) {
  auto *regions = static_cast<std::atomic<int> *>(context);
  ++*regions;
  std::vector<std::thread> threads;
  for (uint32_t i = 1; i < count; ++i)
    threads.emplace_back(task, data, i);
  task(data, 0);
  for (std::thread &thread : threads)
    thread.join();
}

} // namespace

int main() {
  std::atomic<int> regions{0};
  mlc_executor executor = {&regions, 4, parallelFor};

  // What a model does with it, in each of its parallel regions.
  int squares[4];
  mlc_parallel_for(
      &executor,
      [](void *data, uint32_t i) { static_cast<int *>(data)[i] = int(i * i); },
      squares, 4);
  std::printf("%d %d %d %d in %d region\n", squares[0], squares[1], squares[2],
              squares[3], regions.load());
}
