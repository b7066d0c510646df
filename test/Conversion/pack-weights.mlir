// RUN: mlc-opt %s --nn-to-linalg=block=8 | FileCheck %s

// Weights of one spatial dimension are a view of a constant: packed all the
// same when the model is compiled.

// CHECK-LABEL: func.func @conv_1d(
// CHECK-DAG: arith.constant dense<{{.*}}> : tensor<1x1x1x3x2x8xf32>
// CHECK-NOT: linalg.fill
// CHECK: kernel.conv
func.func @conv_1d(%x: tensor<1x2x5xf32>) -> tensor<1x4x3xf32> {
  %w = nn.constant dense<0.5> : tensor<4x2x3xf32>
  %y = nn.conv %x, %w {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x5xf32>, tensor<4x2x3xf32>) -> tensor<1x4x3xf32>
  return %y : tensor<1x4x3xf32>
}
