//===- RowSchedules.cpp - how pools, reductions and softmax are computed --===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Schedule/Models.h"

using namespace mlir;
using namespace mlc;

/// Vectors that are folded side by side: their chains take turns.
static constexpr int64_t mostVectors = 4;

/// Lanes of a vector of `type`, or fewer where there are fewer elements.
static int64_t lanesOf(const TargetInfo &target, Type type, int64_t elements) {
  return std::min<int64_t>(
      target.lanes(type.getIntOrFloatBitWidth()),
      llvm::bit_floor(uint64_t(std::max<int64_t>(1, elements))));
}

/// Bytes that one instruction looks up.
static int64_t lookupLanes(const TargetInfo &target) {
  return target.byteLookup == ByteLookup::scalar ? 1 : target.lanes(8);
}

/// The layout of the input; fails where that of the init does, too.
template <typename OpT>
static FailureOr<OperandLayout> inputOf(OpT op) {
  if (failed(OperandLayout::get(op.getInit())))
    return failure();
  return OperandLayout::get(op.getInput());
}

namespace {

struct PoolModel
    : ScheduleOpInterface::ExternalModel<PoolModel, kernel::PoolOp> {
  kernel::ScheduleAttr makeSchedule(Operation *op,
                                    const ScheduleRequest &request) const {
    // Kernel columns that are written out.
    constexpr int64_t mostUnrolled = 7;
    auto pool = cast<kernel::PoolOp>(op);
    FailureOr<OperandLayout> in = inputOf(pool);
    if (failed(in))
      return {};
    ScheduleFields fields;
    fields.lanes =
        lanesOf(request.target, pool.getAccumulatorType(), in->sizes[3]);
    fields.tile = {1, mostVectors};
    fields.unroll = mostUnrolled;
    return fields.get(op->getContext());
  }
};

struct ReduceModel
    : ScheduleOpInterface::ExternalModel<ReduceModel, kernel::ReduceOp> {
  kernel::ScheduleAttr makeSchedule(Operation *op,
                                    const ScheduleRequest &request) const {
    FailureOr<OperandLayout> in = inputOf(cast<kernel::ReduceOp>(op));
    if (failed(in))
      return {};
    ScheduleFields fields;
    // A row is folded along itself, all else by columns.
    bool isRow =
        in->sizes[2] == 1 && (in->strides[1] == 1 || in->sizes[1] == 1);
    int64_t along = isRow ? in->sizes[1] : in->sizes[2];
    fields.lanes =
        lanesOf(request.target, kernel::accumulatorType(in->element), along);
    fields.tile = {1, mostVectors};
    return fields.get(op->getContext());
  }
};

struct SoftmaxModel
    : ScheduleOpInterface::ExternalModel<SoftmaxModel, kernel::SoftmaxOp> {
  kernel::ScheduleAttr makeSchedule(Operation *op,
                                    const ScheduleRequest &request) const {
    FailureOr<OperandLayout> in = inputOf(cast<kernel::SoftmaxOp>(op));
    if (failed(in))
      return {};
    ScheduleFields fields;
    fields.lanes = lanesOf(request.target, kernel::accumulatorType(in->element),
                           in->sizes.back());
    fields.tile = {1, mostVectors};
    return fields.get(op->getContext());
  }
};

struct NormalizeModel
    : ScheduleOpInterface::ExternalModel<NormalizeModel, kernel::NormalizeOp> {
  kernel::ScheduleAttr makeSchedule(Operation *op,
                                    const ScheduleRequest &request) const {
    auto normalize = cast<kernel::NormalizeOp>(op);
    FailureOr<OperandLayout> in = inputOf(normalize);
    if (failed(in) || failed(layoutsOf(normalize.getEpilogueOperands())))
      return {};
    ScheduleFields fields;
    int64_t along = in->sizes.back();
    fields.lanes =
        lanesOf(request.target, normalize.getAccumulatorType(), along);
    fields.tile = {1, mostVectors};
    if (in->sizes.size() == 2)
      return fields.get(op->getContext());
    // Rows make up for the vectors that narrow ones lack.
    int64_t vectors = std::clamp<int64_t>(along / fields.lanes, 1, mostVectors);
    fields.tile = {mostVectors / vectors, vectors};
    return fields.get(op->getContext());
  }
};

struct LookupModel
    : ScheduleOpInterface::ExternalModel<LookupModel, kernel::LookupOp> {
  kernel::ScheduleAttr makeSchedule(Operation *op,
                                    const ScheduleRequest &request) const {
    if (failed(inputOf(cast<kernel::LookupOp>(op))))
      return {};
    ScheduleFields fields;
    fields.lanes = lookupLanes(request.target);
    return fields.get(op->getContext());
  }
};

} // namespace

template <>
void mlc::attachSchedule<kernel::LookupOp>(MLIRContext *context) {
  kernel::LookupOp::attachInterface<LookupModel>(*context);
}

template <>
void mlc::attachSchedule<kernel::NormalizeOp>(MLIRContext *context) {
  kernel::NormalizeOp::attachInterface<NormalizeModel>(*context);
}

template <>
void mlc::attachSchedule<kernel::PoolOp>(MLIRContext *context) {
  kernel::PoolOp::attachInterface<PoolModel>(*context);
}

template <>
void mlc::attachSchedule<kernel::ReduceOp>(MLIRContext *context) {
  kernel::ReduceOp::attachInterface<ReduceModel>(*context);
}

template <>
void mlc::attachSchedule<kernel::SoftmaxOp>(MLIRContext *context) {
  kernel::SoftmaxOp::attachInterface<SoftmaxModel>(*context);
}
