//===- ScheduleKernels.cpp - how each kernel is computed ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/Attributes.h"
#include "Backend/Passes.h"
#include "Schedule/KernelSchedule.h"

using namespace mlir;

namespace mlc {

#define GEN_PASS_DEF_SCHEDULEKERNELS
#include "Backend/Passes.h.inc"

namespace {
struct ScheduleKernels : mlc::impl::ScheduleKernelsBase<ScheduleKernels> {
  using ScheduleKernelsBase::ScheduleKernelsBase;

  LogicalResult initialize(MLIRContext *context) override {
    auto resolved = targetsOf(context, triple, cpus);
    if (failed(resolved))
      return failure();
    if (!sumsF16)
      for (TargetInfo &target : *resolved)
        target.f16Arithmetic = false;
    targets = std::make_shared<std::vector<TargetInfo>>(std::move(*resolved));
    return success();
  }

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    FailureOr<const TargetInfo *> target = targetOf(function, *targets);
    if (failed(target))
      return signalPassFailure();
    size_t variant = *target - targets->data();
    bool isMeasured = measured && variant < measured->size();
    if (failed(scheduleKernels(function, **target,
                               isMeasured ? &(*measured)[variant] : nullptr)))
      signalPassFailure();
  }

  std::shared_ptr<const std::vector<TargetInfo>> targets;
  std::shared_ptr<const std::vector<ScheduleTable>> measured; ///< a target each
};
} // namespace

std::unique_ptr<Pass> createScheduleKernels(
    const ScheduleKernelsOptions &options,
    std::shared_ptr<const std::vector<ScheduleTable>> measured) {
  auto pass = std::make_unique<ScheduleKernels>(options);
  pass->measured = std::move(measured);
  return pass;
}

} // namespace mlc
