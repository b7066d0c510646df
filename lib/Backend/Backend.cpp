//===- Backend.cpp - from the LLVM dialect to an LLVM module --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/Backend.h"
#include "Backend/Attributes.h"
#include "Backend/EraseTranslated.h"
#include "CodeGen/CodeGen.h"
#include "Emit/Object.h"
#include "Emit/WeightsObject.h"
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
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"

using namespace mlir;

namespace mlc {

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
  registerEraseTranslated(registry);
}

/// To one LLVM module, each function for its CPU.
static LogicalResult translate(ModuleOp module, ArrayRef<TargetInfo> targets,
                               StringRef prefix, BackendResult &result) {
  llvm::StringMap<unsigned> variants;
  for (auto function : module.getOps<LLVM::LLVMFuncOp>())
    if (auto variant = function->getAttrOfType<IntegerAttr>(attrs::variant))
      variants[function.getName()] = variant.getInt();
  eraseWhenTranslated(module);
  result.context = std::make_unique<llvm::LLVMContext>();
  // What LLVM says of the module is asked once, before it is optimised.
  result.module = translateModuleToLLVMIR(module, *result.context, prefix,
                                          /*disableVerification=*/true);
  if (!result.module)
    return module.emitError("module could not be translated to LLVM IR");
  if (llvm::Error error = prepareModule(*result.module, targets.back()))
    return module.emitError(llvm::toString(std::move(error)));
  for (llvm::Function &function : *result.module)
    if (auto found = variants.find(function.getName()); found != variants.end())
      setTargetAttributes(function, targets[found->second]);
  return success();
}

AsmResourceBlob takeWeights(ModuleOp module, bool freeConstants) {
  auto resource =
      module->getAttrOfType<DenseResourceElementsAttr>(attrs::weights);
  AsmResourceBlob *blob =
      resource ? resource.getRawHandle().getBlob() : nullptr;
  if (!blob)
    return {};
  if (!freeConstants)
    return HeapAsmResourceBlob::allocateAndCopyWithAlign(blob->getData(),
                                                         kWeightsAlign);
  AsmResourceBlob taken = std::move(*blob);
  resource.getRawHandle().getResource()->setBlob(AsmResourceBlob());
  return taken;
}

OwningOpRef<ModuleOp> takeVariant(ModuleOp module, int64_t variant) {
  OwningOpRef<ModuleOp> taken = ModuleOp::create(module.getLoc());
  (*taken)->setAttrs(module->getAttrDictionary());
  auto builder = OpBuilder::atBlockEnd(taken->getBody());
  for (Operation &op : llvm::make_early_inc_range(*module.getBody())) {
    auto number = op.getAttrOfType<IntegerAttr>(attrs::variant);
    if (!number)
      builder.clone(op);
    else if (number.getInt() == variant)
      op.moveBefore(taken->getBody(), taken->getBody()->end());
  }
  return taken;
}

FailureOr<BackendResult> translateToLLVM(ModuleOp module,
                                         ArrayRef<TargetInfo> targets,
                                         StringRef prefix) {
  BackendResult result;
  if (failed(translate(module, targets, prefix, result)))
    return failure();
  result.arenaSize = numberOf(module, attrs::arenaSize);
  result.arenaLowerBound = numberOf(module, attrs::arenaLowerBound);
  result.threadBytes = numberOf(module, attrs::threadBytes);
  result.memoryMap = memoryMapOf(module);
  result.kernels = kernelsOf(module);
  result.calls = callsOf(module);
  for (size_t i = 0; i < targets.size(); ++i)
    result.entries.push_back((prefix + "_main_v" + Twine(i)).str());
  return std::move(result);
}

} // namespace mlc
