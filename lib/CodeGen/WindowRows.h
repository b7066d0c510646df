//===- WindowRows.h - rows of a window, without the padding -----*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen. Bounds of window elements that lie inside the input,
// as index arithmetic: what is outside is never computed.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_WINDOWROWS_H
#define MLC_CODEGEN_WINDOWROWS_H

#include "CodeGen/Emitter.h"
#include "CodeGen/Tile.h"

namespace mlc {

/// The window elements [from, to) of the window at `out` that are inside.
struct Bounds {
  Value from, to;
};
Bounds boundsInside(Emitter &e, const Window &window, Value out);

/// Where the window at `out` reads its element `k`.
Value inputRow(Emitter &e, const Window &window, Value out, Value k);

/// Calls `body` for each element that is inside; with one that always is,
/// without a loop.
Values forEachKernelRow(Emitter &e, const Window &window, Value out,
                        ValueRange carried, Emitter::CarryingBody body);

} // namespace mlc

#endif // MLC_CODEGEN_WINDOWROWS_H
