// RUN: mlc-opt %s --nn-to-linalg | FileCheck %s

// Of one padded dimension, the edges are filled alone.

// CHECK-LABEL: func.func @channels(
// CHECK: %[[ALL:.*]] = tensor.empty() : tensor<1x5x5x10xf32>
// CHECK: %[[A:.*]] = linalg.fill {{.*}} -> tensor<1x5x5x2xf32>
// CHECK: %[[L:.*]] = tensor.insert_slice %[[A]] into %[[ALL]][0, 0, 0, 0] [1, 5, 5, 2]
// CHECK: %[[B:.*]] = linalg.fill {{.*}} -> tensor<1x5x5x1xf32>
// CHECK: %[[R:.*]] = tensor.insert_slice %[[B]] into %[[L]][0, 0, 0, 9] [1, 5, 5, 1]
// CHECK: tensor.insert_slice %{{.*}} into %[[R]][0, 0, 0, 2] [1, 5, 5, 7]
func.func @channels(%x: tensor<1x5x5x7xf32>, %v: tensor<f32>) -> tensor<1x5x5x10xf32> {
  %y = nn.pad %x value(%v) {pads = array<i64: 0, 0, 0, 2, 0, 0, 0, 1>, mode = #nn.pad_mode<constant>} : (tensor<1x5x5x7xf32>, tensor<f32>) -> tensor<1x5x5x10xf32>
  return %y : tensor<1x5x5x10xf32>
}

// Cut in front, padded behind: one edge.

// CHECK-LABEL: func.func @cut(
// CHECK: linalg.fill {{.*}} -> tensor<3x2xf32>
// CHECK: tensor.insert_slice {{.*}}[0, 6] [3, 2]
// CHECK-NOT: linalg.fill
// CHECK: tensor.insert_slice {{.*}}[0, 0] [3, 6]
func.func @cut(%x: tensor<3x7xf32>, %v: tensor<f32>) -> tensor<3x8xf32> {
  %y = nn.pad %x value(%v) {pads = array<i64: 0, -1, 0, 2>, mode = #nn.pad_mode<constant>} : (tensor<3x7xf32>, tensor<f32>) -> tensor<3x8xf32>
  return %y : tensor<3x8xf32>
}

// Of several dimensions all is filled.

// CHECK-LABEL: func.func @image(
// CHECK: linalg.fill {{.*}} -> tensor<1x7x7x3xf32>
// CHECK-NOT: linalg.fill
func.func @image(%x: tensor<1x5x5x3xf32>, %v: tensor<f32>) -> tensor<1x7x7x3xf32> {
  %y = nn.pad %x value(%v) {pads = array<i64: 0, 1, 1, 0, 0, 1, 1, 0>, mode = #nn.pad_mode<constant>} : (tensor<1x5x5x3xf32>, tensor<f32>) -> tensor<1x7x7x3xf32>
  return %y : tensor<1x7x7x3xf32>
}
