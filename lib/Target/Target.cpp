//===- Target.cpp - what mlc knows about a CPU ----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Target/Target.h"
#include "Target/TargetTables.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/Function.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Target/TargetOptions.h"

using namespace llvm;
using namespace mlc;

template <typename... Args>
static Error fail(const char *format, const Args &...args) {
  return createStringError(inconvertibleErrorCode(), format, args...);
}

static Error checkTile(const TargetInfo &target, GemmTile tile) {
  // One side of a step is held, the other streams through one register.
  unsigned used =
      tile.rows * tile.vectors + std::min(tile.rows, tile.vectors) + 1;
  if (tile.rows && tile.vectors && used <= target.vectorRegisters)
    return Error::success();
  return fail("target '%s': a %ux%u tile takes %u registers, at most %u are "
              "there",
              target.name.c_str(), tile.rows, tile.vectors, used,
              target.vectorRegisters);
}

Error TargetInfo::validate() const {
  if (!isPowerOf2_32(vectorBits) || vectorBits < 32 || vectorBits > 2048)
    return fail("target '%s': vectors of %u bits, required is a power of two "
                "from 32 to 2048",
                name.c_str(), vectorBits);
  if (!isPowerOf2_32(unitBits) || unitBits < 32 || unitBits > vectorBits)
    return fail("target '%s': vector units of %u bits, required is a power of "
                "two from 32 to the %u of a vector",
                name.c_str(), unitBits, vectorBits);
  if (gemmTiles.empty())
    return fail("target '%s': no register tile, at least one is required",
                name.c_str());
  for (GemmTile tile : gemmTiles)
    if (Error error = checkTile(*this, tile))
      return error;
  if (l1d < 1024 || l2 < l1d)
    return fail("target '%s': caches of %u and %u bytes, required are at least "
                "1024 and an L2 no smaller than the L1",
                name.c_str(), l1d, l2);
  return createTargetMachine(*this).takeError();
}

Expected<std::unique_ptr<TargetMachine>>
mlc::createTargetMachine(const TargetInfo &target,
                         const MachineOptions &machineOptions) {
  std::string message;
  const Target *llvmTarget =
      TargetRegistry::lookupTarget(target.triple, message);
  if (!llvmTarget)
    return fail("target '%s': %s", target.name.c_str(), message.c_str());
  TargetOptions options;
  options.FunctionSections = true;
  options.UniqueSectionNames = true;
  options.EmitAddrsig = false;
  if (target.triple.isRISCV())
    options.MCOptions.ABIName = "lp64d";
  // Android's 32-bit programs pass floats in core registers; models pass none.
  if (target.triple.isARM())
    options.FloatABIType =
        target.triple.isAndroid() ? FloatABI::Soft : FloatABI::Hard;
  // What wasm calls position independent is for its dynamic linker.
  Reloc::Model relocation =
      target.triple.isWasm() ? Reloc::Static : Reloc::PIC_;
  std::unique_ptr<TargetMachine> machine(llvmTarget->createTargetMachine(
      target.triple, target.cpu, target.features, options, relocation,
      std::nullopt, machineOptions.codeGen, machineOptions.jit));
  if (!machine)
    return fail("target '%s': LLVM makes no machine for '%s'",
                target.name.c_str(), target.triple.str().c_str());
  return std::move(machine);
}

void mlc::setTargetAttributes(Function &function, const TargetInfo &target) {
  std::string width = utostr(target.vectorBits);
  function.addFnAttr("target-cpu", target.cpu);
  function.addFnAttr("target-features", target.features);
  function.addFnAttr("prefer-vector-width", width);
  // Without it, functions that only touch wide vectors in memory would be
  // legalised to 256 bits on CPUs whose tuning prefers those.
  function.addFnAttr("min-legal-vector-width", width);
}

static std::string tilesText(const tables::VectorRow &row) {
  std::string text;
  for (GemmTile tile : row.tiles)
    if (tile.rows)
      text += (text.empty() ? "" : " ") + utostr(tile.rows) + "x" +
              utostr(tile.vectors);
  return text;
}

static void printArch(raw_ostream &os, const tables::ArchRow &arch) {
  os << arch.exampleTriple;
  if (*arch.otherTriples)
    os << "\n  also: " << arch.otherTriples;
  os << "\n  default: " << arch.defaultCpus
     << "\n  extensions (--cpu=name+extension):";
  for (const tables::ExtensionRow &row : tables::extensions())
    if (row.arch == arch.arch)
      os << ' ' << row.name;
  os << "\n  vectors (bits x registers: tiles, rows x vectors):\n";
  for (const tables::VectorRow &row : tables::vectors())
    if (row.arch == arch.arch)
      os << "    " << row.bits << " x " << row.registers << ": "
         << tilesText(row) << (*row.llvmFeatures ? "  with " : "")
         << row.llvmFeatures << '\n';
  os << "  cpus (L1d, L2 in KiB):\n";
  for (const tables::CpuRow &row : tables::cpus())
    if (row.arch == arch.arch)
      os << "    " << left_justify(row.name, 16)
         << format("%4u %6u  ", row.l1d >> 10, row.l2 >> 10) << row.about
         << '\n';
}

void mlc::printTargets(raw_ostream &os) {
  for (const tables::ArchRow &arch : tables::archs()) {
    printArch(os, arch);
    os << '\n';
  }
  os << "'native' is the CPU mlc runs on; any other LLVM processor name of the "
        "architecture is understood too\n";
}

static void writeArch(json::OStream &out, const tables::ArchRow &arch) {
  auto names = [&](StringRef key, StringRef list) {
    SmallVector<StringRef> words;
    SplitString(list, words, ", ");
    out.attributeArray(key, [&] {
      for (StringRef word : words)
        out.value(word);
    });
  };
  out.attribute("triple", arch.exampleTriple);
  names("systems", arch.otherTriples);
  names("default", arch.defaultCpus);
  out.attributeArray("extensions", [&] {
    for (const tables::ExtensionRow &row : tables::extensions())
      if (row.arch == arch.arch)
        out.value(row.name);
  });
  out.attributeArray("cpus", [&] {
    for (const tables::CpuRow &row : tables::cpus())
      if (row.arch == arch.arch)
        out.object([&] {
          out.attribute("name", row.name);
          out.attribute("about", row.about);
          out.attribute("l1d", row.l1d);
          out.attribute("l2", row.l2);
        });
  });
}

void mlc::printTargetsJson(raw_ostream &os) {
  json::OStream out(os, 2);
  out.array([&] {
    for (const tables::ArchRow &arch : tables::archs())
      out.object([&] { writeArch(out, arch); });
  });
  os << '\n';
}
