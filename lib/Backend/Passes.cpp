//===- Passes.cpp - the steps as passes -----------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/Steps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;
using namespace mlc;

namespace mlc {
#define GEN_PASS_DECL
#define GEN_PASS_DEF_TODESTINATIONS
#define GEN_PASS_DEF_BUFFERIZEMODEL
#define GEN_PASS_DEF_FORWARDCOPIES
#define GEN_PASS_DEF_UNITSTRIDES
#define GEN_PASS_DEF_STREAMROWS
#define GEN_PASS_DEF_PADPIXELS
#define GEN_PASS_DEF_PLANARENA
#define GEN_PASS_DEF_LAYOUTWEIGHTS
#define GEN_PASS_DEF_OUTLINEKERNELS
#define GEN_PASS_DEF_PROFILEKERNELS
#define GEN_PASS_DEF_CLONEVARIANTS
#define GEN_PASS_DEF_SCHEDULEKERNELS
#define GEN_PASS_DEF_LOWERKERNELS
#define GEN_PASS_DEF_SHAREKERNELS
#define GEN_PASS_DEF_LOWERENTRY
#include "Passes.h.inc"
} // namespace mlc

namespace {

/// What all passes here have in common: `Base` is the generated class.
template <typename Base>
struct Step : Base {
  using Base::Base;
  void getDependentDialects(DialectRegistry &registry) const override {
    registerBackendDialects(registry);
  }
  void runOnOperation() override {
    if (failed(run(this->getOperation())))
      this->signalPassFailure();
  }
  virtual LogicalResult run(ModuleOp module) = 0;
};

FailureOr<std::vector<TargetInfo>> resolve(ModuleOp module, StringRef triple,
                                           StringRef cpus) {
  llvm::Expected<std::vector<TargetInfo>> targets =
      resolveTargets(triple, cpus);
  if (targets)
    return *targets;
  return module.emitError(llvm::toString(targets.takeError()));
}

struct ToDestinations : Step<mlc::impl::ToDestinationsBase<ToDestinations>> {
  using Step::Step;
  LogicalResult run(ModuleOp module) override { return toDestinations(module); }
};

struct BufferizeModel : Step<mlc::impl::BufferizeModelBase<BufferizeModel>> {
  using Step::Step;
  LogicalResult run(ModuleOp module) override { return bufferize(module); }
};

struct ForwardCopies : Step<mlc::impl::ForwardCopiesBase<ForwardCopies>> {
  using Step::Step;
  LogicalResult run(ModuleOp module) override { return forwardCopies(module); }
};

struct UnitStrides : Step<mlc::impl::UnitStridesBase<UnitStrides>> {
  using Step::Step;
  LogicalResult run(ModuleOp module) override { return unitStrides(module); }
};

struct StreamRows : Step<mlc::impl::StreamRowsBase<StreamRows>> {
  using Step::Step;
  LogicalResult run(ModuleOp module) override {
    return streamRows(module, cache, threads);
  }
};

struct PadPixels : Step<mlc::impl::PadPixelsBase<PadPixels>> {
  using Step::Step;
  LogicalResult run(ModuleOp module) override { return padPixels(module); }
};

struct PlanArena : Step<mlc::impl::PlanArenaBase<PlanArena>> {
  using Step::Step;
  LogicalResult run(ModuleOp module) override {
    ArenaOptions options;
    options.solver = solver;
    return planArenaOf(module, options);
  }
};

struct LayOutWeights : Step<mlc::impl::LayOutWeightsBase<LayOutWeights>> {
  using Step::Step;
  LogicalResult run(ModuleOp module) override {
    return layOutWeights(module, /*freeConstants=*/true, most);
  }
};

struct OutlineKernels : Step<mlc::impl::OutlineKernelsBase<OutlineKernels>> {
  using Step::Step;
  LogicalResult run(ModuleOp module) override { return outlineKernels(module); }
};

struct ProfileKernels : Step<mlc::impl::ProfileKernelsBase<ProfileKernels>> {
  using Step::Step;
  LogicalResult run(ModuleOp module) override { return profileKernels(module); }
};

struct CloneVariants : Step<mlc::impl::CloneVariantsBase<CloneVariants>> {
  using Step::Step;
  LogicalResult run(ModuleOp module) override {
    return cloneVariants(module, targets, threads);
  }
};

struct ScheduleKernels : Step<mlc::impl::ScheduleKernelsBase<ScheduleKernels>> {
  using Step::Step;
  LogicalResult run(ModuleOp module) override {
    auto targets = resolve(module, triple, cpus);
    return failed(targets) ? failure() : scheduleVariants(module, *targets);
  }
};

struct LowerKernels : Step<mlc::impl::LowerKernelsBase<LowerKernels>> {
  using Step::Step;
  LogicalResult run(ModuleOp module) override {
    auto targets = resolve(module, triple, cpus);
    return failed(targets) ? failure() : lowerKernels(module, *targets);
  }
};

struct ShareKernels : Step<mlc::impl::ShareKernelsBase<ShareKernels>> {
  using Step::Step;
  LogicalResult run(ModuleOp module) override {
    return shareKernels(module, threads);
  }
};

struct LowerEntry : Step<mlc::impl::LowerEntryBase<LowerEntry>> {
  using Step::Step;
  LogicalResult run(ModuleOp module) override {
    auto targets = resolve(module, triple, "");
    return failed(targets) ? failure()
                           : lowerToLLVM(module, prefix, targets->back());
  }
};

template <typename... Passes>
void registerAll() {
  (PassRegistration<Passes>(), ...);
}

} // namespace

void mlc::registerBackendPasses() {
  registerAll<ToDestinations, BufferizeModel, ForwardCopies, UnitStrides,
              StreamRows, PadPixels, PlanArena, LayOutWeights, OutlineKernels,
              ProfileKernels, CloneVariants, ScheduleKernels, LowerKernels,
              ShareKernels, LowerEntry>();
}
