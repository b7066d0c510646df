// RUN: mlc-opt %s --nn-quantize --split-input-file | FileCheck %s
// RUN: mlc-opt %s --nn-quantize=mode=integer --split-input-file | FileCheck %s --check-prefix=INT

// A sum of a window is a depthwise convolution with ones.
// CHECK-LABEL: @pool
// CHECK: %[[ONES:.*]] = nn.constant dense<1> : tensor<2x1x2x2xi8>
// CHECK: nn.conv %arg0, %[[ONES]] {{.*}}groups = 2{{.*}} -> tensor<1x2x2x2xi8> {
// CHECK-NOT: nn.pool
// INT-LABEL: @pool
// INT: arith.shrsi
// INT-NOT: f32
func.func @pool(%q: tensor<1x2x4x4xi8>) -> tensor<1x2x2x2xi8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %t = nn.constant dense<0.3> : tensor<f32>
  %z = nn.constant dense<0> : tensor<i8>
  %x = nn.dequantize %q, %s, %z : tensor<1x2x4x4xi8>, tensor<f32>, tensor<i8>
  %0 = nn.pool %x {kind = #nn.pool_kind<average>, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>) -> tensor<1x2x2x2xf32>
  %r = nn.quantize %0, %t, %z : tensor<1x2x2x2xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<1x2x2x2xi8>
}

// -----

// Windows over the edge divide by fewer elements: a factor for each position.
// CHECK-LABEL: @edges
// CHECK: %[[SUM:.*]] = nn.conv {{.*}} -> tensor<1x1x2x2xi32>
// CHECK: nn.map(%[[SUM]], %{{.*}}) : (tensor<1x1x2x2xi32>, tensor<2x2xf32>) -> tensor<1x1x2x2xi8>
// INT-LABEL: @edges
// INT: nn.map
// INT-NOT: f32
func.func @edges(%q: tensor<1x1x3x3xi8>) -> tensor<1x1x2x2xi8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<0> : tensor<i8>
  %x = nn.dequantize %q, %s, %z : tensor<1x1x3x3xi8>, tensor<f32>, tensor<i8>
  %0 = nn.pool %x {kind = #nn.pool_kind<average>, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x1x3x3xf32>) -> tensor<1x1x2x2xf32>
  %r = nn.quantize %0, %s, %z : tensor<1x1x2x2xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<1x1x2x2xi8>
}

// -----

// CHECK-LABEL: @global_mean
// CHECK: nn.conv {{.*}}channels_last{{.*}} -> tensor<1x1x1x2xi8> {
// CHECK: nn.reshape {{.*}} : tensor<1x1x1x2xi8> to tensor<1x2xi8>
// INT-LABEL: @global_mean
// INT: nn.conv
// INT-NOT: f32
func.func @global_mean(%q: tensor<1x5x5x2xi8>) -> tensor<1x2xi8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<0> : tensor<i8>
  %x = nn.dequantize %q, %s, %z : tensor<1x5x5x2xi8>, tensor<f32>, tensor<i8>
  %0 = nn.reduce %x {axes = array<i64: 1, 2>, kind = #nn.reduce_kind<mean>} : (tensor<1x5x5x2xf32>) -> tensor<1x2xf32>
  %r = nn.quantize %0, %s, %z : tensor<1x2xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<1x2xi8>
}
