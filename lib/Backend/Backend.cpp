//===- Backend.cpp - from linalg on tensors to an LLVM module -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/Backend.h"
#include "Backend/Steps.h"
#include "CodeGen/CodeGen.h"
#include "Emit/Entry.h"
#include "Emit/Object.h"
#include "Kernel/IR/Kernel.h"
#include "Kernel/Transforms/Bufferization.h"
#include "Schedule/KernelSchedule.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Linalg/Transforms/SubsetInsertionOpInterfaceImpl.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/IR/TensorInferTypeOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/IR/ValueBoundsOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/Transforms/SubsetInsertionOpInterfaceImpl.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/Vector/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"

using namespace mlir;

namespace mlc {

static constexpr BackendPhase phases[] = {
    {"to-destinations", "results become arguments of @main"},
    {"bufferize-model", "tensors become buffers"},
    {"forward-copies", "results are computed where they are wanted"},
    {"unit-strides", "kernels read and write rows without gaps"},
    {"stream-rows", "chains of kernels are computed by rows"},
    {"pad-pixels", "pixels of some images get a stride between cache sets"},
    {"plan-arena", "buffers get places in one arena"},
    {"lay-out-weights", "constants get places in one blob"},
    {"outline-kernels", "compute operations become functions"},
    {"clone-variants", "one copy of each function for each CPU"},
    {"schedule", "how each kernel is computed: tiles, order, prefetching"},
    {"lower-kernels", "functions become loops"},
    {"share-kernels", "loops are divided into parts for threads"},
    {"lower-to-llvm", "everything is in the LLVM dialect"},
};

ArrayRef<BackendPhase> backendPhases() { return phases; }

void registerBackendDialects(DialectRegistry &registry) {
  registry
      .insert<kernel::KernelDialect, affine::AffineDialect, arith::ArithDialect,
              bufferization::BufferizationDialect, cf::ControlFlowDialect,
              func::FuncDialect, linalg::LinalgDialect, LLVM::LLVMDialect,
              math::MathDialect, memref::MemRefDialect, scf::SCFDialect,
              tensor::TensorDialect, ub::UBDialect, vector::VectorDialect>();
  arith::registerBufferizableOpInterfaceExternalModels(registry);
  linalg::registerBufferizableOpInterfaceExternalModels(registry);
  linalg::registerSubsetOpInterfaceExternalModels(registry);
  scf::registerBufferizableOpInterfaceExternalModels(registry);
  tensor::registerBufferizableOpInterfaceExternalModels(registry);
  tensor::registerInferTypeOpInterfaceExternalModels(registry);
  tensor::registerSubsetOpInterfaceExternalModels(registry);
  tensor::registerValueBoundsOpInterfaceExternalModels(registry);
  vector::registerBufferizableOpInterfaceExternalModels(registry);
  kernel::registerBufferization(registry);
  registerSchedules(registry);
  registerEmitters(registry);
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
}

namespace {

class Backend {
public:
  Backend(ModuleOp module, const BackendOptions &options)
      : module(module), options(options) {}

  FailureOr<BackendResult> run();

private:
  LogicalResult runPhase(StringRef phase);
  LogicalResult profile();
  LogicalResult translate();
  int64_t l2Bytes() const;

