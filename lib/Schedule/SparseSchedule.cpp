//===- SparseSchedule.cpp - convolutions whose zeros are left out ---------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Schedule/Models.h"

using namespace mlir;
using namespace mlc;

/// Vectors of pixels such that the sums of two channels, their weights and an
/// input fit the registers, and a block of inputs L1, or all but a little.
static int64_t mostVectors(const kernel::SparsePlan &plan,
                           const TargetInfo &target, int64_t lanes) {
  constexpr int64_t others = 3, outputs = 2;
  constexpr double share = 1.2;
  constexpr int64_t bytes = sizeof(float);
  int64_t inRegisters = (int64_t(target.vectorRegisters) - others) / outputs;
  int64_t inCache = share * target.l1d / ((plan.block + 1) * lanes * bytes);
  return std::max<int64_t>(
      1, std::min({inRegisters, inCache, plan.pixels / lanes}));
}

/// What tiles of so many vectors take for one step, in vectors: a tile takes
/// some time for the weight and its position, too.
static double costOf(int64_t pixels, int64_t vectors, int64_t lanes) {
  constexpr double perTile = 1.2;
  double tiles = llvm::divideCeil(pixels, vectors * lanes);
  return tiles * perTile + double(pixels) / lanes;
}

/// No more than there are pixels, but as many as transpose well, and no more
/// than channels.
static int64_t lanesFor(const kernel::SparsePlan &plan, int64_t pixels,
                        const TargetInfo &target) {
  constexpr int64_t least = 4;
  int64_t channels =
      std::min(std::min(plan.block, plan.lastBlock()) / plan.taps, plan.pixels);
  return std::min<int64_t>(
      {target.lanes(32), int64_t(llvm::bit_floor(uint64_t(channels))),
       std::max(least, int64_t(llvm::PowerOf2Ceil(pixels)))});
}

static kernel::Merge mergeable(kernel::SparseConvOp op,
                               const ConvLayouts &layouts) {
  auto areContiguous = [&](unsigned first) {
    return (layouts.in.isContiguous(first, 2) || !op.isPointwise()) &&
           layouts.out.isContiguous(first, 2) &&
           llvm::all_of(op.getEpilogueOperands(), [&](Value operand) {
             FailureOr<OperandLayout> layout = OperandLayout::get(operand);
             return succeeded(layout) && (layout->sizes.size() < 2 ||
                                          layout->isContiguous(first, 2));
           });
  };
  return op.isPointwise() && areContiguous(0) ? kernel::Merge::images
         : areContiguous(1)                   ? kernel::Merge::rows
                                              : kernel::Merge::none;
}

namespace {
struct SparseModel
    : ScheduleOpInterface::ExternalModel<SparseModel, kernel::SparseConvOp> {
  kernel::ScheduleAttr makeSchedule(Operation *op,
                                    const ScheduleRequest &request) const {
    auto sparse = cast<kernel::SparseConvOp>(op);
    FailureOr<ConvLayouts> layouts =
        ConvLayouts::get(cast<kernel::KernelOpInterface>(op),
                         /*isChannelsFirst=*/false, request);
    if (failed(layouts))
      return {};
    kernel::SparsePlan plan = sparse.getPlan();
    ScheduleFields fields;
    fields.merge = mergeable(sparse, *layouts);
    const SmallVector<int64_t> &out = layouts->out.sizes;
    int64_t pixels = out[2];
    if (fields.merge != kernel::Merge::none)
      pixels *= out[1];
    if (fields.merge == kernel::Merge::images)
      pixels *= out[0];
    fields.lanes = lanesFor(plan, pixels, request.target);
    int64_t best = 1;
    for (int64_t vectors = 2,
                 most = mostVectors(plan, request.target, fields.lanes);
         vectors <= most; ++vectors)
      if (costOf(pixels, vectors, fields.lanes) <
          costOf(pixels, best, fields.lanes))
        best = vectors;
    fields.tile = {best, 2};
    fields.epilogue = epilogueVectors(request.target);
    return fields.get(op->getContext());
  }
};
} // namespace

template <>
void mlc::attachSchedule<kernel::SparseConvOp>(MLIRContext *context) {
  kernel::SparseConvOp::attachInterface<SparseModel>(*context);
}
