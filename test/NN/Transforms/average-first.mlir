// RUN: mlc-opt %s --nn-average-first | FileCheck %s
// RUN: mlc-opt %s --nn-average-first=pool-cost=0 | FileCheck %s --check-prefix=FREE

// The bias stays with the convolution: an average of it is it.
// CHECK-LABEL: func @transition
// CHECK: %[[POOL:.*]] = nn.pool %arg0 {{.*}}kernel = array<i64: 2, 2>{{.*}} : (tensor<1x32x8x8xf32>) -> tensor<1x32x4x4xf32>
// CHECK: %[[CONV:.*]] = nn.conv %[[POOL]], %{{.*}} bias(%arg1) {{.*}} : (tensor<1x32x4x4xf32>, tensor<16x32x1x1xf32>, tensor<16xf32>) -> tensor<1x16x4x4xf32>
// CHECK: %[[NEG:.*]] = nn.neg %[[CONV]]
// CHECK: return %[[CONV]], %[[NEG]]
func.func @transition(%x: tensor<1x32x8x8xf32>, %b: tensor<16xf32>) -> (tensor<1x16x4x4xf32>, tensor<1x16x4x4xf32>) {
  %w = nn.constant dense<0.5> : tensor<16x32x1x1xf32>
  %0 = nn.conv %x, %w bias(%b) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x32x8x8xf32>, tensor<16x32x1x1xf32>, tensor<16xf32>) -> tensor<1x16x8x8xf32>
  %1 = nn.pool %0 {kind = #nn.pool_kind<average>, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x16x8x8xf32>) -> tensor<1x16x4x4xf32>
  %2 = nn.neg %1 : tensor<1x16x4x4xf32>
  return %1, %2 : tensor<1x16x4x4xf32>, tensor<1x16x4x4xf32>
}

// Averages that leave padding out are averages all the same. More channels than before are averaged for nothing.
// CHECK-LABEL: func @padded
// CHECK: nn.pool %arg0
// CHECK: nn.conv
func.func @padded(%x: tensor<1x8x9x9xf32>, %b: tensor<16xf32>) -> tensor<1x9x9x16xf32> {
  %w = nn.constant dense<0.5> : tensor<16x9x1x1xf32>
  %0 = nn.conv %x, %w bias(%b) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_last>} : (tensor<1x8x9x9xf32>, tensor<16x9x1x1xf32>, tensor<16xf32>) -> tensor<1x8x9x16xf32>
  %1 = nn.pool %0 {kind = #nn.pool_kind<average>, kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 2, 1>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_last>} : (tensor<1x8x9x16xf32>) -> tensor<1x9x9x16xf32>
  return %1 : tensor<1x9x9x16xf32>
}

// Padding that counts takes a part of a bias away, and nothing where there is none.
// CHECK-LABEL: func @counted
// CHECK: nn.conv %arg0
// CHECK: nn.pool
// CHECK: nn.pool %arg0
// CHECK: nn.conv
func.func @counted(%x: tensor<1x16x8x8xf32>, %b: tensor<16xf32>) -> (tensor<1x16x5x5xf32>, tensor<1x16x5x5xf32>) {
  %w = nn.constant dense<0.5> : tensor<16x16x1x1xf32>
  %0 = nn.conv %x, %w bias(%b) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x16x8x8xf32>, tensor<16x16x1x1xf32>, tensor<16xf32>) -> tensor<1x16x8x8xf32>
  %1 = nn.pool %0 {kind = #nn.pool_kind<average>, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, count_include_pad, layout = #nn.layout<channels_first>} : (tensor<1x16x8x8xf32>) -> tensor<1x16x5x5xf32>
  %2 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x16x8x8xf32>, tensor<16x16x1x1xf32>) -> tensor<1x16x8x8xf32>
  %3 = nn.pool %2 {kind = #nn.pool_kind<average>, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, count_include_pad, layout = #nn.layout<channels_first>} : (tensor<1x16x8x8xf32>) -> tensor<1x16x5x5xf32>
  return %1, %3 : tensor<1x16x5x5xf32>, tensor<1x16x5x5xf32>
}

