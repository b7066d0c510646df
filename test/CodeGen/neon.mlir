// RUN: mlc-opt %s --kernel-emit="target=generic triple=aarch64-linux-gnu" --canonicalize --cse | FileCheck %s

// NEON multiplies by a lane: four steps of a pixel are one vector load. Tiles of 8 pixels by 2 vectors.
// CHECK-LABEL: func @pointwise
// CHECK: scf.for {{.*}} iter_args({{.*}}) -> (vector<4xf32>
// CHECK-COUNT-8: vector.load %{{.*}} : memref<512xf32>, vector<4xf32>
// CHECK: vector.extract %{{.*}}[0] : f32 from vector<4xf32>
// CHECK: vector.broadcast
// CHECK: vector.fma {{.*}} : vector<4xf32>
func.func @pointwise(%x: memref<1x1x16x32xf32>, %w: memref<1x1x1x1x32x8xf32>, %o: memref<1x1x16x8xf32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x1x16x32xf32>, memref<1x1x1x1x32x8xf32>) outs(%o : memref<1x1x16x8xf32>)
  return
}

// NEON's maximum keeps NaNs by itself.
// CHECK-LABEL: func @pool
// CHECK: arith.maximumf {{.*}} fastmath<nsz> : vector<4xf32>
// CHECK-NOT: arith.cmpf
func.func @pool(%x: memref<1x8x8x4xf32>, %o: memref<1x8x4x4xf32>) {
  kernel.pool {kind = #kernel.pool_kind<max>, kernel = array<i64: 1, 2>, strides = array<i64: 1, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x : memref<1x8x8x4xf32>) outs(%o : memref<1x8x4x4xf32>)
  return
}
