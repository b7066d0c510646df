//===- mlc-opt.cpp - runs passes on a module or a model -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// mlir-opt with the dialects and passes of mlc:
//
//   mlc-opt graph.mlir --nn-simplify --nn-fuse
//
//===----------------------------------------------------------------------===//

#include "CodeGen/CodeGen.h"
#include "Kernel/IR/Kernel.h"
#include "Kernel/Transforms/Bufferization.h"
#include "NN/IR/NNDialect.h"
#include "NN/Transforms/Passes.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

static void registerDialects(mlir::DialectRegistry &registry) {
  // All of them: with a dialect comes how its ops bufferize.
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  registry.insert<mlir::nn::NNDialect, mlir::kernel::KernelDialect>();
  mlir::kernel::registerBufferization(registry);
}

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registerDialects(registry);
  mlir::registerAllPasses();
  mlir::nn::registerNNPasses();
  mlc::registerCodeGenPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv, "mlc-opt: runs passes of mlc and MLIR\n", registry));
}
