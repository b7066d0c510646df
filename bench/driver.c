/*===-- driver.c - Time a compiled model -------------------------*- C -*-===*\
|*
|* Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*|
|*
|* A model of one input, known by the descriptor that BENCH_MODEL() returns:
|*
|*   cc -O2 -pthread -DBENCH_MODEL=net_model driver.c threads.c libnet.a -o net
|*   ./net INPUT OUTPUT SECONDS [THREADS]
|*
|* threads.c is the runtime's pool, for THREADS beyond the one that is the
|* default. INPUT holds the input's raw bytes; OUTPUT gets the first output's.
Runs the
|* model once to warm up and then for SECONDS, at least three times. Prints a
|* line of JSON: the milliseconds of each timed run, and the peak of resident
|* memory. With BENCH_CLOCK=processor in the environment, milliseconds are the
|* processor's, of all threads; with BENCH_VARIANT=name the model's code is that
|* of this variant, where there is one that the CPU can run.
|*
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE

#include "mlc/runtime.h"
#include "mlc/threads.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const mlc_model_desc *BENCH_MODEL(void);

enum { MOST_RUNS = 100000, MOST_OUTPUTS = 64 };

static void fail(const char *what, const char *why) {
  fprintf(stderr, "driver: %s: %s\n", what, why);
  exit(1);
}

static void *allocate(uint64_t align, uint64_t size) {
  void *memory = NULL;
  if (posix_memalign(&memory, align < 64 ? 64 : (size_t)align, (size_t)size))
    fail("memory", "none left");
  return memory;
}

/* Where others use the machine, what the processor gave to this process. */
static double now(void) {
  const char *clock = getenv("BENCH_CLOCK");
  int isBusy = clock && strcmp(clock, "processor") == 0;
  struct timespec time;
  clock_gettime(isBusy ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &time);
  return 1e3 * (double)time.tv_sec + 1e-6 * (double)time.tv_nsec;
}

static void check(mlc_status status) {
  if (status != MLC_OK)
    fail("model", mlc_status_string(status));
}

static void init(const mlc_model_desc *model, void *arena, uint64_t size) {
  const char *name = getenv("BENCH_VARIANT");
  uint64_t features = mlc_cpu_features();
  if (!name) {
    check(mlc_model_init(model, arena, (size_t)size));
    return;
  }
  for (uint32_t i = 0; i < model->variant_count; ++i) {
    uint64_t required = model->variants[i].required_features;
    if (strcmp(model->variants[i].name, name) != 0 || (required & ~features))
      continue;
    check(mlc_model_init_with_features(model, arena, (size_t)size, required));
    return;
  }
  fail(name, "no variant that the CPU can run");
}

static void read_input(const char *path, void *data, uint64_t size) {
  FILE *file = fopen(path, "rb");
  if (!file || fread(data, 1, (size_t)size, file) != size || fgetc(file) != EOF)
    fail(path, "not readable, or not of the input's size");
  fclose(file);
}

static mlc_pool pool;

/* The first of the cores that the process may use is this thread's, the others
   are the workers', which inherit what this thread may use. */
static void start_pool(int threads) {
  cpu_set_t all, first, rest;
  CPU_ZERO(&first);
  if (sched_getaffinity(0, sizeof all, &all) != 0)
    fail("cores", "unknown");
  rest = all;
  for (int core = 0; core < CPU_SETSIZE && CPU_COUNT(&first) == 0; ++core)
    if (CPU_ISSET(core, &all)) {
      CPU_SET(core, &first);
      CPU_CLR(core, &rest);
    }
  if (CPU_COUNT(&rest) > 0)
    (void)sched_setaffinity(0, sizeof rest, &rest);
  check(mlc_pool_start(&pool, (uint32_t)threads, MLC_POOL_SPIN_DEFAULT));
  if (CPU_COUNT(&rest) > 0)
    (void)sched_setaffinity(0, sizeof first, &first);
}

static void use_threads(const mlc_model_desc *model, void *arena, int threads) {
  if (threads < 1)
    fail("threads", "at least one is required");
  if (threads == 1)
    return;
  start_pool(threads);
  check(mlc_model_set_executor(model, arena, mlc_pool_executor(&pool)));
}

/* The most that was resident. getrusage would count what the process held
   before it became this program: its parent's memory. */
static double peak_mib(void) {
  char line[256];
  double kib = 0;
  FILE *status = fopen("/proc/self/status", "r");
  while (status && fgets(line, sizeof line, status))
    if (sscanf(line, "VmHWM: %lf kB", &kib) == 1)
      break;
  if (status)
    fclose(status);
  return kib / 1024;
}

int main(int argc, char **argv) {
  const mlc_model_desc *model = BENCH_MODEL();
  if (argc != 4 && argc != 5)
    fail("arguments", "INPUT, OUTPUT, SECONDS and perhaps THREADS required");
  if (model->input_count != 1 || model->output_count > MOST_OUTPUTS)
    fail(model->name, "a model of one input is required");
  int threads = argc == 5 ? atoi(argv[4]) : 1;
  uint64_t arena_size = mlc_model_arena_size(model, threads < 1 ? 1 : threads);
  void *arena = allocate(model->arena_align, arena_size);
  init(model, arena, arena_size);
  use_threads(model, arena, threads);
  void *input =
      allocate(model->inputs[0].alignment, model->inputs[0].byte_size);
  read_input(argv[1], input, model->inputs[0].byte_size);
  const void *inputs[1] = {input};
  void *outputs[MOST_OUTPUTS];
  for (uint32_t i = 0; i < model->output_count; ++i)
    outputs[i] =
        allocate(model->outputs[i].alignment, model->outputs[i].byte_size);

  check(mlc_model_run(model, arena, inputs, outputs));
  static double times[MOST_RUNS];
  int runs = 0;
  double end = now() + 1e3 * atof(argv[3]);
  while (runs < MOST_RUNS && (runs < 3 || now() < end)) {
    double start = now();
    check(mlc_model_run(model, arena, inputs, outputs));
    times[runs++] = now() - start;
  }
  printf("{\"ms\": [");
  for (int i = 0; i < runs; ++i)
    printf(i ? ", %.6f" : "%.6f", times[i]);
  printf("], \"peak_mib\": %.3f}\n", peak_mib());

  FILE *file = fopen(argv[2], "wb");
  uint64_t size = model->outputs[0].byte_size;
  if (!file || fwrite(outputs[0], 1, (size_t)size, file) != size ||
      fclose(file))
    fail(argv[2], "cannot be written");
  return 0;
}
