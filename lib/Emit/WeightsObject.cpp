//===- WeightsObject.cpp - weights as an object of their own --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/WeightsObject.h"
#include "Emit/Object.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace mlc;

namespace {

/// In the order of the file: header, weights, symbols, strings, sections.
template <typename ELFT>
class Wrapper {
public:
  Wrapper(std::vector<char> &bytes, StringRef name,
          const typename ELFT::Ehdr &like, bool isLarge)
      : bytes(bytes), name(name), like(like), isLarge(isLarge) {}

  void run();

private:
  using Shdr = typename ELFT::Shdr;
  using Sym = typename ELFT::Sym;

  template <typename T>
  uint64_t append(const T *data, size_t count) {
    bytes.resize(alignTo(bytes.size(), 8));
    uint64_t offset = bytes.size();
    const char *from = reinterpret_cast<const char *>(data);
    bytes.insert(bytes.end(), from, from + count * sizeof(T));
    return offset;
  }
  uint32_t nameOf(StringRef section) {
    uint32_t at = strings.size();
    strings += section;
    strings += '\0';
    return at;
  }
  Shdr section(StringRef title, unsigned type, uint64_t flags, uint64_t offset,
               uint64_t size, uint64_t align);

  std::vector<char> &bytes;
  StringRef name;
  const typename ELFT::Ehdr &like;
  bool isLarge;
  std::string strings{'\0'};
};

} // namespace

template <typename ELFT>
typename Wrapper<ELFT>::Shdr
Wrapper<ELFT>::section(StringRef title, unsigned type, uint64_t flags,
                       uint64_t offset, uint64_t size, uint64_t align) {
  Shdr result;
  std::memset(&result, 0, sizeof(result));
  result.sh_name = nameOf(title);
  result.sh_type = type;
  result.sh_flags = flags;
  result.sh_offset = offset;
  result.sh_size = size;
  result.sh_addralign = align;
  return result;
}

template <typename ELFT>
void Wrapper<ELFT>::run() {
  uint64_t size = bytes.size();
  static_assert(sizeof(typename ELFT::Ehdr) <= kWeightsAlign);
  bytes.insert(bytes.begin(), kWeightsAlign, 0);
  // An empty symbol, then the weights, of section 1.
  Sym symbols[2];
  std::memset(symbols, 0, sizeof(symbols));
  symbols[1].st_name = nameOf(name);
  symbols[1].setBindingAndType(ELF::STB_GLOBAL, ELF::STT_OBJECT);
  symbols[1].setVisibility(ELF::STV_HIDDEN);
  symbols[1].st_shndx = 1;
  symbols[1].st_size = size;
  uint64_t symbolsAt = append(symbols, 2);
  Shdr sections[5];
  std::memset(sections, 0, sizeof(sections));
  sections[1] = section(isLarge ? ".lrodata" : ".rodata", ELF::SHT_PROGBITS,
                        ELF::SHF_ALLOC | (isLarge ? ELF::SHF_X86_64_LARGE : 0),
                        kWeightsAlign, size, kWeightsAlign);
  // Without it linkers take the stack to be executable.
  sections[2] =
      section(".note.GNU-stack", ELF::SHT_PROGBITS, 0, symbolsAt, 0, 1);
  sections[3] = section(".symtab", ELF::SHT_SYMTAB, 0, symbolsAt,
                        sizeof(symbols), sizeof(typename ELFT::uint));
  sections[3].sh_link = 4;
  sections[3].sh_info = 1; // the first that is not local
  sections[3].sh_entsize = sizeof(Sym);
  sections[4] = section(".strtab", ELF::SHT_STRTAB, 0, 0, 0, 1);
  sections[4].sh_offset = append(strings.data(), strings.size());
  sections[4].sh_size = strings.size();
  typename ELFT::Ehdr header = like;
  header.e_shoff = append(sections, 5);
  header.e_shnum = 5;
  header.e_shstrndx = 4;
  std::memcpy(bytes.data(), &header, sizeof(header));
}

template <typename ELFT>
static void wrapLike(std::vector<char> &bytes, StringRef name,
                     const object::ELFObjectFile<ELFT> &like, bool isLarge) {
  Wrapper<ELFT>(bytes, name, like.getELFFile().getHeader(), isLarge).run();
}

Error mlc::wrapWeights(std::vector<char> &bytes, StringRef name,
                       MemoryBufferRef like, uint64_t large) {
  Expected<std::unique_ptr<object::ObjectFile>> file =
      object::ObjectFile::createELFObjectFile(like);
  if (!file)
    return file.takeError();
  bool isLarge = bytes.size() >= large && (*file)->getArch() == Triple::x86_64;
  if (auto *wide = dyn_cast<object::ELF64LEObjectFile>(file->get()))
    wrapLike(bytes, name, *wide, isLarge);
  else if (auto *narrow = dyn_cast<object::ELF32LEObjectFile>(file->get()))
    wrapLike(bytes, name, *narrow, isLarge);
  else
    return createStringError("'%s' is of an unknown byte order",
                             like.getBufferIdentifier().str().c_str());
  return Error::success();
}

Error mlc::emitWeights(std::vector<char> &bytes, StringRef name,
                       const TargetInfo &target) {
  LLVMContext context;
  Module module(name, context);
  Constant *value =
      ConstantDataArray::getRaw(StringRef(bytes.data(), bytes.size()),
                                bytes.size(), Type::getInt8Ty(context));
  bytes = {};
  auto *weights =
      new GlobalVariable(module, value->getType(), /*isConstant=*/true,
                         GlobalValue::ExternalLinkage, value, name);
  weights->setAlignment(Align(kWeightsAlign));
  weights->setVisibility(GlobalValue::HiddenVisibility);
  SmallVector<char, 0> object;
  raw_svector_ostream os(object);
  if (Error error = emitObject(module, target, os))
    return error;
  bytes.assign(object.begin(), object.end());
  return Error::success();
}
