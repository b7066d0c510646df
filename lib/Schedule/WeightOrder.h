//===- WeightOrder.h - How CPUs want weights to lie -------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a CPU asks of the layout of constant weights (kernel::WeightLayout).
// Lowering asks it of all CPUs of a library where algorithms depend on it, as
// on the block and on pairs; choose-layouts of all of them, or of each alone.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SCHEDULE_WEIGHTORDER_H
#define MLC_SCHEDULE_WEIGHTORDER_H

#include "Target/Target.h"
#include "llvm/ADT/ArrayRef.h"

namespace mlc {

/// The widest packed block that every target's vectors divide.
int64_t packedBlock(llvm::ArrayRef<TargetInfo> targets);

/// Whether `target` multiplies bytes as words (ByteUnit::pmaddwd).
bool multipliesWords(const TargetInfo &target);

/// Whether it also multiplies pairs of bytes (kernel::PairedWeights), by
/// vectors of which two are a block.
bool multipliesPairs(const TargetInfo &target);

/// Whether it multiplies octets of bytes, two pixels by two channels.
bool multipliesOctets(const TargetInfo &target);

/// Whether a convolution with an image of [N, H, W, C] out gains by pairs: few
/// pixels take as long as their weights take to come.
bool gainsByPairs(llvm::ArrayRef<int64_t> image);

} // namespace mlc

#endif // MLC_SCHEDULE_WEIGHTORDER_H