  ModuleOp module;
  const BackendOptions &options;
  BackendResult result;
};

} // namespace

/// CPUs without vectors have little memory and hardly a cache.
static bool hasVectors(ArrayRef<TargetInfo> targets) {
  return llvm::any_of(targets, [](const TargetInfo &target) {
    return target.vectorBits >= 128;
  });
}

LogicalResult Backend::runPhase(StringRef phase) {
  if (phase == "to-destinations")
    return toDestinations(module);
  if (phase == "bufferize-model")
    return bufferize(module);
  if (phase == "forward-copies")
    return forwardCopies(module);
  if (phase == "unit-strides")
    return unitStrides(module);
  if (phase == "stream-rows")
    return options.streams ? streamRows(module, l2Bytes(), options.threads)
                           : success();
  if (phase == "pad-pixels")
    return hasVectors(options.targets) ? padPixels(module) : success();
  if (phase == "plan-arena") {
    FailureOr<ArenaLayout> layout = planArenaOf(module, options.arena);
    if (failed(layout))
      return failure();
    result.arenaSize = layout->size;
    result.arenaLowerBound = layout->lowerBound;
    result.memoryMap = std::move(layout->map);
    return success();
  }
  if (phase == "lay-out-weights") {
    FailureOr<WeightBlob> weights =
        layOutWeights(module, options.freeConstants,
                      mostWeights(options.targets.back().triple));
    if (failed(weights))
      return failure();
    result.weights = std::move(*weights);
    return success();
  }
  if (phase == "outline-kernels") {
    FailureOr<std::vector<KernelInfo>> kernels = outlineKernels(module);
    if (failed(kernels))
      return failure();
    result.kernels = std::move(*kernels);
    return options.profile ? profile() : success();
  }
  if (phase == "clone-variants")
    return cloneVariants(module, options.targets.size(), options.threads);
  if (phase == "schedule")
    return scheduleVariants(module, options.targets, options.schedules);
  if (phase == "lower-kernels")
    return lowerKernels(module, options.targets);
  if (phase == "share-kernels")
    return shareKernels(module, options.threads);
  if (failed(lowerToLLVM(module, options.prefix, options.targets.back())))
    return failure();
  if (auto bytes = module->getAttrOfType<IntegerAttr>(attrs::threadBytes))
    result.threadBytes = bytes.getInt();
  return success();
}

/// The targets share the graph; their best one decides. Cores with a smaller
/// L2 have an L3.
int64_t Backend::l2Bytes() const {
  constexpr unsigned least = 512 << 10;
  return std::max(options.targets.front().l2, least);
}

LogicalResult Backend::profile() {
  FailureOr<std::vector<KernelCall>> calls = profileKernels(module);
  if (failed(calls))
    return failure();
  result.calls = std::move(*calls);
  return success();
}

/// To one LLVM module, each function for its CPU.
LogicalResult Backend::translate() {
  llvm::StringMap<unsigned> variants;
  for (auto function : module.getOps<LLVM::LLVMFuncOp>())
    if (auto variant = function->getAttrOfType<IntegerAttr>(attrs::variant))
      variants[function.getName()] = variant.getInt();
  result.context = std::make_unique<llvm::LLVMContext>();
  result.module =
      translateModuleToLLVMIR(module, *result.context, options.prefix);
  if (!result.module)
    return module.emitError("module could not be translated to LLVM IR");
  if (llvm::Error error = prepareModule(*result.module, options.targets.back()))
    return module.emitError(llvm::toString(std::move(error)));
  for (llvm::Function &function : *result.module)
    if (auto found = variants.find(function.getName()); found != variants.end())
      setTargetAttributes(function, options.targets[found->second]);
  result.weightsName = weightsName.str();
  for (size_t i = 0; i < options.targets.size(); ++i)
    result.entries.push_back((options.prefix + "_main_v" + Twine(i)).str());
  return success();
}

FailureOr<BackendResult> Backend::run() {
  if (options.targets.empty())
    return module.emitError("no target found, at least one is required");
  for (const BackendPhase &phase : phases) {
    if (failed(runPhase(phase.name)))
      return failure();
    if (options.afterPhase && !options.afterPhase(phase.name, module))
      return std::move(result);
  }
  if (failed(translate()))
    return failure();
  return std::move(result);
}

FailureOr<BackendResult> runBackend(ModuleOp module,
                                    const BackendOptions &options) {
  MLIRContext *context = module.getContext();
  DialectRegistry registry;
  registerBackendDialects(registry);
  context->appendDialectRegistry(registry);
  for (StringRef name : registry.getDialectNames())
    context->getOrLoadDialect(name);
  return Backend(module, options).run();
}

} // namespace mlc
