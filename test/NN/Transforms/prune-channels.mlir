// RUN: mlc-opt %s --nn-prune-channels --nn-simplify | FileCheck %s

// The example of the pass's description.
// CHECK-LABEL: @example
func.func @example(%x: tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32> {
  %w0 = nn.constant dense<[[[[2.0]]], [[[0.0]]]]> : tensor<2x1x1x1xf32>
  %w1 = nn.constant dense<[[[[3.0]], [[5.0]]]]> : tensor<1x2x1x1xf32>
  // CHECK: nn.conv %arg0, %{{.*}} : (tensor<1x1x4x4xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x4x4xf32>
  // CHECK: nn.conv %{{.*}}, %{{.*}} : (tensor<1x1x4x4xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x4x4xf32>
  %0 = nn.conv %x, %w0 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x1x4x4xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x4x4xf32>
  %1 = nn.conv %0, %w1 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>, tensor<1x2x1x1xf32>) -> tensor<1x1x4x4xf32>
  return %1 : tensor<1x1x4x4xf32>
}

// A constant channel goes into the bias: relu(7) * 5 + 1.
// CHECK-LABEL: @bias
func.func @bias(%x: tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32> {
  %w0 = nn.constant dense<[[[[2.0]]], [[[0.0]]]]> : tensor<2x1x1x1xf32>
  %b0 = nn.constant dense<[4.0, 7.0]> : tensor<2xf32>
  %w1 = nn.constant dense<[[[[3.0]], [[5.0]]]]> : tensor<1x2x1x1xf32>
  %b1 = nn.constant dense<1.0> : tensor<1xf32>
  // CHECK-DAG: %[[B0:.*]] = nn.constant dense<4.000000e+00> : tensor<1xf32>
  // CHECK-DAG: %[[B1:.*]] = nn.constant dense<3.600000e+01> : tensor<1xf32>
  // CHECK: nn.conv %arg0, %{{.*}} bias(%[[B0]])
  // CHECK: nn.relu %{{.*}} : tensor<1x1x4x4xf32>
  // CHECK: nn.conv %{{.*}}, %{{.*}} bias(%[[B1]])
  %0 = nn.conv %x, %w0 bias(%b0) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x1x4x4xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32>
  %1 = nn.relu %0 : tensor<1x2x4x4xf32>
  %2 = nn.conv %1, %w1 bias(%b1) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>, tensor<1x2x1x1xf32>, tensor<1xf32>) -> tensor<1x1x4x4xf32>
  return %2 : tensor<1x1x4x4xf32>
}

