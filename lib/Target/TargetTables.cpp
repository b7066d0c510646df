//===- TargetTables.cpp - the rows behind TargetInfo ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Target/TargetTables.h"
#include "llvm/Support/TargetSelect.h"

using namespace mlc;
using namespace mlc::tables;
using llvm::Triple;

namespace {

constexpr unsigned KiB = 1024;

// One backend, not LLVM's InitializeAll*: what a static link need not refer to,
// it leaves out.
#define MLC_BACKEND(NAME)                                                      \
  [] {                                                                         \
    LLVMInitialize##NAME##TargetInfo();                                        \
    LLVMInitialize##NAME##Target();                                            \
    LLVMInitialize##NAME##TargetMC();                                          \
    LLVMInitialize##NAME##AsmPrinter();                                        \
    LLVMInitialize##NAME##AsmParser();                                         \
  }

constexpr ArchRow archRows[] = {
    {Triple::x86_64, "x86_64-linux-gnu",
     "x86_64-linux-android x86_64-windows-msvc x86_64-windows-gnu "
     "x86_64-apple-macos11 x86_64-apple-ios13-simulator",
     "x86-64-v2,x86-64-v3,x86-64-v4,x86-64-v4+vnni+vbmi,"
     "x86-64-v4+vnni+vbmi+amx,x86-64-v4+bf16,x86-64-v4+bf16+amx,"
     "x86-64-v4+fp16",
     "64bit", MLC_BACKEND(X86)},
    {Triple::aarch64, "aarch64-linux-gnu",
     "aarch64-linux-android aarch64-windows-msvc arm64-apple-macos11 "
     "arm64-apple-ios13 arm64-apple-ios13-simulator",
     "generic,generic+dotprod,generic+bf16,generic+fp16", "neon",
     MLC_BACKEND(AArch64)},
    {Triple::arm, "armv7-linux-gnueabihf", "armv7-linux-androideabi", "generic",
     "neon", MLC_BACKEND(ARM)},
    {Triple::riscv64, "riscv64-linux-gnu", "", "generic", "d",
     MLC_BACKEND(RISCV)},
    {Triple::wasm32, "wasm32-unknown-unknown", "", "generic", "simd128",
     MLC_BACKEND(WebAssembly)},
};

#undef MLC_BACKEND

constexpr CpuRow cpuRows[] = {
    // Levels of the x86-64 psABI. Caches are those of the oldest core with the
    // level, so that blocks chosen for them fit the newer ones.
    {Triple::x86_64, "x86-64-v2", "x86-64-v2", "", 32 * KiB, 256 * KiB,
     "SSE4.2 (2009)"},
    {Triple::x86_64, "x86-64-v3", "x86-64-v3", "", 32 * KiB, 256 * KiB,
     "AVX2 and FMA (2013)"},
    {Triple::x86_64, "x86-64-v4", "x86-64-v4", "", 32 * KiB, 1024 * KiB,
     "AVX-512 (2017)"},
    {Triple::x86_64, "znver1", "znver1", "", 32 * KiB, 512 * KiB,
     "AMD EPYC 7001, Ryzen 1000: 128-bit units", 128},
    {Triple::x86_64, "znver2", "znver2", "", 32 * KiB, 512 * KiB,
     "AMD EPYC 7002, Ryzen 3000"},
    {Triple::x86_64, "znver3", "znver3", "", 32 * KiB, 512 * KiB,
     "AMD EPYC 7003, Ryzen 5000"},
    {Triple::x86_64, "znver4", "znver4", "", 32 * KiB, 1024 * KiB,
     "AMD EPYC 9004, Ryzen 7000: 256-bit units", 256},
    {Triple::x86_64, "znver5", "znver5", "", 48 * KiB, 1024 * KiB,
     "AMD EPYC 9005, Ryzen 9000"},
    {Triple::x86_64, "haswell", "haswell", "", 32 * KiB, 256 * KiB,
     "Intel Core 4000, Xeon v3"},
    {Triple::x86_64, "skylake", "skylake", "", 32 * KiB, 256 * KiB,
     "Intel Core 6000 to 10000"},
    {Triple::x86_64, "alderlake", "alderlake", "", 48 * KiB, 1280 * KiB,
     "Intel Core 12000 to 14000"},
    {Triple::x86_64, "arrowlake", "arrowlake", "", 48 * KiB, 3072 * KiB,
     "Intel Core Ultra 200H"},
    {Triple::x86_64, "arrowlake-s", "arrowlake-s", "", 48 * KiB, 3072 * KiB,
     "Intel Core Ultra 200S and 200HX"},
    {Triple::x86_64, "lunarlake", "lunarlake", "", 48 * KiB, 2560 * KiB,
     "Intel Core Ultra 200V"},
    {Triple::x86_64, "skylake-avx512", "skylake-avx512", "", 32 * KiB,
     1024 * KiB, "Intel Xeon Scalable"},
    {Triple::x86_64, "icelake-server", "icelake-server", "", 48 * KiB,
     1280 * KiB, "Intel Xeon Scalable, 3rd generation"},
    {Triple::x86_64, "sapphirerapids", "sapphirerapids", "", 48 * KiB,
     2048 * KiB, "Intel Xeon Scalable, 4th and 5th generation"},
    {Triple::x86_64, "graniterapids", "graniterapids", "", 48 * KiB, 2048 * KiB,
     "Intel Xeon 6 with P-cores"},
    // Four cores share 4 MiB.
    {Triple::x86_64, "sierraforest", "sierraforest", "", 32 * KiB, 1024 * KiB,
     "Intel Xeon 6 with E-cores: 128-bit units", 128},

    {Triple::aarch64, "generic", "generic", "+neon", 32 * KiB, 128 * KiB,
     "any Armv8-A core"},
    {Triple::aarch64, "cortex-a53", "cortex-a53", "", 32 * KiB, 512 * KiB,
     "Raspberry Pi 3"},
    {Triple::aarch64, "cortex-a55", "cortex-a55", "", 32 * KiB, 128 * KiB,
     "small cores of phones"},
    {Triple::aarch64, "cortex-a72", "cortex-a72", "", 32 * KiB, 1024 * KiB,
     "Raspberry Pi 4"},
    {Triple::aarch64, "cortex-a76", "cortex-a76", "", 64 * KiB, 256 * KiB,
     "Raspberry Pi 5, big cores of phones"},
    {Triple::aarch64, "cortex-a78", "cortex-a78", "", 64 * KiB, 512 * KiB,
     "big cores of phones, Jetson Orin"},
    {Triple::aarch64, "neoverse-n1", "neoverse-n1", "", 64 * KiB, 1024 * KiB,
     "AWS Graviton 2, Ampere Altra"},
    {Triple::aarch64, "neoverse-v1", "neoverse-v1", "", 64 * KiB, 1024 * KiB,
     "AWS Graviton 3"},
    {Triple::aarch64, "neoverse-v2", "neoverse-v2", "", 64 * KiB, 2048 * KiB,
     "AWS Graviton 4, NVIDIA Grace"},

    {Triple::arm, "generic", "generic", "+v7,+neon,+vfp3", 32 * KiB, 128 * KiB,
     "any Armv7-A core with NEON"},
    {Triple::arm, "cortex-a7", "cortex-a7", "+neon,+vfp4", 32 * KiB, 256 * KiB,
     "Raspberry Pi 2"},
    {Triple::arm, "cortex-a9", "cortex-a9", "+neon,+vfp3,+fp16", 32 * KiB,
     512 * KiB, "Zynq-7000, i.MX 6"},
    {Triple::arm, "cortex-a15", "cortex-a15", "+neon,+vfp4", 32 * KiB,
     1024 * KiB, "Armv7-A, out of order"},
    {Triple::arm, "cortex-a53", "cortex-a53", "+neon,+vfp4", 32 * KiB,
     512 * KiB, "Raspberry Pi 3 with a 32-bit system"},

    {Triple::riscv64, "generic", "generic-rv64", "+m,+a,+f,+d,+c", 32 * KiB,
     128 * KiB, "any RV64GC core"},
    {Triple::riscv64, "sifive-u74", "sifive-u74", "", 32 * KiB, 2048 * KiB,
     "VisionFive 2, HiFive Unmatched"},
    {Triple::riscv64, "spacemit-x60", "spacemit-x60", "", 32 * KiB, 512 * KiB,
     "Banana Pi F3, RVV 1.0"},

    {Triple::wasm32, "generic", "generic",
     "+simd128,+bulk-memory,+sign-ext,+nontrapping-fptoint,+mutable-globals",
     32 * KiB, 256 * KiB, "WebAssembly with SIMD: browsers since 2021, Node"},
};

constexpr FeatureRow featureRows[] = {
    {Triple::x86_64, "f16c", &TargetInfo::f16Convert},
    {Triple::x86_64, "fma", &TargetInfo::fma},
    {Triple::x86_64, "ssse3", &TargetInfo::bytePairs},
    {Triple::x86_64, "avx512vl", &TargetInfo::masks},
    {Triple::x86_64, "avx512bf16", &TargetInfo::dotBf16},
    {Triple::x86_64, "avx512fp16", &TargetInfo::f16Arithmetic},
    {Triple::x86_64, "amx-int8", &TargetInfo::matrixBytes},
    {Triple::x86_64, "amx-bf16", &TargetInfo::matrixBf16},
    {Triple::aarch64, "neon", &TargetInfo::fma},
    {Triple::aarch64, "fp-armv8", &TargetInfo::f16Convert},
    {Triple::aarch64, "fullfp16", &TargetInfo::f16Arithmetic},
    {Triple::aarch64, "fp16fml", &TargetInfo::f16Widening},
    {Triple::aarch64, "bf16", &TargetInfo::dotBf16},
    {Triple::arm, "vfp4", &TargetInfo::fma},
    {Triple::arm, "fp16", &TargetInfo::f16Convert},
    {Triple::arm, "fullfp16", &TargetInfo::f16Arithmetic},
    {Triple::arm, "bf16", &TargetInfo::dotBf16},
    {Triple::riscv64, "f", &TargetInfo::fma},
    {Triple::riscv64, "v", &TargetInfo::masks},
    {Triple::riscv64, "zfhmin", &TargetInfo::f16Convert},
    {Triple::riscv64, "zvfh", &TargetInfo::f16Arithmetic},
};

constexpr ExtensionRow extensionRows[] = {
    {Triple::x86_64, "vnni", "avx512vnni"},
    {Triple::x86_64, "vbmi", "avx512vbmi"},
    {Triple::x86_64, "avxvnni", "avxvnni"},
    {Triple::x86_64, "vnniint8", "avxvnni avxvnniint8"},
    {Triple::x86_64, "bf16", "avx512bf16"},
    {Triple::x86_64, "fp16", "avx512fp16"},
    {Triple::x86_64, "amx", "amx-int8 amx-bf16"},
    {Triple::aarch64, "dotprod", "dotprod"},
    {Triple::aarch64, "i8mm", "i8mm"},
    {Triple::aarch64, "fp16", "fullfp16"},
    {Triple::aarch64, "bf16", "bf16"},
    {Triple::arm, "vfp4", "vfp4"},
    {Triple::arm, "fp16", "fp16"},
    {Triple::riscv64, "v", "v"},
    {Triple::riscv64, "zvfh", "zvfh"},
    {Triple::riscv64, "zba", "zba"},
    {Triple::riscv64, "zbb", "zbb"},
};

// Tiles, best first as measured on GEMM and 3x3 convolutions. Each has at least
// two vectors of weights a broadcast: with one, the loads bind.
constexpr VectorRow vectorRows[] = {
    {Triple::x86_64,
     "avx512f avx512vl avx512bw avx512dq",
     512,
     32,
     {{6, 4}, {14, 2}, {8, 2}, {7, 2}, {12, 2}}},
    {Triple::x86_64, "avx2 fma", 256, 16, {{4, 3}, {3, 4}, {6, 2}, {5, 2}}},
    // Without fused multiply-add every product needs a register of its own.
    {Triple::x86_64, "avx", 256, 16, {{5, 2}, {4, 2}, {6, 2}}},
    {Triple::x86_64, "", 128, 16, {{5, 2}, {4, 2}, {6, 2}}},
    {Triple::aarch64, "neon", 128, 32, {{8, 2}, {5, 4}, {7, 2}, {4, 4}}},
    {Triple::arm, "neon", 128, 16, {{4, 2}, {6, 2}, {5, 2}}},
    {Triple::riscv64, "v", 128, 32, {{8, 2}, {5, 4}, {7, 2}, {4, 4}}},
    {Triple::riscv64, "", 32, 32, {{4, 4}, {3, 4}, {2, 4}}},
    // Engines run on x86-64 as on ARM: what suits 16 registers, unfused.
    {Triple::wasm32, "simd128", 128, 16, {{5, 2}, {4, 2}, {6, 2}}},
};

constexpr ByteUnitRow byteUnitRows[] = {
    {Triple::x86_64, "avx512vbmi avxvnniint8 avx10.2", ByteUnit::vpdpbssd,
     ByteLookup::vpermi2b},
    {Triple::x86_64, "avx512vnni avx512vl avx512vbmi", ByteUnit::vpdpbusd,
     ByteLookup::vpermi2b},
    {Triple::x86_64, "avx512vnni avx512vl", ByteUnit::vpdpbusd},
    {Triple::x86_64, "avxvnni avxvnniint8", ByteUnit::vpdpbssd},
    {Triple::x86_64, "avxvnni", ByteUnit::vpdpbusd},
    {Triple::x86_64, "avx2", ByteUnit::pmaddwd},
    // Vectors of floats are 256 bits wide, of integers 128.
    {Triple::x86_64, "avx", ByteUnit::widen},
    {Triple::x86_64, "", ByteUnit::pmaddwd},
    {Triple::aarch64, "i8mm", ByteUnit::usdot, ByteLookup::tbl},
    {Triple::aarch64, "dotprod", ByteUnit::sdot, ByteLookup::tbl},
    {Triple::aarch64, "", ByteUnit::smull, ByteLookup::tbl},
    {Triple::arm, "dotprod", ByteUnit::sdot},
    {Triple::arm, "", ByteUnit::smull},
};

} // namespace

llvm::ArrayRef<ArchRow> tables::archs() { return archRows; }
llvm::ArrayRef<CpuRow> tables::cpus() { return cpuRows; }
llvm::ArrayRef<FeatureRow> tables::features() { return featureRows; }
llvm::ArrayRef<ExtensionRow> tables::extensions() { return extensionRows; }
llvm::ArrayRef<VectorRow> tables::vectors() { return vectorRows; }
llvm::ArrayRef<ByteUnitRow> tables::byteUnits() { return byteUnitRows; }
