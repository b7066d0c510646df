//===- ExecutorPool.cpp - threads that models run on ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Execute/ExecutorPool.h"

using namespace mlc;

llvm::Expected<std::unique_ptr<ExecutorPool>>
ExecutorPool::create(unsigned threads) {
  std::unique_ptr<ExecutorPool> result(new ExecutorPool);
  mlc_status status =
      mlc_pool_start(&result->pool, threads, MLC_POOL_SPIN_DEFAULT);
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
