//===- Opt.cpp - runs passes on a module or a model -----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// mlc-opt, an mlir-opt with the dialects and passes of mlc:
//
//   mlc-opt graph.mlir --nn-simplify --nn-fuse
//   mlc-opt model.onnx --dim=N=1 --nn-simplify
//   mlc-opt model.onnx --phase-simplify --phase-quantize   Pipeline/Phases.h
//
//===----------------------------------------------------------------------===//

#include "Opt/OnnxInput.h"
#include "Opt/PhasePipelines.h"
#include "Opt/Upstream.h"

#include "Backend/Backend.h"
#include "Backend/Passes.h"
#include "CodeGen/CodeGen.h"
#include "Conversion/NNToLinalg.h"
#include "NN/IR/NNDialect.h"
#include "NN/Transforms/Passes.h"
#include "Quantize/Passes.h"
#include "Support/LastWords.h"
#include "Support/Version.h"
#include "mlc/Commands.h"

#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/ToolOutputFile.h"

static void registerDialects(mlir::DialectRegistry &registry) {
  registry.insert<mlir::nn::NNDialect>();
  mlc::registerBackendDialects(registry);
  mlc::registerUpstreamInterfaces(registry);
}

/// A model instead of a module as input.
static mlir::LogicalResult runOnOnnx(llvm::StringRef input,
                                     llvm::StringRef output,
                                     mlir::DialectRegistry &registry) {
  auto buffer = mlc::readOnnx(input, registry);
  if (mlir::failed(buffer))
    return mlir::failure();
  std::string error;
  std::unique_ptr<llvm::ToolOutputFile> file =
      mlir::openOutputFile(output, &error);
  if (!file) {
    llvm::errs() << "error: " << error << "\n";
    return mlir::failure();
  }
  if (mlir::failed(
          mlir::MlirOptMain(file->os(), std::move(*buffer), registry,
                            mlir::MlirOptMainConfig::createFromCLOptions())))
    return mlir::failure();
  file->keep();
  return mlir::success();
}

int mlc::runPasses(int argc, char **argv) {
  mlc::installLastWords("mlc-opt");
  mlir::DialectRegistry registry;
  registerDialects(registry);
  mlc::registerUpstreamPasses();
  mlir::nn::registerNNPasses();
  mlc::registerQuantizePasses();
  mlc::registerCodeGenPasses();
  mlc::registerBackendPasses();
  mlc::registerBackendPipelines();
  mlc::registerConversionPasses();
  mlc::registerPhasePipelines();
  mlc::registerImportFlags();
  llvm::cl::AddExtraVersionPrinter([](llvm::raw_ostream &os) {
    os << "  mlc-opt " << mlc::version() << '\n';
  });
  auto [input, output] = mlir::registerAndParseCLIOptions(
      argc, argv, "mlc-opt: runs passes of mlc and MLIR\n", registry);
  if (llvm::StringRef(input).ends_with(".onnx"))
    return mlir::asMainReturnCode(runOnOnnx(input, output, registry));
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, input, output, registry));
}

int mlc::runLanguageServer(int argc, char **argv) {
  mlc::installLastWords("mlc-lsp-server");
  mlir::DialectRegistry registry;
  registerDialects(registry);
  return mlir::asMainReturnCode(mlir::MlirLspServerMain(argc, argv, registry));
}
