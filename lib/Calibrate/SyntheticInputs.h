//===- SyntheticInputs.h - What a model without samples is fed --*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Of each input is to be known what it looks like and in what range it is.
// Images are told by their shape. The range is what --input-range says, else
// what the model itself betrays: where BatchNormalization is in the biases of
// layers, their results vary about as much as biases of their channels differ,
// which they do for one scale of the input only. Of images, which of the
// customary ranges that is; of other inputs, any scale.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_SYNTHETICINPUTS_H
#define MLC_CALIBRATE_SYNTHETICINPUTS_H

#include "Calibrate/Plan.h"
#include "Calibrate/Session.h"
#include "Samples/Synthetic.h"

namespace mlc::calibrate {

struct AssumedInput {
  SyntheticInput input;
  /// How the range is known: it was given, the model betrays it, or nothing
  /// says it.
  enum class Source { Given, Model, Nothing } source = Source::Nothing;
};

/// "given", "model", "nothing".
llvm::StringRef name(AssumedInput::Source source);

/// Of each of the inputs `wanted` of a prepared model; `ranges` are those of
/// --input-range. Errors: a range of no input, or that is none; integers of
/// which nothing says what they are.
llvm::Expected<std::vector<AssumedInput>>
assumeInputs(const onnx::ModelProto &model, const Plan &plan,
             const RunOptions &options, llvm::ArrayRef<Samples::Wanted> wanted,
             const TextsByName &ranges);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_SYNTHETICINPUTS_H
