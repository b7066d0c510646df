/*===-- half.c - 16-bit floats for CPUs without them ----------------------===*\
|*
|* Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*|
|*
|* The functions that LLVM calls to convert half and bfloat16 where the CPU has
|* no instruction. Compiler libraries should bring them, but many do not have
|* them all (GCC 12 lacks bfloat16, and half on RISC-V). Names and calling
|* conventions are the compiler's; all round to nearest, ties to even, once.
|* Needs a compiler with _Float16 and __bf16 (Clang; GCC from version 13).
|*
\*===----------------------------------------------------------------------===*/

#include <stdint.h>

#ifdef _WIN32
#define MLC_API
#else
#define MLC_API __attribute__((weak))
#endif

/* Code for wasm passes them as the integers of their bits. */
#ifdef __wasm__
typedef uint16_t half, bfloat;
#else
#if defined(__x86_64__) || defined(__riscv)
typedef _Float16 half;
#endif
typedef __bf16 bfloat;
#endif

/* `value` of type `from_type`, its bits read as a `to`. */
#define BITS(to, from_type, value)                                             \
  (((union {                                                                   \
     from_type before;                                                         \
     to after;                                                                 \
   }){.before = (value)})                                                      \
       .after)

/* Rounds a double to a format of 16 bits with `mantissa` and `exponent` bits,
   narrower than the double's: its subnormals are then all zero. */
static uint16_t narrow(uint64_t bits, int mantissa, int exponent) {
  const uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
  const int biased = (int)(bits >> 52 & 0x7ff);
  const uint16_t sign = (uint16_t)(bits >> 48 & 0x8000);
  const int largest = (1 << exponent) - 1;
  const uint16_t infinity = (uint16_t)(largest << mantissa);
  if (biased == 0x7ff && fraction)
    return (uint16_t)(sign | infinity | 1 << (mantissa - 1) |
                      (int)(fraction >> (52 - mantissa)));

  int scale = biased - 1023 + (largest >> 1);
  if (scale >= largest)
    return sign | infinity;
  int shift = 52 - mantissa;
  if (scale <= 0) {
    shift += 1 - scale;
    scale = 1;
  }
  if (shift > 53)
    return sign;
  const uint64_t value = fraction | UINT64_C(1) << 52;
  const uint64_t rest = value & ((UINT64_C(1) << shift) - 1);
  const uint64_t tie = UINT64_C(1) << (shift - 1);
  uint64_t kept = value >> shift;
  kept += rest > tie || (rest == tie && (kept & 1));
  /* The leading one of a normal number, or a carry, adds to the exponent. */
  return (uint16_t)(sign | (((uint64_t)(scale - 1) << mantissa) + kept));
}

static uint16_t float_to_bfloat(uint32_t bits) {
  if ((bits & 0x7fffffff) > 0x7f800000)
    return (uint16_t)(bits >> 16 | 0x40);
  return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

#if defined(__x86_64__) || defined(__riscv) || defined(__wasm__)

/* A float's bits as those of the equal double, without an FPU for doubles.
   Subnormals become zero: half cannot tell. */
static uint64_t widen_float(uint32_t bits) {
  const uint64_t sign = (uint64_t)(bits >> 31) << 63;
  const uint64_t fraction = (uint64_t)(bits & 0x7fffff) << 29;
  const uint64_t biased = bits >> 23 & 0xff;
  if (biased == 0)
    return sign;
  if (biased == 0xff)
    return sign | UINT64_C(0x7ff) << 52 | fraction;
  return sign | (biased - 127 + 1023) << 52 | fraction;
}

static uint16_t float_to_half(uint32_t bits) {
  return narrow(widen_float(bits), 10, 5);
}

static uint32_t half_to_float(uint16_t bits) {
  const uint32_t sign = (uint32_t)(bits & 0x8000) << 16;
  uint32_t fraction = bits & 0x3ff;
  uint32_t biased = bits >> 10 & 0x1f;
  if (biased == 0x1f)
    return sign | 0x7f800000 | fraction << 13 | (fraction ? 0x400000 : 0);
  if (biased == 0) {
    if (fraction == 0)
      return sign;
    for (biased = 1; !(fraction & 0x400); fraction <<= 1)
      --biased;
  }
  return sign | (biased + (127 - 15)) << 23 | (fraction & 0x3ff) << 13;
}

MLC_API float __extendhfsf2(half value) {
  return BITS(float, uint32_t, half_to_float(BITS(uint16_t, half, value)));
}

MLC_API half __truncsfhf2(float value) {
  return BITS(half, uint16_t, float_to_half(BITS(uint32_t, float, value)));
}

MLC_API half __truncdfhf2(double value) {
  return BITS(half, uint16_t, narrow(BITS(uint64_t, double, value), 10, 5));
}

#else

/* ARM's own name: its run-time ABI passes this in core registers. The other
   conversions of half are in every compiler's library for ARM. */
MLC_API __attribute__((pcs("aapcs"))) uint16_t __aeabi_d2h(double value) {
  return narrow(BITS(uint64_t, double, value), 10, 5);
}

#endif

MLC_API bfloat __truncsfbf2(float value) {
  return BITS(bfloat, uint16_t, float_to_bfloat(BITS(uint32_t, float, value)));
}

MLC_API bfloat __truncdfbf2(double value) {
  return BITS(bfloat, uint16_t, narrow(BITS(uint64_t, double, value), 7, 8));
}
