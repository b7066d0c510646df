//===- RuntimeObjects.cpp - The runtime, compiled and ready to ship -------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RuntimeObjects/RuntimeObjects.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/TargetParser/ARMTargetParser.h"
#include "llvm/TargetParser/Triple.h"

#include "RuntimeObjects.inc"

using llvm::Triple;

static bool isX86_64(const Triple &triple) {
  return triple.getArch() == Triple::x86_64 && !triple.isX32();
}

static bool isAArch64(const Triple &triple) {
  return triple.getArch() == Triple::aarch64;
}

static bool isRiscv64(const Triple &triple) {
  return triple.getArch() == Triple::riscv64;
}

static bool isHardFloat(const Triple &triple) {
  switch (triple.getEnvironment()) {
  case Triple::EABIHF:
  case Triple::GNUEABIHF:
  case Triple::MuslEABIHF:
    return true;
  default:
    return false;
  }
}

static bool isArmV7A(const Triple &triple) {
  return (triple.isARM() || triple.isThumb()) && !triple.isArmMClass() &&
         llvm::ARM::parseArchVersion(triple.getArchName()) >= 7;
}

/// ARMv6-M and ARMv8-M baseline: Thumb without the wide instructions.
static bool isSmallMProfile(const Triple &triple) {
  return triple.getSubArch() == Triple::ARMSubArch_v6m ||
         triple.getSubArch() == Triple::ARMSubArch_v8m_baseline;
}

static bool isLargeMProfile(const Triple &triple) {
  return triple.isArmMClass() && !isSmallMProfile(triple);
}

static bool isArmV7ASoft(const Triple &triple) {
  return isArmV7A(triple) && !isHardFloat(triple);
}

static bool isArmV7AHard(const Triple &triple) {
  return isArmV7A(triple) && isHardFloat(triple);
}

static bool isLargeMProfileSoft(const Triple &triple) {
  return isLargeMProfile(triple) && !isHardFloat(triple);
}

static bool isLargeMProfileHard(const Triple &triple) {
  return isLargeMProfile(triple) && isHardFloat(triple);
}

namespace {
struct Row {
  bool (*matches)(const Triple &triple);
  llvm::ArrayRef<unsigned char> core;
  llvm::ArrayRef<unsigned char> half;
};
} // namespace

static const Row rows[] = {
    {isX86_64, object_x86_64, object_half_x86_64},
    {isAArch64, object_aarch64, {}},
    {isRiscv64, object_riscv64, object_half_riscv64},
    {isArmV7AHard, object_armv7hf, object_half_armv7hf},
    {isArmV7ASoft, object_armv7, object_half_armv7},
    {isSmallMProfile, object_thumbv6m, {}},
    {isLargeMProfileHard, object_thumbv7mhf, {}},
    {isLargeMProfileSoft, object_thumbv7m, {}},
};

/// The content of an embedded file, without the zero that closes the table.
static llvm::StringRef text(llvm::ArrayRef<unsigned char> table) {
  if (table.empty())
    return {};
  return {reinterpret_cast<const char *>(table.data()), table.size() - 1};
}

static llvm::ArrayRef<char> bytes(llvm::ArrayRef<unsigned char> table) {
  llvm::StringRef content = text(table);
  return {content.data(), content.size()};
}

static const Row *findRow(const Triple &written) {
  // Without a vendor, "eabihf" would be read as the operating system.
  Triple triple(Triple::normalize(written.str()));
  if (!triple.isOSBinFormatELF() || !triple.isLittleEndian())
    return nullptr;
  const Row *row = llvm::find_if(
      rows, [&](const Row &candidate) { return candidate.matches(triple); });
  return row == std::end(rows) ? nullptr : row;
}

llvm::ArrayRef<char> mlc::runtimeObject(const Triple &triple) {
  const Row *row = findRow(triple);
  return row ? bytes(row->core) : llvm::ArrayRef<char>();
}

llvm::ArrayRef<char> mlc::halfObject(const Triple &triple) {
  const Row *row = findRow(triple);
  return row ? bytes(row->half) : llvm::ArrayRef<char>();
}

llvm::StringRef mlc::runtimeHeader() { return text(text_header); }

llvm::StringRef mlc::runtimeSource() { return text(text_source); }
