// What the code of a convolution without its zeros looks like; what it computes is tested in test/unit/CodeGen.
// RUN: mlc-opt %s --kernel-emit="target=x86-64-v4 triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s
// RUN: mlc-opt %s --kernel-emit="target=cortex-a76 triple=aarch64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefix=NEON

// Two tiles of 98 pixels would be as good as one of 112 and one of 84, whose last vector is of four pixels.

// CHECK-LABEL: func.func @tiles
// Blocks of channels: the zeros of steps that fill, then squares of pixels are transposed.
// CHECK: scf.for {{.*}} iter_args
// CHECK-COUNT-7: vector.store {{.*}} vector<16xf32>
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
  kernel.sparse_conv {block = 64 : i64, pixels = 128 : i64, parts = 1 : i64}
      ins(%x, %v, %t : memref<1x14x14x128xf32>, memref<600xf32>, memref<1000xi8>)
      outs(%o, %s : memref<1x14x14x64xf32>, memref<16512xf32>) {
  ^bb0(%acc: f32):
    %zero = arith.constant 0.0 : f32
    %0 = arith.maximumf %acc, %zero : f32
    kernel.yield %0 : f32
  }
  return
}

// Parts of the output channels, for threads: each transposes all inputs of a tile.

// CHECK-LABEL: func.func @parts
// CHECK: scf.for %{{.*}} = %c0 to %c192 step %c64
// Inputs, by blocks.
// CHECK: scf.for
// CHECK: vector.shuffle
// Parts: where their weights begin.
// CHECK: scf.for %{{.*}} = %c0 to %c4 step %c1 {
// CHECK-COUNT-8: memref.load
// CHECK: vector.fma
// CHECK-NOT: kernel.
func.func @parts(%x: memref<1x14x14x128xf32>, %v: memref<600xf32>, %t: memref<1000xi8>, %o: memref<1x14x14x64xf32>,
                 %s: memref<12416xf32>) {
  kernel.sparse_conv {block = 64 : i64, pixels = 64 : i64, parts = 4 : i64}
      ins(%x, %v, %t : memref<1x14x14x128xf32>, memref<600xf32>, memref<1000xi8>)
      outs(%o, %s : memref<1x14x14x64xf32>, memref<12416xf32>)
  return
}

// A window that moves by two: pixels of the out are a row, and each element of the window is loaded by itself.

// CHECK-LABEL: func.func @window
// CHECK: arith.divui
// CHECK: arith.remui
// CHECK: scf.for %{{.*}} = %c0 to %c3 step %c1 {
// CHECK: scf.for %{{.*}} = %c0 to %c3 step %c1 {
// CHECK-COUNT-16: vector.load {{.*}} vector<16xf32>
// CHECK-COUNT-64: vector.shuffle
// CHECK: vector.fma
// CHECK-NOT: kernel.
func.func @window(%x: memref<1x17x17x16xf32>, %v: memref<600xf32>, %t: memref<1000xi8>, %o: memref<1x8x8x64xf32>, %s: memref<6688xf32>) {
  kernel.sparse_conv {block = 16 : i64, pixels = 32 : i64, parts = 1 : i64, window = array<i64: 3, 3>, strides = array<i64: 2, 2>}
      ins(%x, %v, %t : memref<1x17x17x16xf32>, memref<600xf32>, memref<1000xi8>)
      outs(%o, %s : memref<1x8x8x64xf32>, memref<6688xf32>)
  return
}
