//===- AtomicFile.h - output files appear whole or not at all ---*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every file mlc leaves behind is written to a file of the same folder that has
// no name yet, and gets its name when it is complete: a failed or killed
// compilation leaves the old file, if any, no partial one, and no temporary one
// either. Where the file system knows no nameless files, a temporary name takes
// their place; it stays behind only where the process is killed.
//
//   if (Error e = writeFileAtomically("out/model.h", [&](raw_pwrite_stream &os)
//   {
//         os << text;
//         return Error::success();
//       }))
//     return e;
//
// What is no regular file, as a device or a pipe, is written in place: it is
// not ours to replace.
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

/// Makes a folder and those that it lies in, as far as they are missing, with
/// the mode that the umask leaves, as mkdir does.
std::error_code makeFolder(const llvm::Twine &path);

} // namespace mlc

#endif // MLC_SUPPORT_ATOMICFILE_H
