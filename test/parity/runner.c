/*===-- runner.c - Run any compiled model over files of samples --*- C -*-===*\
|*
|* Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*|
|*
|* Knows its model only by the descriptor that MLC_RUNNER_MODEL() returns:
|*
|*   cc -DMLC_RUNNER_MODEL=digits_model runner.c libdigits.a -o digits
|*   ./digits SAMPLES INPUT... OUTPUT...
|*
|* Each INPUT holds SAMPLES values of that input, raw, one after the other; each
|* OUTPUT is written so. Prints one line of JSON: variant, arena, seconds of the
|* fastest run and of all, and whether the first sample gives the same bytes in
|* another arena that was full of noise. With RUNNER_VARIANT=name in the
|* environment, the variant is that one.
|*
\*===----------------------------------------------------------------------===*/

#define _POSIX_C_SOURCE 200809L

#include "mlc/runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const mlc_model_desc *MLC_RUNNER_MODEL(void);

static void fail(const char *what, const char *why) {
  fprintf(stderr, "runner: %s: %s\n", what, why);
  exit(1);
}

/* Windows has neither posix_memalign nor aligned_alloc; what is allocated stays
   until the end. */
static void *allocate(uint64_t align, uint64_t size) {
  if (align < 64)
    align = 64;
  unsigned char *memory =
      size < SIZE_MAX - align ? malloc((size_t)(size + align)) : NULL;
  if (!memory)
    fail("memory", "none left");
  return memory + (align - (uintptr_t)memory % align);
}

static void read_file(const char *path, void *data, uint64_t size) {
  FILE *file = fopen(path, "rb");
  if (!file)
    fail(path, "cannot open it");
  if (fread(data, 1, (size_t)size, file) != size || fgetc(file) != EOF)
    fail(path, "its size is not that of the samples");
  fclose(file);
}

static void write_file(const char *path, const void *data, uint64_t size) {
  FILE *file = fopen(path, "wb");
  if (!file || fwrite(data, 1, (size_t)size, file) != size || fclose(file))
    fail(path, "cannot write it");
}

static void check(mlc_status status, const char *what) {
  if (status != MLC_OK)
    fail(what, mlc_status_string(status));
}

static double now(void) {
#ifdef _WIN32
  return (double)clock() / CLOCKS_PER_SEC; /* of a clock on the wall, there */
#else
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
#endif
}

/* The variant that the environment names, or the CPU's. */
static void init(const mlc_model_desc *model, void *arena) {
  const char *name = getenv("RUNNER_VARIANT");
  mlc_status status = MLC_NO_CPU_VARIANT;
  for (uint32_t i = 0; name && i < model->variant_count; ++i) {
    uint64_t features = model->variants[i].required_features;
    if (strcmp(model->variants[i].name, name) != 0)
      continue;
    if (MLC_CPU_TELLS_FEATURES && (features & ~mlc_cpu_features()) != 0)
      fail(name, "the CPU lacks features of the variant");
    status = mlc_model_init_with_features(model, arena,
                                          (size_t)model->arena_size, features);
  }
  if (!name)
    status = mlc_model_init(model, arena, (size_t)model->arena_size);
  check(status, "init");
}

/* All samples of one input or output, and a buffer as the model wants it. */
typedef struct tensor {
  uint64_t size;
  unsigned char *all;
  void *one;
} tensor;

static tensor *make_tensors(const mlc_tensor_desc *descs, uint32_t count,
                            uint64_t samples) {
  tensor *tensors = allocate(64, count * sizeof(tensor));
  for (uint32_t i = 0; i < count; ++i) {
    tensors[i].size = descs[i].byte_size;
    tensors[i].all = allocate(64, samples * descs[i].byte_size);
    tensors[i].one = allocate(descs[i].alignment, descs[i].byte_size);
  }
  return tensors;
}

/* Runs one sample; returns its seconds. */
static double run_sample(const mlc_model_desc *model, void *arena,
                         tensor *inputs, tensor *outputs, uint64_t sample) {
  const void *in[256];
  void *out[256];
  for (uint32_t i = 0; i < model->input_count; ++i) {
    memcpy(inputs[i].one, inputs[i].all + sample * inputs[i].size,
           (size_t)inputs[i].size);
    in[i] = inputs[i].one;
  }
  for (uint32_t i = 0; i < model->output_count; ++i) {
    memset(outputs[i].one, 0xff, (size_t)outputs[i].size);
    out[i] = outputs[i].one;
  }
  double start = now();
  check(mlc_model_run(model, arena, in, out), "run");
  return now() - start;
}

/* Outputs of the first sample again, from another arena that held noise. */
static int repeats(const mlc_model_desc *model, tensor *inputs,
                   tensor *outputs) {
  unsigned char *memory =
      allocate(model->arena_align, model->arena_size + 3 * model->arena_align);
  void *arena = memory + 3 * model->arena_align;
  memset(arena, 0xa5, (size_t)model->arena_size);
  init(model, arena);
  run_sample(model, arena, inputs, outputs, 0);
  int same = 1;
  for (uint32_t i = 0; i < model->output_count; ++i)
    same &= !memcmp(outputs[i].all, outputs[i].one, (size_t)outputs[i].size);
  return same;
}

int main(int argc, char **argv) {
  const mlc_model_desc *model = MLC_RUNNER_MODEL();
  if (model->input_count > 256 || model->output_count > 256)
    fail(model->name, "more than 256 inputs or outputs");
  if (argc != 2 + (int)(model->input_count + model->output_count))
    fail("arguments", "required: SAMPLES, a file per input, one per output");
  uint64_t samples = strtoull(argv[1], NULL, 10);
  tensor *inputs = make_tensors(model->inputs, model->input_count, samples);
  tensor *outputs = make_tensors(model->outputs, model->output_count, samples);
  for (uint32_t i = 0; i < model->input_count; ++i)
    read_file(argv[2 + i], inputs[i].all, samples * inputs[i].size);

  void *arena = allocate(model->arena_align, model->arena_size);
  memset(arena, 0, (size_t)model->arena_size);
  init(model, arena);
  check(mlc_model_verify_weights(model), "weights");

  double best = 1e30, total = 0;
  for (uint64_t s = 0; s < samples; ++s) {
    double seconds = run_sample(model, arena, inputs, outputs, s);
    best = seconds < best ? seconds : best;
    total += seconds;
    for (uint32_t i = 0; i < model->output_count; ++i)
      memcpy(outputs[i].all + s * outputs[i].size, outputs[i].one,
             (size_t)outputs[i].size);
  }
  for (uint32_t i = 0; i < model->output_count; ++i)
    write_file(argv[2 + model->input_count + i], outputs[i].all,
               samples * outputs[i].size);
  printf("{\"variant\": \"%s\", \"arena\": %llu, \"best_seconds\": %.6f, "
         "\"total_seconds\": %.6f, \"repeats\": %s}\n",
         mlc_model_variant_name(model, arena),
         (unsigned long long)model->arena_size, best, total,
         repeats(model, inputs, outputs) ? "true" : "false");
  return 0;
}
