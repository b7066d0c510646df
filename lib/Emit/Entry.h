//===- Entry.h - a model's descriptor and public functions ------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Adds to a module what C code sees of a model: constant mlc_model_desc,
// mlc_variant and mlc_tensor_desc data as mlc/runtime.h lays them out, and the
// only three global symbols
//
//   mlc_status PREFIX_init(void *arena, size_t size);
//   mlc_status PREFIX_run(void *arena, const PREFIX_inputs *inputs,
//                         const PREFIX_outputs *outputs);
//   const mlc_model_desc *PREFIX_model(void);
//
// PREFIX_inputs is a C struct of pointers, which has the layout of the pointer
// array that mlc_model_run takes. The bodies are the caller's, one for each
// variant:
//
//   i32 @body(ptr %arena, ptr %inputs, ptr %outputs, ptr %executor)
//
// with %arena the planned part, aligned to kArenaAlign.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_EMIT_ENTRY_H
#define MLC_EMIT_ENTRY_H

#include "Target/Target.h"
#include "mlc/runtime.h"
#include "llvm/ADT/ArrayRef.h"

namespace llvm {
class GlobalVariable;
class Module;
} // namespace llvm

namespace mlc {

/// Alignment of the arena and of its planned part, in bytes: a cache line and
/// the widest vector.
constexpr uint64_t kArenaAlign = 64;

/// Alignment of the weights in the object.
constexpr uint64_t kWeightsAlign = 64;

/// An input or output as the descriptor tells it.
struct EntryTensor {
  std::string name; ///< as in the model
  mlc_type type = MLC_TYPE_F32;
  llvm::SmallVector<int64_t, 4> shape;
  uint64_t byteSize = 0;
  uint32_t alignment = 1; ///< of the caller's buffer
};

/// One body and the CPU it is for.
struct EntryVariant {
  TargetInfo target;
  std::string body; ///< name of the function in the module
};

struct EntrySpec {
  std::string prefix;        ///< of the public functions: a C identifier
  std::string name;          ///< of the model, for people
  uint64_t plannedBytes = 0; ///< the arena without its header, for one thread
  uint64_t threadBytes = 0;  ///< behind it, for each further thread
  uint32_t threads = 1;      ///< the most that the code can use
  std::vector<EntryTensor> inputs, outputs;
  std::vector<EntryVariant> variants; ///< best first, as resolveTargets gives
  /// From declareWeights; null if the model has none.
  llvm::GlobalVariable *weights = nullptr;
  uint64_t weightsSize = 0;
  uint32_t weightsCrc = 0;

  /// What the caller of the model allocates for one thread: header and planned
  /// part, a multiple of kArenaAlign.
  uint64_t arenaSize() const;
};

/// From where on weights are reached by addresses of 64 bits, as code's own of
/// 32 reaches 2 GiB, and others' code and data share those.
constexpr uint64_t kLargeWeights = uint64_t(1) << 30;

/// The most bytes of weights that can be linked for `triple`.
uint64_t mostWeights(const llvm::Triple &triple);

/// Declares the weights as `name` in `module`, which bodies may refer to
/// before, and notes them with size and checksum in `spec`. Their bytes are
/// another object's: see Weights.h. No bytes, no declaration.
void declareWeights(llvm::Module &module, EntrySpec &spec, llvm::StringRef name,
                    llvm::ArrayRef<char> bytes, uint64_t large = kLargeWeights);

/// The same for a module without entry points, which needs no checksum: null
/// where there are no bytes.
llvm::GlobalVariable *declareWeights(llvm::Module &module, llvm::StringRef name,
                                     uint64_t size,
                                     uint64_t large = kLargeWeights);

/// Lets the weights that `module` declares as `name` be anywhere in memory: for
/// code that runs in this process, where they are already. A JitSymbol of that
/// name says where.
void letWeightsBeAnywhere(llvm::Module &module, llvm::StringRef name);

/// Prepares a module of one variant whose entry points are in another one: that
/// sees the body, which is hidden from programs, and nothing else. Errors: a
/// body that is missing or has another type.
llvm::Error exportBody(llvm::Module &module, const EntryVariant &variant);

/// Declares in `module` a body that another module exports.
void importBody(llvm::Module &module, const EntryVariant &variant);

/// Adds descriptor and public functions, compiled for `least`; makes every
/// other definition internal, and sets each variant's attributes on its body,
/// unless that is imported. Errors: a body that is missing or has another type,
/// a prefix that is no C identifier, a public name that is taken, no variant.
llvm::Error addEntryPoints(llvm::Module &module, const EntrySpec &spec,
                           const TargetInfo &least);

} // namespace mlc

#endif // MLC_EMIT_ENTRY_H
