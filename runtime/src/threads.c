/*===-- threads.c - A fork-join pool of threads ---------------------------===*\
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

#include <stdatomic.h>
#include <stdbool.h>

#define CACHE_LINE _Alignas(64)

/*===-- The operating system ----------------------------------------------===*/

typedef struct pool_state pool_state;
static void work(pool_state *pool);

#ifdef _WIN32

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

/* Windows 7 and later. Neither of the first two can fail, or has to end. */
typedef SRWLOCK os_mutex;
typedef CONDITION_VARIABLE os_condition;
typedef HANDLE os_thread;

static bool os_init(os_mutex *mutex, os_condition *a, os_condition *b) {
  InitializeSRWLock(mutex);
  InitializeConditionVariable(a);
  InitializeConditionVariable(b);
  return true;
}
static void os_end(os_mutex *mutex, os_condition *a, os_condition *b) {
  (void)mutex, (void)a, (void)b;
}
static void os_lock(os_mutex *mutex) { AcquireSRWLockExclusive(mutex); }
static void os_unlock(os_mutex *mutex) { ReleaseSRWLockExclusive(mutex); }
static void os_wait(os_condition *condition, os_mutex *mutex) {
  SleepConditionVariableSRW(condition, mutex, INFINITE, 0);
}
static void os_wake(os_condition *condition) {
  WakeAllConditionVariable(condition);
}

static DWORD WINAPI start(void *pool) {
  work(pool);
  return 0;
}
static bool os_start(os_thread *thread, pool_state *pool) {
  *thread = CreateThread(NULL, 0, start, pool, 0, NULL);
  return *thread != NULL;
}
static void os_join(os_thread thread) {
  WaitForSingleObject(thread, INFINITE);
  CloseHandle(thread);
}

#else

#include <pthread.h>

typedef pthread_mutex_t os_mutex;
typedef pthread_cond_t os_condition;
typedef pthread_t os_thread;

static bool os_init(os_mutex *mutex, os_condition *a, os_condition *b) {
  if (pthread_mutex_init(mutex, NULL) != 0)
    return false;
  bool has_a = pthread_cond_init(a, NULL) == 0;
  if (has_a && pthread_cond_init(b, NULL) == 0)
    return true;
  if (has_a)
    pthread_cond_destroy(a);
  pthread_mutex_destroy(mutex);
  return false;
}
static void os_end(os_mutex *mutex, os_condition *a, os_condition *b) {
  pthread_cond_destroy(a);
  pthread_cond_destroy(b);
  pthread_mutex_destroy(mutex);
}
static void os_lock(os_mutex *mutex) { pthread_mutex_lock(mutex); }
static void os_unlock(os_mutex *mutex) { pthread_mutex_unlock(mutex); }
static void os_wait(os_condition *condition, os_mutex *mutex) {
  pthread_cond_wait(condition, mutex);
}
static void os_wake(os_condition *condition) {
  pthread_cond_broadcast(condition);
}

static void *start(void *pool) {
  work(pool);
  return NULL;
}
static bool os_start(os_thread *thread, pool_state *pool) {
  return pthread_create(thread, NULL, start, pool) == 0;
}
static void os_join(os_thread thread) { pthread_join(thread, NULL); }

#endif

/*===-- The pool ----------------------------------------------------------===*/

struct pool_state {
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

  CACHE_LINE os_mutex mutex;
  os_condition opened;  /* region is odd, or stop */
  os_condition drained; /* active is 0 */
  atomic_uint sleepers; /* workers waiting for `opened` */
  atomic_bool waiting;  /* the caller waits for `drained` */

  uint32_t workers;
  os_thread handles[MLC_POOL_MAX_THREADS - 1];
};

_Static_assert(sizeof(pool_state) <= sizeof(mlc_pool), "mlc_pool is too small");
_Static_assert(_Alignof(pool_state) <= _Alignof(mlc_pool),
               "mlc_pool alignment");

static pool_state *state_of(mlc_pool *pool) { return (pool_state *)pool; }

/* Lets the other hardware thread of the core run. */
static void relax(void) {
#if defined(_WIN32)
  YieldProcessor();
#elif defined(__x86_64__) || defined(__i386__)
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
  os_lock(&pool->mutex);
  atomic_fetch_add(&pool->sleepers, 1);
  while (!has_news(pool, seen))
    os_wait(&pool->opened, &pool->mutex);
  atomic_fetch_sub(&pool->sleepers, 1);
  os_unlock(&pool->mutex);
}

/* Helps with the region that is open, if any; returns its number. */
static uint32_t join_region(pool_state *pool) {
  atomic_fetch_add(&pool->active, 1);
  uint32_t region = atomic_load(&pool->region);
  if (region % 2 == 1)
    run_indices(pool);
  if (atomic_fetch_sub(&pool->active, 1) == 1 && atomic_load(&pool->waiting)) {
    os_lock(&pool->mutex);
    os_wake(&pool->drained);
    os_unlock(&pool->mutex);
  }
  return region;
}

static void work(pool_state *pool) {
  uint32_t seen = 0;
  for (;;) {
    wait_for_news(pool, seen);
    if (atomic_load(&pool->stop))
      return;
    seen = join_region(pool);
  }
}

/*===-- The caller --------------------------------------------------------===*/

static void wake_sleepers(pool_state *pool) {
  if (atomic_load(&pool->sleepers) == 0)
    return;
  os_lock(&pool->mutex);
  os_wake(&pool->opened);
  os_unlock(&pool->mutex);
}

static void wait_until_drained(pool_state *pool) {
  for (uint32_t i = 0; i < pool->spin; ++i) {
    if (atomic_load(&pool->active) == 0)
      return;
    relax();
  }
  os_lock(&pool->mutex);
  atomic_store(&pool->waiting, true);
  while (atomic_load(&pool->active) != 0)
    os_wait(&pool->drained, &pool->mutex);
  atomic_store(&pool->waiting, false);
  os_unlock(&pool->mutex);
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
  os_lock(&pool->mutex);
  atomic_store(&pool->stop, true);
  os_wake(&pool->opened);
  os_unlock(&pool->mutex);
  for (uint32_t i = 0; i < pool->workers; ++i)
    os_join(pool->handles[i]);
  os_end(&pool->mutex, &pool->opened, &pool->drained);
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
  if (!os_init(&pool->mutex, &pool->opened, &pool->drained))
    return MLC_THREAD_START_FAILED;
  for (; pool->workers < threads - 1; ++pool->workers) {
    if (!os_start(&pool->handles[pool->workers], pool)) {
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
