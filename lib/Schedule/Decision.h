//===- Decision.h - how a kernel is computed --------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a schedule says of one problem. Each part may be missing: then the cost
// models decide it (ConvAlgorithm.h, RegisterTile.h, and the emitters' own).
// The tile reaches the emitters as an attribute of the kernel op,
//
//   kernel.conv {mlc.tile = array<i64: 6, 4>, ...}
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SCHEDULE_DECISION_H
#define MLC_SCHEDULE_DECISION_H

#include "Schedule/Problem.h"
#include "Target/Target.h"

namespace mlc {

namespace attrs {
/// On a kernel op: its Decision::tile.
constexpr llvm::StringLiteral tile = "mlc.tile";
} // namespace attrs

/// The tile of a depthwise convolution for which no schedule has another.
constexpr std::array<int64_t, 2> usualDepthwiseTile = {2, 4};

struct Decision {
  /// The tile m of Winograd's F(m, window), 0 for a direct convolution.
  std::optional<int64_t> winograd;
  /// The accumulators of a convolution: pixels by vectors of channels; of a
  /// depthwise one, rows by columns of pixels.
  std::optional<std::array<int64_t, 2>> tile;

  bool operator==(const Decision &other) const {
    return winograd == other.winograd && tile == other.tile;
  }

  /// "direct", "F(4,3)", or "" where the cost model decides.
  std::string algorithmText(const Problem &problem) const;
  /// For people: "F(4,3) 6x2", "the cost model's".
  std::string str(const Problem &problem) const;

  /// Errors unless `target` can compute `problem` so.
  llvm::Error check(const Problem &problem, const TargetInfo &target) const;
};

/// The algorithm of that name for `problem`: the inverse of algorithmText.
/// Errors: there is none.
llvm::Expected<int64_t> parseAlgorithm(llvm::StringRef text,
                                       const Problem &problem);

/// attrs::tile of `op`, if it has one.
std::optional<std::array<int64_t, 2>> tileOf(mlir::Operation *op);

} // namespace mlc

#endif // MLC_SCHEDULE_DECISION_H
