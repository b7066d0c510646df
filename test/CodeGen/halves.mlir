// Weights in halves: CPUs with an instruction for two bf16 use it, others widen both.

// RUN: mlc-opt %s --kernel-emit="target=x86-64-v4+bf16 triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,BF16
// RUN: mlc-opt %s --kernel-emit="target=x86-64-v4 triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,WIDEN
// RUN: mlc-opt %s --kernel-emit="target=x86-64-v3 triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,AVX2
// RUN: mlc-opt %s --kernel-emit="target=neoverse-v1 triple=aarch64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,BFDOT
// RUN: mlc-opt %s --kernel-emit="target=generic triple=riscv64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,FOUR

// Three channels are a half and one with a zero beside it.
// CHECK-LABEL: func @conv
// BF16: vector.bitcast {{.*}} : vector<16xi32> to vector<32xbf16>
// BF16: llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps.512"({{.*}}) : (vector<16xf32>, vector<32xbf16>, vector<32xbf16>) -> vector<16xf32>
// BF16: memref.load {{.*}} : memref<{{.*}}xbf16>
// BF16: arith.extui {{.*}} : i16 to i32
// BF16: llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps.512"
// WIDEN-DAG: arith.constant dense<16> : vector<16xi32>
// WIDEN-DAG: arith.constant dense<-65536> : vector<16xi32>
// WIDEN: arith.shli {{.*}} : vector<16xi32>
// WIDEN: arith.andi {{.*}} : vector<16xi32>
// WIDEN: vector.fma {{.*}} : vector<16xf32>
// AVX2: vector.fma {{.*}} : vector<8xf32>
// BFDOT: llvm.call_intrinsic "llvm.aarch64.neon.bfdot"({{.*}}) : (vector<4xf32>, vector<8xbf16>, vector<8xbf16>) -> vector<4xf32>
// FOUR: vector.fma {{.*}} : vector<4xf32>
func.func @conv(%x: memref<1x4x4x3xbf16>, %w: memref<1x1x1x1x2x16x2xbf16>, %o: memref<1x4x4x16xf32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x3xbf16>, memref<1x1x1x1x2x16x2xbf16>) outs(%o : memref<1x4x4x16xf32>)
  return
}

// Winograd: transforms in f32, of two channels a lane; products of bf16.
// CHECK-LABEL: func @winograd
// BF16: arith.extf {{.*}} : vector<{{.*}}xbf16> to vector<{{.*}}xf32>
// BF16: arith.truncf {{.*}} : vector<{{.*}}xf32> to vector<{{.*}}xbf16>
// BF16: llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps
// WIDEN: vector.fma
func.func @winograd(%x: memref<1x4x4x8xbf16>, %w: memref<1x1x3x3x4x8x2xbf16>, %o: memref<1x4x4x8xbf16>, %s: memref<2048xf32>) {
  kernel.winograd {tile = 2 : i64, pads = array<i64: 1, 1, 1, 1>}
      ins(%x, %w : memref<1x4x4x8xbf16>, memref<1x1x3x3x4x8x2xbf16>) outs(%o, %s : memref<1x4x4x8xbf16>, memref<2048xf32>)
  return
}
