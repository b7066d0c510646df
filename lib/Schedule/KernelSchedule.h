//===- KernelSchedule.h - how each kernel op is computed --------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything that an emitter may choose is chosen here, from the op, the CPU
// and what was measured, and written on the op as #kernel.schedule (KernelBase
// .td says what is in it). One file a kind of op; each attaches a model of
// ScheduleOpInterface to it.
//
//   registerSchedules(registry);
//   scheduleKernels(function, target, &table);
//   kernel::scheduleOf(op).getTile()
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SCHEDULE_KERNELSCHEDULE_H
#define MLC_SCHEDULE_KERNELSCHEDULE_H

#include "Kernel/IR/Kernel.h"
#include "Schedule/Decision.h"
#include "Support/Window.h"

namespace mlc {

class ScheduleTable;

/// A stage of a stream computes some rows at a time.
struct StageRows {
  int64_t in, out; ///< that it reads and computes
  /// Rows of the window that it reads and of the one that it writes; 0 for a
  /// whole image.
  int64_t inKept = 0, outKept = 0;

  bool leads() const { return inKept == 0; }
};

/// What a schedule depends on besides the op.
struct ScheduleRequest {
  const TargetInfo &target;
  /// What was measured for the op's problem; the rest is the cost models'.
  Decision measured = {};
  std::optional<StageRows> rows = std::nullopt;
};

} // namespace mlc

#include "ScheduleInterface.h.inc"

namespace mlc {

/// Gives `op`, a kernel op on memrefs, a schedule for `target`, and the stages
/// of a stream theirs. A schedule that is there stays, as a test or a user may
/// have written it. `table`, if not null, has what was measured. Failure where
/// an operand's layout is none that emitters read.
llvm::LogicalResult scheduleKernel(mlir::Operation *op,
                                   const TargetInfo &target,
                                   const ScheduleTable *table = nullptr);

/// The same for all kernel ops in `root`; an error at the op where it fails.
llvm::LogicalResult scheduleKernels(mlir::Operation *root,
                                    const TargetInfo &target,
                                    const ScheduleTable *table = nullptr);

/// Of a schedule that has one.
GemmTile tileOf(mlir::kernel::ScheduleAttr schedule);
/// The tiles of `rest`, in their order.
llvm::SmallVector<GemmTile> restTilesOf(mlir::kernel::ScheduleAttr schedule);

/// Makes one row of those of each image, or of all images, as `merge` says.
/// Requires windows that are plain.
void mergePixels(mlir::kernel::Merge merge, Window &height, Window &width,
                 int64_t &images);

/// Products of f16 that are summed in f16 at most, before what they sum to is
/// added in f32 (`terms` of #kernel.schedule). Twice as many where f16 become
/// f32 by conversion: NEON's takes as long as three products.
int64_t mostTermsInF16(const TargetInfo &target);

/// What the error of a sum of so many products of f16 stays below, factors
/// being around zero and no larger than 1: of n terms, each addition rounds
/// what there is so far, which grows as sqrt(n).
double f16ErrorBound(int64_t products, const TargetInfo &target);

/// Whether the CPU has a matrix unit for the op's elements, as its weights are
/// packed.
bool hasMatrices(mlir::kernel::ConvOp op, const TargetInfo &target);
/// Whether padding can be filled with the zero point of bytes.
bool isZeroPointElement(mlir::kernel::ConvOp op);
/// Of joined columns (`steps` of #kernel.schedule): whether channels that are
/// planes fit a pixel's words, 64 bits of one group.
bool canJoinPlanes(mlir::kernel::ConvOp op);

/// Attaches ScheduleOpInterface to all kernel ops.
void registerSchedules(mlir::DialectRegistry &registry);

} // namespace mlc

#endif // MLC_SCHEDULE_KERNELSCHEDULE_H
