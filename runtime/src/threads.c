/*===-- threads.c - A fork-join pool on POSIX threads ---------------------===*\
|*
|* Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*|
|*
|* One region at a time is open. Its number is in `region`: odd while open,
|* even while closed.
|*
|*   caller                              worker
|*   write task, data, count, next = 0   active += 1
|*   region += 1 (open)                  if region is odd: run indices
|*   wake sleepers                       active -= 1
|*   run indices                         wait until region is another odd number
|*   region += 1 (closed)
|*   wait until active is 0
|*
|* A worker that comes late either is counted in `active` before the caller
|* looks, and the caller waits for it, or sees the region closed and reads
|* nothing of it: both orders of "write mine, read yours" need sequential
|* consistency, which is C11's default. So a caller never waits for workers
|* that are still asleep, and 32-bit atomics suffice on every target.
|*
\*===----------------------------------------------------------------------===*/

#include "mlc/threads.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#define CACHE_LINE _Alignas(64)

typedef struct pool_state {
  mlc_executor executor;
  uint32_t spin;

  /* The open region: written by its caller while no worker reads. */
  CACHE_LINE void (*task)(void *data, uint32_t index);
  void *data;
  uint32_t count;

  CACHE_LINE atomic_uint region;
  atomic_bool stop;
  atomic_flag busy; /* a caller owns the pool */

  CACHE_LINE atomic_uint next;   /* the next index to hand out */
  CACHE_LINE atomic_uint active; /* workers that may be reading the region */

  CACHE_LINE pthread_mutex_t mutex;
  pthread_cond_t opened;  /* region is odd, or stop */
  pthread_cond_t drained; /* active is 0 */
  atomic_uint sleepers;   /* workers waiting for `opened` */
  atomic_bool waiting;    /* the caller waits for `drained` */

  uint32_t workers;
  pthread_t handles[MLC_POOL_MAX_THREADS - 1];
} pool_state;

_Static_assert(sizeof(pool_state) <= sizeof(mlc_pool), "mlc_pool is too small");
_Static_assert(_Alignof(pool_state) <= _Alignof(mlc_pool),
               "mlc_pool alignment");

static pool_state *state_of(mlc_pool *pool) { return (pool_state *)pool; }

/* Lets the other hardware thread of the core run. */
static void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#elif defined(__arm__)
  __asm__ volatile("yield");
#elif defined(__riscv)
  __asm__ volatile(".insn i 0x0f, 0, x0, x0, 0x010"); /* pause, or a nop */
#endif
}

/* Compare and exchange rather than add: an index never passes `count`, so that
   even UINT32_MAX tasks do not wrap around. */
static bool take_index(pool_state *pool, uint32_t *index) {
  uint32_t next = atomic_load_explicit(&pool->next, memory_order_relaxed);
  while (next < pool->count) {
    if (atomic_compare_exchange_weak_explicit(&pool->next, &next, next + 1,
                                              memory_order_relaxed,
                                              memory_order_relaxed)) {
      *index = next;
      return true;
    }
  }
  return false;
}

static void run_indices(pool_state *pool) {
  uint32_t index;
  while (take_index(pool, &index))
    pool->task(pool->data, index);
}

/*===-- Workers -----------------------------------------------------------===*/

static bool has_news(pool_state *pool, uint32_t seen) {
  uint32_t region = atomic_load(&pool->region);
  return (region != seen && region % 2 == 1) || atomic_load(&pool->stop);
}

static void wait_for_news(pool_state *pool, uint32_t seen) {
  for (uint32_t i = 0; i < pool->spin; ++i) {
    if (has_news(pool, seen))
      return;
    relax();
  }
  pthread_mutex_lock(&pool->mutex);
  atomic_fetch_add(&pool->sleepers, 1);
  while (!has_news(pool, seen))
    pthread_cond_wait(&pool->opened, &pool->mutex);
  atomic_fetch_sub(&pool->sleepers, 1);
  pthread_mutex_unlock(&pool->mutex);
}

/* Helps with the region that is open, if any; returns its number. */
static uint32_t join_region(pool_state *pool) {
  atomic_fetch_add(&pool->active, 1);
  uint32_t region = atomic_load(&pool->region);
  if (region % 2 == 1)
    run_indices(pool);
  if (atomic_fetch_sub(&pool->active, 1) == 1 && atomic_load(&pool->waiting)) {
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_signal(&pool->drained);
    pthread_mutex_unlock(&pool->mutex);
  }
  return region;
}

