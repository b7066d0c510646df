//===- Target.h - what mlc knows about a CPU --------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// CPU descriptions as data. A TargetInfo answers every question a planner or an
// emitter asks about the machine: vector width and registers, fused and integer
// dot instructions, cache sizes, register tiles, and the feature word that the
// runtime compares with the CPU it runs on. Everything comes from four tables
// in TargetTables.cpp (architectures, CPUs, features, vector units); whatever
// LLVM knows about a CPU (its instruction sets) is asked of LLVM and never
// repeated.
//
//   auto targets = mlc::resolveTargets("", "x86-64-v2,x86-64-v4+vnni");
//   if (!targets) return targets.takeError();   // names what was not
//   understood targets->front().vectorBits;                // 512: best variant
//   first
//
//===----------------------------------------------------------------------===//

#ifndef MLC_TARGET_TARGET_H
#define MLC_TARGET_TARGET_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/CodeGen.h"
#include "llvm/Support/Error.h"
#include "llvm/TargetParser/Triple.h"
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace llvm {
class raw_ostream;
class Function;
class TargetMachine;
} // namespace llvm

namespace mlc {

/// A register tile of a matrix product: `rows` of the left operand (output
/// pixels) times `vectors` full vectors of the right one (output channels).
/// rows * vectors accumulators, the vectors of one step and one broadcast fit
/// the register file.
struct GemmTile {
  unsigned rows;
  unsigned vectors;
};

/// How products of four bytes by four are summed in i32, exactly, whatever the
/// bytes: what the code generator makes of it is in CodeGen/ByteProduct.h.
enum class ByteUnit {
  widen,    ///< each byte to 32 bits
  pmaddwd,  ///< x86: bytes to 16 bits, pairs of products summed
  vpdpbusd, ///< x86: unsigned by signed bytes (AVX512-VNNI, AVX-VNNI)
  vpdpbssd, ///< x86: these, or signed ones (AVX-VNNI-INT8, AVX10.2)
  smull,    ///< NEON: signed bytes into 16 bits, pairs of these summed
  sdot,     ///< NEON: signed bytes (dotprod)
  usdot     ///< NEON: unsigned by signed bytes, or signed ones (i8mm)
};

/// How bytes find their values in a table of 256.
enum class ByteLookup {
  scalar,   ///< one by one, in memory
  vpermi2b, ///< x86: 64 in 128 entries, twice (AVX512-VBMI)
  tbl       ///< AArch64: 16 in 64 entries, four times
};

/// A matrix unit's registers (Intel AMX): eight of them, of rows of bytes.
struct MatrixUnit {
  static constexpr int64_t registers = 8, rows = 16, rowBytes = 64;
};

/// One CPU variant of one triple. A plain value, made by resolveTargets.
struct TargetInfo {
  /// Normalised ("x86_64-unknown-linux-gnu").
  llvm::Triple triple;
  /// As the user writes it: "x86-64-v3", "cortex-a76", "x86-64-v4+vnni".
  std::string name;
  /// LLVM's processor name and feature string ("+avx512vnni").
  std::string cpu;
  std::string features;

  /// The f32 vector to generate code for, in bits: 512, 256 or 128; 32 where
  /// there is no vector unit (one f32 a register).
  unsigned vectorBits = 32;
  /// How much of a vector an arithmetic unit takes at once; less than a vector
  /// where it takes several turns, and narrower vectors lose nothing.
  unsigned unitBits = 0;
  /// How many such registers there are.
  unsigned vectorRegisters = 32;

