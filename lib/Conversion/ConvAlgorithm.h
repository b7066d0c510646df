//===- ConvAlgorithm.h - Which kernel computes a convolution ----*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A cost model over shapes. It knows nothing of the CPU: all CPUs that an
// archive is for share the graph, and with it the choice.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CONVERSION_CONVALGORITHM_H
#define MLC_CONVERSION_CONVALGORITHM_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/ArrayRef.h"

namespace mlc {

/// A convolution whose square window moves by one.
struct ConvShape {
  llvm::ArrayRef<int64_t> in, out; ///< [N, H, W, C] and [N, OH, OW, O]
  int64_t window, groups;
  int64_t padTop, padLeft;
  int64_t block; ///< output channels a packed block of weights
};

/// The tile of the F(tile, window) that takes least time among those whose
/// error bound (kernel::winogradErrorBound) is at most `maxUlp`, or 0 if a
/// direct convolution takes less.
int64_t chooseWinogradTile(const ConvShape &shape, double maxUlp);

} // namespace mlc

#endif // MLC_CONVERSION_CONVALGORITHM_H
