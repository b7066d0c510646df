/*===-- freestanding.c - A program without a C library ----------*- C -*-===*\
|*
|* Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
\*===----------------------------------------------------------------------===*/

#include "digits.h"

static digits_arena arena;

int classify(const float *image, float *scores) {
  digits_inputs in = {.image = image};
  digits_outputs out = {.scores = scores};
  if (digits_init(&arena, sizeof arena) != MLC_OK)
    return -1;
  return digits_run(&arena, &in, &out) == MLC_OK ? 0 : -1;
}

#ifdef MEMORY
int _fltused;
void *memcpy(void *to, const void *from, size_t size) {
  volatile unsigned char *out = to;
  for (size_t i = 0; i < size; ++i)
    out[i] = ((const unsigned char *)from)[i];
  return to;
}
void *memset(void *to, int value, size_t size) {
  volatile unsigned char *out = to;
  for (size_t i = 0; i < size; ++i)
    out[i] = (unsigned char)value;
  return to;
}
#endif
