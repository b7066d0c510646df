// The C++ twin of main.c: the same generated header and library, used from
// C++17.
//
//   mlc compile digits.onnx --dim=N=1 -o out
//   c++ main.cpp out/libdigits.a -I out -o demo && ./demo
//
// Exits with 0 if all answers and scores are as expected, with 1 if one is not,
// with 2 if the model cannot run.
#include "digits.h" // written by mlc
#include "samples.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <memory>

namespace {

constexpr float kScoreTolerance = 1e-3f;
using Scores = std::array<float, 10>;

void draw(const float *image) {
  static const char ink[] = " .:-=+*#@"; // grey levels 0, 2, 4 ... 16
  for (int y = 0; y < 8; ++y) {
    std::fputs("    ", stdout);
    for (int x = 0; x < 8; ++x) {
      char c = ink[static_cast<int>(image[8 * y + x]) / 2];
      std::printf("%c%c", c, c); // a character is about twice as high as wide
    }
    std::putchar('\n');
  }
}

int highest(const Scores &scores) {
  return static_cast<int>(std::max_element(scores.begin(), scores.end()) -
                          scores.begin());
}

// NaN is never within the tolerance.
bool isClose(const Scores &a, const Scores &b) {
  return std::equal(a.begin(), a.end(), b.begin(), [](float x, float y) {
    return std::fabs(x - y) <= kScoreTolerance;
  });
}

/// The compiled model with its memory. One object serves one thread.
class Digits {
public:
  mlc_status init() { return digits_init(arena.get(), sizeof *arena); }

  mlc_status run(const float *image, Scores &scores) {
    digits_inputs inputs{};
    inputs.image = image;
    digits_outputs outputs{};
    outputs.scores = scores.data();
    return digits_run(arena.get(), &inputs, &outputs);
  }

private:
  std::unique_ptr<digits_arena> arena = std::make_unique<digits_arena>();
};

int fail(const char *function, mlc_status status) {
  std::fprintf(stderr, "%s: %s\n", function, mlc_status_string(status));
  return 2;
}

} // namespace

int main() {
  Digits model;
  if (mlc_status status = model.init(); status != MLC_OK)
    return fail("digits_init", status);

  int good = 0;
  for (int i = 0; i < SAMPLE_COUNT; ++i) {
    Scores scores, expected;
    std::copy_n(sample_scores[i], expected.size(), expected.begin());
    if (mlc_status status = model.run(sample_images[i], scores);
        status != MLC_OK)
      return fail("digits_run", status);
    int answer = highest(scores), wanted = highest(expected);
    bool ok = answer == wanted && isClose(scores, expected);
    good += ok;
    draw(sample_images[i]);
    std::printf("  answer %d (%.4f)   expected %d (%.4f)   written %d   %s\n\n",
                answer, scores[answer], wanted, expected[wanted],
                sample_labels[i], ok ? "ok" : "WRONG");
  }
  std::printf("%d of %d answers as expected\n", good,
              static_cast<int>(SAMPLE_COUNT));
  return good == SAMPLE_COUNT ? 0 : 1;
}
