//===- Energy.cpp - Joules of a run, an estimate --------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report/Energy.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace mlc;

const char *const mlc::energySource =
    "M. Horowitz, \"Computing's energy problem (and what we can do about it)\","
    " ISSCC 2014, 45 nm, 0.9 V";

// Sums of products of bytes are of i32, those of 16-bit floats of f32 in our
// code but for what computes in f16 alone, of which the table has the addition.
static constexpr OperationEnergy operations[] = {
    {"f32", 3.7, 0.9}, {"f16", 1.1, 0.9}, {"bf16", 1.1, 0.9},
    {"i32", 3.1, 0.1}, {"i8", 0.2, 0.1},
};

// DRAM is 1.3 to 2.6 nJ there: its lower end.
static constexpr MemoryEnergy memories[] = {
    {"8 KB cache", uint64_t(8) << 10, 10},
    {"32 KB cache", uint64_t(32) << 10, 20},
    {"1 MB cache", uint64_t(1) << 20, 100},
    {"DRAM", UINT64_MAX, 1300},
};

ArrayRef<OperationEnergy> mlc::operationEnergies() { return operations; }
ArrayRef<MemoryEnergy> mlc::memoryEnergies() { return memories; }

const OperationEnergy &mlc::energyOf(StringRef element) {
  if (element == "ui8")
    element = "i8";
  for (const OperationEnergy &row : operations)
    if (element == row.element)
      return row;
  bool isInteger = element.starts_with("i") || element.starts_with("ui");
  return energyOf(isInteger ? "i32" : "f32");
}

const MemoryEnergy &mlc::levelOf(uint64_t bytes) {
  return *llvm::find_if(memories, [&](const MemoryEnergy &level) {
    return bytes <= level.bytes;
  });
}

static double picojoules(uint64_t bytes, const MemoryEnergy &level) {
  return static_cast<double>(bytes) / 8 * level.read64;
}

Energy &Energy::operator+=(const Energy &other) {
  arithmetic += other.arithmetic;
  weights += other.weights;
  activations += other.activations;
  return *this;
}

Energy mlc::energyOf(const OperatorRow &row, uint64_t modelWeights) {
  const OperationEnergy &each = energyOf(row.element);
  uint64_t visits = std::max(1u, row.visits);
  uint64_t weights = visits * row.weightBytes;
  uint64_t others = row.operations - 2 * row.macs;
  Energy energy;
  energy.arithmetic =
      static_cast<double>(row.macs) * (each.multiply + each.add) +
      static_cast<double>(others) * each.add;
  energy.weights = picojoules(weights, levelOf(modelWeights));
  energy.activations =
      picojoules(row.bytes - weights, levelOf(row.bytes / visits));
  return energy;
}
