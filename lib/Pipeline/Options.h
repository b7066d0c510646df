//===- Options.h - What a compilation is asked for --------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_PIPELINE_OPTIONS_H
#define MLC_PIPELINE_OPTIONS_H

#include "Import/Importer.h"
#include "Quantize/Arithmetic.h"
#include "Schedule/Table.h"
#include "Target/Target.h"

#include <string>
#include <vector>

namespace mlc {

/// The one struct of options; tools fill it, everything else reads it.
struct CompileOptions {
  std::string model; ///< path of an .onnx, or .mlir of nn ops
  ImportOptions import;
  std::string prefix;              ///< of the C names; "" takes the file's name
  std::vector<TargetInfo> targets; ///< from resolveTargets, best first
  std::string contractFile;        ///< "" for none

  /// How accumulators of integers become stored integers.
  QuantizeMode arithmetic = QuantizeMode::Onnx;
  /// LoweringOptions::maxUlp and halfWeights.
  double maxUlp = 64;
  bool halfWeights = false;
  /// Measured decisions that go before the cost models'. Algorithms, which all
  /// targets share, are the first target's.
  ScheduleOptions schedule;
  /// The most threads that code can use, at least 1, which is code without
  /// forks. More cost a little code, and scratch memory of some kernels.
  unsigned threads = 4;
  /// BackendOptions::streams.
  bool streams = true;
  /// Code that tells when each kernel is done; see BackendOptions::profile.
  bool profile = false;

  std::string stopAfter; ///< a phase's name, "" for none
  /// Where the IR goes that stopAfter asks for.
  llvm::raw_ostream *irStream = nullptr;
  bool elideWeights = true; ///< in that IR, large constants by their size only
  /// Called when a phase begins, with its place among all: progress for people.
  std::function<void(llvm::StringRef phase, unsigned index, unsigned count)>
      onPhase;
};

/// `prefix`, or the model's file name as a C identifier.
std::string prefixOf(const CompileOptions &options);

} // namespace mlc

#endif // MLC_PIPELINE_OPTIONS_H