static void *worker(void *argument) {
  pool_state *pool = argument;
  uint32_t seen = 0;
  for (;;) {
    wait_for_news(pool, seen);
    if (atomic_load(&pool->stop))
      return NULL;
    seen = join_region(pool);
  }
}

/*===-- The caller --------------------------------------------------------===*/

static void wake_sleepers(pool_state *pool) {
  if (atomic_load(&pool->sleepers) == 0)
    return;
  pthread_mutex_lock(&pool->mutex);
  pthread_cond_broadcast(&pool->opened);
  pthread_mutex_unlock(&pool->mutex);
}

static void wait_until_drained(pool_state *pool) {
  for (uint32_t i = 0; i < pool->spin; ++i) {
    if (atomic_load(&pool->active) == 0)
      return;
    relax();
  }
  pthread_mutex_lock(&pool->mutex);
  atomic_store(&pool->waiting, true);
  while (atomic_load(&pool->active) != 0)
    pthread_cond_wait(&pool->drained, &pool->mutex);
  atomic_store(&pool->waiting, false);
  pthread_mutex_unlock(&pool->mutex);
}

static void parallel_for(void *context,
                         void (*task)(void *data, uint32_t index), void *data,
                         uint32_t count) {
  pool_state *pool = context;
  if (pool->workers == 0 || count < 2 ||
      atomic_flag_test_and_set(&pool->busy)) {
    for (uint32_t i = 0; i < count; ++i)
      task(data, i);
    return;
  }
  pool->task = task;
  pool->data = data;
  pool->count = count;
  atomic_store_explicit(&pool->next, 0, memory_order_relaxed);
  atomic_fetch_add(&pool->region, 1);
  wake_sleepers(pool);
  run_indices(pool);
  atomic_fetch_add(&pool->region, 1);
  wait_until_drained(pool);
  atomic_flag_clear(&pool->busy);
}

/*===-- Start and stop ----------------------------------------------------===*/

static void stop_workers(pool_state *pool) {
  pthread_mutex_lock(&pool->mutex);
  atomic_store(&pool->stop, true);
  pthread_cond_broadcast(&pool->opened);
  pthread_mutex_unlock(&pool->mutex);
  for (uint32_t i = 0; i < pool->workers; ++i)
    pthread_join(pool->handles[i], NULL);
  pthread_cond_destroy(&pool->opened);
  pthread_cond_destroy(&pool->drained);
  pthread_mutex_destroy(&pool->mutex);
}

static bool init_sync(pool_state *pool) {
  if (pthread_mutex_init(&pool->mutex, NULL) != 0)
    return false;
  if (pthread_cond_init(&pool->opened, NULL) != 0) {
    pthread_mutex_destroy(&pool->mutex);
    return false;
  }
  if (pthread_cond_init(&pool->drained, NULL) != 0) {
    pthread_cond_destroy(&pool->opened);
    pthread_mutex_destroy(&pool->mutex);
    return false;
  }
  return true;
}

mlc_status mlc_pool_start(mlc_pool *memory, uint32_t threads, uint32_t spin) {
  if (!memory)
    return MLC_NULL_POINTER;
  if (threads == 0 || threads > MLC_POOL_MAX_THREADS)
    return MLC_BAD_THREAD_COUNT;
  pool_state *pool = state_of(memory);
  pool->executor = (mlc_executor){pool, threads, parallel_for};
  pool->spin = spin;
  pool->workers = 0;
  atomic_init(&pool->region, 0);
  atomic_init(&pool->stop, false);
  atomic_flag_clear(&pool->busy);
  atomic_init(&pool->next, 0);
  atomic_init(&pool->active, 0);
  atomic_init(&pool->sleepers, 0);
  atomic_init(&pool->waiting, false);
  if (!init_sync(pool))
    return MLC_THREAD_START_FAILED;
  for (; pool->workers < threads - 1; ++pool->workers) {
    if (pthread_create(&pool->handles[pool->workers], NULL, worker, pool) !=
        0) {
      stop_workers(pool);
      return MLC_THREAD_START_FAILED;
    }
  }
  return MLC_OK;
}

const mlc_executor *mlc_pool_executor(mlc_pool *pool) {
  return &state_of(pool)->executor;
}

void mlc_pool_stop(mlc_pool *pool) {
  if (pool)
    stop_workers(state_of(pool));
}
