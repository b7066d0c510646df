//===- AttentionParts.h - What attention operators are made of --*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Attention of com.microsoft comes in a dozen forms of operands; what they have
// in common is here. Names are those of onnxruntime: B batch, N heads, S
// queries, L new keys, P keys of the past, T = P + L, H the size of a head.
// Null operands give null.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_ATTENTIONPARTS_H
#define MLC_IMPORT_ATTENTIONPARTS_H

#include "Import/Node.h"

namespace mlc {

//===----------------------------------------------------------------------===//
// Heads
//===----------------------------------------------------------------------===//

/// [B, S, N * H] as [B, N, S, H]; reports a size that N does not divide.
mlir::Value splitHeads(Node &node, mlir::Value v, int64_t heads);
/// [B, N, S, H] as [B, S, N * H].
mlir::Value joinHeads(Node &node, mlir::Value v);
/// Head n of [B, N, S, H] for each of `group` heads that share it.
mlir::Value repeatHeads(Node &node, mlir::Value v, int64_t group);

//===----------------------------------------------------------------------===//
// Masks
//===----------------------------------------------------------------------===//

struct AttentionSizes {
  int64_t batch, queries, past, total;
};

/// `mask` in any of its forms, as what is added to scores: 0, or `filter` where
/// a key is hidden. Its forms are [B] (lengths), [2B] (ends, then starts),
/// [3B + 2] (lengths first), [B, T], [B, S, T] and [B, 1, M, M]; [B, 1] hides
/// nothing.
mlir::Value paddingMask(Node &node, mlir::Value mask, AttentionSizes sizes,
                        double filter, mlir::Type element);

/// `mask`, or 0 where it is null, with the least number of its type where a key
/// comes after a query. The last query sees all, as in onnxruntime.
mlir::Value causalMask(Node &node, mlir::Value mask, AttentionSizes sizes,
                       mlir::Type element);

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

/// q [B, N, S, H], k [B, N, T, H], v [B, N, T, H']; `mask` and `bias`, which
/// may be null, broadcast to [B, N, S, T] and are added to the scaled products.
struct AttentionOperands {
  mlir::Value q, k, v, mask, bias;
  double scale;
};

struct AttentionResults {
  mlir::Value output; ///< [B, S, N * H']
  mlir::Value scores; ///< [B, N, S, T], what softmax is taken of
};

/// In f32 where the type is narrower.
AttentionResults attend(Node &node, const AttentionOperands &operands);

/// The least finite number of a float type.
double leastOf(mlir::Type element);

/// The attribute 'scale', or 1 / sqrt(H).
double attentionScale(Node &node, int64_t headSize);

//===----------------------------------------------------------------------===//
// Rotary positions
//===----------------------------------------------------------------------===//

/// Rows of the caches [M, R / 2] for positions [B, S], i64, and what they turn:
/// the first R elements of a head, as pairs of neighbours or of halves.
struct Rotation {
  mlir::Value cosines, sines; ///< [B, 1, S, R / 2]
  bool isInterleaved;
};

Rotation rotationAt(Node &node, mlir::Value cosines, mlir::Value sines,
                    mlir::Value positions, bool isInterleaved);

/// `v` [B, N, S, H] turned.
mlir::Value rotate(Node &node, mlir::Value v, const Rotation &rotation);

} // namespace mlc

#endif // MLC_IMPORT_ATTENTIONPARTS_H
