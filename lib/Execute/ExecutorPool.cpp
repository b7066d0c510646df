//===- ExecutorPool.cpp - threads that models run on ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Execute/ExecutorPool.h"
#ifdef __linux__
#include <sched.h>
#endif

using namespace mlc;

/// Which cores threads may use. New threads inherit it from their parent.
class ExecutorPool::Placement {
public:
#ifdef __linux__
  Placement() {
    if (sched_getaffinity(0, sizeof before, &before) != 0)
      CPU_ZERO(&before);
  }
  ~Placement() { place(before); }

  void placeWorkers() {
    cpu_set_t rest = before;
    CPU_CLR(firstCore(), &rest);
    place(rest);
  }
  void placeCaller() {
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(firstCore(), &first);
    place(first);
  }

private:
  int firstCore() const {
    for (int core = 0; core < CPU_SETSIZE; ++core)
      if (CPU_ISSET(core, &before))
        return core;
    return 0;
  }
  /// Only a hint: with a single core all threads stay on it.
  void place(const cpu_set_t &cores) {
    if (CPU_COUNT(&before) > 1)
      (void)sched_setaffinity(0, sizeof cores, &cores);
  }

  cpu_set_t before;
#else
  void placeWorkers() {}
  void placeCaller() {}
#endif
};

ExecutorPool::ExecutorPool() : placement(std::make_unique<Placement>()) {}

llvm::Expected<std::unique_ptr<ExecutorPool>>
ExecutorPool::create(unsigned threads) {
  std::unique_ptr<ExecutorPool> result(new ExecutorPool);
  result->placement->placeWorkers();
  mlc_status status =
      mlc_pool_start(&result->pool, threads, MLC_POOL_SPIN_DEFAULT);
  result->placement->placeCaller();
  if (status != MLC_OK)
    return llvm::createStringError(llvm::Twine(threads) +
                                   " threads: " + mlc_status_string(status));
  result->isStarted = true;
  return result;
}

ExecutorPool::~ExecutorPool() {
  if (isStarted)
    mlc_pool_stop(&pool);
}
