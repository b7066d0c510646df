//===- Archive.cpp - deterministic static libraries -----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Archive.h"
#include "Support/AtomicFile.h"
#include "llvm/BinaryFormat/Magic.h"
#include "llvm/Object/ArchiveWriter.h"

using namespace llvm;

Error mlc::writeArchive(raw_ostream &os, ArrayRef<ArchiveMember> members) {
  std::vector<NewArchiveMember> list;
  for (const ArchiveMember &member : members) {
    if (identify_magic(member.bytes.getBuffer()) != file_magic::elf_relocatable)
      return createStringError(inconvertibleErrorCode(),
                               "archive member '%s' is no relocatable object",
                               member.name.c_str());
    NewArchiveMember &item = list.emplace_back(member.bytes);
    item.MemberName = member.name;
  }
  return writeArchiveToStream(os, list, SymtabWritingMode::NormalSymtab,
                              object::Archive::K_GNU, /*Deterministic=*/true,
                              /*Thin=*/false);
}

Error mlc::writeArchive(StringRef path, ArrayRef<ArchiveMember> members) {
  return writeFileAtomically(
      path, [&](raw_pwrite_stream &os) { return writeArchive(os, members); });
}
