//===- WeightsTest.cpp - weights as an object of their own ----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/WeightsObject.h"
#include "ScaleModel.h"
#include "llvm/Object/ELFObjectFile.h"
#include "gtest/gtest.h"

using namespace llvm;
using namespace mlc;
using namespace mlc::test;

namespace {

constexpr uint64_t never = ~uint64_t(0);

std::unique_ptr<object::ObjectFile> parse(MemoryBufferRef bytes) {
  auto file = object::ObjectFile::createELFObjectFile(bytes);
  if (file)
    return std::move(*file);
  ADD_FAILURE() << toString(file.takeError());
  return nullptr;
}

const std::vector<char> content = {'w', 'e', 'i', 'g', 'h', 't', 's'};

/// `content` as an object, for the target of `code`.
std::vector<char> wrapped(MemoryBufferRef code, uint64_t large) {
  std::vector<char> bytes = content;
  EXPECT_EQ(toString(wrapWeights(bytes, "net_weights", code, large)), "");
  return bytes;
}

MemoryBufferRef asBuffer(const std::vector<char> &bytes) {
  return {StringRef(bytes.data(), bytes.size()), "weights.o"};
}

class WeightsOfTarget : public testing::TestWithParam<const char *> {};

TEST_P(WeightsOfTarget, HoldsTheBytesUnderOneHiddenName) {
  ScaleModel model = makeScale(GetParam());
  std::unique_ptr<MemoryBuffer> code = compile(model);
  ASSERT_TRUE(code);
  std::vector<char> bytes = wrapped(*code, never);
  std::unique_ptr<object::ObjectFile> like = parse(*code),
                                      file = parse(asBuffer(bytes));
  ASSERT_TRUE(like && file);
  EXPECT_EQ(file->getArch(), like->getArch());
  auto *elf = cast<object::ELFObjectFileBase>(file.get());
  EXPECT_EQ(elf->getPlatformFlags(),
            cast<object::ELFObjectFileBase>(like.get())->getPlatformFlags())
      << "linkers refuse objects of different ABIs";
  std::vector<object::ELFSymbolRef> symbols(elf->symbols().begin(),
                                            elf->symbols().end());
  ASSERT_EQ(symbols.size(), 1u);
  EXPECT_EQ(cantFail(symbols[0].getName()), "net_weights");
  EXPECT_EQ(symbols[0].getBinding(), ELF::STB_GLOBAL);
  EXPECT_EQ(symbols[0].getOther(), ELF::STV_HIDDEN);
  EXPECT_EQ(symbols[0].getSize(), content.size());
  object::ELFSectionRef section = *cantFail(symbols[0].getSection());
  EXPECT_EQ(cantFail(section.getName()), ".rodata");
  EXPECT_EQ(section.getFlags(), uint64_t(ELF::SHF_ALLOC));
  EXPECT_EQ(section.getAlignment().value(), kWeightsAlign);
  EXPECT_EQ(cantFail(section.getContents()),
            StringRef(content.data(), content.size()));
}

INSTANTIATE_TEST_SUITE_P(Weights, WeightsOfTarget,
                         testing::Values("x86_64-linux-gnu",
                                         "aarch64-linux-gnu",
                                         "arm-linux-gnueabihf",
                                         "riscv64-linux-gnu"));

TEST(Weights, LieBeyondShortAddressesWhereThereAreMany) {
  ScaleModel model = makeScale("x86_64-linux-gnu");
  std::unique_ptr<MemoryBuffer> code = compile(model);
  ASSERT_TRUE(code);
  std::vector<char> bytes = wrapped(*code, content.size());
  std::unique_ptr<object::ObjectFile> file = parse(asBuffer(bytes));
  ASSERT_TRUE(file);
  object::ELFSectionRef section = *std::next(file->section_begin());
  EXPECT_EQ(cantFail(section.getName()), ".lrodata");
  EXPECT_EQ(section.getFlags(),
            uint64_t(ELF::SHF_ALLOC | ELF::SHF_X86_64_LARGE));
}

/// Types of the relocations in code of weights that `large` calls many.
std::vector<uint64_t> relocations(uint64_t large) {
  ScaleModel model = makeScale("x86_64-linux-gnu", "x86-64-v2", "scale");
  EntrySpec spec;
  declareWeights(*model.module, spec, "weights", content, large);
  std::unique_ptr<MemoryBuffer> code = compile(model);
  std::unique_ptr<object::ObjectFile> file = code ? parse(*code) : nullptr;
  std::vector<uint64_t> types;
  if (!file)
    return types;
  for (const object::SectionRef &section : file->sections()) {
    auto relocated = cantFail(section.getRelocatedSection());
    if (relocated == file->section_end() || !relocated->isText())
      continue;
    for (const object::RelocationRef &relocation : section.relocations())
      if (cantFail(relocation.getSymbol()->getName()) == "weights")
        types.push_back(relocation.getType());
  }
  return types;
}

TEST(Weights, CodeReachesThemByTheAddressesThatItTakes) {
  for (uint64_t type : relocations(never))
    EXPECT_EQ(type, uint64_t(ELF::R_X86_64_PC32));
  std::vector<uint64_t> types = relocations(1);
  EXPECT_FALSE(types.empty());
  for (uint64_t type : types)
    EXPECT_EQ(type, uint64_t(ELF::R_X86_64_GOTOFF64));
}

TEST(Weights, AreLimitedByWhatTargetsReach) {
  auto most = [](const char *triple) { return mostWeights(Triple(triple)); };
  constexpr uint64_t giga = uint64_t(1) << 30;
  EXPECT_GT(most("x86_64-linux-gnu"), 8 * giga);
  EXPECT_LT(most("aarch64-linux-gnu"), 4 * giga);
  EXPECT_GT(most("aarch64-linux-gnu"), 3 * giga);
  EXPECT_LT(most("riscv64-linux-gnu"), 2 * giga);
  EXPECT_LT(most("arm-linux-gnueabihf"), 2 * giga);
}

TEST(Weights, RefuseAForeignFormat) {
  std::vector<char> bytes = content;
  EXPECT_NE(toString(wrapWeights(bytes, "w", {"no object", "x.o"})), "");
  EXPECT_EQ(bytes, content);
}

} // namespace
