//===- DepthwiseSchedule.cpp - how depthwise convolutions are computed ----===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Schedule/Models.h"

using namespace mlir;
using namespace mlc;

/// Vectors of so many sums; four of them are the channels of a vector of bytes.
/// A tile of four pixels has sixteen, half the registers of most CPUs.
static ScheduleFields quadSchedule(const ConvLayouts &layouts,
                                   const ScheduleRequest &request) {
  const TargetInfo &target = request.target;
  constexpr int64_t least = 4;
  ScheduleFields fields;
  fields.lanes = std::max<int64_t>(least, target.lanes(32));
  std::array<int64_t, 2> usual = {2, 2};
  if (target.vectorRegisters < 32)
    usual = {1, 2};
  std::array<int64_t, 2> tile = request.measured.tile.value_or(usual);
  fields.tile = {std::min(tile[0], layouts.out.sizes[1]), tile[1]};
  fields.epilogue = epilogueVectors(target);
  return fields;
}

namespace {
struct DepthwiseModel
    : ScheduleOpInterface::ExternalModel<DepthwiseModel, kernel::DepthwiseOp> {
  kernel::ScheduleAttr makeSchedule(Operation *op,
                                    const ScheduleRequest &request) const {
    // Windows of more elements would be long code.
    constexpr int64_t mostUnrolled = 25;
    auto depthwise = cast<kernel::DepthwiseOp>(op);
    FailureOr<ConvLayouts> layouts =
        ConvLayouts::get(cast<kernel::KernelOpInterface>(op),
                         /*isChannelsFirst=*/false, request);
    if (failed(layouts))
      return {};
    if (depthwise.hasQuads())
      return quadSchedule(*layouts, request).get(op->getContext());
    ScheduleFields fields;
    fields.lanes = std::min<int64_t>(
        request.target.lanes(
            depthwise.getAccumulatorType().getIntOrFloatBitWidth()),
        llvm::bit_floor(uint64_t(layouts->in.sizes[3])));
    fields.unroll = mostUnrolled;
    std::array<int64_t, 2> tile =
        request.measured.tile.value_or(usualDepthwiseTile);
    fields.tile = {std::min(tile[0], layouts->out.sizes[1]), tile[1]};
    // Any row may be the border, where kernel rows are a loop.
    if (depthwise.getKernelHeight() * depthwise.getKernelWidth() > mostUnrolled)
      fields.tile[0] = 1;
    fields.epilogue = epilogueVectors(request.target);
    return fields.get(op->getContext());
  }
};
} // namespace

template <>
void mlc::attachSchedule<kernel::DepthwiseOp>(MLIRContext *context) {
  kernel::DepthwiseOp::attachInterface<DepthwiseModel>(*context);
}
