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

/// Of Apple's systems, each of which has objects of its own.
static bool isSystem(const Triple &triple, Triple::OSType os,
                     bool isSimulator) {
  return triple.isOSBinFormatMachO() &&
         triple.isSimulatorEnvironment() == isSimulator &&
         (triple.getOS() == os || (os == Triple::MacOSX && triple.isMacOSX()));
}

static bool isX86_64Windows(const Triple &triple) {
  return isX86_64(triple) && triple.isOSWindows();
}

static bool isAArch64Windows(const Triple &triple) {
  return isAArch64(triple) && triple.isOSWindows();
}

static bool isX86_64Mac(const Triple &triple) {
  return isX86_64(triple) && isSystem(triple, Triple::MacOSX, false);
}

static bool isAArch64Mac(const Triple &triple) {
  return isAArch64(triple) && isSystem(triple, Triple::MacOSX, false);
}

static bool isAArch64Ios(const Triple &triple) {
  return isAArch64(triple) && isSystem(triple, Triple::IOS, false);
}

static bool isX86_64IosSimulator(const Triple &triple) {
  return isX86_64(triple) && isSystem(triple, Triple::IOS, true);
}

static bool isAArch64IosSimulator(const Triple &triple) {
  return isAArch64(triple) && isSystem(triple, Triple::IOS, true);
}

static bool isWasm32(const Triple &triple) {
  return triple.getArch() == Triple::wasm32;
}

namespace {
struct Row {
  bool (*matches)(const Triple &triple);
  llvm::ArrayRef<unsigned char> core;
  llvm::ArrayRef<unsigned char> half;
};
} // namespace

static const Row elfRows[] = {
    {isX86_64, object_x86_64, object_half_x86_64},
    {isAArch64, object_aarch64, {}},
    {isRiscv64, object_riscv64, object_half_riscv64},
    {isArmV7AHard, object_armv7hf, object_half_armv7hf},
    {isArmV7ASoft, object_armv7, object_half_armv7},
    {isSmallMProfile, object_thumbv6m, {}},
    {isLargeMProfileHard, object_thumbv7mhf, {}},
    {isLargeMProfileSoft, object_thumbv7m, {}},
};

static const Row otherRows[] = {
    {isX86_64Windows, object_x86_64_windows, object_half_x86_64_windows},
    {isAArch64Windows, object_aarch64_windows, {}},
    {isX86_64Mac, object_x86_64_macos, object_half_x86_64_macos},
    {isAArch64Mac, object_aarch64_macos, {}},
    {isAArch64Ios, object_aarch64_ios, {}},
    {isX86_64IosSimulator, object_x86_64_ios_simulator,
     object_half_x86_64_ios_simulator},
    {isAArch64IosSimulator, object_aarch64_ios_simulator, {}},
    {isWasm32, object_wasm32, object_half_wasm32},
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
  if (!triple.isLittleEndian())
    return nullptr;
  llvm::ArrayRef<Row> rows = otherRows;
  if (triple.isOSBinFormatELF())
    rows = elfRows;
  const Row *row = llvm::find_if(
      rows, [&](const Row &candidate) { return candidate.matches(triple); });
  return row == rows.end() ? nullptr : row;
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
