// RUN: mlc-opt %s --nn-to-linalg=block=8 | FileCheck %s

// How constant weights are to be packed is said here; their bytes are packed
// when constants are laid out. Weights of one spatial dimension are a view of a
// constant: packed all the same.

// CHECK-LABEL: func.func @conv_1d(
// CHECK-DAG: arith.constant #kernel.packed<dense<5.000000e-01> : tensor<4x2x1x3xf32>, <kind = conv, block = 8>> : tensor<1x1x1x3x2x8xf32>
// CHECK-NOT: linalg.fill
// CHECK: kernel.conv
func.func @conv_1d(%x: tensor<1x2x5xf32>) -> tensor<1x4x3xf32> {
  %w = nn.constant dense<0.5> : tensor<4x2x3xf32>
  %y = nn.conv %x, %w {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x5xf32>, tensor<4x2x3xf32>) -> tensor<1x4x3xf32>
  return %y : tensor<1x4x3xf32>
}

// Small groups share blocks of half the size.

// CHECK-LABEL: func.func @groups(
// CHECK: arith.constant #kernel.packed<dense<5.000000e-01> : tensor<6x2x1x1xf32>, <kind = conv, groups = 3, block = 8>> : tensor<2x1x1x1x2x4xf32>
// CHECK: kernel.conv
func.func @groups(%x: tensor<1x3x3x6xf32>) -> tensor<1x3x3x6xf32> {
  %w = nn.constant dense<0.5> : tensor<6x2x1x1xf32>
  %y = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 3 : i64, layout = #nn.layout<channels_last>} : (tensor<1x3x3x6xf32>, tensor<6x2x1x1xf32>) -> tensor<1x3x3x6xf32>
  return %y : tensor<1x3x3x6xf32>
}

// The same where the weights are not known: padded to two rows of two groups.

// CHECK-LABEL: func.func @unknown_groups(
// CHECK: tensor.insert_slice %{{.*}} into %{{.*}}[0, 0, 0, 0] [6, 2, 1, 1] {{.*}} into tensor<8x2x1x1xf32>
// CHECK: tensor.expand_shape {{.*}} into tensor<2x{{.*}}4x2x1x1xf32>
// CHECK: kernel.conv {{.*}}tensor<2x1x1x1x2x4xf32>
func.func @unknown_groups(%x: tensor<1x3x3x6xf32>, %w: tensor<6x2x1x1xf32>) -> tensor<1x3x3x6xf32> {
  %y = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 3 : i64, layout = #nn.layout<channels_last>} : (tensor<1x3x3x6xf32>, tensor<6x2x1x1xf32>) -> tensor<1x3x3x6xf32>
  return %y : tensor<1x3x3x6xf32>
}
