//===- Synthetic.h - Samples of inputs that nobody has seen -----*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where there are no samples, what looks like them takes their place:
//
//   images    opaque shapes of all sizes over each other, softly lit, with a
//             little noise: "dead leaves" (Lee, Mumford and Huang, "Occlusion
//             models for natural images"), which have the edges, areas and
//             spectra of photographs;
//   noise     smooth noise of equal power in each octave (1/f) along the last
//             two dimensions, as sounds, features over time and sensors have,
//             louder in some samples than in others;
//   integers  of equal likelihood.
//
// A sample is a function of its number, its input's and nothing else.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SAMPLES_SYNTHETIC_H
#define MLC_SAMPLES_SYNTHETIC_H

#include "Samples/Samples.h"

namespace mlc {

/// What an input that nobody has seen is taken for: Samples::synthetic.
struct SyntheticInput {
  enum class Look { Images, Noise, Integers };

  Look look = Look::Noise;
  bool channelsLast = false; ///< of images: NxHxWxC instead of NxCxHxW
  /// Black and white of images; what noise keeps within; the least and the
  /// largest integer.
  double low = -30, high = 30;
  double deviation = 1; ///< of noise, in a sample of middle loudness
};

/// "images", "noise", "integers".
llvm::StringRef name(SyntheticInput::Look look);

} // namespace mlc

#endif // MLC_SAMPLES_SYNTHETIC_H
