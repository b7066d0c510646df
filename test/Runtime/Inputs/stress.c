/* stress SPIN: two callers share one pool of three threads. */
#include "mlc/threads.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { CALLERS = 2, REGIONS = 5000, TASKS = 12 };

static mlc_pool pool;

static void add_index(void *data, uint32_t index) {
  uint32_t *sums = data;
  sums[index] += index;
}

static void *call(void *wrong) {
  uint32_t sums[TASKS] = {0};
  for (uint32_t region = 1; region <= REGIONS; ++region) {
    mlc_parallel_for(mlc_pool_executor(&pool), add_index, sums, TASKS);
    for (uint32_t i = 0; i < TASKS; ++i)
      *(int *)wrong += sums[i] != region * i;
  }
  return NULL;
}

int main(int argc, char **argv) {
  pthread_t callers[CALLERS];
  int wrong[CALLERS] = {0}, total = 0;
  uint32_t spin = argc > 1 ? (uint32_t)atoi(argv[1]) : MLC_POOL_SPIN_DEFAULT;
  if (mlc_pool_start(&pool, 3, spin) != MLC_OK)
    return 2;
  for (int i = 0; i < CALLERS; ++i)
    if (pthread_create(&callers[i], NULL, call, &wrong[i]) != 0)
      return 2;
  for (int i = 0; i < CALLERS; ++i) {
    pthread_join(callers[i], NULL);
    total += wrong[i];
  }
  mlc_pool_stop(&pool);
  printf("%d regions, %d wrong\n", CALLERS * REGIONS, total);
  return total != 0;
}
