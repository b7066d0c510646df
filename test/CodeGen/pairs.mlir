// Weights in pairs: of each pixel one load and one shuffle put 16 channels in order, of which four quads are multiplied, and
// then the extra quads, as many as the tables say.

// RUN: mlc-opt %s --kernel-emit="target=x86-64-v3 triple=x86_64-linux-gnu" | FileCheck %s --check-prefixes=CHECK,AVX2
// RUN: mlc-opt %s --kernel-emit="target=x86-64-v2 triple=x86_64-linux-gnu" | FileCheck %s --check-prefixes=CHECK,SSE
// RUN: not mlc-opt %s --kernel-emit="target=generic triple=aarch64-linux-gnu" 2>&1 | FileCheck %s --check-prefix=NEON

// NEON: cannot be emitted: weights in pairs need pmaddubsw and pshufb

// CHECK-LABEL: func @signed
// CHECK: scf.for {{.*}} iter_args
// CHECK: vector.load {{.*}} vector<16xi8>
// CHECK: arith.xori
// AVX2: "llvm.x86.avx2.pshuf.b"({{.*}}) : (vector<32xi8>, vector<32xi8>) -> vector<32xi8>
// AVX2: vector.shuffle {{.*}} [0, 0, 0, 0, 4, 4, 4, 4] : vector<8xi32>, vector<8xi32>
// AVX2: "llvm.x86.avx2.pmadd.ub.sw"({{.*}}) : (vector<32xi8>, vector<32xi8>) -> vector<16xi16>
// AVX2: "llvm.x86.avx2.pmadd.wd"
// AVX2: vector.shuffle {{.*}} [3, 3, 3, 3, 7, 7, 7, 7]
// SSE: "llvm.x86.ssse3.pshuf.b.128"
// SSE: "llvm.x86.ssse3.pmadd.ub.sw.128"
// SSE: "llvm.x86.sse2.pmadd.wd"
// CHECK: %[[COUNT:.*]] = arith.index_cast {{.*}} : i32 to index
// CHECK: scf.for {{.*}} to %[[COUNT]] step {{.*}} iter_args
// AVX2: "llvm.x86.avx2.pshuf.b"
// AVX2: "llvm.x86.avx2.pmadd.ub.sw"
// CHECK-NOT: kernel.
func.func @signed(%x: memref<1x1x4x32xi8>, %w: memref<1x1x1x1x13x16x4xi8>, %o: memref<1x1x4x16xi32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, extra_quads = 2 : i64}
      ins(%x, %w : memref<1x1x4x32xi8>, memref<1x1x1x1x13x16x4xi8>) outs(%o : memref<1x1x4x16xi32>)
  return
}
