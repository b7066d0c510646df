//===- MergeObjects.cpp - several objects into one ------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/MergeObjects.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/MC/StringTableBuilder.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"

using namespace llvm;
using namespace mlc;

static Error fail(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message.str());
}

namespace {

/// In the order of the file: header, sections, symbols, strings, table of
/// sections.
template <typename ELFT>
class Merger {
public:
  explicit Merger(ArrayRef<MemoryBufferRef> objects) : objects(objects) {}

  Expected<std::unique_ptr<MemoryBuffer>> run();

private:
  using File = object::ELFFile<ELFT>;
  using Shdr = typename ELFT::Shdr;
  using Sym = typename ELFT::Sym;

  /// An object that is read.
  struct Input {
    std::unique_ptr<object::ObjectFile> file;
    const File *elf;
    ArrayRef<Shdr> sections;
    std::vector<uint32_t> newSections; ///< by old number; 0: left out
    const Shdr *table = nullptr;       ///< of symbols
    std::vector<uint32_t> newSymbols;
  };
  struct Section {
    const Input *input;
    Shdr header; ///< the old one, then the new one
    StringRef name;
  };
  struct Symbol {
    StringRef name;
    Sym symbol;
  };

  Error read(MemoryBufferRef bytes);
  Error takeSections(Input &input);
  Error takeSymbols(Input &input, bool isFirst);
  Error addGlobal(Input &input, size_t number, StringRef name, Sym symbol);
  void numberSymbols();

  Error write();
  Error writeSection(Section &section);
  template <typename Rel>
  Error writeRelocations(const Section &section, ArrayRef<Rel> relocations);
  void writeTables();
  uint64_t append(const void *data, size_t size, uint64_t align);
  Shdr table(StringRef name, unsigned type, uint64_t offset, uint64_t size);

  ArrayRef<MemoryBufferRef> objects;
  std::vector<std::unique_ptr<Input>> inputs;
  std::vector<Section> sections;
  StringSet<> known; ///< sections that are there once
  std::vector<Symbol> locals;
  MapVector<StringRef, Sym> globals;
  /// Of globals, which inputs and numbers are them.
  StringMap<std::vector<std::pair<Input *, size_t>>> uses;
  StringTableBuilder strings{StringTableBuilder::ELF};
  SmallVector<char, 0> out;
};

} // namespace

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

template <typename ELFT>
Error Merger<ELFT>::read(MemoryBufferRef bytes) {
  auto file = object::ObjectFile::createELFObjectFile(bytes);
  if (!file)
    return file.takeError();
  auto *elf = dyn_cast<object::ELFObjectFile<ELFT>>(file->get());
  if (!elf)
    return fail("objects of different classes cannot be merged");
  auto input = std::make_unique<Input>();
  input->elf = &elf->getELFFile();
  const auto &header = input->elf->getHeader();
  if (!inputs.empty()) {
    const auto &first = inputs.front()->elf->getHeader();
    if (header.e_machine != first.e_machine || header.e_flags != first.e_flags)
      return fail("objects of different machines cannot be merged");
  }
  auto list = input->elf->sections();
  if (!list)
    return list.takeError();
  input->sections = *list;
  input->file = std::move(*file);
  inputs.push_back(std::move(input));
  return takeSections(*inputs.back());
}

/// Tables of symbols and strings are made anew; what says how the whole is to
/// be linked is there once.
template <typename ELFT>
Error Merger<ELFT>::takeSections(Input &input) {
  input.newSections.resize(input.sections.size());
  for (auto [number, header] : enumerate(input.sections)) {
    auto name = input.elf->getSectionName(header);
    if (!name)
      return name.takeError();
    if (header.sh_type == ELF::SHT_GROUP ||
        header.sh_type == ELF::SHT_SYMTAB_SHNDX)
      return fail("section '" + *name + "' cannot be merged");
    if (header.sh_type == ELF::SHT_SYMTAB)
      input.table = &header;
    if (header.sh_type == ELF::SHT_NULL || header.sh_type == ELF::SHT_SYMTAB ||
        header.sh_type == ELF::SHT_STRTAB)
      continue;
    bool isOnce = *name == ".note.GNU-stack" || name->ends_with(".attributes");
    if (isOnce && !known.insert(*name).second)
      continue;
    sections.push_back({&input, header, *name});
    input.newSections[number] = sections.size();
  }
  return Error::success();
}

