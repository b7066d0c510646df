//===- Harness.cpp - compile and run IR in this process -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "Backend/Address.h"
#include "Backend/Attributes.h"
#include "Emit/Entry.h"
#include "Pipeline/Phases.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"

using namespace mlir;

namespace mlc::test {

static EntryTensor entryTensor(Type type, StringRef name) {
  auto shaped = cast<ShapedType>(type);
  EntryTensor tensor;
  tensor.name = name.str();
  tensor.shape.assign(shaped.getShape().begin(), shaped.getShape().end());
  tensor.byteSize =
      shaped.getNumElements() * elementBytes(shaped.getElementType());
  return tensor;
}

static DialectRegistry registry() {
  DialectRegistry registry;
  registerBackendDialects(registry);
  return registry;
}

FailureOr<Code> compile(ModuleOp module, const CompileOptions &options,
                        llvm::function_ref<void(StringRef, ModuleOp)> behind) {
  for (const Phase &phase : phasesFrom("to-destinations")) {
    if (failed(runPhase(phase, module, options)))
      return failure();
    if (behind)
      behind(phase.name, module);
  }
  Code code;
  code.weights = takeWeights(module, options.freeConstants);
  FailureOr<BackendResult> lowered =
      translateToLLVM(module, options.targets, prefixOf(options));
  if (failed(lowered))
    return failure();
  static_cast<BackendResult &>(code) = std::move(*lowered);
  return std::move(code);
}

Model::Model(StringRef ir, StringRef cpu, unsigned threads, bool streams)
    : context(registry()) {
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    llvm::raw_string_ostream(errors) << diagnostic << "\n";
    return success();
  });
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(ir, &context);
  if (!module)
    return;
  targets = llvm::cantFail(resolveTargets("", cpu));
  EntrySpec spec;
  spec.prefix = spec.name = "model";
  auto main = module->lookupSymbol<func::FuncOp>("main");
  for (Type type : main.getArgumentTypes())
    spec.inputs.push_back(
        entryTensor(type, "in" + std::to_string(spec.inputs.size())));
  for (Type type : main.getResultTypes()) {
    spec.outputs.push_back(
        entryTensor(type, "out" + std::to_string(spec.outputs.size())));
    outputSizes.push_back(spec.outputs.back().byteSize);
  }
  CompileOptions options;
  options.targets = targets;
  options.threads = threads;
  options.prefix = "model";
  options.streams = streams;
  FailureOr<Code> compiled =
      compile(*module, options, [&](StringRef phase, ModuleOp module) {
        llvm::raw_string_ostream(text[phase.str()]) << module;
      });
  if (failed(compiled))
    return;
  result = std::move(*compiled);
  spec.plannedBytes = result.arenaSize;
  spec.threadBytes = result.threadBytes;
  spec.threads = threads;
  for (auto [target, body] : llvm::zip(targets, result.entries))
    spec.variants.push_back({target, body});
  declareWeights(*result.module, spec, weightsName, result.weights.getData());
  letWeightsBeAnywhere(*result.module, weightsName);
  if (llvm::Error error =
          addEntryPoints(*result.module, spec, targets.back())) {
    errors += llvm::toString(std::move(error));
    return;
  }
  JitSymbol weights = {weightsName.str(), result.weights.getData().data()};
  auto created = JitModel::create(*result.module, targets.back(), "model",
                                  {OptLevel::Full, weights});
  if (!created)
    errors += llvm::toString(created.takeError());
  else
    jit = std::move(*created);
}

std::vector<Bytes> Model::run(std::vector<Bytes> inputs) {
  const std::vector<Bytes> given = inputs;
  std::vector<const void *> in;
  for (const Bytes &input : inputs)
    in.push_back(input.data());
  std::vector<Bytes> outputs;
  for (uint64_t size : outputSizes)
    outputs.emplace_back(size, char(0x5a));
  std::vector<void *> out;
  for (Bytes &output : outputs)
    out.push_back(output.data());
  std::string error = llvm::toString(jit->run(in, out));
  EXPECT_EQ(error, "");
  EXPECT_EQ(inputs, given) << "an input was written";
  return outputs;
}

void Model::setExecutor(const mlc_executor *executor) {
  EXPECT_EQ(llvm::toString(jit->setExecutor(executor)), "");
}

unsigned Model::count(StringRef phase, StringRef what) const {
  auto found = text.find(phase.str());
  if (found == text.end())
    return ~0u;
  return StringRef(found->second).count(what);
}

} // namespace mlc::test
