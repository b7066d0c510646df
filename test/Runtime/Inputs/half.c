/* Checks conversions against the definition: a 16-bit float is sign, exponent
 * and fraction, and the result is the one nearest, the even one of two. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

float half_to_float(uint16_t bits);
uint16_t float_to_half(float value);
uint16_t double_to_half(double value);
uint16_t float_to_bfloat(float value);
uint16_t double_to_bfloat(double value);

typedef struct format {
  int mantissa, exponent;
} format;
static const format half = {10, 5}, bfloat = {7, 8};

/* Infinity counts as the number that would follow the largest: that is how
 * rounding sees it. */
static double value_of(format f, uint16_t bits) {
  int bias = (1 << (f.exponent - 1)) - 1;
  int fraction = bits & ((1 << f.mantissa) - 1);
  int exponent = bits >> f.mantissa & ((1 << f.exponent) - 1);
  double magnitude = exponent ? ldexp(fraction + (1 << f.mantissa),
                                      exponent - bias - f.mantissa)
                              : ldexp(fraction, 1 - bias - f.mantissa);
  return bits & 0x8000 ? -magnitude : magnitude;
}

static uint16_t infinity_of(format f) {
  return (uint16_t)(((1 << f.exponent) - 1) << f.mantissa);
}

/* Neighbours of `got` are no nearer to `value`, and on a tie `got` is even. */
static int is_nearest(format f, double value, uint16_t got) {
  uint16_t magnitude = got & 0x7fff;
  if (!!(got & 0x8000) != !!signbit(value) || magnitude > infinity_of(f))
    return 0;
  double target = fabs(value);
  if (magnitude == infinity_of(f))
    target = fmin(target, value_of(f, magnitude));
  double error = fabs(target - value_of(f, magnitude));
  for (int step = -1; step <= 1; step += 2) {
    if ((magnitude == 0 && step < 0) ||
        (magnitude == infinity_of(f) && step > 0))
      continue;
    double other = fabs(target - value_of(f, (uint16_t)(magnitude + step)));
    if (other < error || (other == error && magnitude % 2))
      return 0;
  }
  return 1;
}

static int wrong;

static void check(const char *what, format f, double value, uint16_t got) {
  int ok = isnan(value) ? (got & 0x7fff) > infinity_of(f)
                        : is_nearest(f, value, got);
  if (!ok && ++wrong < 10)
    printf("%s(%a) is 0x%04x\n", what, value, got);
}

static void check_all(double value) {
  float single = (float)value;
  check("double_to_half", half, value, double_to_half(value));
  check("double_to_bfloat", bfloat, value, double_to_bfloat(value));
  check("float_to_half", half, single, float_to_half(single));
  check("float_to_bfloat", bfloat, single, float_to_bfloat(single));
}

/* Each 16-bit float, the ties beside it, and what lies just off the ties. */
static void check_around(format f) {
  for (uint32_t bits = 0; bits < infinity_of(f); ++bits) {
    double low = value_of(f, (uint16_t)bits);
    double tie = (low + value_of(f, (uint16_t)(bits + 1))) / 2;
    const double values[] = {low, tie, nextafter(tie, 0),
                             nextafter(tie, INFINITY)};
    for (int i = 0; i < 4; ++i) {
      check_all(values[i]);
      check_all(-values[i]);
    }
  }
}

static void check_random(void) {
  uint64_t state = 1;
  for (int i = 0; i < 200000; ++i) {
    double value;
    state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
    memcpy(&value, &state, sizeof value);
    check_all(value);
    check_all(ldexp((double)(state >> 11), (int)(state % 320) - 200));
  }
}

int main(void) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    uint16_t magnitude = bits & 0x7fff;
    float got = half_to_float((uint16_t)bits);
    double expected = magnitude == infinity_of(half)
                          ? (bits & 0x8000 ? -INFINITY : INFINITY)
                          : value_of(half, (uint16_t)bits);
    int ok = magnitude > infinity_of(half)
                 ? isnan(got)
                 : got == expected && !signbit(got) == !(bits & 0x8000);
    if (!ok && ++wrong < 10)
      printf("half_to_float(0x%04x) is %a\n", bits, (double)got);
  }
  check_around(half);
  check_around(bfloat);
  check_random();
  check_all(INFINITY);
  check_all(-INFINITY);
  check_all(NAN);
  printf("%d wrong\n", wrong);
  return wrong != 0;
}
