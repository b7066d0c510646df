//===- Recipe.h - What is done to a model to compress it --------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_COMPRESS_RECIPE_H
#define MLC_COMPRESS_RECIPE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <optional>
#include <string>
#include <vector>

namespace mlc::compress {

/// What numbers a model computes with.
enum class Numbers {
  F32,
  BF16,    ///< activations and weights of 16 bits
  Int8,    ///< activations and weights of 8 bits
  MixedInt ///< layers with weights of 4 bits among them
};

/// The steps that make a candidate of a model: channels, factors, zeros,
/// numbers, in this order. What their commands search layer by layer, within a
/// drop, has a share: so much of the drop that the whole may have may be lost
/// once the step is done, in percent. 0: there is no such step.
struct Recipe {
  unsigned channels = 0; ///< are removed
  unsigned zeros = 0;    ///< weights become zero
  Numbers numbers = Numbers::F32;
  unsigned factors = 0; ///< layers become several smaller ones

  bool operator==(const Recipe &other) const {
    return channels == other.channels && zeros == other.zeros &&
           numbers == other.numbers && factors == other.factors;
  }
  unsigned steps() const {
    return (channels > 0) + (factors > 0) + (zeros > 0) +
           (numbers != Numbers::F32);
  }
  /// As "channels50+int8"; without a step "f32". A file can have it.
  std::string name() const;
  /// Without its last step; none without a step.
  std::optional<Recipe> before() const;
  /// Its last step and no other.
  Recipe lastStep() const;
  /// The share of the drop that its last step searches within; none where it
  /// takes what comes.
  std::optional<unsigned> lastShare() const;
};

/// What is worth trying of these steps, the model as it is first, and none
/// before what it goes on from. Zeros come without narrow numbers: no kernel
/// gains by both. Steps are "channels", "factors", "zeros", "bf16", "int8" and
/// "int4", with commas between them. Errors: there is no such step.
llvm::Expected<std::vector<Recipe>> recipesOf(llvm::StringRef steps);

} // namespace mlc::compress

#endif // MLC_COMPRESS_RECIPE_H
