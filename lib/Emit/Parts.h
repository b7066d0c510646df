//===- Parts.h - functions of each CPU on a thread --------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Functions of different CPUs do not call each other: what LLVM makes of those
// of one is the same in a module of their own. So each CPU's are a module of
// their own (exportBody of Entry.h), of which only bitcode is kept until its
// turn. They are optimised and emitted in a context of their own, at the same
// time, and one object is made of theirs.
//
//   std::vector<CpuCode> others = {CpuCode::of(*v4), CpuCode::of(*v3)};
//   PartsCompiler compiler(std::move(context), std::move(v2), others, least,
//                          /*jobs=*/4);
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

/// The functions of one CPU while others' are lowered.
struct CpuCode {
  std::string bitcode;
  size_t functions = 0; ///< that are defined, or declared

  static CpuCode of(const llvm::Module &module);
};

/// Makes an object of a module and of what there is for `others` CPUs, on at
/// most `jobs` threads, on which its bytes do not depend. The module refers to
/// what the others export, and comes last in the object. Of formats whose
/// objects are not merged, all of it is one module.
class PartsCompiler {
public:
  PartsCompiler(std::unique_ptr<llvm::LLVMContext> context,
                std::unique_ptr<llvm::Module> module,
                std::vector<CpuCode> others, const TargetInfo &least,
                unsigned jobs);
  ~PartsCompiler();

  /// Optimises and emits all of it, as Object.h's functions do. Once.
  llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> emit();
  // Behind emit; of the whole.
  CallGraph calls() const;
  FrameSizes frames() const;

private:
  const TargetInfo &least;
  std::vector<std::unique_ptr<Part>> parts;
  std::unique_ptr<llvm::ThreadPoolInterface> pool; ///< null for one job
};

} // namespace mlc

#endif // MLC_EMIT_PARTS_H
