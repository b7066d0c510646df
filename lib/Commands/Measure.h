//===- Measure.h - A model timed on this machine ----------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What mlc bench and mlc report measure, the same way.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_COMMANDS_MEASURE_H
#define MLC_COMMANDS_MEASURE_H

#include "Commands/Shared.h"

#include "Bench/Report.h"
#include "Tune/TimedModel.h"

namespace mlc {

/// What the compilations of one model share.
struct Measurement {
  CompileOptions options;
  TimedOptions timing;
  RunLimits limits;
  const CommandOutput &output;
  ModelGraph graph;
};

/// Options for this machine, as the options `cpu` and `threads` say.
llvm::Expected<CompileOptions> hostOptions(const Options &given,
                                           const std::string &model);

/// Reads the model that `options` name.
llvm::Expected<Measurement> readModel(const Options &given,
                                      CompileOptions options,
                                      const CommandOutput &output);

/// The calls of kernels in the model's text, without times: visited once each.
std::vector<OperatorRow> rowsOf(const CompileReport &report);

/// Fills in who and where; no times.
BenchReport headOf(const Measurement &measurement);

/// Compiles the model without and with marks and times both, and the machine.
/// Errors, besides those of compilations and runs: an operator is faster than
/// the machine can be.
llvm::Expected<BenchReport> measure(const Measurement &measurement);

/// Times models turn by turn, so that a machine that becomes slow is slow for
/// all of them.
llvm::Expected<std::vector<Times>>
timeTurnByTurn(llvm::ArrayRef<Measurement> measurements);

} // namespace mlc

#endif // MLC_COMMANDS_MEASURE_H
