//===- RangeChoice.h - Which observer suits which activation ----*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_RANGECHOICE_H
#define MLC_CALIBRATE_RANGECHOICE_H

#include "Calibrate/OutputError.h"
#include "Calibrate/Ranges.h"

namespace mlc::calibrate {

/// A range that one observer has for a group, as it is stored.
struct RangeCandidate {
  RangeObserver observer;
  Stored stored;
};

/// What `observer` says, or all of them for Auto, without repetitions.
std::vector<RangeCandidate> rangeCandidates(const Observer &observer,
                                            RangeObserver which,
                                            const ActivationForm &form);

/// For each group the candidate with which the outputs of the model, with
/// weights as floats, are off least: first one observer for all groups, then
/// each group by itself, in the order in which they are computed. The model is
/// compiled once; ranges are inputs of it. A large model is run on fewer
/// samples, and stays with one observer for all where none would be left. Gives
/// the places of the candidates.
llvm::Expected<std::vector<size_t>>
chooseRanges(Session &session, const onnx::ModelProto &model, const Plan &plan,
             llvm::ArrayRef<std::vector<RangeCandidate>> candidates,
             const ActivationForm &form, OutputError &error);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_RANGECHOICE_H
