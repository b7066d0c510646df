// RUN: mlc-opt %s --nn-to-linalg | FileCheck %s

// An image of width 1 under a window of width 1 lies down: tiles of pixels are pieces of rows.

// CHECK-LABEL: func.func @column(
// CHECK: kernel.conv
// CHECK-SAME: tensor<1x1x9x4xf32>
// CHECK-SAME: tensor<1x1x5x8xf32>
func.func @column(%x: tensor<1x9x1x4xf32>, %w: tensor<8x4x3x1xf32>) -> tensor<1x5x1x8xf32> {
  %y = nn.conv %x, %w {strides = array<i64: 2, 1>, pads = array<i64: 1, 0, 1, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_last>} : (tensor<1x9x1x4xf32>, tensor<8x4x3x1xf32>) -> tensor<1x5x1x8xf32>
  return %y : tensor<1x5x1x8xf32>
}

// Padding makes it wider: it stays.

// CHECK-LABEL: func.func @padded(
// CHECK: kernel.conv
// CHECK-SAME: tensor<1x9x1x4xf32>
func.func @padded(%x: tensor<1x9x1x4xf32>, %w: tensor<8x4x1x1xf32>) -> tensor<1x9x3x8xf32> {
  %y = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 1, 0, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_last>} : (tensor<1x9x1x4xf32>, tensor<8x4x1x1xf32>) -> tensor<1x9x3x8xf32>
  return %y : tensor<1x9x3x8xf32>
}

// Of windows that reach far into the padding, each place of a row would be code
// of its own; along columns they are a loop.

// CHECK-LABEL: func.func @wide(
// CHECK: kernel.pool {{.*}}kernel = array<i64: 1201, 1>{{.*}}pads = array<i64: 600, 0, 600, 0>
// CHECK-SAME: -> tensor<1x900x1x3xf32>
func.func @wide(%x: tensor<1x900x3xf32>) -> tensor<1x900x3xf32> {
  %y = nn.pool %x {kernel = array<i64: 1201>, kind = #nn.pool_kind<max>, strides = array<i64: 1>, pads = array<i64: 600, 600>, dilations = array<i64: 1>, layout = #nn.layout<channels_last>} : (tensor<1x900x3xf32>) -> tensor<1x900x3xf32>
  return %y : tensor<1x900x3xf32>
}

// CHECK-LABEL: func.func @wide_image(
// CHECK-NOT: kernel.pool
// CHECK: linalg.generic
func.func @wide_image(%x: tensor<1x4x900x3xf32>) -> tensor<1x4x900x3xf32> {
  %y = nn.pool %x {kernel = array<i64: 1, 1201>, kind = #nn.pool_kind<max>, strides = array<i64: 1, 1>, pads = array<i64: 0, 600, 0, 600>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_last>} : (tensor<1x4x900x3xf32>) -> tensor<1x4x900x3xf32>
  return %y : tensor<1x4x900x3xf32>
}

// Grouped kernels write out the columns of a window: long windows are columns too.

// CHECK-LABEL: func.func @long_depthwise(
// CHECK: kernel.depthwise
// CHECK-SAME: tensor<1x900x1x4xf32>, tensor<300x1x4xf32>
func.func @long_depthwise(%x: tensor<1x900x4xf32>, %w: tensor<4x1x300xf32>) -> tensor<1x601x4xf32> {
  %y = nn.conv %x, %w {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, groups = 4 : i64, layout = #nn.layout<channels_last>} : (tensor<1x900x4xf32>, tensor<4x1x300xf32>) -> tensor<1x601x4xf32>
  return %y : tensor<1x601x4xf32>
}

// CHECK-LABEL: func.func @long_column(
// CHECK: kernel.depthwise
// CHECK-SAME: tensor<1x900x1x4xf32>, tensor<300x1x4xf32>
func.func @long_column(%x: tensor<1x900x1x4xf32>, %w: tensor<4x1x300x1xf32>) -> tensor<1x601x1x4xf32> {
  %y = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 4 : i64, layout = #nn.layout<channels_last>} : (tensor<1x900x1x4xf32>, tensor<4x1x300x1xf32>) -> tensor<1x601x1x4xf32>
  return %y : tensor<1x601x1x4xf32>
}

// CHECK-LABEL: func.func @long_image(
// CHECK-NOT: kernel.depthwise
// CHECK: linalg.generic
func.func @long_image(%x: tensor<1x8x900x4xf32>, %w: tensor<4x1x2x300xf32>) -> tensor<1x7x601x4xf32> {
  %y = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 4 : i64, layout = #nn.layout<channels_last>} : (tensor<1x8x900x4xf32>, tensor<4x1x2x300xf32>) -> tensor<1x7x601x4xf32>
  return %y : tensor<1x7x601x4xf32>
}
