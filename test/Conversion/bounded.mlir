// RUN: mlc-opt --nn-to-linalg %s | FileCheck %s

// Every position is written behind what was found; one row more than the bound takes the rest, and is cut.
// CHECK-LABEL: @compact
// CHECK: %[[FOUND:.*]]:2 = scf.for {{.*}} -> (tensor<6xi64>, index)
// CHECK: tensor.insert
// CHECK: arith.minui
// CHECK: tensor.extract_slice %[[FOUND]]#0[0] [5] [1]
// CHECK: arith.cmpi slt
// CHECK: arith.select
func.func @compact(%m: tensor<9xi1>) -> (tensor<5xi64>, tensor<i64>) {
  %p:2 = nn.compact %m : (tensor<9xi1>) -> (tensor<5xi64>, tensor<i64>)
  return %p#0, %p#1 : tensor<5xi64>, tensor<i64>
}

// Candidates are collected, and each selection leaves fewer.
// CHECK-LABEL: @nms
// CHECK: scf.for {{.*}} -> (tensor<5x3xi64>, index, tensor<7xi64>)
// CHECK: arith.cmpf ogt
// CHECK: scf.for {{.*}} -> (tensor<5x3xi64>, index, tensor<7xi64>, index, index)
// CHECK: arith.divf
// CHECK: tensor.extract_slice {{.*}}[0, 0] [4, 3] [1, 1]
// CHECK: arith.constant -1 : i64
func.func @nms(%b: tensor<2x7x4xf32>, %s: tensor<2x3x7xf32>, %n: tensor<i64>, %t: tensor<f32>) -> (tensor<4x3xi64>, tensor<i64>) {
  %q:2 = nn.nms %b, %s, %n, %t score(%t) : (tensor<2x7x4xf32>, tensor<2x3x7xf32>, tensor<i64>, tensor<f32>, tensor<f32>) -> (tensor<4x3xi64>, tensor<i64>)
  return %q#0, %q#1 : tensor<4x3xi64>, tensor<i64>
}