// Padding mixes zeros with the constant, so the bias cannot hold it.
// CHECK-LABEL: @padded
func.func @padded(%x: tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32> {
  %w0 = nn.constant dense<[[[[2.0]]], [[[0.0]]]]> : tensor<2x1x1x1xf32>
  %b0 = nn.constant dense<[4.0, 7.0]> : tensor<2xf32>
  %w1 = nn.constant dense<1.0> : tensor<1x2x3x3xf32>
  // CHECK: -> tensor<1x2x4x4xf32>
  %0 = nn.conv %x, %w0 bias(%b0) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x1x4x4xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32>
  %1 = nn.conv %0, %w1 {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>, tensor<1x2x3x3xf32>) -> tensor<1x1x4x4xf32>
  return %1 : tensor<1x1x4x4xf32>
}

// Channel 1 is never read; with it go a depthwise filter, the pool's channel and the
// flattened columns of the matrix.
// CHECK-LABEL: @unread
func.func @unread(%x: tensor<1x1x4x4xf32>) -> tensor<1x1xf32> {
  %w0 = nn.constant dense<[[[[2.0]]], [[[9.0]]], [[[8.0]]]]> : tensor<3x1x1x1xf32>
  %wd = nn.constant dense<[[[[1.0]]], [[[5.0]]], [[[6.0]]]]> : tensor<3x1x1x1xf32>
  %m = nn.constant dense<[[1.0], [2.0], [3.0], [4.0], [0.0], [0.0], [0.0], [0.0], [5.0], [6.0], [7.0], [8.0]]> : tensor<12x1xf32>
  // CHECK: %[[D:.*]] = nn.conv %{{.*}}groups = 2 : i64{{.*}} -> tensor<1x2x4x4xf32>
  // CHECK: nn.pool %[[D]] {{.*}} -> tensor<1x2x2x2xf32>
  // CHECK: nn.reshape %{{.*}} : tensor<1x2x2x2xf32> to tensor<1x8xf32>
  // CHECK: nn.matmul %{{.*}} : (tensor<1x8xf32>, tensor<8x1xf32>)
  %0 = nn.conv %x, %w0 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x1x4x4xf32>, tensor<3x1x1x1xf32>) -> tensor<1x3x4x4xf32>
  %1 = nn.conv %0, %wd {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 3 : i64, layout = #nn.layout<channels_first>} : (tensor<1x3x4x4xf32>, tensor<3x1x1x1xf32>) -> tensor<1x3x4x4xf32>
  %2 = nn.pool %1 {kind = #nn.pool_kind<max>, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x3x4x4xf32>) -> tensor<1x3x2x2xf32>
  %3 = nn.reshape %2 : tensor<1x3x2x2xf32> to tensor<1x12xf32>
  %4 = nn.matmul %3, %m : (tensor<1x12xf32>, tensor<12x1xf32>) -> tensor<1x1xf32>
  return %4 : tensor<1x1xf32>
}

// Only channel 1 is zero on both sides of the sum; one side alone changes nothing.
// CHECK-LABEL: @residual
func.func @residual(%x: tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32> {
  %w0 = nn.constant dense<[[[[2.0]]], [[[0.0]]], [[[0.0]]]]> : tensor<3x1x1x1xf32>
  %w1 = nn.constant dense<[[[[2.0]]], [[[0.0]]], [[[3.0]]]]> : tensor<3x1x1x1xf32>
  %w2 = nn.constant dense<1.0> : tensor<1x3x1x1xf32>
  // CHECK: nn.add %{{.*}} : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>
  %0 = nn.conv %x, %w0 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x1x4x4xf32>, tensor<3x1x1x1xf32>) -> tensor<1x3x4x4xf32>
  %1 = nn.conv %x, %w1 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x1x4x4xf32>, tensor<3x1x1x1xf32>) -> tensor<1x3x4x4xf32>
  %2 = nn.add %0, %1 : tensor<1x3x4x4xf32>, tensor<1x3x4x4xf32>
  %3 = nn.conv %2, %w2 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x3x4x4xf32>, tensor<1x3x1x1xf32>) -> tensor<1x1x4x4xf32>
  return %3 : tensor<1x1x4x4xf32>
}

