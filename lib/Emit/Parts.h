//===- Parts.h - parts of the code on threads -------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Functions of different CPUs do not call each other, and are modules of their
// own (exportBody of Entry.h), which are divided further. Of a part only
// bitcode is kept until its turn. It is optimised and emitted in a context of
// its own, with others at the same time, and one object is made of all.
//
//   std::vector<CodePart> others = divideCode(*v4);
//   llvm::append_range(others, divideCode(*v3));
//   PartsCompiler compiler(std::move(context), std::move(v2), others, least,
//                          /*jobs=*/4);
//   Expected<std::unique_ptr<MemoryBuffer>> object = compiler.emit();
//   Expected<uint64_t> stack =
//       stackUse(compiler.frames(), compiler.calls(), "digits_run");
//
//===----------------------------------------------------------------------===//

#ifndef MLC_EMIT_PARTS_H
#define MLC_EMIT_PARTS_H

#include "Emit/DivideCode.h"
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

/// Makes an object of a module and of what there is for `others` CPUs, on at
/// most `jobs` threads, on which its bytes do not depend. The module refers to
/// what the others export, and comes last in the object. Of formats whose
/// objects are not merged, all of it is one module.
class PartsCompiler {
public:
  PartsCompiler(std::unique_ptr<llvm::LLVMContext> context,
                std::unique_ptr<llvm::Module> module,
                std::vector<CodePart> others, const TargetInfo &least,
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
