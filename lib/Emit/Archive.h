//===- Archive.h - deterministic static libraries ---------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_EMIT_ARCHIVE_H
#define MLC_EMIT_ARCHIVE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBufferRef.h"
#include "llvm/Support/raw_ostream.h"
#include <string>

namespace mlc {

/// An object in an archive. The bytes are the caller's.
struct ArchiveMember {
  std::string name; ///< file name, as "digits.o"
  llvm::MemoryBufferRef bytes;
};

/// Writes an archive with a symbol table, of the kind that linkers of the
/// members' format read: GNU's for ELF and wasm, Darwin's, or COFF's. Times,
/// owners and modes are zeroed: equal members give equal bytes. Errors: a
/// member that is no object.
llvm::Error writeArchive(llvm::raw_ostream &os,
                         llvm::ArrayRef<ArchiveMember> members);
/// The same to the file at `path`, whole or not at all.
llvm::Error writeArchive(llvm::StringRef path,
                         llvm::ArrayRef<ArchiveMember> members);

} // namespace mlc

#endif // MLC_EMIT_ARCHIVE_H
