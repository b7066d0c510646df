//===- RegisterTile.h - which tile of accumulators --------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A cost model over covers of an image by tiles of `rows` pixels by `vectors`
// channel vectors of accumulators. The cost of a cover is what its tiles take
// on a core that starts two operations per cycle: multiplications, or loads
// where those are more, or the latency of a chain where a tile has too few
// accumulators to hide it.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SCHEDULE_REGISTERTILE_H
#define MLC_SCHEDULE_REGISTERTILE_H

#include "Target/Target.h"
#include "mlir/IR/Operation.h"

namespace mlc {

/// Which widths of a tile, in vectors, the layout of weights allows.
using AllowedWidths = llvm::function_ref<bool(unsigned vectors)>;

/// Widths of tiles over weights that are packed by `block` channels: those that
/// begin at the same places of each block. A single pixel takes as long as its
/// weights take to come: from a cache one stream is faster, as one block is;
/// several are from memory.
struct PackedWidths {
  int64_t lanes; ///< channels per vector
  int64_t block;
  int64_t pixels;
  int64_t weights; ///< floats of all blocks

  bool isOneStream() const {
    constexpr int64_t mostCached = 8 << 20;
    return pixels == 1 && weights <= mostCached;
  }
  bool operator()(unsigned vectors) const {
    int64_t width = vectors * lanes;
    return block % width == 0 || (width % block == 0 && !isOneStream());
  }
};

/// The tiles for rows of `pixels` pixels and `vectors` vectors of channels, the
/// best first. Only widths that `allowed` accepts are taken; one vector and all
/// of them always are. `spare` registers are left to LLVM.
std::vector<GemmTile> rankTiles(const TargetInfo &target, int64_t pixels,
                                int64_t vectors, AllowedWidths allowed,
                                unsigned spare = 0);

/// The first of them; a single pixel and vector where there are none.
GemmTile chooseTile(const TargetInfo &target, int64_t pixels, int64_t vectors,
                    AllowedWidths allowed, unsigned spare = 0);

/// The same for a kernel op of which a tile was measured: that one, where
/// `vectors` and `allowed` permit its width; a warning at `op` where they do
/// not.
GemmTile chooseTile(mlir::Operation *op, const TargetInfo &target,
                    std::optional<std::array<int64_t, 2>> measured,
                    int64_t pixels, int64_t vectors, AllowedWidths allowed,
                    unsigned spare = 0);

} // namespace mlc

#endif // MLC_SCHEDULE_REGISTERTILE_H
