/* A model written by hand, doubling 100 numbers in four tasks, run through
 * everything the runtime has: what a compiled model and its program do. */
#include "mlc/clock.h"
#include "mlc/cpu_linux.h"
#include "mlc/threads.h"

#include <stdio.h>
#include <stdlib.h>

enum { COUNT = 100, TASKS = 4, ARENA = 512 };

typedef struct buffers {
  const float *x;
  float *y;
} buffers;

static void double_part(void *data, uint32_t index) {
  const buffers *b = data;
  for (uint32_t i = index * COUNT / TASKS; i < (index + 1) * COUNT / TASKS; ++i)
    b->y[i] = 2 * b->x[i];
}

static mlc_status run(void *arena, const void *const *inputs,
                      void *const *outputs, const mlc_executor *executor) {
  buffers *b = arena;
  b->x = inputs[0];
  b->y = outputs[0];
  mlc_parallel_for(executor, double_part, b, TASKS);
  return MLC_OK;
}

static const int64_t shape[] = {COUNT};
static const mlc_tensor_desc input = {"x", shape, 4 * COUNT, MLC_TYPE_F32,
                                      1,   4,     0};
static const mlc_tensor_desc output = {"y", shape, 4 * COUNT, MLC_TYPE_F32,
                                       1,   4,     0};
static const mlc_variant variants[] = {{MLC_CPU_BIT(63), NULL, "none has this"},
                                       {0, run, "baseline"}};
static const uint8_t weights[] = "123456789";
static const mlc_model_desc model = {
    MLC_ABI_WORD, 2, ARENA,      0, 64,        1,      1,      variants,
    weights,      9, 0xcbf43926, 4, "doubler", &input, &output};

static _Alignas(64) unsigned char arena[ARENA];
static mlc_pool pool;

static void check(const char *step, mlc_status status) {
  if (status == MLC_OK)
    return;
  printf("%s: %s\n", step, mlc_status_string(status));
  exit(1);
}

static void run_once(const char *how) {
  float x[COUNT], y[COUNT] = {0};
  const void *inputs[] = {x};
  void *outputs[] = {y};
  for (int i = 0; i < COUNT; ++i)
    x[i] = (float)i;
  check(how, mlc_model_run(&model, arena, inputs, outputs));
  for (int i = 0; i < COUNT; ++i) {
    if (y[i] != 2.0f * (float)i) {
      printf("%s: y[%d] is %g\n", how, i, (double)y[i]);
      exit(1);
    }
  }
}

int main(void) {
  uint64_t begin = mlc_clock_ns();
  const void *nothing[] = {NULL};
  void *no_output[] = {NULL};
  printf("before init: %s\n",
         mlc_status_string(mlc_model_run(&model, arena, nothing, no_output)));
  check("init", mlc_model_init(&model, arena, sizeof arena));
  check("init with features",
        mlc_model_init_with_features(&model, arena, sizeof arena,
                                     mlc_cpu_features_linux()));
  check("weights", mlc_model_verify_weights(&model));
  printf("variant: %s\n", mlc_model_variant_name(&model, arena));
  run_once("one thread");
  check("pool", mlc_pool_start(&pool, 3, MLC_POOL_SPIN_DEFAULT));
  check("executor",
        mlc_model_set_executor(&model, arena, mlc_pool_executor(&pool)));
  for (int i = 0; i < 300; ++i)
    run_once("three threads");
  mlc_pool_stop(&pool);
  printf("features: core 0x%llx, linux 0x%llx\n",
         (unsigned long long)mlc_cpu_features(),
         (unsigned long long)mlc_cpu_features_linux());
  printf("done: %s\n", mlc_clock_ns() > begin ? "ok" : "the clock stood still");
  return 0;
}
