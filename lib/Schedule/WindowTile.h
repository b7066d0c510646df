//===- WindowTile.h - tiles whose windows share inputs ----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A cost model of narrow tiles: the weights of one kernel row stay in registers
// and each input column is prepared once, for all windows that hold it.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SCHEDULE_WINDOWTILE_H
#define MLC_SCHEDULE_WINDOWTILE_H

#include "Support/Window.h"
#include "Target/Target.h"

namespace mlc {

/// The registers that accumulators and weights may take, with `steps` input
/// channels at once.
int64_t windowRegisters(const TargetInfo &target, int64_t steps = 1);

/// The most pixels of a tile `vectors` wide whose accumulators, with the
/// weights of one kernel row, fit so many registers; 0 where the weights alone
/// do not.
unsigned mostWindowPixels(int64_t registers, const Window &width,
                          int64_t vectors, int64_t steps = 1);

/// The pixels of a tile that cover all windows in the least time.
unsigned chooseWindowPixels(const Window &width, int64_t vectors,
                            unsigned most);

} // namespace mlc

#endif // MLC_SCHEDULE_WINDOWTILE_H
