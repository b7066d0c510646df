// RUN: mlc-opt %s --kernel-emit="target=x86-64-v4 triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s

// A 3x3 convolution on rows of 14 pixels: one tile of 14 pixels by 2 vectors. The rows of the kernel are clamped to those
// that touch the input.
// CHECK-LABEL: func @padded
// CHECK-NOT: kernel.conv
// CHECK: scf.for %[[OH:.*]] = %{{.*}} to %c14
// CHECK: %[[ABOVE:.*]] = arith.subi %c1, %[[OH]]
// CHECK: %[[FROM:.*]] = arith.maxsi %[[ABOVE]], %c0
// CHECK: %[[BELOW:.*]] = arith.subi %c15, %[[OH]]
// CHECK: %[[TO:.*]] = arith.minsi %{{.*}}, %c3
// CHECK: scf.for %{{.*}} = %[[FROM]] to %[[TO]] step %c1 iter_args({{.*}}) -> (vector<16xf32>
// The left column of the kernel misses the first pixel: 13 pixels by 2 vectors, k unrolled by 4; then all, then 13.
// CHECK: scf.for %{{.*}} = %c0 to %c64 step %c4
// CHECK-COUNT-104: vector.fma
// CHECK-NOT: vector.fma
// CHECK: scf.yield
// CHECK: scf.for %{{.*}} = %c0 to %c64 step %c4
// CHECK-COUNT-112: vector.fma
// CHECK-NOT: vector.fma
// CHECK: scf.yield
// CHECK: scf.for %{{.*}} = %c0 to %c64 step %c4
// CHECK-COUNT-104: vector.fma
// CHECK-NOT: vector.fma
// CHECK: scf.yield
// CHECK-COUNT-28: vector.store
func.func @padded(%x: memref<1x14x14x64xf32>, %w: memref<1x1x3x3x64x32xf32>, %o: memref<1x14x14x32xf32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x14x14x64xf32>, memref<1x1x3x3x64x32xf32>) outs(%o : memref<1x14x14x32xf32>)
  return
}

// A pointwise convolution is one row of 56 pixels: no loop over rows, none over the kernel.
// CHECK-LABEL: func @pointwise
// CHECK: scf.for %[[PIXEL:.*]] = %c0 to %c56 step %c14 {
// CHECK-NEXT: arith.muli %[[PIXEL]]
// CHECK-NEXT: scf.for %{{.*}} = %c0 to %c16 step %c4
// CHECK-COUNT-112: vector.fma
// CHECK-NOT: scf.for
func.func @pointwise(%x: memref<1x7x8x16xf32>, %w: memref<1x1x1x1x16x32xf32>, %o: memref<1x7x8x32xf32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x7x8x16xf32>, memref<1x1x1x1x16x32xf32>) outs(%o : memref<1x7x8x32xf32>)
  return
}

// Two chunks of channels: tiles of the first fetch the weights of the second, each a part of every four steps. Not within
// a loop, where weights are in a cache.
// CHECK-LABEL: func @ahead
// CHECK: scf.for %{{.*}} = %c0 to %c2 step %c1
// CHECK: scf.for %[[PIXEL:.*]] = %c0 to %c45 step %c5
// CHECK: %[[TILE:.*]] = arith.divui %[[PIXEL]], %c5
// CHECK: scf.for %[[K:.*]] = %c0 to %c256 step %c4
// CHECK: %[[TURN:.*]] = arith.remui %[[TILE]], %c4
// CHECK: memref.prefetch %{{.*}}, read, locality<2>, data : memref<32768xf32>
// CHECK-COUNT-80: vector.fma
func.func @ahead(%x: memref<1x7x7x256xf32>, %w: memref<1x4x1x1x256x32xf32>, %o: memref<1x7x7x128xf32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x7x7x256xf32>, memref<1x4x1x1x256x32xf32>) outs(%o : memref<1x7x7x128xf32>)
  return
}

// CHECK-LABEL: func @again
// CHECK-NOT: memref.prefetch
// CHECK: return
func.func @again(%x: memref<1x7x7x256xf32>, %w: memref<1x4x1x1x256x32xf32>, %o: memref<1x7x7x128xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  scf.for %i = %c0 to %c3 step %c1 {
    kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
        ins(%x, %w : memref<1x7x7x256xf32>, memref<1x4x1x1x256x32xf32>) outs(%o : memref<1x7x7x128xf32>)
  }
  return
}

// A kernel column that meets the same pixels as its neighbour follows it in memory: one loop over both.
// CHECK-LABEL: func @fused_columns
// CHECK: scf.for %{{.*}} = %c0 to %c48 step %c4
func.func @fused_columns(%x: memref<1x1x16x16xf32>, %w: memref<1x1x1x3x16x32xf32>, %o: memref<1x1x14x32xf32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x1x16x16xf32>, memref<1x1x1x3x16x32xf32>) outs(%o : memref<1x1x14x32xf32>)
  return
}

