// RUN: mlc-opt %s --kernel-emit="target=x86-64-v3 triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s

// Two rows and four columns of outputs a tile: 3x3 windows of eight vectors hold 72 products, on 24 input vectors.
// CHECK-LABEL: func @depthwise
// CHECK: scf.for %{{.*}} = %c0 to %c4 step %c2
// CHECK: scf.for %{{.*}} = %c0 to %c16 step %c8
// CHECK-COUNT-72: vector.fma {{.*}} : vector<8xf32>
// CHECK-NOT: vector.fma
// CHECK-COUNT-8: vector.store
func.func @depthwise(%x: memref<1x6x6x16xf32>, %w: memref<3x3x16xf32>, %o: memref<1x4x4x16xf32>) {
  kernel.depthwise {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x6x6x16xf32>, memref<3x3x16xf32>) outs(%o : memref<1x4x4x16xf32>)
  return
}

// A 7x7 kernel loops over its rows.
// CHECK-LABEL: func @depthwise_large
// CHECK: scf.for {{.*}} to %c7 step %c1 iter_args({{.*}}) -> (vector<8xf32>
func.func @depthwise_large(%x: memref<1x10x10x8xf32>, %w: memref<7x7x8xf32>, %o: memref<1x4x4x8xf32>) {
  kernel.depthwise {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x10x10x8xf32>, memref<7x7x8xf32>) outs(%o : memref<1x4x4x8xf32>)
  return
}

// NaNs stay: in the accumulator as the second operand of x86's maximum, and one comparison puts in those of two elements.
// CHECK-LABEL: func @pool
// CHECK: arith.maxsi
// CHECK: arith.minsi
// CHECK: %[[A:.*]] = vector.load {{.*}} : memref<512xf32>, vector<8xf32>
// CHECK: %[[B:.*]] = vector.load {{.*}} : memref<512xf32>, vector<8xf32>
// CHECK: %[[BEYOND:.*]] = arith.cmpf ogt, %[[B]], %[[A]] : vector<8xf32>
// CHECK: %[[BOTH:.*]] = arith.select %[[BEYOND]], %[[B]], %[[A]]
// CHECK: %[[MORE:.*]] = arith.cmpf ogt, %[[BOTH]], %[[SUM:.*]] : vector<8xf32>
// CHECK: %[[MOST:.*]] = arith.select %[[MORE]], %[[BOTH]], %[[SUM]]
// CHECK: %[[NAN:.*]] = arith.cmpf uno, %[[A]], %[[B]]
// CHECK: arith.select %[[NAN]], %{{.*}}, %[[MOST]]
func.func @pool(%x: memref<1x8x8x8xf32>, %o: memref<1x8x8x8xf32>) {
  kernel.pool {kind = #kernel.pool_kind<max>, kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
      ins(%x : memref<1x8x8x8xf32>) outs(%o : memref<1x8x8x8xf32>)
  return
}

// No call of the C library for an exponential.
// CHECK-LABEL: func @softmax
// CHECK-NOT: math.exp
// CHECK: vector.fma
func.func @softmax(%x: memref<2x64xf32>, %o: memref<2x64xf32>) {
  kernel.softmax ins(%x : memref<2x64xf32>) outs(%o : memref<2x64xf32>)
  return
}

// CHECK-LABEL: func @matmul
// CHECK: vector.fma {{.*}} : vector<8xf32>
func.func @matmul(%l: memref<12x8xf32>, %r: memref<8x16xf32>, %o: memref<12x16xf32>) {
  kernel.matmul ins(%l, %r : memref<12x8xf32>, memref<8x16xf32>) outs(%o : memref<12x16xf32>)
  return
}

// CHECK-LABEL: func @reduce
// CHECK: scf.for %{{.*}} = %c0 to %c49 step %c1 iter_args({{.*}}) -> (vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>)
func.func @reduce(%x: memref<1x49x32xf32>, %o: memref<1x32xf32>) {
  kernel.reduce {kind = #kernel.reduce_kind<mean>} ins(%x : memref<1x49x32xf32>) outs(%o : memref<1x32xf32>)
  return
}