// Through concat and slice.
// CHECK-LABEL: @concat
func.func @concat(%x: tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32> {
  %w0 = nn.constant dense<[[[[2.0]]], [[[0.0]]]]> : tensor<2x1x1x1xf32>
  %w1 = nn.constant dense<[[[[4.0]]], [[[3.0]]]]> : tensor<2x1x1x1xf32>
  %w2 = nn.constant dense<1.0> : tensor<1x3x1x1xf32>
  // CHECK: nn.concat %{{.*}} : (tensor<1x1x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x3x4x4xf32>
  // CHECK: nn.slice %{{.*}} {sizes = array<i64: 1, 2, 4, 4>, starts = array<i64: 0, 0, 0, 0>
  %0 = nn.conv %x, %w0 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x1x4x4xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x4x4xf32>
  %1 = nn.conv %x, %w1 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x1x4x4xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x4x4xf32>
  %2 = nn.concat %0, %1 {axis = 1 : i64} : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x4x4x4xf32>
  %3 = nn.slice %2 {starts = array<i64: 0, 0, 0, 0>, sizes = array<i64: 1, 3, 4, 4>, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x4x4x4xf32>) -> tensor<1x3x4x4xf32>
  %4 = nn.conv %3, %w2 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x3x4x4xf32>, tensor<1x3x1x1xf32>) -> tensor<1x1x4x4xf32>
  %5 = nn.reduce %2 {kind = #nn.reduce_kind<max>, axes = array<i64: 2, 3>} : (tensor<1x4x4x4xf32>) -> tensor<1x4xf32>
  %m = nn.constant dense<[[1.0], [2.0], [3.0], [4.0]]> : tensor<4x1xf32>
  %6 = nn.matmul %5, %m : (tensor<1x4xf32>, tensor<4x1xf32>) -> tensor<1x1xf32>
  %7 = nn.add %4, %6 : tensor<1x1x4x4xf32>, tensor<1x1xf32>
  return %7 : tensor<1x1x4x4xf32>
}

// What a model returns keeps its channels.
// CHECK-LABEL: @returned
func.func @returned(%x: tensor<1x1x4x4xf32>) -> tensor<1x2x4x4xf32> {
  // CHECK: -> tensor<1x2x4x4xf32>
  %w0 = nn.constant dense<[[[[2.0]]], [[[0.0]]]]> : tensor<2x1x1x1xf32>
  %0 = nn.conv %x, %w0 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x1x4x4xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x4x4xf32>
  return %0 : tensor<1x2x4x4xf32>
}

// The filter that only a removed channel read goes in the second round.
// CHECK-LABEL: @rounds
func.func @rounds(%x: tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32> {
  %w0 = nn.constant dense<[[[[2.0]]], [[[5.0]]]]> : tensor<2x1x1x1xf32>
  %w1 = nn.constant dense<[[[[3.0]], [[0.0]]], [[[0.0]], [[4.0]]]]> : tensor<2x2x1x1xf32>
  %w2 = nn.constant dense<[[[[3.0]], [[0.0]]]]> : tensor<1x2x1x1xf32>
  // CHECK-NOT: 1x2x4x4
  // CHECK: return
  %0 = nn.conv %x, %w0 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x1x4x4xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x4x4xf32>
  %1 = nn.conv %0, %w1 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32>
  %2 = nn.conv %1, %w2 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>, tensor<1x2x1x1xf32>) -> tensor<1x1x4x4xf32>
  return %2 : tensor<1x1x4x4xf32>
}

// A fused epilogue is looked through: relu(-3) is 0, so padding does not matter.
// CHECK-LABEL: @epilogue
func.func @epilogue(%x: tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32> {
  %w0 = nn.constant dense<[[[[2.0]]], [[[0.0]]]]> : tensor<2x1x1x1xf32>
  %b0 = nn.constant dense<[4.0, -3.0]> : tensor<2xf32>
  %w1 = nn.constant dense<1.0> : tensor<1x2x3x3xf32>
  // CHECK-NOT: 1x2x4x4
  // CHECK: return
  %0 = nn.conv %x, %w0 bias(%b0) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x1x4x4xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32> {
  ^bb0(%v: f32):
    %z = arith.constant 0.0 : f32
    %r = arith.maximumf %v, %z : f32
    nn.yield %r : f32
  }
  %1 = nn.conv %0, %w1 {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>, tensor<1x2x3x3xf32>) -> tensor<1x1x4x4xf32>
  return %1 : tensor<1x1x4x4xf32>
}

// Of integers the zero point is what adds nothing.
// CHECK-LABEL: @at_zero_point
// CHECK: nn.conv {{.*}} -> tensor<1x1x4x4xi8>
// CHECK: nn.conv {{.*}}input_zero_point = 3 : i32{{.*}} : (tensor<1x1x4x4xi8>, tensor<1x1x1x1xi8>)
func.func @at_zero_point(%x: tensor<1x1x4x4xi8>) -> tensor<1x1x4x4xi32> {
  %w = nn.constant dense<[[[[0]]], [[[1]]]]> : tensor<2x1x1x1xi8>
  %v = nn.constant dense<1> : tensor<1x2x1x1xi8>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x1x4x4xi8>, tensor<2x1x1x1xi8>) -> tensor<1x2x4x4xi8> {
  ^bb0(%acc: i32):
    %z = arith.constant 3 : i32
    %s = arith.addi %acc, %z : i32
    %t = arith.trunci %s : i32 to i8
    nn.yield %t : i8
  }
  %1 = nn.conv %0, %v {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>, input_zero_point = 3 : i32} : (tensor<1x2x4x4xi8>, tensor<1x2x1x1xi8>) -> tensor<1x1x4x4xi32>
  return %1 : tensor<1x1x4x4xi32>
}

// And 0 is a number like any other.
// CHECK-LABEL: @off_zero_point
// CHECK: nn.conv {{.*}} -> tensor<1x2x4x4xi8>
// CHECK: nn.conv {{.*}}input_zero_point = 3 : i32{{.*}} : (tensor<1x2x4x4xi8>, tensor<1x2x1x1xi8>)
func.func @off_zero_point(%x: tensor<1x1x4x4xi8>) -> tensor<1x1x4x4xi32> {
  %w = nn.constant dense<[[[[0]]], [[[1]]]]> : tensor<2x1x1x1xi8>
  %v = nn.constant dense<1> : tensor<1x2x1x1xi8>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x1x4x4xi8>, tensor<2x1x1x1xi8>) -> tensor<1x2x4x4xi8> {
  ^bb0(%acc: i32):
    %z = arith.constant 0 : i32
    %s = arith.addi %acc, %z : i32
    %t = arith.trunci %s : i32 to i8
    nn.yield %t : i8
  }
  %1 = nn.conv %0, %v {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>, input_zero_point = 3 : i32} : (tensor<1x2x4x4xi8>, tensor<1x2x1x1xi8>) -> tensor<1x1x4x4xi32>
  return %1 : tensor<1x1x4x4xi32>
}

