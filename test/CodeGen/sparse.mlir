// What the code of a convolution without its zeros looks like; what it computes is tested in test/unit/CodeGen.
// RUN: mlc-opt %s --kernel-emit="target=x86-64-v4 triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s
// RUN: mlc-opt %s --kernel-emit="target=cortex-a76 triple=aarch64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefix=NEON

// Two tiles of 98 pixels would be as good as one of 112 and one of 84, whose last vector is of four pixels.

// CHECK-LABEL: func.func @tiles
// The zeros of steps that fill.
// CHECK-COUNT-7: vector.store {{.*}} vector<16xf32>
// Blocks of channels: squares of pixels are transposed.
// CHECK: scf.for {{.*}} iter_args
// CHECK: scf.for
// CHECK: scf.for
// CHECK-COUNT-16: vector.load {{.*}} vector<16xf32>
// CHECK-COUNT-64: vector.shuffle
// CHECK-COUNT-16: vector.store {{.*}} vector<16xf32>
// Pairs of output channels, whose sums begin with zeros in the first block.
// CHECK: scf.for {{.*}} iter_args
// CHECK: scf.if
// CHECK-COUNT-14: vector.load
// A shared step loads once for both.
// CHECK: scf.for {{.*}} iter_args
// CHECK-COUNT-2: vector.broadcast
// CHECK-COUNT-7: vector.load
// CHECK-NOT: vector.load
// CHECK: scf.yield
// A single step loads for each.
// CHECK: scf.for {{.*}} iter_args
// CHECK-COUNT-14: vector.load
// CHECK-NOT: vector.load
// CHECK: scf.yield
// CHECK-COUNT-14: vector.store
// Results, with the epilogue.
// CHECK-COUNT-64: vector.shuffle
// CHECK: arith.maximumf
// CHECK: vector.store
// The other tile.
// CHECK: scf.for {{.*}} iter_args
// CHECK-COUNT-2: vector.fma {{.*}} : vector<4xf32>
// CHECK-NOT: kernel.

// NEON-LABEL: func.func @tiles
// NEON: vector.fma {{.*}} : vector<4xf32>
// NEON-NOT: kernel.
func.func @tiles(%x: memref<1x14x14x128xf32>, %v: memref<600xf32>, %t: memref<1000xi8>, %o: memref<1x14x14x64xf32>,
                 %s: memref<16512xf32>) {
  kernel.sparse_conv {block = 64 : i64, pixels = 128 : i64}
      ins(%x, %v, %t : memref<1x14x14x128xf32>, memref<600xf32>, memref<1000xi8>)
      outs(%o, %s : memref<1x14x14x64xf32>, memref<16512xf32>) {
  ^bb0(%acc: f32):
    %zero = arith.constant 0.0 : f32
    %0 = arith.maximumf %acc, %zero : f32
    kernel.yield %0 : f32
  }
  return
}
