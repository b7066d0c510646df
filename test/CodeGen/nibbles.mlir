// Weights of 4 bits, two quads a vector of bytes: each CPU widens them in registers to what its instruction takes.

// RUN: mlc-opt %s --kernel-emit="target=x86-64-v4+vnni triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,VNNI
// RUN: mlc-opt %s --kernel-emit="target=alderlake triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,AVXVNNI
// RUN: mlc-opt %s --kernel-emit="target=sierraforest triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,INT8
// RUN: mlc-opt %s --kernel-emit="target=x86-64-v4 triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,BW
// RUN: mlc-opt %s --kernel-emit="target=x86-64-v3 triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,AVX2
// RUN: mlc-opt %s --kernel-emit="target=x86-64-v2 triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,SSE
// RUN: mlc-opt %s --kernel-emit="target=x86-64 triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,SSE2
// RUN: mlc-opt %s --kernel-emit="target=generic triple=aarch64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,NEON
// RUN: mlc-opt %s --kernel-emit="target=cortex-a76 triple=aarch64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,DOT
// RUN: mlc-opt %s --kernel-emit="target=neoverse-v1 triple=aarch64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,I8MM
// RUN: mlc-opt %s --kernel-emit="target=generic triple=armv7-linux-gnueabihf" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,ARM
// RUN: mlc-opt %s --kernel-emit="target=generic triple=riscv64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,WIDEN

// Dot products take weights in the upper 4 bits, and give sums 16-fold.
// CHECK-LABEL: func @products
// VNNI-DAG: %[[SHIFT:.*]] = arith.constant dense<4> : vector<64xi8>
// VNNI-DAG: %[[UPPER:.*]] = arith.constant dense<-16> : vector<64xi8>
// VNNI-DAG: %[[FOLD:.*]] = arith.constant dense<4> : vector<16xi32>
// VNNI: %[[STORED:.*]] = vector.load {{.*}} vector<64xi8>
// VNNI: %[[FIRST:.*]] = arith.shli %[[STORED]], %[[SHIFT]]
// VNNI: %[[SECOND:.*]] = arith.andi %[[STORED]], %[[UPPER]]
// VNNI: "llvm.x86.avx512.vpdpbusd.512"({{.*}}, %[[FIRST]])
// VNNI: "llvm.x86.avx512.vpdpbusd.512"({{.*}}, %[[SECOND]])
// VNNI: arith.shrsi {{.*}}, %[[FOLD]]
// AVXVNNI: arith.shli {{.*}} : vector<32xi8>
// AVXVNNI: arith.andi {{.*}} : vector<32xi8>
// AVXVNNI: "llvm.x86.avx512.vpdpbusd.256"
// AVXVNNI: arith.shrsi {{.*}} : vector<8xi32>
// INT8: arith.shli {{.*}} : vector<{{16|32}}xi8>
// INT8: "llvm.x86.avx512.vpdpbusd.
// INT8: arith.shrsi
// DOT: arith.xori
// DOT: arith.shli {{.*}} : vector<16xi8>
// DOT: arith.andi {{.*}} : vector<16xi8>
// DOT: "llvm.aarch64.neon.sdot"
// DOT: arith.shrsi {{.*}} : vector<4xi32>
// I8MM-NOT: arith.xori
// I8MM: arith.shli {{.*}} : vector<16xi8>
// I8MM: "llvm.aarch64.neon.usdot"

// Pairs of such products are added in 16 bits, of both quads.
// AVX2-DAG: %[[TABLE:.*]] = arith.constant dense<[0, 1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1, 0, {{.*}}]> : vector<32xi8>
// AVX2-DAG: %[[LOWER:.*]] = arith.constant dense<15> : vector<32xi8>
// AVX2: %[[STORED:.*]] = vector.load {{.*}} vector<32xi8>
// AVX2: %[[FIRST:.*]] = arith.andi %[[STORED]], %[[LOWER]]
// AVX2: "llvm.x86.avx2.pshuf.b"(%[[TABLE]], %[[FIRST]])
// AVX2: %[[SECOND:.*]] = arith.shrui %[[STORED]]
// AVX2: "llvm.x86.avx2.pshuf.b"(%[[TABLE]], %[[SECOND]])
// AVX2: %[[ONE:.*]] = llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"
// AVX2: %[[OTHER:.*]] = llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"
// AVX2: %[[PAIRS:.*]] = arith.addi %[[ONE]], %[[OTHER]] : vector<16xi16>
// AVX2: "llvm.x86.avx2.pmadd.wd"(%[[PAIRS]]
// BW: "llvm.x86.avx512.pshuf.b.512"
// BW: "llvm.x86.avx512.pmaddubs.w.512"
// BW: "llvm.x86.avx512.pmaddw.d.512"
// SSE: "llvm.x86.ssse3.pshuf.b.128"
// SSE: "llvm.x86.ssse3.pmadd.ub.sw.128"
// SSE: "llvm.x86.sse2.pmadd.wd"

// Without a shuffle of bytes two shifts make words.
// SSE2: arith.shli {{.*}} : vector<8xi16>
// SSE2: arith.shrsi {{.*}} : vector<8xi16>
// SSE2: "llvm.x86.sse2.pmadd.wd"

// NEON: arith.shli {{.*}} : vector<16xi8>
// NEON: arith.shrsi {{.*}} : vector<16xi8>
// NEON: %[[ONE:.*]] = llvm.call_intrinsic "llvm.aarch64.neon.smull"
// NEON: %[[OTHER:.*]] = llvm.call_intrinsic "llvm.aarch64.neon.smull"
// NEON: %[[BOTH:.*]] = arith.addi %[[ONE]], %[[OTHER]] : vector<8xi16>
// NEON: "llvm.aarch64.neon.saddlp"(%[[BOTH]])
// ARM: "llvm.arm.neon.vmulls"
// ARM: "llvm.arm.neon.vmulls"
// ARM: arith.addi {{.*}} : vector<8xi16>
// ARM: "llvm.arm.neon.vpadals"
// WIDEN: arith.shrsi {{.*}} : vector<4xi32>
// WIDEN: arith.muli {{.*}} : vector<4xi32>
// CHECK-NOT: kernel.
func.func @products(%x: memref<1x1x8x32xi8>, %w: memref<1x1x1x1x5x16x4xi8>, %o: memref<1x1x8x16xi32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, input_unsigned, nibbles}
      ins(%x, %w : memref<1x1x8x32xi8>, memref<1x1x1x1x5x16x4xi8>) outs(%o : memref<1x1x8x16xi32>)
  return
}

// Of an odd number of quads the last row has one, and nothing is multiplied by what it has none of.
// CHECK-LABEL: func @odd
// VNNI-COUNT-3: "llvm.x86.avx512.vpdpbusd.512"
// VNNI-NOT: "llvm.x86.avx512.vpdpbusd.512"
// CHECK: return
func.func @odd(%x: memref<1x1x1x12xi8>, %w: memref<1x1x1x1x3x16x4xi8>, %o: memref<1x1x1x16xi32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, input_unsigned, nibbles}
      ins(%x, %w : memref<1x1x1x12xi8>, memref<1x1x1x1x3x16x4xi8>) outs(%o : memref<1x1x1x16xi32>)
  return
}