// A slice along two axes is followed as one along the channels alone: what it
// takes to the result stays, what nothing takes goes.
// CHECK-LABEL: @slice_two_axes
// CHECK: nn.conv {{.*}} -> tensor<1x2x4x4xf32>
// CHECK: nn.slice {{.*}}sizes = array<i64: 1, 2, 2, 4>, starts = array<i64: 0, 0, 1, 0>
func.func @slice_two_axes(%x: tensor<1x1x4x4xf32>) -> tensor<1x2x2x4xf32> {
  %w0 = nn.constant dense<[[[[2.0]]], [[[4.0]]], [[[3.0]]]]> : tensor<3x1x1x1xf32>
  %0 = nn.conv %x, %w0 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x1x4x4xf32>, tensor<3x1x1x1xf32>) -> tensor<1x3x4x4xf32>
  %1 = nn.slice %0 {starts = array<i64: 0, 1, 1, 0>, sizes = array<i64: 1, 2, 2, 4>, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x3x4x4xf32>) -> tensor<1x2x2x4xf32>
  return %1 : tensor<1x2x2x4xf32>
}

// A slice in steps is not followed, whatever it leaves out.
// CHECK-LABEL: @slice_steps
// CHECK: nn.conv {{.*}} -> tensor<1x3x4x4xf32>
func.func @slice_steps(%x: tensor<1x1x4x4xf32>) -> tensor<1x2x2x4xf32> {
  %w0 = nn.constant dense<[[[[2.0]]], [[[4.0]]], [[[3.0]]]]> : tensor<3x1x1x1xf32>
  %0 = nn.conv %x, %w0 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x1x4x4xf32>, tensor<3x1x1x1xf32>) -> tensor<1x3x4x4xf32>
  %1 = nn.slice %0 {starts = array<i64: 0, 0, 1, 0>, sizes = array<i64: 1, 2, 2, 4>, steps = array<i64: 1, 2, 1, 1>} : (tensor<1x3x4x4xf32>) -> tensor<1x2x2x4xf32>
  return %1 : tensor<1x2x2x4xf32>
}

// A slice of a slice: channel 1 alone goes, which neither the result nor the other
// reader takes.
// CHECK-LABEL: @slices_of_slices
// CHECK: nn.matmul {{.*}} -> tensor<2x5x5xf32>
// CHECK: nn.slice {{.*}}sizes = array<i64: 2, 1, 4>, starts = array<i64: 0, 4, 1>
// CHECK: nn.matmul {{.*}} : (tensor<2x5x5xf32>, tensor<5x1xf32>)
func.func @slices_of_slices(%x: tensor<2x5x3xf32>) -> (tensor<2x1x4xf32>, tensor<2x5x1xf32>) {
  %w = nn.constant dense<1.0> : tensor<3x6xf32>
  %v = nn.constant dense<[[1.0], [0.0], [0.0], [0.0], [0.0], [0.0]]> : tensor<6x1xf32>
  %0 = nn.matmul %x, %w : (tensor<2x5x3xf32>, tensor<3x6xf32>) -> tensor<2x5x6xf32>
  %1 = nn.slice %0 {starts = array<i64: 0, 3, 1>, sizes = array<i64: 2, 2, 5>, steps = array<i64: 1, 1, 1>} : (tensor<2x5x6xf32>) -> tensor<2x2x5xf32>
  %2 = nn.slice %1 {starts = array<i64: 0, 1, 1>, sizes = array<i64: 2, 1, 4>, steps = array<i64: 1, 1, 1>} : (tensor<2x2x5xf32>) -> tensor<2x1x4xf32>
  %3 = nn.matmul %0, %v : (tensor<2x5x6xf32>, tensor<6x1xf32>) -> tensor<2x5x1xf32>
  return %2, %3 : tensor<2x1x4xf32>, tensor<2x5x1xf32>
}

