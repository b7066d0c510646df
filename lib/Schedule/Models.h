//===- Models.h - what the models of schedules share ------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/Schedule.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SCHEDULE_MODELS_H
#define MLC_SCHEDULE_MODELS_H

#include "Schedule/KernelSchedule.h"
#include "Schedule/OperandLayout.h"
#include "Schedule/RegisterTile.h"

namespace mlc {

/// The fields of a schedule, with the defaults of the attribute.
struct ScheduleFields {
  int64_t lanes = 1;
  llvm::SmallVector<int64_t> tile, rest;
  mlir::kernel::Merge merge = mlir::kernel::Merge::none;
  mlir::kernel::LoopOrder order = mlir::kernel::LoopOrder::channels;
  mlir::kernel::Division divide = mlir::kernel::Division::channels;
  mlir::kernel::Prefetch prefetch = mlir::kernel::Prefetch::none;
  int64_t windowRegisters = 0, leastSums = 0, unroll = 4;
  llvm::SmallVector<int64_t> steps, epilogue;
  mlir::kernel::Unit unit = mlir::kernel::Unit::vectors;
  int64_t band = 0, terms = 0;

  void setTile(GemmTile first) {
    tile = {int64_t(first.rows), int64_t(first.vectors)};
  }
  void addRest(GemmTile next) {
    rest.append({int64_t(next.rows), int64_t(next.vectors)});
  }
  mlir::kernel::ScheduleAttr get(mlir::MLIRContext *context) const;
};

/// Input, weights and out of a convolution.
struct ConvLayouts {
  OperandLayout in, weights, out;

  /// As they are when the request's rows are computed. Channels of the input
  /// are last. Fails if a layout does.
  static mlir::FailureOr<ConvLayouts> get(mlir::kernel::KernelOpInterface op,
                                          bool isChannelsFirst,
                                          const ScheduleRequest &request);
};

/// Fails if one does.
mlir::FailureOr<llvm::SmallVector<OperandLayout>>
layoutsOf(mlir::ValueRange memrefs);

/// Which pixels are one row: without a window all of them, or those of each
/// image, where input, out and the epilogue's operands have them side by side.
mlir::kernel::Merge mergeableOf(const ConvLayouts &layouts,
                                llvm::ArrayRef<OperandLayout> epilogue,
                                const Window &height, const Window &width);

/// Whether products of the two are of f16 and summed in f16, by pieces.
bool sumsF16(mlir::Value left, mlir::Value right, const TargetInfo &target);

/// For products of f16 that are summed in f16. The error of a piece of n terms
/// is about sqrt(n) / 2 of what rounding the factors does to it, and adding it
/// to sums of f32 takes as long as eight terms.
void setTerms(const TargetInfo &target, ScheduleFields &fields);

/// Vectors of a long epilogue at a time. Each operation waits some cycles for
/// the one before it, so that some vectors take turns; half the registers are
/// left to constants and what is between. Eight that are all there is go at
/// once, even where registers go to the stack, but for units narrower than
/// vectors: taking two cycles for each, they are full with half as many.
llvm::SmallVector<int64_t> epilogueVectors(const TargetInfo &target);

/// Whether threads should divide the pixels of a convolution's result, all
/// channels alike, rather than its channels. Then each reads all weights; else
/// each reads all of the input, half of which another core has just written,
/// and the next layer that of the result.
mlir::kernel::Division divisionOf(const ConvLayouts &layouts);

/// Whether weights are worth being fetched before their turn by a kernel on so
/// many pixels: not where they are so many that weights take no time worth
/// mentioning, and not in a loop, where weights are in a cache from the last
/// time.
bool isWorthFetching(mlir::Operation *op, const ScheduleRequest &request,
                     int64_t pixels);
/// The same for an input of which each chunk reads other channels: only where
/// pixels are far apart.
bool isWorthFetching(mlir::Operation *op, const ScheduleRequest &request,
                     const OperandLayout &input);

/// Attaches the model of ScheduleOpInterface to its op: each op's file has a
/// specialisation. registerSchedules calls that of every op of the dialect, so
/// that one without a schedule does not link.
template <typename OpT>
void attachSchedule(mlir::MLIRContext *context);

/// The schedule of a convolution whose packed blocks hold several groups.
mlir::FailureOr<ScheduleFields>
scheduleGroupConv(mlir::kernel::ConvOp op, const ScheduleRequest &request);

/// The schedule of a convolution by a matrix unit; nullopt where the CPU has
/// none for its elements, or vectors take less time.
std::optional<ScheduleFields> scheduleMatrices(mlir::kernel::ConvOp op,
                                               const ScheduleRequest &request);

} // namespace mlc

#endif // MLC_SCHEDULE_MODELS_H