template <typename ELFT>
Error Merger<ELFT>::addGlobal(Input &input, size_t number, StringRef name,
                              Sym symbol) {
  uses[name].push_back({&input, number});
  auto [found, isNew] = globals.insert({name, symbol});
  if (isNew || symbol.st_shndx == ELF::SHN_UNDEF)
    return Error::success();
  if (found->second.st_shndx != ELF::SHN_UNDEF)
    return fail("symbol '" + name + "' is defined twice");
  found->second = symbol;
  return Error::success();
}

template <typename ELFT>
Error Merger<ELFT>::takeSymbols(Input &input, bool isFirst) {
  auto list = input.elf->symbols(input.table);
  auto names = input.table ? input.elf->getStringTableForSymtab(*input.table)
                           : Expected<StringRef>(StringRef());
  if (!list)
    return joinErrors(list.takeError(), names.takeError());
  if (!names)
    return names.takeError();
  input.newSymbols.resize(list->size());
  for (auto [number, old] : enumerate(*list)) {
    if (number == 0)
      continue;
    auto name = old.getName(*names);
    if (!name)
      return name.takeError();
    Sym symbol = old;
    if (old.st_shndx < ELF::SHN_LORESERVE)
      symbol.st_shndx = input.newSections[old.st_shndx];
    if (old.getBinding() != ELF::STB_LOCAL) {
      if (Error error = addGlobal(input, number, *name, symbol))
        return error;
      continue;
    }
    // All parts are of one file.
    if (old.getType() == ELF::STT_FILE && !isFirst)
      continue;
    locals.push_back({*name, symbol});
    input.newSymbols[number] = locals.size();
  }
  return Error::success();
}

