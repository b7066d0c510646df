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
  ~ExecutorPool();

  const mlc_executor *executor() { return mlc_pool_executor(&pool); }

private:
  ExecutorPool() = default;

  mlc_pool pool;
  bool isStarted = false;
};

} // namespace mlc

#endif // MLC_EXECUTE_EXECUTORPOOL_H
