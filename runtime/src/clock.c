/*===-- clock.c - The monotonic clock of the system -----------------------===*\
|*
|* Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
\*===----------------------------------------------------------------------===*/

#define _POSIX_C_SOURCE 199309L

#include "mlc/clock.h"

enum { NANOSECONDS = 1000000000 };

#ifdef _WIN32

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

uint64_t mlc_clock_ns(void) {
  LARGE_INTEGER ticks, frequency;
  QueryPerformanceCounter(&ticks);
  QueryPerformanceFrequency(&frequency);
  /* In two parts: all nanoseconds at once would overflow within minutes. */
  uint64_t t = (uint64_t)ticks.QuadPart, f = (uint64_t)frequency.QuadPart;
  return t / f * NANOSECONDS + t % f * NANOSECONDS / f;
}

#else

#include <time.h>

uint64_t mlc_clock_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * NANOSECONDS + (uint64_t)now.tv_nsec;
}

#endif
