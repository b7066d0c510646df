/* Recognises ten handwritten digits with the compiled model, and checks each
 * answer against onnxruntime's.
 *
 *   mlc compile digits.onnx --dim=N=1 -o out
 *   cc main.c out/libdigits.a -I out -o demo && ./demo
 *
 * Exits with 0 if all answers and scores are as expected, with 1 if one is not,
 * with 2 if the model cannot run. */
#include "digits.h" /* written by mlc */
#include "samples.h"

#include <stdio.h>

#define SCORE_TOLERANCE 1e-3f

/* All memory that the model needs besides its constants. It may lie anywhere;
 * here it is static. */
static digits_arena arena;

static void draw(const float image[64]) {
  static const char ink[] = " .:-=+*#@"; /* grey levels 0, 2, 4 ... 16 */
  for (int y = 0; y < 8; ++y) {
    fputs("    ", stdout);
    for (int x = 0; x < 8; ++x) {
      char c = ink[(int)image[8 * y + x] / 2];
      putchar(c); /* twice: a character is about twice as high as wide */
      putchar(c);
    }
    putchar('\n');
  }
}

static int highest(const float scores[10]) {
  int best = 0;
  for (int i = 1; i < 10; ++i)
    if (scores[i] > scores[best])
      best = i;
  return best;
}

/* The largest difference between two lists of scores; a NaN counts as a
 * difference of 1. */
static float difference(const float a[10], const float b[10]) {
  float worst = 0;
  for (int i = 0; i < 10; ++i) {
    float d = a[i] > b[i] ? a[i] - b[i] : b[i] - a[i];
    if (!(d <= worst))
      worst = d == d ? d : 1;
  }
  return worst;
}

/* Runs the model on one sample, prints what it says, and tells whether that is
 * as expected. */
static int check(int sample, mlc_status *status) {
  const float *image = sample_images[sample];
  const float *expected = sample_scores[sample];
  float scores[10];
  *status = digits_run(&arena, &(digits_inputs){.image = image},
                       &(digits_outputs){.scores = scores});
  if (*status != MLC_OK)
    return 0;

  int answer = highest(scores);
  float error = difference(scores, expected);
  int good = answer == highest(expected) && error <= SCORE_TOLERANCE;
  draw(image);
  printf("  answer %d (%.4f)   expected %d (%.4f)   written %d   largest error "
         "%.1e   %s\n\n",
         answer, scores[answer], highest(expected), expected[highest(expected)],
         sample_labels[sample], error, good ? "ok" : "WRONG");
  return good;
}

int main(void) {
  mlc_status status = digits_init(&arena, sizeof arena);
  if (status != MLC_OK) {
    fprintf(stderr, "digits_init: %s\n", mlc_status_string(status));
    return 2;
  }

  int good = 0;
  for (int i = 0; i < SAMPLE_COUNT; ++i) {
    good += check(i, &status);
    if (status != MLC_OK) {
      fprintf(stderr, "digits_run, sample %d: %s\n", i,
              mlc_status_string(status));
      return 2;
    }
  }
  printf("%d of %d answers as expected, in an arena of %lu bytes\n", good,
         (int)SAMPLE_COUNT, (unsigned long)sizeof arena);
  return good == SAMPLE_COUNT ? 0 : 1;
}
