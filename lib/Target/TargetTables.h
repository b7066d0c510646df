//===- TargetTables.h - the rows behind TargetInfo --------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/Target. To add a CPU or an extension, add a row to
// TargetTables.cpp; nothing else changes.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_TARGET_TARGETTABLES_H
#define MLC_TARGET_TARGETTABLES_H

#include "Target/Target.h"
#include "llvm/ADT/ArrayRef.h"

namespace mlc::tables {

using Arch = llvm::Triple::ArchType;

/// An architecture: its triple for printing and for a bare architecture name,
/// those of other systems that mlc has a runtime for (space-separated), the
/// CPUs compiled for by default (those with extensions where a model multiplies
/// bytes, or bf16), the LLVM feature every CPU of it must have, and what
/// registers its code generator with LLVM.
struct ArchRow {
  Arch arch;
  const char *exampleTriple;
  const char *otherTriples;
  const char *defaultCpus;
  const char *requiredFeature;
  void (*registerBackend)();
};

/// A CPU that mlc describes beyond what LLVM says. `llvmCpu` and `features`
/// name the instruction sets; caches are in bytes.
struct CpuRow {
  Arch arch;
  const char *name;
  const char *llvmCpu;
  const char *features;
  unsigned l1d, l2;
  const char *about;
  /// Of its vector units; 0: as wide as vectors.
  unsigned unitBits = 0;
};

/// An LLVM feature that sets a property of TargetInfo.
struct FeatureRow {
  Arch arch;
  const char *llvmFeature;
  bool TargetInfo::*property;
};

/// What multiplies bytes and looks them up, chosen by the first row of the
/// architecture all of whose features (space-separated) are there; without one
/// there are no such instructions.
struct ByteUnitRow {
  Arch arch;
  const char *llvmFeatures;
  ByteUnit unit;
  ByteLookup lookup = ByteLookup::scalar;
};

/// `+name` after a CPU, and the LLVM features it stands for (space-separated).
struct ExtensionRow {
  Arch arch;
  const char *name;
  const char *llvmFeatures;
};

/// A vector unit, chosen by the first row of the architecture all of whose
/// features (space-separated) are there. Tiles end at {0, 0}.
struct VectorRow {
  Arch arch;
  const char *llvmFeatures;
  unsigned bits, registers;
  GemmTile tiles[6];
};

llvm::ArrayRef<ArchRow> archs();
llvm::ArrayRef<CpuRow> cpus();
llvm::ArrayRef<FeatureRow> features();
llvm::ArrayRef<ExtensionRow> extensions();
llvm::ArrayRef<VectorRow> vectors();
llvm::ArrayRef<ByteUnitRow> byteUnits();

} // namespace mlc::tables

#endif // MLC_TARGET_TARGETTABLES_H
