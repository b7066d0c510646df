// RUN: mlc-opt %s --nn-to-linalg --canonicalize | FileCheck %s

// An image of few channels, as networks get it, is read as it lies: its transpose goes.

// CHECK-LABEL: func.func @image(
// CHECK-SAME: %[[X:.*]]: tensor<1x3x8x9xf32>
// CHECK-NOT: linalg.transpose
// CHECK: kernel.conv {{.*}}input_channels_first{{.*}} ins(%[[X]], %{{.*}} : tensor<1x3x8x9xf32>
func.func @image(%x: tensor<1x3x8x9xf32>) -> tensor<1x8x9x4xf32> {
  %w = nn.constant dense<0.5> : tensor<4x3x1x1xf32>
  %t = nn.transpose %x {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x3x8x9xf32>) -> tensor<1x8x9x3xf32>
  %y = nn.conv %t, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_last>} : (tensor<1x8x9x3xf32>, tensor<4x3x1x1xf32>) -> tensor<1x8x9x4xf32>
  return %y : tensor<1x8x9x4xf32>
}

// With many channels neighbouring elements are worth the transpose.

// CHECK-LABEL: func.func @many(
// CHECK: linalg.transpose
// CHECK: kernel.conv
// CHECK-NOT: input_channels_first
func.func @many(%x: tensor<1x16x8x9xf32>) -> tensor<1x8x9x4xf32> {
  %w = nn.constant dense<0.5> : tensor<4x16x1x1xf32>
  %t = nn.transpose %x {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x16x8x9xf32>) -> tensor<1x8x9x16xf32>
  %y = nn.conv %t, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_last>} : (tensor<1x8x9x16xf32>, tensor<4x16x1x1xf32>) -> tensor<1x8x9x4xf32>
  return %y : tensor<1x8x9x4xf32>
}

// Another permutation than that from channels first is none to look through.

// CHECK-LABEL: func.func @other(
// CHECK: linalg.transpose
// CHECK: kernel.conv
// CHECK-NOT: input_channels_first
func.func @other(%x: tensor<1x3x9x8xf32>) -> tensor<1x8x9x4xf32> {
  %w = nn.constant dense<0.5> : tensor<4x3x1x1xf32>
  %t = nn.transpose %x {permutation = array<i64: 0, 3, 2, 1>} : (tensor<1x3x9x8xf32>) -> tensor<1x8x9x3xf32>
  %y = nn.conv %t, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_last>} : (tensor<1x8x9x3xf32>, tensor<4x3x1x1xf32>) -> tensor<1x8x9x4xf32>
  return %y : tensor<1x8x9x4xf32>
}
