//===- Decision.h - how a kernel is computed --------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a schedule says of one problem. Each part may be missing: then the cost
// models decide it (ConvAlgorithm.h, KernelSchedule.h).
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SCHEDULE_DECISION_H
#define MLC_SCHEDULE_DECISION_H

#include "Kernel/IR/Kernel.h"
#include "Target/Target.h"

namespace mlc {

using mlir::kernel::Problem;

/// The tile of a depthwise convolution for which no schedule has another.
constexpr std::array<int64_t, 2> usualDepthwiseTile = {2, 4};

struct Decision {
  /// The tile m of Winograd's F(m, window), 0 for a direct convolution.
  std::optional<int64_t> winograd;
  /// The accumulators of a convolution: pixels by vectors of channels; of a
  /// depthwise one, rows by columns of pixels.
  std::optional<std::array<int64_t, 2>> tile;
  /// Of a direct convolution, as in #kernel.schedule; `sharesInputs` is whether
  /// its window_registers are those of the CPU or 0.
  std::optional<mlir::kernel::LoopOrder> order;
  std::optional<mlir::kernel::Division> divide;
  std::optional<mlir::kernel::Prefetch> prefetch;
  std::optional<bool> sharesInputs;
  std::optional<int64_t> unroll;
  std::optional<mlir::kernel::Unit> unit;

  bool operator==(const Decision &other) const;
  /// Whether one of those of a direct convolution is there.
  bool hasLoops() const;

  /// "direct", "F(4,3)", or "" where the cost model decides.
  std::string algorithmText(const Problem &problem) const;
  /// For people: "F(4,3) 6x2", "direct order=rows", "the cost model's".
  std::string str(const Problem &problem) const;

  /// Errors unless `target` can compute `problem` so.
  llvm::Error check(const Problem &problem, const TargetInfo &target) const;
};

/// Whether the CPU has a matrix unit for the problem's elements.
bool hasMatrices(const Problem &problem, const TargetInfo &target);

/// The algorithm of that name for `problem`: the inverse of algorithmText.
/// Errors: there is none.
llvm::Expected<int64_t> parseAlgorithm(llvm::StringRef text,
                                       const Problem &problem);

} // namespace mlc

#endif // MLC_SCHEDULE_DECISION_H
