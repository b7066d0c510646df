// RUN: mlc-opt %s --to-destinations --bufferize-model --split-input-file | FileCheck %s

// A branch yields into one buffer, and a loop carries its buffer in place.

// CHECK-LABEL: func.func @main(
// CHECK-SAME: %[[X:[^:]*]]: memref<4xf32>, %[[P:[^:]*]]: memref<i1>, %[[OUT:[^:]*]]: memref<4xf32>)
// CHECK: %[[BUFFER:.*]] = memref.alloc() : memref<4xf32>
// CHECK: scf.if
// CHECK: linalg.exp ins(%[[X]] : memref<4xf32>)
// CHECK: memref.copy %{{.*}}, %[[BUFFER]]
// CHECK: } else {
// CHECK: memref.copy %[[X]], %[[BUFFER]]
// CHECK: }
// CHECK: linalg.copy ins(%[[BUFFER]] : memref<4xf32>) outs(%[[CARRIED:.*]] : memref<4xf32>)
// CHECK: scf.for %{{[^ ]*}} = %{{[^ ]*}} to %{{[^ ]*}} step %{{[^ ]*}} {
// CHECK: linalg.negf ins(%[[CARRIED]]
// CHECK-NOT: scf.yield
// CHECK: memref.copy %[[CARRIED]], %[[OUT]]
// CHECK-NOT: tensor
func.func @main(%x: tensor<4xf32>, %p: tensor<i1>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %c = tensor.extract %p[] : tensor<i1>
  %r = scf.if %c -> tensor<4xf32> {
    %e = tensor.empty() : tensor<4xf32>
    %n = linalg.exp ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
    scf.yield %n : tensor<4xf32>
  } else {
    scf.yield %x : tensor<4xf32>
  }
  %d = tensor.empty() : tensor<4xf32>
  %init = linalg.copy ins(%r : tensor<4xf32>) outs(%d : tensor<4xf32>) -> tensor<4xf32>
  %l = scf.for %i = %c0 to %c8 step %c1 iter_args(%t = %init) -> tensor<4xf32> {
    %e = tensor.empty() : tensor<4xf32>
    %n = linalg.negf ins(%t : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
    %u = linalg.copy ins(%n : tensor<4xf32>) outs(%t : tensor<4xf32>) -> tensor<4xf32>
    scf.yield %u : tensor<4xf32>
  }
  return %l : tensor<4xf32>
}

// -----

// Parts are copied into one buffer, each to its place.

// CHECK-LABEL: func.func @main(
// CHECK-SAME: %[[X:[^:]*]]: memref<1x2xf32>, %[[Y:[^:]*]]: memref<1x3xf32>, %[[OUT:[^:]*]]: memref<1x5xf32>)
// CHECK: %[[ALL:.*]] = memref.alloc() {{.*}}: memref<1x5xf32>
// CHECK: %[[A:.*]] = memref.subview %[[ALL]][0, 0] [1, 2] [1, 1]
// CHECK: memref.copy %[[X]], %[[A]]
// CHECK: %[[B:.*]] = memref.subview %[[ALL]][0, 2] [1, 3] [1, 1]
// CHECK: memref.copy %[[Y]], %[[B]]
// CHECK: memref.copy %[[ALL]], %[[OUT]]
func.func @main(%x: tensor<1x2xf32>, %y: tensor<1x3xf32>) -> tensor<1x5xf32> {
  %all = tensor.concat dim(1) %x, %y : (tensor<1x2xf32>, tensor<1x3xf32>) -> tensor<1x5xf32>
  return %all : tensor<1x5xf32>
}

// -----

// Slices of what nothing writes are views, of an input as of a result.

// CHECK-LABEL: func.func @main(
// CHECK-SAME: %[[X:[^:]*]]: memref<8xf32>
// CHECK-NOT: memref.copy
// CHECK: %[[N:.*]] = memref.alloc() {{.*}}: memref<8xf32>
// CHECK: linalg.negf ins(%[[X]] : memref<8xf32>) outs(%[[N]]
// CHECK-DAG: memref.subview %[[X]][4] [4] [1]
// CHECK-DAG: memref.subview %[[N]][0] [4] [1]
// CHECK: memref.alloc() {{.*}}: memref<4xf32>
// CHECK-NOT: memref.alloc
// CHECK: linalg.add
func.func @main(%x: tensor<8xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<8xf32>
  %n = linalg.negf ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  %a = tensor.extract_slice %x[4] [4] [1] : tensor<8xf32> to tensor<4xf32>
  %b = tensor.extract_slice %n[0] [4] [1] : tensor<8xf32> to tensor<4xf32>
  %f = tensor.empty() : tensor<4xf32>
  %r = linalg.add ins(%a, %b : tensor<4xf32>, tensor<4xf32>) outs(%f : tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

// A slice that is read behind a write to what it is a slice of is a copy, and
// so is one of a slice.

// CHECK-LABEL: func.func @main(
// CHECK-SAME: %[[X:[^:]*]]: memref<8xf32>, %[[Y:[^:]*]]: memref<4xf32>, %[[ALL:[^:]*]]: memref<8xf32>, %[[OLD:[^:]*]]: memref<2xf32>)
// CHECK: linalg.negf ins(%[[X]] : memref<8xf32>) outs(%[[N:.*]] : memref<8xf32>)
// CHECK: %[[KEPT:.*]] = memref.alloc() {{.*}}: memref<[[SIZE:[24]]]xf32>
// CHECK: memref.copy %{{.*}}, %[[KEPT]]
// CHECK: memref.copy %[[Y]], %{{.*}}
// CHECK: memref.copy %[[N]], %[[ALL]]
// CHECK: memref.copy %{{.*}}, %[[OLD]]
func.func @main(%x: tensor<8xf32>, %y: tensor<4xf32>) -> (tensor<8xf32>, tensor<2xf32>) {
  %e = tensor.empty() : tensor<8xf32>
  %n = linalg.negf ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  %s = tensor.extract_slice %n[0] [4] [1] : tensor<8xf32> to tensor<4xf32>
  %t = tensor.extract_slice %s[1] [2] [1] : tensor<4xf32> to tensor<2xf32>
  %w = tensor.insert_slice %y into %n[0] [4] [1] : tensor<4xf32> into tensor<8xf32>
  return %w, %t : tensor<8xf32>, tensor<2xf32>
}
