//===- Form.h - How numbers are stored --------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_FORM_H
#define MLC_CALIBRATE_FORM_H

#include "mlc/Options.h"

namespace mlc::calibrate {

struct WeightForm {
  WeightType type = WeightType::Int8;
  bool perChannel = true, powersOfTwo = false;

  /// The greatest magnitude of a stored weight, without its zero point; there
  /// is one more below 0, which stays unused.
  int most() const {
    switch (type) {
    case WeightType::Int4:
      return 7;
    case WeightType::Int7:
      return 63;
    default:
      return 127;
    }
  }
  int zeroPoint() const { return type == WeightType::UInt8 ? 128 : 0; }
};

struct ActivationForm {
  ActivationType type = ActivationType::U8;
  bool powersOfTwo = false;

  /// The least stored number; there are 256.
  int least() const { return type == ActivationType::U8 ? 0 : -128; }
};

struct QuantizeForm {
  WeightForm weights;
  ActivationForm activations;
};

/// What the bytes of a value mean: x = (q - zeroPoint) * scale.
struct Stored {
  float scale = 1;
  int32_t zeroPoint = 0;

  bool operator==(const Stored &other) const {
    return scale == other.scale && zeroPoint == other.zeroPoint;
  }
};

/// The scale that reaches from 0 to `magnitude` in `steps`: a power of two
/// where those are asked for, never so small that products of two are no normal
/// numbers.
float scaleFor(float magnitude, int steps, bool powersOfTwo);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_FORM_H
