//===- BlockedMatmulSchedule.cpp - products with a scale a block ----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Schedule/Models.h"
#include <limits>

using namespace mlir;
using namespace mlc;

/// Half cycles that a row of weights takes on a core that starts two products
/// and four operations in all a cycle: a vector of weights becomes floats by
/// four, a chain waits for its last sum.
static int64_t stepCost(int64_t rows, int64_t vectors) {
  constexpr int64_t latency = 8, widening = 4;
  int64_t products = rows * vectors;
  int64_t all = products + widening * vectors + rows;
  return rows == 0 ? 0 : std::max<int64_t>({products, latency, (all + 1) / 2});
}

static int64_t coverCost(int64_t pixels, int64_t rows, int64_t vectors) {
  return pixels / rows * stepCost(rows, vectors) +
         stepCost(pixels % rows, vectors);
}

/// Accumulators of a block, its weights and two more, all in registers; what
/// the blocks before add up to is not used in the inner loop.
static int64_t mostRows(const TargetInfo &target, int64_t vectors) {
  int64_t registers = int64_t(target.vectorRegisters) - vectors - 2;
  // An activation vector a row lives as long as its lanes are used.
  int64_t each = target.multipliesByLane() ? vectors + 1 : vectors;
  return std::max<int64_t>(1, registers / each);
}

/// The cheapest cover of `m` rows by tiles `vectors` wide.
static std::pair<int64_t, GemmTile> bestRows(const TargetInfo &target,
                                             int64_t m, int64_t vectors) {
  std::pair<int64_t, GemmTile> best = {std::numeric_limits<int64_t>::max(), {}};
  int64_t most = std::min(m, mostRows(target, vectors));
  for (int64_t rows = 1; rows <= most; ++rows)
    if (int64_t cost = coverCost(m, rows, vectors); cost <= best.first)
      best = {cost, {unsigned(rows), unsigned(vectors)}};
  return best;
}

/// Full tiles, then those for the vectors that remain, the last of which may
/// not be full. Widths are powers of two, so that tiles begin at the same
/// places of packed blocks.
static void chooseTiles(const TargetInfo &target, int64_t m, int64_t n,
                        ScheduleFields &fields) {
  constexpr int64_t widest = 4;
  int64_t vectors = llvm::divideCeil(n, fields.lanes);
  GemmTile tile = {};
  int64_t best = std::numeric_limits<int64_t>::max();
  for (int64_t wide = 1; wide <= std::min(widest, vectors); wide *= 2) {
    auto [cost, each] = bestRows(target, m, wide);
    cost *= llvm::divideCeil(vectors, wide);
    if (cost > best)
      continue;
    best = cost;
    tile = each;
  }
  fields.setTile(tile);
  int64_t chunks = n / fields.lanes / tile.vectors;
  int64_t rest = vectors - (chunks > 1 ? chunks * tile.vectors : 0);
  for (; rest > 0; rest -= widest)
    fields.addRest(bestRows(target, m, std::min(rest, widest)).second);
}

namespace {
struct BlockedMatmulModel
    : ScheduleOpInterface::ExternalModel<BlockedMatmulModel,
                                         kernel::BlockedMatmulOp> {
  kernel::ScheduleAttr makeSchedule(Operation *op,
                                    const ScheduleRequest &request) const {
    auto matmul = cast<kernel::BlockedMatmulOp>(op);
    FailureOr<OperandLayout> in = OperandLayout::get(matmul.getInput());
    FailureOr<OperandLayout> out = OperandLayout::get(matmul.getInit());
    if (failed(in) || failed(out))
      return {};
    constexpr unsigned bits = 32;
    ScheduleFields fields;
    fields.lanes =
        std::min<int64_t>(request.target.lanes(bits), matmul.getPackedLanes());
    chooseTiles(request.target, out->sizes[0], out->sizes[1], fields);
    fields.epilogue = epilogueVectors(request.target);
    return fields.get(op->getContext());
  }
};
} // namespace

template <>
void mlc::attachSchedule<kernel::BlockedMatmulOp>(MLIRContext *context) {
  kernel::BlockedMatmulOp::attachInterface<BlockedMatmulModel>(*context);
}
