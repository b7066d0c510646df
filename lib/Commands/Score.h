//===- Score.h - A model run on samples -------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What mlc eval and mlc report have in common.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_COMMANDS_SCORE_H
#define MLC_COMMANDS_SCORE_H

#include "Commands/Shared.h"

#include "Evaluate/Drop.h"
#include "Pipeline/HostModel.h"

namespace mlc {

/// Compiles for this machine; an open batch is 1.
llvm::Expected<std::unique_ptr<HostModel>>
compileToScore(const Options &given, const std::string &model,
               const CommandOutput &output);

/// `host`, which outlives it, as evaluate() takes it.
EvaluatedModel evaluatedModel(llvm::StringRef path, HostModel &host);

/// Tells `output` of the sample, and how many seconds are left, but not more
/// often than people can read.
std::function<void(int64_t, int64_t)> tellSamples(const CommandOutput &output);

} // namespace mlc

#endif // MLC_COMMANDS_SCORE_H
