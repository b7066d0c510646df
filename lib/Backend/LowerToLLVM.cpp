//===- LowerToLLVM.cpp - loops to the LLVM dialect ------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/Passes.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace mlc {

void buildLowerToLLVM(OpPassManager &pipeline,
                      const LLVMLoweringOptions &options) {
  // A function at a time: the canonicalizer goes over all that it is given once
  // more as long as anything changes.
  OpPassManager &functions = pipeline.nest<func::FuncOp>();
  functions.addPass(createLowerAffinePass());
  functions.addPass(createSCFToControlFlowPass());
  functions.addPass(memref::createExpandStridedMetadataPass());
  functions.addPass(createLowerAffinePass());
  functions.addPass(createCanonicalizerPass());
  functions.addPass(createCSEPass());
  functions.addPass(createLowerVectors());
  pipeline.addPass(createConvertToLLVMDialect({options.triple}));
  pipeline.addPass(createMakeEntries({options.prefix}));
  pipeline.addPass(createForkKernels({options.triple}));
  pipeline.addPass(createDivideEntries());
}

void registerBackendPipelines() {
  static PassPipelineRegistration<LLVMLoweringOptions> lowerToLLVM(
      "lower-to-llvm", "Lower to the LLVM dialect", buildLowerToLLVM);
}

} // namespace mlc
