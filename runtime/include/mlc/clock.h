/*===-- mlc/clock.h - An optional monotonic clock -----------------*- C -*-===*\
|*
|* Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*|
|*
|* For programs that time a model. Compile runtime/src/clock.c (POSIX, Windows)
|* into the program, or define the one function over the board's own timer.
|*
\*===----------------------------------------------------------------------===*/

#ifndef MLC_CLOCK_H
#define MLC_CLOCK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Nanoseconds since some fixed moment; never goes back, does not count leap
   seconds or changes of the date. Cannot fail where POSIX's CLOCK_MONOTONIC
   exists, or on Windows. */
uint64_t mlc_clock_ns(void);

#ifdef __cplusplus
}
#endif

#endif /* MLC_CLOCK_H */
