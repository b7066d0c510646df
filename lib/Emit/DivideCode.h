//===- DivideCode.h - a module in parts of bounded size ---------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What LLVM takes for a module grows with it, many times the size of what comes
// out. Kernels are not inlined and know nothing of each other but the constants
// that they are called with. So these are propagated first, and then functions
// can be optimised and emitted some at a time, on any number of threads.
//
//   std::vector<CodePart> parts = divideCode(module);
//
//===----------------------------------------------------------------------===//

#ifndef MLC_EMIT_DIVIDECODE_H
#define MLC_EMIT_DIVIDECODE_H

#include <string>
#include <vector>

namespace llvm {
class Module;
} // namespace llvm

namespace mlc {

/// Some functions of a module, as bitcode with the order of uses, which passes
/// follow: what becomes of it depends on the module alone.
struct CodePart {
  std::string bitcode;
  size_t functions = 0; ///< that are defined
};

constexpr size_t kMostInstructions = 16 << 10;

/// The functions of `module` in their order, at most `most` instructions a part
/// unless one function has more; the last part has the global variables and
/// what refers to them as well. What parts refer to of each other is hidden
/// instead of internal. Of formats whose objects are not merged
/// (MergeObjects.h), all is one part. Changes `module`.
std::vector<CodePart> divideCode(llvm::Module &module,
                                 size_t most = kMostInstructions);

} // namespace mlc

#endif // MLC_EMIT_DIVIDECODE_H
