//===- Importer.cpp - ONNX to the nn dialect ------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Importer.h"
#include "Import/Bindings.h"
#include "Import/BoundValues.h"

#include "Import/ExternalData.h"
#include "Import/GraphImporter.h"
#include "Import/LocalFunctions.h"
#include "Onnx/CheckGraph.h"
#include "Onnx/FunctionSize.h"
#include "Onnx/LibOnnx.h"
#include "Onnx/ModelFile.h"
#include "Onnx/Opsets.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace mlc;

static Location modelLocation(llvm::StringRef name, MLIRContext *context) {
  return FileLineColLoc::get(context, name, 0, 0);
}

static FailureOr<int64_t> opsetOf(const onnx::ModelProto &model, Location loc) {
  if (model.ir_version() > onnx::Version::IR_VERSION) {
    emitError(loc) << "model has IR version " << model.ir_version()
                   << ", at most "
                   << static_cast<int64_t>(onnx::Version::IR_VERSION)
                   << " is supported";
    return failure();
  }
  int64_t opset = declaredOpset(model);
  if (opset == 0) {
    opset = assumedOpset(model);
    // A model of nothing but functions names no opset, and needs none.
    if (model.functions_size() == 0)
      emitWarning(loc) << "model says no opset (opset_import), it is read as "
                          "one of opset "
                       << opset;
  }
  if (opset < 1 || opset > newestOpset()) {
    emitError(loc) << "model uses opset " << opset << ", 1 to " << newestOpset()
                   << " are supported";
    return failure();
  }
  return opset;
}

static DictionaryAttr modelIdentity(const onnx::ModelProto &model,
                                    int64_t opset, Builder &b) {
  llvm::SmallVector<NamedAttribute> metadata;
  for (const onnx::StringStringEntryProto &entry : model.metadata_props())
    if (!entry.key().empty())
      metadata.push_back(
          b.getNamedAttr(entry.key(), b.getStringAttr(entry.value())));
  // A key given twice keeps one value; the dictionary needs them unique.
  llvm::sort(metadata, [](NamedAttribute x, NamedAttribute y) {
    return x.getName().strref() < y.getName().strref();
  });
  metadata.erase(std::unique(metadata.begin(), metadata.end(),
                             [](NamedAttribute x, NamedAttribute y) {
                               return x.getName() == y.getName();
                             }),
                 metadata.end());
  return b.getDictionaryAttr({
      b.getNamedAttr("doc", b.getStringAttr(model.doc_string().empty()
                                                ? model.graph().doc_string()
                                                : model.doc_string())),
      b.getNamedAttr("graph", b.getStringAttr(model.graph().name())),
      b.getNamedAttr("metadata", b.getDictionaryAttr(metadata)),
      b.getNamedAttr("opset", b.getI64IntegerAttr(opset)),
      b.getNamedAttr("producer",
                     b.getStringAttr(model.producer_name() +
                                     (model.producer_version().empty()
                                          ? ""
                                          : " " + model.producer_version()))),
  });
}

static void loadDialects(MLIRContext *context) {
  context
      ->loadDialect<arith::ArithDialect, func::FuncDialect, math::MathDialect,
                    nn::NNDialect, scf::SCFDialect, tensor::TensorDialect>();
}

/// Calls that do not end, or hardly.
static LogicalResult checkFunctions(const onnx::ModelProto &model,
                                    Location loc) {
  if (llvm::Error error = checkRecursion(model))
    return emitError(loc) << llvm::toString(std::move(error));
  if (llvm::Error error = checkExpansion(model))
    return emitError(loc) << llvm::toString(std::move(error));
  return success();
}

OwningOpRef<ModuleOp> mlc::importOnnxModel(onnx::ModelProto &model,
                                           llvm::StringRef name,
                                           const ModelOptions &options,
                                           MLIRContext *context) {
  loadDialects(context);
  Location loc = modelLocation(name, context);
  FailureOr<int64_t> opset = opsetOf(model, loc);
  if (failed(opset) || failed(checkFunctions(model, loc)))
    return {};
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  OpBuilder builder = OpBuilder::atBlockBegin(module->getBody());
  (*module)->setAttr("nn.model", modelIdentity(model, *opset, builder));
  bool isValid = succeeded(Bindings(model.graph(), options).check(loc));
  FailureOr<ArrayAttr> bound = bindValues(model, options, loc);
  isValid &= succeeded(bound);
  if (isValid && !bound->empty())
    (*module)->setAttr("nn.bound", *bound);
  LocalFunctions functions(model, *opset);
  GraphImporter importer(builder, name, *opset, options, functions);
  importer.mlOpset = declaredOpset(model, "ai.onnx.ml");
  // Whatever stage finds it, all that is wrong is said in one run.
  onnx::GraphProto &graph = *model.mutable_graph();
  for (const LocalFunction &function : functions.all())
    isValid &= succeeded(importer.report(function.problems));
  isValid &= succeeded(importer.report(orderAndCheck(graph, *opset)));
  isValid &= succeeded(importer.importMain(graph));
  if (!isValid || failed(verify(*module)))
    return {};
  return module;
}

/// Imports a model whose data is loaded, but for `problems`.
static OwningOpRef<ModuleOp> importWithData(onnx::ModelProto &model,
                                            llvm::StringRef name,
                                            std::vector<std::string> problems,
                                            const ModelOptions &options,
                                            MLIRContext *context) {
  for (const std::string &problem : problems)
    emitError(modelLocation(name, context)) << problem;
  // What else is wrong is said all the same.
  OwningOpRef<ModuleOp> module = importOnnxModel(model, name, options, context);
  return problems.empty() ? std::move(module) : OwningOpRef<ModuleOp>();
}

OwningOpRef<ModuleOp> mlc::importOnnxBytes(llvm::StringRef bytes,
                                           llvm::StringRef name,
                                           const ModelOptions &options,
                                           MLIRContext *context) {
  llvm::Expected<onnx::ModelProto> model = parseModelBytes(bytes);
  if (!model) {
    emitError(modelLocation(name, context))
        << llvm::toString(model.takeError());
    return {};
  }
  return importWithData(*model, name, loadExternalData(*model, std::nullopt),
                        options, context);
}

OwningOpRef<ModuleOp> mlc::importOnnxFile(llvm::StringRef path,
                                          const ModelOptions &options,
                                          MLIRContext *context) {
  llvm::Expected<onnx::ModelProto> model = readModelFile(path);
  if (!model) {
    emitError(modelLocation(path, context))
        << llvm::toString(model.takeError());
    return {};
  }
  return importWithData(
      *model, path,
      loadExternalData(*model, llvm::sys::path::parent_path(path)), options,
      context);
}
