// What the code of Winograd's algorithms looks like; what it computes is tested in test/unit/CodeGen.
// RUN: mlc-opt %s --kernel-emit="target=x86-64-v4 triple=x86_64-linux-gnu" | FileCheck %s

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
