/* The network computes the same bytes without an executor, on one that runs
   tasks backwards, and on pools of threads. Prints how many runs agreed, and
   the most tasks of a region: that of the larger executors is what the code can
   use. */
#include "mlc/threads.h"
#include "net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static net_threads_arena arena;
static net_arena small; /* one thread's */
static float x[NET_X_SIZE], alone[NET_Y_SIZE], y[NET_Y_SIZE];
static mlc_pool pool;
static uint32_t most_tasks;
static int agreed, differed;

static void check(mlc_status status) {
  if (status == MLC_OK)
    return;
  puts(mlc_status_string(status));
  exit(1);
}

static void run(const mlc_executor *executor, float *to) {
  net_inputs inputs = {x};
  net_outputs outputs = {to};
  memset(&arena.bytes[MLC_ARENA_HEADER_SIZE], 0x5a,
         sizeof arena - MLC_ARENA_HEADER_SIZE);
  check(mlc_model_set_executor(net_model(), &arena, executor));
  check(net_run(&arena, &inputs, &outputs));
}

static void compare(const mlc_executor *executor) {
  memset(y, 0, sizeof y);
  run(executor, y);
  if (memcmp(y, alone, sizeof y) == 0)
    ++agreed;
  else
    ++differed;
}

static void backwards(void *context, void (*task)(void *, uint32_t), void *data,
                      uint32_t count) {
  (void)context;
  if (count > most_tasks)
    most_tasks = count;
  while (count-- > 0)
    task(data, count);
}

/* An arena of one thread's size serves one; what follows it stays as it is. */
static void run_small(void) {
  static mlc_executor two = {NULL, 2, backwards};
  net_inputs inputs = {x};
  net_outputs outputs = {y};
  memset(y, 0, sizeof y);
  check(net_init(&small, sizeof small));
  check(net_run(&small, &inputs, &outputs));
  mlc_status status = mlc_model_set_executor(net_model(), &small, &two);
  printf("one thread: %s, two of them: %s\n",
         memcmp(y, alone, sizeof y) ? "differs" : "agrees",
         mlc_status_string(status));
}

int main(void) {
  uint32_t state = 1;
  for (size_t i = 0; i < NET_X_SIZE; ++i) {
    state = state * 1664525u + 1013904223u;
    x[i] = (float)(state >> 8) / (1 << 24) - 0.5f;
  }
  check(net_init(&arena, sizeof arena));
  run(NULL, alone);
  static const uint32_t counts[] = {1, 2, 3, 4, 7};
  for (int i = 0; i < 5; ++i) {
    mlc_executor reversed = {NULL, counts[i], backwards};
    compare(&reversed);
    check(mlc_pool_start(&pool, counts[i], 100));
    compare(mlc_pool_executor(&pool));
    mlc_pool_stop(&pool);
  }
  float most = 0;
  for (size_t i = 0; i < NET_Y_SIZE; ++i)
    most = alone[i] > most ? alone[i] : most;
  run_small();
  printf("%d agree, %d differ, %u tasks, computed: %s\n", agreed, differed,
         (unsigned)most_tasks, most > 0 && most < 1 ? "yes" : "no");
  return differed != 0;
}
