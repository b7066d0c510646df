//===- Object.h - optimise an LLVM module and write its object --*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From a module to machine code, in this process. A function carries the CPU
// that it is for (setTargetAttributes), or is compiled for `least`, the last of
// resolveTargets' list: so the entry points are. A model's functions share one
// weights constant and become one object, of a module at once or of its parts
// (Parts.h).
//
//   prepareModule(module, least);
//   addEntryPoints(module, spec, least);          // Entry.h
//   if (Error e = optimize(module, least)) ...
//   if (Error e = emitObject(module, least, os)) ...
//
// The same module and targets give the same bytes, from any folder: the object
// names no path, no time and no producer.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_EMIT_OBJECT_H
#define MLC_EMIT_OBJECT_H

#include "Target/Target.h"
#include "llvm/Support/MemoryBuffer.h"
#include <map>

namespace llvm {
class Module;
class raw_pwrite_stream;
} // namespace llvm

namespace mlc {

/// How much work to spend on code.
enum class OptLevel {
  None, ///< no passes: code that runs once on little data
  Less, ///< -O1 without vectorisers: constant folding
  Full, ///< -O2: what ships
};

struct OptimizeOptions {
  OptLevel level = OptLevel::Full;
  /// LLVM's own unrolling. Off: emitters unroll what pays, and LLVM's adds code
  /// without speed. A loop's own llvm.loop.unroll metadata holds either way.
  bool unroll = false;
};

/// Sets triple, data layout and PIC level for `least`, and gives every function
/// with a body: no unwinding (so no .eh_frame), no frame pointer, and `least`'s
/// CPU unless it has one. Call it before IR with pointers or vectors is built,
/// so that sizes are the target's. May be called again when functions were
/// added; optimize and emitObject do.
llvm::Error prepareModule(llvm::Module &module, const TargetInfo &least);

/// LLVM's data layout string of `target`.
llvm::Expected<std::string> dataLayout(const TargetInfo &target);

/// Runs LLVM's pipeline with loop and SLP vectorisation. Errors if the module
/// does not verify.
llvm::Error optimize(llvm::Module &module, const TargetInfo &least,
                     const OptimizeOptions &options = {});

/// The frame of each function, in bytes. One whose frame has no fixed size is
/// left out.
using FrameSizes = std::map<std::string, uint64_t>;

/// Writes `module` (usually after optimize) as one object in the format of
/// `least`'s system: position independent, a section per function. Code
/// generation changes the module; do not use it afterwards. Adds what functions
/// take of the stack to `frames`, where it is given. Loop strength reduction is
/// left out: on convolution kernels it costs 20 % in reloads of general
/// registers. No option of LLVM's is changed, but for the time of a call for
/// ARM: other code generation in the process should not run then.
llvm::Error emitObject(llvm::Module &module, const TargetInfo &least,
                       llvm::raw_pwrite_stream &os,
                       OptLevel level = OptLevel::Full,
                       FrameSizes *frames = nullptr);

/// Bytes of the `object` that a program holds in memory: code and
/// constants, not symbols and relocations.
llvm::Expected<uint64_t> loadedBytes(llvm::MemoryBufferRef object);

} // namespace mlc

#endif // MLC_EMIT_OBJECT_H
