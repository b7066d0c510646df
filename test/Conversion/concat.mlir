// RUN: mlc-opt %s --nn-to-linalg | FileCheck %s

// Parts are joined by one op: bufferization compares each of a chain of
// insertions with all others.

// CHECK-LABEL: func.func @join(
// CHECK-SAME: %[[X:[^:]*]]: tensor<2x3xf32>, %{{[^:]*}}: tensor<2x0xf32>, %[[Y:[^:]*]]: tensor<2x1xf32>)
// CHECK-NEXT: %[[ALL:.*]] = tensor.concat dim(1) %[[X]], %[[Y]], %[[X]]
// CHECK-NEXT: return %[[ALL]]
func.func @join(%x: tensor<2x3xf32>, %none: tensor<2x0xf32>, %y: tensor<2x1xf32>) -> tensor<2x7xf32> {
  %all = nn.concat %x, %none, %y, %x {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2x0xf32>, tensor<2x1xf32>, tensor<2x3xf32>) -> tensor<2x7xf32>
  return %all : tensor<2x7xf32>
}

// CHECK-LABEL: func.func @nothing(
// CHECK-NEXT: %[[NONE:.*]] = tensor.empty() : tensor<0xi8>
// CHECK-NEXT: return %[[NONE]]
func.func @nothing(%x: tensor<0xui8>, %y: tensor<0xui8>) -> tensor<0xui8> {
  %all = nn.concat %x, %y {axis = 0 : i64} : (tensor<0xui8>, tensor<0xui8>) -> tensor<0xui8>
  return %all : tensor<0xui8>
}
