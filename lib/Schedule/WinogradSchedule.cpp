//===- WinogradSchedule.cpp - convolution with fewer products -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Pack.h"
#include "Schedule/Models.h"

using namespace mlir;
using namespace mlc;

namespace {
struct WinogradModel
    : ScheduleOpInterface::ExternalModel<WinogradModel, kernel::WinogradOp> {
  kernel::ScheduleAttr makeSchedule(Operation *op,
                                    const ScheduleRequest &request) const {
    auto winograd = cast<kernel::WinogradOp>(op);
    FailureOr<ConvLayouts> layouts =
        ConvLayouts::get(cast<kernel::KernelOpInterface>(op),
                         /*isChannelsFirst=*/false, request);
    if (failed(layouts))
      return {};
    kernel::WinogradPlan plan = winograd.getPlan();
    ScheduleFields fields;
    int64_t most = request.target.lanes(32);
    // Two numbers an element are half as many elements in a transform.
    if (winograd.hasHalves())
      most = std::max<int64_t>(most, kernel::PackedWeights::leastLanes);
    fields.lanes = std::min<int64_t>(most, plan.block & -plan.block);
    int64_t channels = layouts->out.sizes[3] / layouts->weights.sizes[0];
    // Products of words are not fused with their sum: they take a register;
    // bf16 that become f32 take twice theirs.
    unsigned spare = winograd.hasQuads() ? 1 : 0;
    if (winograd.hasHalves() && !request.target.dotsBf16())
      spare = 4;
    auto tileOf = [&](int64_t valid) {
      return chooseTile(
          op, request.target, request.measured.tile, plan.blockTiles(),
          llvm::divideCeil(valid, fields.lanes), [](unsigned) { return true; },
          spare);
    };
    GemmTile tile = tileOf(std::min(channels, plan.block));
    fields.setTile(tile);
    if (channels > plan.block && channels % plan.block)
      fields.addRest(tileOf(channels % plan.block));
    fields.epilogue = epilogueVectors(request.target);
    return fields.get(op->getContext());
  }
};
} // namespace

template <>
void mlc::attachSchedule<kernel::WinogradOp>(MLIRContext *context) {
  kernel::WinogradOp::attachInterface<WinogradModel>(*context);
}