// Weights of zero mean something where their zero point is not zero.
// CHECK-LABEL: @rhs_zero_point
// CHECK: nn.matmul {{.*}} -> tensor<2x3xi8>
// CHECK: nn.matmul {{.*}} : (tensor<2x3xi8>, tensor<3x1xi8>)
func.func @rhs_zero_point(%x: tensor<2x2xi8>) -> tensor<2x1xi32> {
  %w = nn.constant dense<1> : tensor<2x3xi8>
  %v = nn.constant dense<[[1], [0], [2]]> : tensor<3x1xi8>
  %0 = nn.matmul %x, %w : (tensor<2x2xi8>, tensor<2x3xi8>) -> tensor<2x3xi8> {
  ^bb0(%acc: i32):
    %t = arith.trunci %acc : i32 to i8
    nn.yield %t : i8
  }
  %1 = nn.matmul %0, %v {rhs_zero_point = 1 : i32} : (tensor<2x3xi8>, tensor<3x1xi8>) -> tensor<2x1xi32>
  return %1 : tensor<2x1xi32>
}

// Loops and branches see the values around them whole.
// CHECK-LABEL: @captured
// CHECK: nn.conv {{.*}} -> tensor<1x2x4x4xf32>
func.func @captured(%x: tensor<1x1x4x4xf32>, %c: tensor<i1>) -> tensor<1x2x4x4xf32> {
  %w0 = nn.constant dense<[[[[2.0]]], [[[0.0]]]]> : tensor<2x1x1x1xf32>
  %0 = nn.conv %x, %w0 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x1x4x4xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x4x4xf32>
  %1 = nn.if %c : (tensor<i1>) -> tensor<1x2x4x4xf32> {
    %2 = nn.relu %0 : tensor<1x2x4x4xf32>
    nn.yield %2 : tensor<1x2x4x4xf32>
  } else {
    nn.yield %0 : tensor<1x2x4x4xf32>
  }
  return %1 : tensor<1x2x4x4xf32>
}

// Columns of a table go with those of what is gathered from it.
// CHECK-LABEL: @gathered_rows
// CHECK-DAG: %[[TABLE:.*]] = nn.constant dense<{{\[}}[1.000000e+00], [3.000000e+00], [5.000000e+00]]> : tensor<3x1xf32>
// CHECK: nn.gather %[[TABLE]], %arg1 {axis = 0 : i64} : (tensor<3x1xf32>, tensor<2xi64>) -> tensor<2x1xf32>
// CHECK: nn.matmul {{.*}} : (tensor<2x3xf32>, tensor<3x1xf32>)
func.func @gathered_rows(%x: tensor<2x2xf32>, %i: tensor<2xi64>) -> tensor<2x1xf32> {
  %w = nn.constant dense<1.0> : tensor<2x2xf32>
  %table = nn.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %v = nn.constant dense<[[1.0], [2.0], [3.0], [0.0]]> : tensor<4x1xf32>
  %0 = nn.matmul %x, %w : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %1 = nn.gather %table, %i {axis = 0 : i64} : (tensor<3x2xf32>, tensor<2xi64>) -> tensor<2x2xf32>
  %2 = nn.concat %0, %1 {axis = 1 : i64} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x4xf32>
  %3 = nn.matmul %2, %v : (tensor<2x4xf32>, tensor<4x1xf32>) -> tensor<2x1xf32>
  return %3 : tensor<2x1xf32>
}

// As many positions as no layer has are not looked at one by one.
// CHECK-LABEL: @endless
// CHECK: nn.matmul {{.*}} -> tensor<2147483647x2xf32>
func.func @endless(%x: tensor<2147483647x3xf32>) -> tensor<1x4294967294xf32> {
  %w = nn.constant dense<[[1.0, 0.0], [2.0, 0.0], [3.0, 0.0]]> : tensor<3x2xf32>
  %0 = nn.matmul %x, %w : (tensor<2147483647x3xf32>, tensor<3x2xf32>) -> tensor<2147483647x2xf32>
  %1 = nn.reshape %0 : tensor<2147483647x2xf32> to tensor<1x4294967294xf32>
  return %1 : tensor<1x4294967294xf32>
}
