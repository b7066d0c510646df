// RUN: mlc-opt %s --to-destinations --bufferize-model | FileCheck %s

// Branches that only choose are a select by the time they come here: they copy
// what they choose into one buffer all the same, whatever view it is.

// CHECK-LABEL: func.func @main(
// CHECK-SAME: %[[X:[^:]*]]: memref<8x4xf32>, %[[Z:[^:]*]]: memref<4xf32>, %[[P:[^:]*]]: memref<i1>,
// CHECK-DAG: %[[BUFFER:.*]] = memref.alloc() : memref<4xf32>
// CHECK-DAG: %[[COLUMN:.*]] = memref.subview %[[X]][0, 1] [4, 1] [1, 1]
// CHECK: scf.if %{{[^ ]*}} {
// CHECK: memref.copy %[[Z]], %[[BUFFER]]
// CHECK: } else {
// CHECK: memref.copy %[[COLUMN]], %[[BUFFER]]
// CHECK: }
// CHECK: linalg.exp ins(%[[BUFFER]] : memref<4xf32>)
// CHECK-NOT: arith.select
func.func @main(%x: tensor<8x4xf32>, %z: tensor<4xf32>, %p: tensor<i1>) -> tensor<4xf32> {
  %c = tensor.extract %p[] : tensor<i1>
  %column = tensor.extract_slice %x[0, 1] [4, 1] [1, 1] : tensor<8x4xf32> to tensor<4xf32>
  %r = arith.select %c, %z, %column : tensor<4xf32>
  %e = tensor.empty() : tensor<4xf32>
  %n = linalg.exp ins(%r : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  return %n : tensor<4xf32>
}
