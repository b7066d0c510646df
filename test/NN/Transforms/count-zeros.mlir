// RUN: mlc-opt %s --nn-count-zeros | FileCheck %s

// The example of the pass's description.
// CHECK-LABEL: @example
func.func @example(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  // CHECK: nn.matmul {{.*}} {nn.weights = 4 : i64, nn.zeros = 3 : i64}
  %w = nn.constant dense<[[0.0, 2.0], [0.0, -0.0]]> : tensor<2x2xf32>
  %0 = nn.matmul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// A splat counts each element; 0x8000 as an integer is not -0.0.
// CHECK-LABEL: @conv
func.func @conv(%x: tensor<1x1x4x4xf32>, %y: tensor<1x2xi16>) -> (tensor<1x2x2x2xf32>, tensor<1x1xi32>) {
  // CHECK: nn.conv {{.*}}nn.weights = 18 : i64, nn.zeros = 18 : i64
  %w = nn.constant dense<0.0> : tensor<2x1x3x3xf32>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x1x4x4xf32>, tensor<2x1x3x3xf32>) -> tensor<1x2x2x2xf32>
  // CHECK: nn.matmul {{.*}}nn.weights = 2 : i64, nn.zeros = 1 : i64
  %v = nn.constant dense<[[-32768], [0]]> : tensor<2x1xi16>
  %1 = nn.matmul %y, %v : (tensor<1x2xi16>, tensor<2x1xi16>) -> tensor<1x1xi32>
  return %0, %1 : tensor<1x2x2x2xf32>, tensor<1x1xi32>
}

// A product of two values has no weights.
// CHECK-LABEL: @no_weights
func.func @no_weights(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  // CHECK-NOT: nn.zeros
  %0 = nn.matmul %x, %x : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}
