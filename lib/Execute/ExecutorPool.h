//===- ExecutorPool.h - threads that models run on --------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The runtime's thread pool (mlc/threads.h) for as long as the object lives:
//
//   auto pool = ExecutorPool::create(2);
//   if (!pool) return pool.takeError();
//   if (Error e = model->setExecutor((*pool)->executor())) return e;
//
// On Linux, the calling thread is kept on the first of the process's cores
// meanwhile, and the others on the rest: two that spin on one core would wait
// for each other.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_EXECUTE_EXECUTORPOOL_H
#define MLC_EXECUTE_EXECUTORPOOL_H

#include "mlc/threads.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace mlc {

class ExecutorPool {
public:
  /// Starts a pool of `threads`, the caller's among them. Errors: the runtime's
  /// status in words.
  static llvm::Expected<std::unique_ptr<ExecutorPool>> create(unsigned threads);
  /// On the thread that created it.
  ~ExecutorPool();

  const mlc_executor *executor() { return mlc_pool_executor(&pool); }

private:
  class Placement;

  ExecutorPool();

  mlc_pool pool;
  std::unique_ptr<Placement> placement;
  bool isStarted = false;
};

} // namespace mlc

#endif // MLC_EXECUTE_EXECUTORPOOL_H
