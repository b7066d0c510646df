// What the code of Winograd's algorithms looks like; what it computes is tested in test/unit/CodeGen.
// RUN: mlc-opt %s --kernel-emit="target=x86-64-v4 triple=x86_64-linux-gnu" | FileCheck %s
// RUN: mlc-opt %s --kernel-emit="target=x86-64-v3 triple=x86_64-linux-gnu" | FileCheck %s --check-prefix=AVX2

// Blocks of tiles, in each the three steps. The middle row of tiles touches no padding: only what may lie outside is
// asked for: the first input row, and the last output rows.

// CHECK-LABEL: func.func @three_steps
// CHECK: scf.for
// Inputs: rows that may lie above the image, transformed along the row.
// CHECK: arith.cmpi ult
// CHECK: scf.if {{.*}} -> (vector<16xf32>
// CHECK: vector.load
// CHECK: vector.fma
// CHECK: vector.store
// Weights.
// CHECK: scf.for
// CHECK: vector.load
// CHECK: vector.store
// Products: accumulators stay in registers over the channels.
// CHECK: scf.for {{.*}} iter_args
// CHECK: vector.broadcast
// CHECK: vector.fma
// CHECK: scf.yield
// CHECK: vector.store
// Outputs, with the epilogue.
// CHECK: arith.subf
// CHECK: vector.fma
// CHECK: arith.maximumf
// CHECK: vector.store
// CHECK-NOT: kernel.
func.func @three_steps(%x: memref<1x28x28x32xf32>, %w: memref<1x1x3x3x32x32xf32>, %o: memref<1x28x28x32xf32>,
                       %s: memref<54720xf32>) {
  kernel.winograd {tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>}
      ins(%x, %w : memref<1x28x28x32xf32>, memref<1x1x3x3x32x32xf32>)
      outs(%o, %s : memref<1x28x28x32xf32>, memref<54720xf32>) {
  ^bb0(%acc: f32):
    %zero = arith.constant 0.0 : f32
    %0 = arith.maximumf %acc, %zero : f32
    kernel.yield %0 : f32
  }
  return
}

// Bytes: words less their zero point are transformed, pairs of products summed, and 9 times what is wanted is divided
// by 9, modulo 2^32.

// AVX2-LABEL: func.func @bytes
// AVX2: arith.shrui {{.*}} : vector<16xi16>
// AVX2: arith.subi {{.*}} : vector<16xi16>
// AVX2: vector.store {{.*}} vector<8xi32>
// AVX2: arith.shrsi {{.*}} : vector<16xi16>
// AVX2: "llvm.x86.avx2.pmadd.wd"
// AVX2: arith.muli {{.*}} : vector<8xi32>
// AVX2: arith.shrsi {{.*}} : vector<8xi32>
func.func @bytes(%x: memref<1x4x4x32xi8>, %w: memref<1x1x3x3x9x8x4xi8>, %o: memref<1x4x4x8xi32>, %s: memref<7488xi32>) {
  kernel.winograd {tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>, input_zero_point = 3 : i32, input_unsigned}
      ins(%x, %w : memref<1x4x4x32xi8>, memref<1x1x3x3x9x8x4xi8>)
      outs(%o, %s : memref<1x4x4x8xi32>, memref<7488xi32>)
  return
}
