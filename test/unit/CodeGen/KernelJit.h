//===- KernelJit.h - compile kernel ops and call them -----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From the text of functions on memrefs that hold kernel ops to functions that
// take bare pointers:
//
//   auto jit = KernelJit::create("func.func @f(%x: memref<4xf32>) {...}",
//   target);
//   (*jit)->call("f", {x.data()});
//
//===----------------------------------------------------------------------===//

#ifndef MLC_TEST_UNIT_CODEGEN_KERNELJIT_H
#define MLC_TEST_UNIT_CODEGEN_KERNELJIT_H

#include "Emit/Object.h"
#include "Target/Target.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

namespace llvm::orc {
class LLJIT;
} // namespace llvm::orc

namespace mlc {

class KernelJit {
public:
  /// Emits for `target`; compiles for this machine if `target` is of another
  /// architecture. `objectPath`, where not empty, gets the object: for a
  /// disassembler; `frames` what functions take of the stack.
  static llvm::Expected<std::unique_ptr<KernelJit>>
  create(llvm::StringRef text, const TargetInfo &target,
         llvm::StringRef objectPath = "", FrameSizes *frames = nullptr);
  ~KernelJit();

  /// Up to eight arguments.
  using Function = void (*)(void *, void *, void *, void *, void *, void *,
                            void *, void *);
  llvm::Expected<Function> find(llvm::StringRef name);

private:
  explicit KernelJit(std::unique_ptr<llvm::orc::LLJIT> jit);
  std::unique_ptr<llvm::orc::LLJIT> jit;
};

/// Variants that this machine runs, widest first.
std::vector<TargetInfo> runnableTargets();

/// Variants whose products of bytes no CPU at hand has: code that comes with
/// what these compute instead. None on a machine that lacks the rest.
std::vector<TargetInfo> emulatedTargets();

/// What kernels are tested for: runnableTargets, the widest with units of half
/// a vector and, for the shape of their code (multiplication by lanes, no
/// vectors at all), targets of other architectures, whose emitted loops are
/// compiled for this machine.
std::vector<TargetInfo> testedTargets();

} // namespace mlc

#endif // MLC_TEST_UNIT_CODEGEN_KERNELJIT_H
