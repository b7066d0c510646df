//===- Parts.h - functions of each CPU on a thread --------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Functions of different CPUs do not call each other: what LLVM makes of those
// of one is the same in a module of their own. So each CPU's are optimised and
// emitted in a context of their own, at the same time, and one object is made
// of theirs.
//
//   PartsCompiler compiler(std::move(context), std::move(module), least,
//                          /*jobs=*/4);
//   if (Error e = compiler.optimize()) ...
//   Expected<std::unique_ptr<MemoryBuffer>> object = compiler.emit();
//   Expected<uint64_t> stack =
//       stackUse(compiler.frames(), compiler.calls(), "digits_run");
//
//===----------------------------------------------------------------------===//

#ifndef MLC_EMIT_PARTS_H
#define MLC_EMIT_PARTS_H

#include "Emit/StackUse.h"
#include "Target/Target.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>
#include <vector>

namespace llvm {
class LLVMContext;
class Module;
class ThreadPoolInterface;
} // namespace llvm

namespace mlc {

class Part;

/// Makes an object of a module, on at most `jobs` threads, on which its bytes
/// do not depend. Where nothing can be taken apart, the one part is the module.
class PartsCompiler {
public:
  PartsCompiler(std::unique_ptr<llvm::LLVMContext> context,
                std::unique_ptr<llvm::Module> module, const TargetInfo &least,
                unsigned jobs);
  ~PartsCompiler();

  /// As Object.h's: returns when all parts are optimised, while threads that
  /// have nothing else to do emit some of them already.
  llvm::Error optimize();
  /// Once, behind optimize.
  llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> emit();
  /// Behind optimize; of the whole.
  CallGraph calls() const;
  /// Behind emit; of the whole.
  FrameSizes frames() const;

  /// The names of the functions of each part, a space behind each.
  std::vector<std::string> partNames() const;

private:
  const TargetInfo &least;
  std::string whole; ///< bitcode that parts are read from
  std::vector<std::unique_ptr<Part>> parts;
  std::unique_ptr<llvm::ThreadPoolInterface> pool; ///< null for one job
};

} // namespace mlc

#endif // MLC_EMIT_PARTS_H
