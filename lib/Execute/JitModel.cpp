//===- JitModel.cpp - run a compiled model in this process ----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Execute/JitModel.h"
#include "Emit/Entry.h"
#include "RuntimeObjects/RuntimeObjects.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"
#include <cstdlib>

using namespace llvm;
using namespace mlc;

static Error fail(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message.str());
}

JitModel::JitModel(std::unique_ptr<orc::LLJIT> jit) : jit(std::move(jit)) {}

JitModel::~JitModel() = default;

void JitModel::FreeArena::operator()(void *memory) const { std::free(memory); }

static Expected<std::unique_ptr<MemoryBuffer>>
compile(Module &module, const TargetInfo &target, OptLevel level) {
  OptimizeOptions options;
  options.level = level;
  if (Error error = optimize(module, target, options))
    return std::move(error);
  SmallVector<char, 0> bytes;
  raw_svector_ostream os(bytes);
  if (Error error = emitObject(module, target, os, level))
    return std::move(error);
  return std::make_unique<SmallVectorMemoryBuffer>(
      std::move(bytes), "model.o", /*RequiresNullTerminator=*/false);
}

static Expected<std::unique_ptr<MemoryBuffer>>
runtimeBuffer(const Triple &triple) {
  ArrayRef<char> bytes = runtimeObject(triple);
  if (bytes.empty())
    return fail("mlc has no runtime for '" + triple.str() + "'");
  return MemoryBuffer::getMemBuffer(StringRef(bytes.data(), bytes.size()),
                                    "mlc_runtime.o",
                                    /*RequiresNullTerminator=*/false);
}

static Expected<std::unique_ptr<orc::LLJIT>>
link(const Triple &triple, std::unique_ptr<MemoryBuffer> object) {
  Expected<std::unique_ptr<MemoryBuffer>> runtime = runtimeBuffer(triple);
  if (!runtime)
    return runtime.takeError();
  // No platform: models have neither initialisers nor thread-local variables.
  Expected<std::unique_ptr<orc::LLJIT>> jit =
      orc::LLJITBuilder()
          .setJITTargetMachineBuilder(orc::JITTargetMachineBuilder(triple))
          .setPlatformSetUp(orc::setUpInactivePlatform)
          .create();
  if (!jit)
    return jit.takeError();
  if (Error error = (*jit)->addObjectFile(std::move(*runtime)))
    return std::move(error);
  if (Error error = (*jit)->addObjectFile(std::move(object)))
    return std::move(error);
  return jit;
}

template <typename Function>
Error JitModel::find(StringRef name, Function *&function) {
  // ORC reports why a symbol failed to its session, and returns that it did.
  std::string reasons;
  jit->getExecutionSession().setErrorReporter([&](Error error) {
    reasons += (reasons.empty() ? "" : "; ") + toString(std::move(error));
  });
  Expected<orc::ExecutorAddr> address = jit->lookup(name);
  jit->getExecutionSession().setErrorReporter(consumeError);
  if (!address)
    return fail("linking '" + name + "': " + toString(address.takeError()) +
                (reasons.empty() ? "" : " (" + reasons + ")"));
  function = address->toPtr<Function *>();
  return Error::success();
}

Error JitModel::check(mlc_status status) const {
  if (status == MLC_OK)
    return Error::success();
  return fail(Twine("model '") + model->name + "': " + statusString(status));
}

Error JitModel::bind(StringRef prefix) {
  const mlc_model_desc *(*getModel)() = nullptr;
  mlc_status (*init)(void *, size_t) = nullptr;
  if (Error error = find((prefix + "_model").str(), getModel))
    return error;
  if (Error error = find((prefix + "_init").str(), init))
    return error;
  if (Error error = find("mlc_model_run", runModel))
    return error;
  if (Error error = find("mlc_model_set_executor", setModelExecutor))
    return error;
  if (Error error = find("mlc_status_string", statusString))
    return error;
  model = getModel();
  arena.reset(std::aligned_alloc(model->arena_align, model->arena_size));
  if (!arena)
    return fail("no memory for an arena of " + Twine(model->arena_size) +
                " bytes");
  return check(init(arena.get(), model->arena_size));
}

Expected<std::unique_ptr<JitModel>> JitModel::create(Module &module,
                                                     const TargetInfo &target,
                                                     StringRef prefix,
                                                     OptLevel level) {
  if (Triple(sys::getProcessTriple()).getArch() != target.triple.getArch())
    return fail("target '" + target.triple.str() +
                "' is not what this process runs on");
  Expected<std::unique_ptr<MemoryBuffer>> object =
      compile(module, target, level);
  if (!object)
    return object.takeError();
  Expected<std::unique_ptr<orc::LLJIT>> jit =
      link(target.triple, std::move(*object));
  if (!jit)
    return jit.takeError();
  std::unique_ptr<JitModel> model(new JitModel(std::move(*jit)));
  if (Error error = model->bind(prefix))
    return std::move(error);
  return model;
}

Error JitModel::setExecutor(const mlc_executor *executor) {
  return check(setModelExecutor(model, arena.get(), executor));
}

Error JitModel::run(ArrayRef<const void *> inputs, ArrayRef<void *> outputs) {
  if (inputs.size() != model->input_count ||
      outputs.size() != model->output_count)
    return fail("model '" + Twine(model->name) + "' takes " +
                Twine(model->input_count) + " inputs and " +
                Twine(model->output_count) + " outputs, found " +
                Twine(inputs.size()) + " and " + Twine(outputs.size()));
  return check(runModel(model, arena.get(), inputs.data(), outputs.data()));
}
