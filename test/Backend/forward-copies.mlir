// RUN: mlc-opt %s --forward-copies --split-input-file | FileCheck %s

// Columns of the result interleave in memory and yet do not overlap: both
// halves are computed in place.

// CHECK-LABEL: func.func @main(
// CHECK-SAME: %[[OUT:[^:]*]]: memref<2x8xf32>)
// CHECK-NOT: memref.alloc
// CHECK-NOT: memref.copy
// CHECK-DAG: %[[LEFT:.*]] = memref.subview %[[OUT]][0, 0] [2, 3]
// CHECK-DAG: %[[RIGHT:.*]] = memref.subview %[[OUT]][0, 3] [2, 5]
// CHECK-DAG: outs(%[[LEFT]] : memref<2x3xf32, strided<[8, 1]>>)
// CHECK-DAG: outs(%[[RIGHT]] : memref<2x5xf32, strided<[8, 1], offset: 3>>)
// CHECK-NOT: memref.copy
// CHECK: return
func.func @main(%x: memref<2x3xf32>, %y: memref<2x5xf32>, %out: memref<2x8xf32>) {
  %a = memref.alloc() : memref<2x3xf32>
  linalg.exp ins(%x : memref<2x3xf32>) outs(%a : memref<2x3xf32>)
  %b = memref.alloc() : memref<2x5xf32>
  linalg.exp ins(%y : memref<2x5xf32>) outs(%b : memref<2x5xf32>)
  %all = memref.alloc() : memref<2x8xf32>
  %left = memref.subview %all[0, 0] [2, 3] [1, 1] : memref<2x8xf32> to memref<2x3xf32, strided<[8, 1]>>
  memref.copy %a, %left : memref<2x3xf32> to memref<2x3xf32, strided<[8, 1]>>
  %right = memref.subview %all[0, 3] [2, 5] [1, 1] : memref<2x8xf32> to memref<2x5xf32, strided<[8, 1], offset: 3>>
  memref.copy %b, %right : memref<2x5xf32> to memref<2x5xf32, strided<[8, 1], offset: 3>>
  memref.copy %all, %out : memref<2x8xf32> to memref<2x8xf32>
  return
}

// -----

// The copy's target is still read after the source has been written: both are
// needed.

// CHECK-LABEL: func.func @main(
// CHECK: %[[A:.*]] = memref.alloc()
// CHECK: linalg.exp ins(%{{.*}}) outs(%[[A]] :
// CHECK: linalg.negf
// CHECK: memref.copy %[[A]], %{{.*}}
func.func @main(%x: memref<4xf32>, %y: memref<4xf32>, %out: memref<4xf32>) {
  %a = memref.alloc() : memref<4xf32>
  linalg.exp ins(%x : memref<4xf32>) outs(%a : memref<4xf32>)
  linalg.negf ins(%out : memref<4xf32>) outs(%y : memref<4xf32>)
  memref.copy %a, %out : memref<4xf32> to memref<4xf32>
  return
}

// -----

// The source is read after the target has changed: both are needed.

// CHECK-LABEL: func.func @main(
// CHECK: %[[A:.*]] = memref.alloc()
// CHECK: memref.copy %[[A]], %{{.*}}
func.func @main(%x: memref<4xf32>, %y: memref<4xf32>, %out: memref<4xf32>) {
  %a = memref.alloc() : memref<4xf32>
  linalg.exp ins(%x : memref<4xf32>) outs(%a : memref<4xf32>)
  memref.copy %a, %out : memref<4xf32> to memref<4xf32>
  linalg.negf ins(%x : memref<4xf32>) outs(%out : memref<4xf32>)
  linalg.negf ins(%a : memref<4xf32>) outs(%y : memref<4xf32>)
  return
}

// -----

// Through a reshape.

// CHECK-LABEL: func.func @main(
// CHECK-SAME: %[[X:[^:]*]]: memref<2x4xf32>, %[[OUT:[^:]*]]: memref<8xf32>)
// CHECK-NOT: memref.alloc
// CHECK: %[[VIEW:.*]] = memref.expand_shape %[[OUT]] {{\[}}[0, 1]] output_shape [2, 4]
// CHECK: linalg.exp ins(%[[X]] : memref<2x4xf32>) outs(%[[VIEW]] :
// CHECK-NOT: memref.copy
func.func @main(%x: memref<2x4xf32>, %out: memref<8xf32>) {
  %a = memref.alloc() : memref<2x4xf32>
  linalg.exp ins(%x : memref<2x4xf32>) outs(%a : memref<2x4xf32>)
  %flat = memref.collapse_shape %a [[0, 1]] : memref<2x4xf32> into memref<8xf32>
  memref.copy %flat, %out : memref<8xf32> to memref<8xf32>
  return
}