// 20 channels: a full vector and one of four lanes.
// CHECK-LABEL: func @tail
// CHECK: vector.fma {{.*}} : vector<16xf32>
// CHECK: vector.fma {{.*}} : vector<4xf32>
// CHECK: vector.load %{{.*}} : memref<20xf32>, vector<16xf32>
// CHECK: arith.addf {{.*}} : vector<16xf32>
// CHECK: vector.store {{.*}} vector<16xf32>
// CHECK: vector.load %{{.*}} : memref<20xf32>, vector<4xf32>
// CHECK: arith.addf {{.*}} : vector<4xf32>
// CHECK: vector.store {{.*}} vector<4xf32>
func.func @tail(%x: memref<1x1x1x3xf32>, %w: memref<1x1x1x1x3x32xf32>, %b: memref<20xf32>, %o: memref<1x1x1x20xf32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x1x1x3xf32>, memref<1x1x1x1x3x32xf32>) epilogue(%b : memref<20xf32>)
      outs(%o : memref<1x1x1x20xf32>) {
  ^bb0(%acc: f32, %bias: f32):
    %0 = arith.addf %acc, %bias : f32
    kernel.yield %0 : f32
  }
  return
}

// The first layer of a network: a row of the kernel has 9 steps, 3 times 3 and no remainder; a column alone has 3, one at
// a time. Written out they would share what neighbouring pixels read, and need more registers than there are.
// CHECK-LABEL: func @few_channels
// CHECK: scf.for %{{.*}} = %c0 to %c3 step %c1
// CHECK-COUNT-26: vector.fma
// CHECK-NOT: vector.fma
// CHECK: scf.yield
// CHECK: scf.for %{{.*}} = %c0 to %c9 step %c3
// CHECK-COUNT-84: vector.fma
// CHECK-NOT: vector.fma
// CHECK: scf.yield
func.func @few_channels(%x: memref<1x28x56x3xf32>, %w: memref<1x1x3x3x3x32xf32>, %o: memref<1x14x28x32xf32>) {
  kernel.conv {strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x28x56x3xf32>, memref<1x1x3x3x3x32xf32>) outs(%o : memref<1x14x28x32xf32>)
  return
}

// Groups of four channels: four in a vector. Each input vector is loaded once a row of the kernel, and each of its
// channels repeated once for the three windows that hold it.
// CHECK-LABEL: func @groups
// CHECK: scf.for %{{.*}} = %{{.*}} to %{{.*}} step %c1 iter_args({{.*}}) -> (vector<16xf32>
// CHECK-COUNT-12: vector.load %{{.*}} : memref<{{.*}}>, vector<16xf32>
// CHECK: vector.load
// CHECK: vector.shuffle {{.*}} [0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12]
// CHECK: vector.fma
// CHECK: vector.shuffle {{.*}} [1, 1, 1, 1, 5, 5, 5, 5, 9, 9, 9, 9, 13, 13, 13, 13]
func.func @groups(%x: memref<1x8x8x32xf32>, %w: memref<2x1x3x3x4x16xf32>, %o: memref<1x8x8x32xf32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x8x8x32xf32>, memref<2x1x3x3x4x16xf32>) outs(%o : memref<1x8x8x32xf32>)
  return
}

// 18 channels: the second vector computes no more than the two lanes that are stored.
// CHECK-LABEL: func @narrow
// CHECK: vector.fma {{.*}} : vector<2xf32>
func.func @narrow(%x: memref<1x1x1x3xf32>, %w: memref<1x1x1x1x3x32xf32>, %o: memref<1x1x1x18xf32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x1x1x3xf32>, memref<1x1x1x1x3x32xf32>) outs(%o : memref<1x1x1x18xf32>)
  return
}

// Every other pixel of every other row of an image beyond L2: while a row is computed, the pixels of the next
// are fetched, those of a tile by the steps within a cache line.
// CHECK-LABEL: func @skipped_pixels
// CHECK: %[[IN:.*]] = memref.reinterpret_cast %arg0
// CHECK: scf.for %[[K:.*]] = %c0 to %c64 step %c4
// CHECK: %[[STEP:.*]] = arith.divui %[[K]], %c4
// CHECK: arith.remui %[[STEP]], %c{{[34]}}
// CHECK: memref.prefetch %[[IN]][
// CHECK: vector.fma
func.func @skipped_pixels(%x: memref<1x112x112x64xf32>, %w: memref<1x4x1x1x64x32xf32>, %o: memref<1x56x56x128xf32>) {
  kernel.conv {strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x112x112x64xf32>, memref<1x4x1x1x64x32xf32>) outs(%o : memref<1x56x56x128xf32>)
  return
}
