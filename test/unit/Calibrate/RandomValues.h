//===- RandomValues.h - Values that tests calibrate with --------*- C++ -*-===//

#ifndef MLC_TEST_CALIBRATE_RANDOMVALUES_H
#define MLC_TEST_CALIBRATE_RANDOMVALUES_H

#include <cmath>
#include <cstdint>
#include <vector>

namespace mlc::calibrate {

/// The same on every machine, unlike the distributions of <random>.
class Random {
public:
  explicit Random(uint64_t seed) : state(seed * 2654435761u + 1) {}

  /// In [0, 1).
  double uniform() {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return double(state >> 11) / 9007199254740992.0;
  }
  /// Close to the standard normal distribution.
  double normal() {
    double sum = -6;
    for (int i = 0; i != 12; ++i)
      sum += uniform();
    return sum;
  }
  std::vector<float> normals(size_t count, double scale = 1) {
    std::vector<float> values(count);
    for (float &value : values)
      value = float(scale * normal());
    return values;
  }

private:
  uint64_t state;
};

} // namespace mlc::calibrate

#endif // MLC_TEST_CALIBRATE_RANDOMVALUES_H