// Few results of many channels: averaging all of these would take longer than the products of three of four pixels.
// CHECK-LABEL: func @few
// CHECK: nn.conv %arg0
// CHECK: nn.pool
// FREE-LABEL: func @few
// FREE: nn.pool %arg0
// FREE: nn.conv
func.func @few(%x: tensor<1x32x8x8xf32>) -> tensor<1x4x4x4xf32> {
  %w = nn.constant dense<0.5> : tensor<4x32x1x1xf32>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x32x8x8xf32>, tensor<4x32x1x1xf32>) -> tensor<1x4x8x8xf32>
  %1 = nn.pool %0 {kind = #nn.pool_kind<average>, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32>
  return %1 : tensor<1x4x4x4xf32>
}

// No other window than of one pixel, no other reader, no epilogue, no maximum, no integers.
// CHECK-LABEL: func @window
// CHECK: nn.conv %arg0
func.func @window(%x: tensor<1x16x8x8xf32>) -> tensor<1x16x4x4xf32> {
  %w = nn.constant dense<0.5> : tensor<16x16x3x3xf32>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x16x8x8xf32>, tensor<16x16x3x3xf32>) -> tensor<1x16x8x8xf32>
  %1 = nn.pool %0 {kind = #nn.pool_kind<average>, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x16x8x8xf32>) -> tensor<1x16x4x4xf32>
  return %1 : tensor<1x16x4x4xf32>
}

// CHECK-LABEL: func @strided
// CHECK: nn.conv %arg0
func.func @strided(%x: tensor<1x16x8x8xf32>) -> tensor<1x16x2x2xf32> {
  %w = nn.constant dense<0.5> : tensor<16x16x1x1xf32>
  %0 = nn.conv %x, %w {strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x16x8x8xf32>, tensor<16x16x1x1xf32>) -> tensor<1x16x4x4xf32>
  %1 = nn.pool %0 {kind = #nn.pool_kind<average>, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x16x4x4xf32>) -> tensor<1x16x2x2xf32>
  return %1 : tensor<1x16x2x2xf32>
}

// CHECK-LABEL: func @read_twice
// CHECK: nn.conv %arg0
func.func @read_twice(%x: tensor<1x16x8x8xf32>) -> (tensor<1x16x4x4xf32>, tensor<1x16x8x8xf32>) {
  %w = nn.constant dense<0.5> : tensor<16x16x1x1xf32>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x16x8x8xf32>, tensor<16x16x1x1xf32>) -> tensor<1x16x8x8xf32>
  %1 = nn.pool %0 {kind = #nn.pool_kind<average>, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x16x8x8xf32>) -> tensor<1x16x4x4xf32>
  return %1, %0 : tensor<1x16x4x4xf32>, tensor<1x16x8x8xf32>
}

// CHECK-LABEL: func @rectified
// CHECK: nn.conv %arg0
func.func @rectified(%x: tensor<1x16x8x8xf32>) -> tensor<1x16x4x4xf32> {
  %w = nn.constant dense<0.5> : tensor<16x16x1x1xf32>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x16x8x8xf32>, tensor<16x16x1x1xf32>) -> tensor<1x16x8x8xf32> {
  ^bb0(%v: f32):
    %zero = arith.constant 0.0 : f32
    %r = arith.maximumf %v, %zero : f32
    nn.yield %r : f32
  }
  %1 = nn.pool %0 {kind = #nn.pool_kind<average>, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x16x8x8xf32>) -> tensor<1x16x4x4xf32>
  return %1 : tensor<1x16x4x4xf32>
}

// CHECK-LABEL: func @maximum
// CHECK: nn.conv %arg0
func.func @maximum(%x: tensor<1x16x8x8xf32>) -> tensor<1x16x4x4xf32> {
  %w = nn.constant dense<0.5> : tensor<16x16x1x1xf32>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x16x8x8xf32>, tensor<16x16x1x1xf32>) -> tensor<1x16x8x8xf32>
  %1 = nn.pool %0 {kind = #nn.pool_kind<max>, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x16x8x8xf32>) -> tensor<1x16x4x4xf32>
  return %1 : tensor<1x16x4x4xf32>
}

// CHECK-LABEL: func @integers
// CHECK: nn.conv %arg0
func.func @integers(%x: tensor<1x16x8x8xi8>) -> tensor<1x16x4x4xi32> {
  %w = nn.constant dense<2> : tensor<16x16x1x1xi8>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x16x8x8xi8>, tensor<16x16x1x1xi8>) -> tensor<1x16x8x8xi32>
  %1 = nn.pool %0 {kind = #nn.pool_kind<average>, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x16x8x8xi32>) -> tensor<1x16x4x4xi32>
  return %1 : tensor<1x16x4x4xi32>
}
