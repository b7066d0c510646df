//===- RuntimeObjects.h - The runtime, compiled and ready -------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The runtime's core as an object file for each target, compiled when mlc was
// built, so that a model's archive is complete without a C compiler:
//
//   llvm::ArrayRef<char> object = mlc::runtimeObject(triple);
//   if (object.empty())
//     ... write runtimeSource() beside the library instead ...
//   members.push_back({"mlc_runtime.o", object});
//
// Bytes depend on the runtime's source and the compiler alone. Every symbol is
// weak but on Windows, so that archives of two models link together in any way.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_RUNTIMEOBJECTS_RUNTIMEOBJECTS_H
#define MLC_RUNTIMEOBJECTS_RUNTIMEOBJECTS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace llvm {
class Triple;
} // namespace llvm

namespace mlc {

/// The relocatable object of the runtime's core for `triple`; empty if mlc
/// ships none. Supported are the ELF systems of x86-64, AArch64 (little
/// endian), ARMv7-A with NEON (hard float, and soft-float calls), RISC-V rv64gc
/// lp64d, and the M profiles from ARMv6-M (soft float; hard float from
/// ARMv7-M); Windows, macOS, iOS and its simulator on x86-64 and AArch64; and
/// WebAssembly. Lives as long as the program.
llvm::ArrayRef<char> runtimeObject(const llvm::Triple &triple);

/// A second member, "mlc_half.o": the conversions of 16-bit floats that LLVM
/// calls where the CPU lacks them and many compiler libraries do, too
/// (runtime/src/half.c lists them). Empty where nothing is needed or shipped. A
/// linker takes it only if a model calls it.
llvm::ArrayRef<char> halfObject(const llvm::Triple &triple);

/// The text of mlc/runtime.h, which a model's header includes.
llvm::StringRef runtimeHeader();

/// The text of runtime.c, the core's one source file, for other targets.
llvm::StringRef runtimeSource();

} // namespace mlc

#endif // MLC_RUNTIMEOBJECTS_RUNTIMEOBJECTS_H
