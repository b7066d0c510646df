//===- Energy.h - Joules of a run, an estimate -----------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// E = operations * energy of one + bytes * energy of the level of memory that
// they come from. The energies are those of a 45 nm process at 0.9 V in
// M. Horowitz, "Computing's energy problem (and what we can do about it)",
// ISSCC 2014. Fetching and decoding of instructions, what leaks while a run
// lasts, and everything that is no core or memory are left out: the figure is
// for comparing models, not for sizing a battery.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_REPORT_ENERGY_H
#define MLC_REPORT_ENERGY_H

#include "Bench/Report.h"

namespace mlc {

/// Picojoules of a multiplication and of an addition to its sum.
struct OperationEnergy {
  const char *element; ///< as OperatorRow::element
  double multiply, add;
};

/// Picojoules of 64 bits from a memory of at most so many bytes.
struct MemoryEnergy {
  const char *name;
  uint64_t bytes;
  double read64;
};

extern const char *const energySource;
llvm::ArrayRef<OperationEnergy> operationEnergies();
/// The smallest first; the last is DRAM, which holds everything.
llvm::ArrayRef<MemoryEnergy> memoryEnergies();

/// The row of an element type. Of those that the source does not have, floats
/// count as f32 and integers as i32, which are dearer than narrower ones.
const OperationEnergy &energyOf(llvm::StringRef element);
/// The level that holds `bytes`.
const MemoryEnergy &levelOf(uint64_t bytes);

/// Picojoules, by what they are spent on.
struct Energy {
  double arithmetic = 0;
  double weights = 0;     ///< reading constants
  double activations = 0; ///< reading and writing all else

  double total() const { return arithmetic + weights + activations; }
  Energy &operator+=(const Energy &other);
};

/// Of all visits of a kernel in one run. Its activations come from the level
/// that holds what one visit reads and writes; its weights, which a run reads
/// once, from the one that holds all `modelWeights` bytes of the model.
Energy energyOf(const OperatorRow &row, uint64_t modelWeights);

} // namespace mlc

#endif // MLC_REPORT_ENERGY_H
