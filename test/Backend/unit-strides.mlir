// RUN: mlc-opt %s --unit-strides --split-input-file | FileCheck %s

// A result with gaps is computed in a buffer of its own; so is an operand read.

// CHECK-LABEL: func.func @main
// CHECK-SAME: (%[[X:.*]]: memref<2x8x2xf32>, %[[OUT:.*]]: memref<2x8x2xf32>)
// CHECK: %[[FROM:.*]] = memref.subview %[[X]]
// CHECK: %[[TO:.*]] = memref.subview %[[OUT]]
// CHECK: %[[READ:.*]] = memref.alloc() : memref<2x8xf32>
// CHECK: memref.copy %[[FROM]], %[[READ]]
// CHECK: %[[WRITTEN:.*]] = memref.alloc() : memref<2x8xf32>
// CHECK: kernel.softmax ins(%[[READ]] : memref<2x8xf32>) outs(%[[WRITTEN]] : memref<2x8xf32>)
// CHECK: memref.copy %[[WRITTEN]], %[[TO]]
func.func @main(%x: memref<2x8x2xf32>, %out: memref<2x8x2xf32>) {
  %from = memref.subview %x[0, 0, 1] [2, 8, 1] [1, 1, 1] : memref<2x8x2xf32> to memref<2x8xf32, strided<[16, 2], offset: 1>>
  %to = memref.subview %out[0, 0, 1] [2, 8, 1] [1, 1, 1] : memref<2x8x2xf32> to memref<2x8xf32, strided<[16, 2], offset: 1>>
  kernel.softmax ins(%from : memref<2x8xf32, strided<[16, 2], offset: 1>>) outs(%to : memref<2x8xf32, strided<[16, 2], offset: 1>>)
  return
}

// -----

// Rows apart from each other are taken as they lie, and one element in a row is a row without gaps.

// CHECK-LABEL: func.func @main
// CHECK-NOT: memref.alloc
// CHECK-NOT: memref.copy
func.func @main(%x: memref<2x8xf32, strided<[16, 1]>>, %y: memref<2x1xf32, strided<[16, 2]>>) {
  kernel.softmax ins(%x : memref<2x8xf32, strided<[16, 1]>>) outs(%x : memref<2x8xf32, strided<[16, 1]>>)
  kernel.softmax ins(%y : memref<2x1xf32, strided<[16, 2]>>) outs(%y : memref<2x1xf32, strided<[16, 2]>>)
  return
}

// -----

// An operand of an epilogue with gaps.

// CHECK-LABEL: func.func @main
// CHECK: %[[MASK:.*]] = memref.alloc() : memref<4x8xi1>
// CHECK: memref.copy %{{.*}}, %[[MASK]]
// CHECK: kernel.matmul ins({{.*}}) epilogue(%[[MASK]] : memref<4x8xi1>) outs(%{{.*}} : memref<4x8xf32>)
func.func @main(%x: memref<4x6xf32>, %w: memref<6x8xf32>, %m: memref<4x16xi1>, %out: memref<4x8xf32>) {
  %mask = memref.subview %m[0, 0] [4, 8] [1, 2] : memref<4x16xi1> to memref<4x8xi1, strided<[16, 2]>>
  kernel.matmul ins(%x, %w : memref<4x6xf32>, memref<6x8xf32>) epilogue(%mask : memref<4x8xi1, strided<[16, 2]>>) outs(%out : memref<4x8xf32>) {
  ^bb0(%acc: f32, %bit: i1):
    %zero = arith.constant 0.0 : f32
    %r = arith.select %bit, %acc, %zero : f32
    kernel.yield %r : f32
  }
  return
}