  /// Fused multiply-add in one instruction.
  bool fma = false;
  /// Converts between f16 and f32 in one instruction.
  bool f16Convert = false;
  /// Computes in f16.
  bool f16Arithmetic = false;
  /// Adds products of f16 to f32 in one instruction: NEON's fmlal.
  bool f16Widening = false;
  /// How products of bytes are summed in i32.
  ByteUnit byteUnit = ByteUnit::widen;
  /// Whether pairs of bytes are multiplied and added in 16 bits, saturating,
  /// and bytes shuffled: pmaddubsw and pshufb.
  bool bytePairs = false;
  /// How tables of bytes are read.
  ByteLookup byteLookup = ByteLookup::scalar;
  /// Dot products of bf16 into f32; see `dotsBf16`.
  bool dotBf16 = false;
  /// Matrix registers (MatrixUnit) of bytes into i32, and of bf16 into f32.
  bool matrixBytes = false, matrixBf16 = false;
  /// Loads and stores under a mask at the full vector width.
  bool masks = false;

  /// Data caches of one core, in bytes.
  unsigned l1d = 32 << 10;
  unsigned l2 = 256 << 10;

  /// What the CPU must have: goes to mlc_variant.required_features, bits
  /// MLC_CPU_* of mlc/runtime.h for the triple's architecture.
  uint64_t runtimeFeatures = 0;

  /// Register tiles for an f32 matrix product that were measured to be fast,
  /// best first: they bound those that Schedule/RegisterTile.h ranks. Never
  /// empty.
  llvm::SmallVector<GemmTile, 4> gemmTiles;

  /// One of the default CPUs that differs from another only in how it
  /// multiplies and looks up bytes: worth its code in models that do.
  bool isForBytes = false;
  /// The same in how it multiplies bf16, and f16.
  bool isForBf16 = false, isForF16 = false;

  /// Whether it multiplies by one lane of a vector, so that activations come in
  /// vectors, a register each, and none is broadcast.
  bool multipliesByLane() const { return triple.isAArch64() || triple.isARM(); }

  /// Whether vectors multiply bf16 by its instruction: CPUs with a matrix unit
  /// take two cycles for 32 products, in which f32 has 64.
  bool dotsBf16() const { return dotBf16 && !matrixBf16; }

  /// Whether vectors multiply and add f16, twice as many as f32 at a time.
  bool multipliesF16() const {
    return f16Arithmetic && (triple.isX86() || triple.isAArch64());
  }

  /// Elements of `bits` bits in one vector, at least 1.
  unsigned lanes(unsigned bits) const {
    return vectorBits < bits ? 1 : vectorBits / bits;
  }

  /// Checks that the description is consistent: widths are powers of two, tiles
  /// fit the registers, caches are in order, LLVM can make a machine from it.
  llvm::Error validate() const;
};

/// The variants to compile for, best first (widest vectors, then most
/// features); never empty. `triple` is a GNU or LLVM triple, "" for the host.
/// `cpuList` is a comma-separated list of `name[+extension]...` where name is a
/// row of the CPU table, any of LLVM's processor names, or "native"; "" takes
/// the triple's default (the table has them). Errors name the unknown word, its
/// nearest matches and the list of known ones.
llvm::Expected<std::vector<TargetInfo>> resolveTargets(llvm::StringRef triple,
                                                       llvm::StringRef cpuList);

/// The CPU this process runs on: resolveTargets("", "native")'s only entry.
llvm::Expected<TargetInfo> hostTarget();

struct MachineOptions {
  /// For code that is to run in this process.
  bool jit = false;
  llvm::CodeGenOptLevel codeGen = llvm::CodeGenOptLevel::Default;
};

/// A machine that generates code for `target`: position independent, the hard
/// float ABI, a section per function.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(const TargetInfo &target,
                    const MachineOptions &options = {});

/// Makes `function` compile for `target` whatever its module's machine is:
/// "target-cpu", "target-features", "prefer-vector-width" and
/// "min-legal-vector-width". This is how the variants of one archive share a
/// module, and with it the weights.
void setTargetAttributes(llvm::Function &function, const TargetInfo &target);

/// The table behind `mlc targets`: architectures, CPUs, their vectors, caches
/// and features, extensions and defaults.
void printTargets(llvm::raw_ostream &os);
/// `mlc targets --json`: include/mlc/Target.h says what is in it.
void printTargetsJson(llvm::raw_ostream &os);

} // namespace mlc

#endif // MLC_TARGET_TARGET_H
