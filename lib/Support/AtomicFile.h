//===- AtomicFile.h - output files appear whole or not at all ---*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every file mlc leaves behind is written under a temporary name in the same
// folder and renamed when it is complete: a failed or killed compilation leaves
// the old file, if any, and no partial one.
//
//   if (Error e = writeFileAtomically("out/model.h", [&](raw_pwrite_stream &os)
//   {
//         os << text;
//         return Error::success();
//       }))
//     return e;
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SUPPORT_ATOMICFILE_H
#define MLC_SUPPORT_ATOMICFILE_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

namespace mlc {

/// Writes `path` through `write`. Errors: what `write` returns, or "path:
/// reason" of the file system (no such folder, disk full); `path` is then as it
/// was.
llvm::Error writeFileAtomically(
    llvm::StringRef path,
    llvm::function_ref<llvm::Error(llvm::raw_pwrite_stream &)> write);

} // namespace mlc

#endif // MLC_SUPPORT_ATOMICFILE_H
