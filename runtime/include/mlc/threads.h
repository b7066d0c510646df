/*===-- mlc/threads.h - An optional thread pool for models --------*- C -*-===*\
|*
|* Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*|
|*
|* A fork-join pool of POSIX threads, on Windows of its own, for use as a
|* model's executor. Compile runtime/src/threads.c into the program (C11, with
|* -pthread but on Windows), then:
|*
|*   static mlc_pool pool;
|*   mlc_status s = mlc_pool_start(&pool, 4, MLC_POOL_SPIN_DEFAULT);
|*   if (s == MLC_OK)
|*     s = digits_set_executor(&arena, mlc_pool_executor(&pool));
|*   ... any number of runs ...
|*   mlc_pool_stop(&pool);
|*
|* The pool allocates nothing itself; the operating system gives each thread
|* its stack at start. One region costs two shared writes when the workers are
|* still spinning, one wake-up when they sleep. The calling thread works too,
|* so that a pool of n threads starts n - 1.
|*
|* Indices go to threads as they come free; each task's work is the same
|* whoever runs it, so that results do not depend on the number of threads.
|* A region that starts while another runs on the same pool (a second model, or
|* a task that itself forks) runs on its caller's thread alone.
|*
|* Workers start with the default floating-point environment; they do not take
|* over the caller's rounding mode.
|*
\*===----------------------------------------------------------------------===*/

#ifndef MLC_THREADS_H
#define MLC_THREADS_H

#include "mlc/runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The most threads a pool holds, with the caller's. */
#define MLC_POOL_MAX_THREADS 256u

/* How many times per thread looks for work before it sleeps: a hundred
   microseconds or two, longer than the pause between two layers. 0 sleeps at
   once, which suits a pool with more threads than free cores. */
#define MLC_POOL_SPIN_DEFAULT 8000u

/* The pool's memory, in any storage that outlives the pool. Contents are
   private; a pool may not be copied or moved while it is started. */
typedef struct mlc_pool {
#ifdef __cplusplus
  alignas(64)
#else
  _Alignas(64)
#endif
      unsigned char storage[4096];
} mlc_pool;

/* Starts a pool of `threads` threads, the caller's among them.

   Errors: MLC_NULL_POINTER; MLC_BAD_THREAD_COUNT for 0 or more than
   MLC_POOL_MAX_THREADS; MLC_THREAD_START_FAILED if the operating system has no
   more: nothing is left running then. */
mlc_status mlc_pool_start(mlc_pool *pool, uint32_t threads, uint32_t spin);

/* The executor of a started pool, which lives as long as the pool. */
const mlc_executor *mlc_pool_executor(mlc_pool *pool);

/* Ends the workers and waits for them. No region may be running, and no arena
   may use the executor any more. Null is allowed. */
void mlc_pool_stop(mlc_pool *pool);

#ifdef __cplusplus
}
#endif

#endif /* MLC_THREADS_H */
