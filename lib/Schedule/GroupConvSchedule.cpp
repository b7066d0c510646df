//===- GroupConvSchedule.cpp - convolution in many small groups -----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Schedule/Models.h"
#include "Schedule/WindowTile.h"

using namespace mlir;
using namespace mlc;

namespace {
/// Pixels of a tile, and input channels of a group at once.
struct PixelsAndSteps {
  int64_t pixels, steps;
};
} // namespace

/// A vector is no wider than a group where units are not either: narrow vectors
/// cost nothing there, and activations come by broadcasting loads.
static int64_t widestLanes(const TargetInfo &target, Type accumulator,
                           int64_t groupSize, int64_t block) {
  int64_t bits = accumulator.getIntOrFloatBitWidth();
  int64_t lanes = std::min<int64_t>(target.lanes(bits), block);
  return target.unitBits / bits <= groupSize ? std::min(lanes, groupSize)
                                             : lanes;
}

/// As many steps at once as leave enough pixels to hide the latency of sums:
/// each further pass reads the inputs again.
static PixelsAndSteps chooseSteps(const TargetInfo &target, const Window &width,
                                  int64_t groupSize, int64_t lanes) {
  constexpr unsigned enough = 10;
  bool isSpread =
      target.multipliesByLane() ? lanes >= groupSize : lanes > groupSize;
  for (int64_t steps = isSpread ? std::min<int64_t>(groupSize, 4) : 1;;
       steps /= 2) {
    unsigned most =
        mostWindowPixels(windowRegisters(target, steps), width, 1, steps);
    if (most >= enough || steps == 1)
      return {chooseWindowPixels(width, 1, std::max(1u, most)), steps};
  }
}

FailureOr<ScheduleFields>
mlc::scheduleGroupConv(kernel::ConvOp op, const ScheduleRequest &request) {
  FailureOr<ConvLayouts> layouts =
      ConvLayouts::get(cast<kernel::KernelOpInterface>(op.getOperation()),
                       op.getInputChannelsFirst(), request);
  if (failed(layouts))
    return failure();
  const TargetInfo &target = request.target;
  const OperandLayout &in = layouts->in, &w = layouts->weights;
  const OperandLayout &out = layouts->out;
  Window width = {in.sizes[2],        out.sizes[2],         w.sizes[3],
                  op.getStrides()[1], op.getDilations()[1], op.getPads()[1]};
  ScheduleFields fields;
  fields.lanes =
      widestLanes(target, op.getAccumulatorType(), w.sizes[4], w.sizes[5]);
  const Decision &measured = request.measured;
  fields.divide = measured.divide.value_or(divisionOf(*layouts));
  // Vectors outside of rows: weights stay in L1. Of an input that L2 does not
  // hold, each line would come from far away by itself: there, rows are
  // outside.
  if (in.spanBytes() > target.l2)
    fields.order = kernel::LoopOrder::rows;
  if (isWorthFetching(op, request, in))
    fields.prefetch = fields.prefetch | kernel::Prefetch::inputs;
  if (isWorthFetching(op, request, out.sizes[0] * out.sizes[1] * out.sizes[2]))
    fields.prefetch = fields.prefetch | kernel::Prefetch::weights;
  fields.prefetch = measured.prefetch.value_or(fields.prefetch);
  fields.epilogue = epilogueVectors(target);
  // Full vectors, then narrower ones: groups are powers of two.
  for (int64_t lanes = fields.lanes, left = out.sizes[3]; left > 0;
       left %= lanes, lanes /= 2) {
    PixelsAndSteps chosen = chooseSteps(target, width, w.sizes[4], lanes);
    if (fields.tile.empty())
      fields.tile = {chosen.pixels, 1};
    else
      fields.addRest({unsigned(chosen.pixels), 1});
    fields.steps.push_back(chosen.steps);
  }
  return fields;
}
