//===- JitModel.h - run a compiled model in this process --------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs a model without leaving the process: `mlc run`, calibration, constant
// folding. The object and the runtime are byte for byte those that an archive
// for this CPU holds; only the linker is another (ORC's).
//
//   Expected<TargetInfo> host = hostTarget();
//   ... build `module` for *host, addEntryPoints(module, spec, *host) ...
//   auto model = JitModel::create(module, *host, "digits");
//   if (!model) return model.takeError();
//   const void *inputs[] = {image};
//   void *outputs[] = {scores};
//   if (Error e = (*model)->run(inputs, outputs)) ...
//
//===----------------------------------------------------------------------===//

#ifndef MLC_EXECUTE_JITMODEL_H
#define MLC_EXECUTE_JITMODEL_H

#include "Execute/JitCode.h"
#include "mlc/runtime.h"

namespace mlc {

/// A model's code, constants and arena. One run at a time; different objects
/// may run at once.
class JitModel {
public:
  /// As JitCode::create, of a module that has the entry points of `prefix`.
  /// Errors, besides JitCode's: a symbol that neither the module, the runtime,
  /// `options` nor the process has, or what init says (a CPU that lacks the
  /// target's features).
  static llvm::Expected<std::unique_ptr<JitModel>>
  create(llvm::Module &module, const TargetInfo &target, llvm::StringRef prefix,
         const JitOptions &options = {});

  ~JitModel();

  /// The descriptor: shapes, types and sizes of inputs and outputs, in the
  /// order of run's arguments.
  const mlc_model_desc &descriptor() const { return *model; }

  /// Runs once. Buffers have the descriptor's sizes and alignments and overlap
  /// neither each other nor anything of the model. Errors: a wrong number of
  /// buffers, or the runtime's status in words.
  llvm::Error run(llvm::ArrayRef<const void *> inputs,
                  llvm::ArrayRef<void *> outputs);

  /// Makes later runs use `executor`, which must outlive them, and gives the
  /// arena what its threads need; null returns to the caller's thread.
  llvm::Error setExecutor(const mlc_executor *executor);

private:
  explicit JitModel(std::unique_ptr<JitCode> code);
  llvm::Error bind(llvm::StringRef prefix);
  llvm::Error makeArena(uint32_t threads);
  llvm::Error check(mlc_status status) const;

  struct FreeArena {
    void operator()(void *memory) const;
  };

  std::unique_ptr<JitCode> code;
  const mlc_model_desc *model = nullptr;
  std::unique_ptr<void, FreeArena> arena;
  mlc_status (*init)(void *, size_t) = nullptr;
  decltype(mlc_model_arena_size) *arenaSizeOf = nullptr;
  decltype(mlc_model_run) *runModel = nullptr;
  decltype(mlc_model_set_executor) *setModelExecutor = nullptr;
  decltype(mlc_status_string) *statusString = nullptr;
};

} // namespace mlc

#endif // MLC_EXECUTE_JITMODEL_H
