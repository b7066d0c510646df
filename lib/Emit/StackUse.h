//===- StackUse.h - how much stack a model needs ----------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_EMIT_STACKUSE_H
#define MLC_EMIT_STACKUSE_H

#include "Emit/Object.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <map>
#include <set>
#include <string>

namespace llvm {
class Module;
} // namespace llvm

namespace mlc {

/// Bytes allowed for functions that are not in the model's object: the runtime
/// on the way in, and one leaf (memcpy, expf) below.
constexpr uint64_t kForeignStack = 1024;

/// Who may call whom, by function name. A function whose address is taken
/// counts as called by who takes it: variants by way of the descriptor,
/// parallel bodies by way of mlc_parallel_for.
using CallGraph = std::map<std::string, std::set<std::string>>;

/// The calls of the definitions of `module`. Take it after optimize and before
/// emitObject, which both change functions.
CallGraph callGraph(const llvm::Module &module);

/// The deepest chain of calls from `root`, in bytes: frames, return addresses
/// and kForeignStack. Errors: recursion, or a function of unknown frame
/// (dynamic alloca).
llvm::Expected<uint64_t> stackUse(const FrameSizes &frames,
                                  const CallGraph &calls, llvm::StringRef root);

} // namespace mlc

#endif // MLC_EMIT_STACKUSE_H