/// Behind the locals those that were there for other parts, then what is left.
template <typename ELFT>
void Merger<ELFT>::numberSymbols() {
  auto isLocal = [](const Sym &symbol) {
    return symbol.st_shndx != ELF::SHN_UNDEF &&
           symbol.getVisibility() == ELF::STV_HIDDEN;
  };
  size_t next = 1 + locals.size();
  auto number = [&](StringRef name) {
    for (auto [input, old] : uses[name])
      input->newSymbols[old] = next;
    ++next;
  };
  for (auto &[name, symbol] : globals)
    if (isLocal(symbol)) {
      symbol.setBinding(ELF::STB_LOCAL);
      symbol.setVisibility(ELF::STV_DEFAULT);
      locals.push_back({name, symbol});
      number(name);
    }
  globals.remove_if([](const auto &entry) {
    return entry.second.getBinding() == ELF::STB_LOCAL;
  });
  for (auto &[name, symbol] : globals)
    number(name);
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

template <typename ELFT>
uint64_t Merger<ELFT>::append(const void *data, size_t size, uint64_t align) {
  out.resize(alignTo(out.size(), std::max<uint64_t>(align, 1)));
  uint64_t offset = out.size();
  const char *from = static_cast<const char *>(data);
  out.append(from, from + size);
  return offset;
}

template <typename ELFT>
template <typename Rel>
Error Merger<ELFT>::writeRelocations(const Section &section,
                                     ArrayRef<Rel> relocations) {
  std::vector<Rel> changed(relocations.begin(), relocations.end());
  for (Rel &relocation : changed) {
    uint32_t symbol = relocation.getSymbol(/*isMips64EL=*/false);
    if (symbol >= section.input->newSymbols.size())
      return fail("a relocation of '" + section.name + "' names no symbol");
    relocation.setSymbolAndType(section.input->newSymbols[symbol],
                                relocation.getType(false), false);
  }
  append(changed.data(), changed.size() * sizeof(Rel), 1);
  return Error::success();
}

template <typename ELFT>
Error Merger<ELFT>::writeSection(Section &section) {
  Shdr old = section.header;
  Shdr &header = section.header;
  header.sh_name = strings.getOffset(section.name);
  header.sh_offset = append(nullptr, 0, header.sh_addralign);
  bool isRel = header.sh_type == ELF::SHT_REL,
       isRela = header.sh_type == ELF::SHT_RELA;
  if (isRel || isRela) {
    header.sh_link = sections.size() + 1;
    header.sh_info = section.input->newSections[old.sh_info];
  } else if (old.sh_flags & ELF::SHF_LINK_ORDER) {
    header.sh_link = section.input->newSections[old.sh_link];
  }
  if (isRel) {
    auto list = section.input->elf->rels(old);
    return list ? writeRelocations(section, *list) : list.takeError();
  }
  if (isRela) {
    auto list = section.input->elf->relas(old);
    return list ? writeRelocations(section, *list) : list.takeError();
  }
  if (header.sh_type == ELF::SHT_NOBITS)
    return Error::success();
  auto contents = section.input->elf->getSectionContents(old);
  if (!contents)
    return contents.takeError();
  append(contents->data(), contents->size(), 1);
  return Error::success();
}

template <typename ELFT>
typename Merger<ELFT>::Shdr Merger<ELFT>::table(StringRef name, unsigned type,
                                                uint64_t offset,
                                                uint64_t size) {
  Shdr result;
  std::memset(&result, 0, sizeof(result));
  result.sh_name = strings.getOffset(name);
  result.sh_type = type;
  result.sh_offset = offset;
  result.sh_size = size;
  result.sh_addralign = 1;
  return result;
}

template <typename ELFT>
void Merger<ELFT>::writeTables() {
  std::vector<Sym> symbols(1);
  std::memset(symbols.data(), 0, sizeof(Sym));
  auto add = [&](StringRef name, Sym symbol) {
    symbol.st_name = name.empty() ? 0 : strings.getOffset(name);
    symbols.push_back(symbol);
  };
  for (const Symbol &local : locals)
    add(local.name, local.symbol);
  for (const auto &[name, symbol] : globals)
    add(name, symbol);
  constexpr uint64_t word = sizeof(typename ELFT::uint);
  size_t bytes = symbols.size() * sizeof(Sym);
  std::vector<Shdr> headers(1);
  std::memset(headers.data(), 0, sizeof(Shdr));
  for (const Section &section : sections)
    headers.push_back(section.header);
  headers.push_back(table(".symtab", ELF::SHT_SYMTAB,
                          append(symbols.data(), bytes, word), bytes));
  headers.back().sh_link = headers.size();
  headers.back().sh_info = 1 + locals.size();
  headers.back().sh_entsize = sizeof(Sym);
  headers.back().sh_addralign = word;
  uint64_t at = out.size();
  out.resize(at + strings.getSize());
  strings.write(reinterpret_cast<uint8_t *>(out.data() + at));
  headers.push_back(table(".strtab", ELF::SHT_STRTAB, at, strings.getSize()));
  typename ELFT::Ehdr header = inputs.front()->elf->getHeader();
  header.e_shoff = append(headers.data(), headers.size() * sizeof(Shdr), word);
  header.e_shnum = headers.size();
  header.e_shstrndx = headers.size() - 1;
  std::memcpy(out.data(), &header, sizeof(header));
}

template <typename ELFT>
Error Merger<ELFT>::write() {
  for (StringRef name : {".symtab", ".strtab"})
    strings.add(name);
  for (const Section &section : sections)
    strings.add(section.name);
  for (const Symbol &local : locals)
    strings.add(local.name);
  for (const auto &global : globals)
    strings.add(global.first);
  strings.finalize();
  size_t all = 0;
  for (MemoryBufferRef object : objects)
    all += object.getBufferSize();
  out.reserve(all);
  out.resize(sizeof(typename ELFT::Ehdr));
  for (Section &section : sections)
    if (Error error = writeSection(section))
      return error;
  writeTables();
  return Error::success();
}

template <typename ELFT>
Expected<std::unique_ptr<MemoryBuffer>> Merger<ELFT>::run() {
  for (MemoryBufferRef object : objects)
    if (Error error = read(object))
      return std::move(error);
  if (sections.size() + 3 >= ELF::SHN_LORESERVE)
    return fail(Twine(sections.size()) + " sections are too many for a merger");
  for (const auto &input : inputs)
    if (Error error = takeSymbols(*input, input == inputs.front()))
      return std::move(error);
  numberSymbols();
  if (Error error = write())
    return std::move(error);
  return std::make_unique<SmallVectorMemoryBuffer>(
      std::move(out), "model.o", /*RequiresNullTerminator=*/false);
}

Expected<std::unique_ptr<MemoryBuffer>>
mlc::mergeObjects(ArrayRef<MemoryBufferRef> objects) {
  auto first = object::ObjectFile::createELFObjectFile(objects.front());
  if (!first)
    return first.takeError();
  if (isa<object::ELF64LEObjectFile>(first->get()))
    return Merger<object::ELF64LE>(objects).run();
  if (isa<object::ELF32LEObjectFile>(first->get()))
    return Merger<object::ELF32LE>(objects).run();
  return fail("objects of an unknown byte order cannot be merged");
}
