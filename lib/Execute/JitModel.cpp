//===- JitModel.cpp - run a compiled model in this process ----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Execute/JitModel.h"
#include <cstdlib>

using namespace llvm;
using namespace mlc;

static Error fail(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message.str());
}

JitModel::JitModel(std::unique_ptr<JitCode> code) : code(std::move(code)) {}

JitModel::~JitModel() = default;

void JitModel::FreeArena::operator()(void *memory) const { std::free(memory); }

Error JitModel::check(mlc_status status) const {
  if (status == MLC_OK)
    return Error::success();
  return fail(Twine("model '") + model->name + "': " + statusString(status));
}

Error JitModel::bind(StringRef prefix) {
  const mlc_model_desc *(*getModel)() = nullptr;
  if (Error error = code->find((prefix + "_model").str(), getModel))
    return error;
  if (Error error = code->find((prefix + "_init").str(), init))
    return error;
  if (Error error = code->find("mlc_model_arena_size", arenaSizeOf))
    return error;
  if (Error error = code->find("mlc_model_run", runModel))
    return error;
  if (Error error = code->find("mlc_model_set_executor", setModelExecutor))
    return error;
  if (Error error = code->find("mlc_status_string", statusString))
    return error;
  model = getModel();
  return makeArena(1);
}

/// Room for `threads` and the header that init writes.
Error JitModel::makeArena(uint32_t threads) {
  uint64_t size = arenaSizeOf(model, threads);
  arena.reset(std::aligned_alloc(model->arena_align, size));
  if (!arena)
    return fail("no memory for an arena of " + Twine(size) + " bytes");
  return check(init(arena.get(), size));
}

Expected<std::unique_ptr<JitModel>>
JitModel::create(Module &module, const TargetInfo &target, StringRef prefix,
                 const JitOptions &options) {
  Expected<std::unique_ptr<JitCode>> code =
      JitCode::create(module, target, options);
  if (!code)
    return code.takeError();
  std::unique_ptr<JitModel> model(new JitModel(std::move(*code)));
  if (Error error = model->bind(prefix))
    return std::move(error);
  return model;
}

Error JitModel::setExecutor(const mlc_executor *executor) {
  if (executor)
    if (Error error = makeArena(executor->threads))
      return error;
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
