//===- RandomLayer.h - Weights, and what they are multiplied by -*- C++ -*-===//

#ifndef MLC_TEST_CALIBRATE_RANDOMLAYER_H
#define MLC_TEST_CALIBRATE_RANDOMLAYER_H

#include "Calibrate/Hessian.h"
#include "RandomValues.h"

namespace mlc::calibrate {

/// A layer whose inputs are correlated, as those of a real one.
struct RandomLayer {
  int64_t rows, cols;
  std::vector<float> w;
  Hessian h;
};

inline RandomLayer makeLayer(int64_t rows, int64_t cols, int64_t vectors,
                             uint64_t seed) {
  Random random(seed);
  RandomLayer layer{rows, cols, random.normals(rows * cols, 0.1),
                    Hessian(cols)};
  std::vector<float> mix = random.normals(cols * cols);
  for (int64_t v = 0; v != vectors; ++v) {
    std::vector<float> source = random.normals(cols), x(cols);
    for (int64_t i = 0; i != cols; ++i)
      for (int64_t j = 0; j <= i; ++j)
        x[i] += mix[i * cols + j] * source[j] / float(i - j + 1);
    layer.h.add(x.data(), 1);
  }
  return layer;
}

} // namespace mlc::calibrate

#endif // MLC_TEST_CALIBRATE_RANDOMLAYER_H
