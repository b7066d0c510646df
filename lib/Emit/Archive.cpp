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

static bool isObject(StringRef bytes) {
  switch (identify_magic(bytes)) {
  case file_magic::elf_relocatable:
  case file_magic::coff_object:
  case file_magic::macho_object:
  case file_magic::wasm_object:
    return true;
  default:
    return false;
  }
}

Error mlc::writeArchive(raw_ostream &os, ArrayRef<ArchiveMember> members) {
  std::vector<NewArchiveMember> list;
  for (const ArchiveMember &member : members) {
    if (!isObject(member.bytes.getBuffer()))
      return createStringError(inconvertibleErrorCode(),
                               "archive member '%s' is no relocatable object",
                               member.name.c_str());
    NewArchiveMember &item = list.emplace_back(member.bytes);
    item.MemberName = member.name;
  }
  auto kind = list.empty() ? object::Archive::K_GNU
                           : list.front().detectKindFromObject();
  return writeArchiveToStream(os, list, SymtabWritingMode::NormalSymtab, kind,
                              /*Deterministic=*/true, /*Thin=*/false);
}

Error mlc::writeArchive(StringRef path, ArrayRef<ArchiveMember> members) {
  return writeFileAtomically(
      path, [&](raw_pwrite_stream &os) { return writeArchive(os, members); });
}
