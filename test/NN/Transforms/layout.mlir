// RUN: mlc-opt %s --nn-layout --split-input-file | FileCheck %s

// The example of the pass's description.
// CHECK-LABEL: @example
// CHECK-NEXT: %[[T:.*]] = nn.transpose %arg0 {permutation = array<i64: 0, 2, 3, 1>}
// CHECK-NEXT: %[[P:.*]] = nn.pool %[[T]] {{.*}}channels_last{{.*}} -> tensor<1x4x4x2xf32>
// CHECK-NEXT: %[[R:.*]] = nn.relu %[[P]] : tensor<1x4x4x2xf32>
// CHECK-NEXT: %[[Q:.*]] = nn.pool %[[R]]
// CHECK-NEXT: %[[B:.*]] = nn.transpose %[[Q]] {permutation = array<i64: 0, 3, 1, 2>}
// CHECK-NEXT: return %[[B]]
func.func @example(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
  %0 = nn.pool %x {kind = #nn.pool_kind<max>, kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %1 = nn.relu %0 : tensor<1x2x4x4xf32>
  %2 = nn.pool %1 {kind = #nn.pool_kind<max>, kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  return %2 : tensor<1x2x4x4xf32>
}

// -----

// The weights keep their order; operands of the result's shape are transposed, those
// of one value a channel are not.
// CHECK-LABEL: @conv_epilogue
// CHECK-DAG: %[[X:.*]] = nn.transpose %arg0 {permutation = array<i64: 0, 2, 3, 1>}
// CHECK-DAG: %[[R:.*]] = nn.transpose %arg2 {permutation = array<i64: 0, 2, 3, 1>}
// CHECK: nn.conv %[[X]], %arg1 epilogue(%[[R]], %arg3) {{.*}}channels_last{{.*}} -> tensor<1x4x4x3xf32>
func.func @conv_epilogue(%x: tensor<1x2x4x4xf32>, %w: tensor<3x2x1x1xf32>, %r: tensor<1x3x4x4xf32>, %c: tensor<3xf32>) -> tensor<1x3x4x4xf32> {
  %0 = nn.conv %x, %w epilogue(%r, %c) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>, tensor<3x2x1x1xf32>, tensor<1x3x4x4xf32>, tensor<3xf32>) -> tensor<1x3x4x4xf32> {
  ^bb0(%v: f32, %a: f32, %b: f32):
    %s = arith.addf %v, %a : f32
    %p = arith.mulf %s, %b : f32
    nn.yield %p : f32
  }
  return %0 : tensor<1x3x4x4xf32>
}

// -----

// A sum of two branches, and constants: one a channel, and one of the whole shape.
// CHECK-LABEL: @binary
// CHECK-DAG: %[[C:.*]] = nn.constant dense<{{.*}}> : tensor<1x1x1x2xf32>
// CHECK-DAG: %[[W:.*]] = nn.constant dense<{{\[\[\[\[}}0.000000e+00, 4.000000e+00], [1.000000e+00, 5.000000e+00]], {{\[\[}}2.000000e+00, 6.000000e+00], [3.000000e+00, 7.000000e+00]]]]> : tensor<1x2x2x2xf32>
// CHECK-COUNT-1: nn.transpose
// CHECK: nn.pool
// CHECK-NOT: nn.transpose
// CHECK: nn.mul {{.*}}, %[[C]]
// CHECK-NOT: nn.transpose
// CHECK: nn.add {{.*}}, %[[W]]
// CHECK: nn.transpose
// CHECK-NEXT: return
func.func @binary(%x: tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> {
  %c = nn.constant dense<[[[1.0]], [[2.0]]]> : tensor<2x1x1xf32>
  %w = nn.constant dense<[[[[0.0, 1.0], [2.0, 3.0]], [[4.0, 5.0], [6.0, 7.0]]]]> : tensor<1x2x2x2xf32>
  %0 = nn.pool %x {kind = #nn.pool_kind<max>, kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %1 = nn.mul %0, %c : tensor<1x2x2x2xf32>, tensor<2x1x1xf32>
  %2 = nn.add %1, %0 : tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>
  %3 = nn.add %2, %w : tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>
  return %3 : tensor<1x2x2x2xf32>
}

// -----

// Axes are mapped.
// CHECK-LABEL: @axes
// CHECK: nn.concat {{.*}} {axis = 3 : i64}
// CHECK: nn.slice {{.*}} {sizes = array<i64: 1, 2, 4, 3>, starts = array<i64: 0, 1, 0, 1>
// CHECK: nn.pad {{.*}}pads = array<i64: 0, 1, 2, 0, 0, 3, 4, 0>
// CHECK: nn.softmax {{.*}} {axis = 3 : i64}
// CHECK: nn.reduce {{.*}}axes = array<i64: 1, 2>
// CHECK-NOT: nn.transpose
// CHECK: return
func.func @axes(%x: tensor<1x2x4x4xf32>) -> tensor<1x3xf32> {
  %zero = nn.constant dense<0.0> : tensor<f32>
  %0 = nn.pool %x {kind = #nn.pool_kind<max>, kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %1 = nn.concat %0, %0 {axis = 1 : i64} : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x4x4x4xf32>
  %2 = nn.slice %1 {starts = array<i64: 0, 1, 1, 0>, sizes = array<i64: 1, 3, 2, 4>, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x4x4x4xf32>) -> tensor<1x3x2x4xf32>
  %3 = nn.pad %2 value(%zero) {pads = array<i64: 0, 0, 1, 2, 0, 0, 3, 4>, mode = #nn.pad_mode<constant>} : (tensor<1x3x2x4xf32>, tensor<f32>) -> tensor<1x3x6x10xf32>
  %4 = nn.softmax %3 {axis = 1 : i64} : (tensor<1x3x6x10xf32>) -> tensor<1x3x6x10xf32>
  %5 = nn.reduce %4 {kind = #nn.reduce_kind<sum>, axes = array<i64: 2, 3>} : (tensor<1x3x6x10xf32>) -> tensor<1x3xf32>
  return %5 : tensor<1x3xf32>
}

// -----

// A list of channels; a single channel, which loses its dimension, stays behind.
// CHECK-LABEL: @gather
// CHECK: %[[P:.*]] = nn.pool
// CHECK: %[[T:.*]] = nn.transpose %[[P]]
// CHECK: %[[G:.*]] = nn.gather %[[P]], %arg1 {{.*}}axis = 3
// CHECK: nn.transpose %[[G]]
// CHECK: nn.gather %[[T]], %arg2 {{.*}}axis = 1
func.func @gather(%x: tensor<1x2x4x4xf32>, %i: tensor<5xi64>, %j: tensor<i64>) -> (tensor<1x5x4x4xf32>, tensor<1x4x4xf32>) {
  %0 = nn.pool %x {kind = #nn.pool_kind<max>, kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %1 = nn.gather %0, %i {axis = 1 : i64} : (tensor<1x2x4x4xf32>, tensor<5xi64>) -> tensor<1x5x4x4xf32>
  %2 = nn.gather %0, %j {axis = 1 : i64} : (tensor<1x2x4x4xf32>, tensor<i64>) -> tensor<1x4x4xf32>
  return %1, %2 : tensor<1x5x4x4xf32>, tensor<1x4x4xf32>
}

// -----

// A channel shuffle: the layout's transposes cancel, the shuffle's own stays.
// CHECK-LABEL: @channel_shuffle
// CHECK: nn.transpose %arg0
// CHECK: nn.pool
// CHECK: nn.reshape {{.*}} to tensor<1x4x4x2x3xf32>
// CHECK: nn.transpose {{.*}} {permutation = array<i64: 0, 1, 2, 4, 3>}
// CHECK: nn.reshape {{.*}} to tensor<1x4x4x6xf32>
// CHECK-NOT: nn.transpose
// CHECK: nn.pool
// CHECK: nn.transpose
// CHECK-NEXT: return
func.func @channel_shuffle(%x: tensor<1x6x4x4xf32>) -> tensor<1x6x4x4xf32> {
  %0 = nn.pool %x {kind = #nn.pool_kind<max>, kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x6x4x4xf32>) -> tensor<1x6x4x4xf32>
  %1 = nn.reshape %0 : tensor<1x6x4x4xf32> to tensor<1x2x3x4x4xf32>
  %2 = nn.transpose %1 {permutation = array<i64: 0, 2, 1, 3, 4>} : (tensor<1x2x3x4x4xf32>) -> tensor<1x3x2x4x4xf32>
  %3 = nn.reshape %2 : tensor<1x3x2x4x4xf32> to tensor<1x6x4x4xf32>
  %4 = nn.pool %3 {kind = #nn.pool_kind<max>, kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x6x4x4xf32>) -> tensor<1x6x4x4xf32>
  return %4 : tensor<1x6x4x4xf32>
}

// -----

// A flattened image times weights: row c * 2 + x of them becomes row x * 2 + c.
// CHECK-LABEL: @flatten
// CHECK: %[[W:.*]] = nn.constant dense<{{\[\[}}0.000000e+00], [2.000000e+00], [1.000000e+00], [3.000000e+00]]>
// CHECK: %[[P:.*]] = nn.pool
// CHECK-NOT: nn.transpose
// CHECK: nn.matmul {{.*}}, %[[W]]
func.func @flatten(%x: tensor<3x2x1x2xf32>) -> tensor<3x1xf32> {
  %w = nn.constant dense<[[0.0], [1.0], [2.0], [3.0]]> : tensor<4x1xf32>
  %0 = nn.pool %x {kind = #nn.pool_kind<max>, kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<3x2x1x2xf32>) -> tensor<3x2x1x2xf32>
  %1 = nn.reshape %0 : tensor<3x2x1x2xf32> to tensor<3x4xf32>
  %2 = nn.relu %1 : tensor<3x4xf32>
  %3 = nn.matmul %2, %w : (tensor<3x4xf32>, tensor<4x1xf32>) -> tensor<3x1xf32>
  return %3 : tensor<3x1xf32>
}

// -----

// The same for transposed weights.
// CHECK-LABEL: @flatten_transposed
// CHECK: %[[W:.*]] = nn.constant dense<{{\[\[}}0.000000e+00, 2.000000e+00, 1.000000e+00, 3.000000e+00]]>
// CHECK: nn.matmul {{.*}}, %[[W]]
func.func @flatten_transposed(%x: tensor<3x2x1x2xf32>) -> tensor<3x1xf32> {
  %w = nn.constant dense<[[0.0, 1.0, 2.0, 3.0]]> : tensor<1x4xf32>
  %0 = nn.pool %x {kind = #nn.pool_kind<max>, kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<3x2x1x2xf32>) -> tensor<3x2x1x2xf32>
  %1 = nn.reshape %0 : tensor<3x2x1x2xf32> to tensor<3x4xf32>
  %2 = nn.matmul %1, %w {transpose_rhs} : (tensor<3x4xf32>, tensor<1x4xf32>) -> tensor<3x1xf32>
  return %2 : tensor<3x1xf32>
}

// -----

// Behind a pool to one pixel, a flatten is free.
// CHECK-LABEL: @global_pool
// CHECK-COUNT-1: nn.transpose
// CHECK: nn.reduce
// CHECK-NOT: nn.transpose
// CHECK: return
func.func @global_pool(%x: tensor<1x2x4x4xf32>) -> tensor<1x2xf32> {
  %0 = nn.pool %x {kind = #nn.pool_kind<max>, kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %1 = nn.reduce %0 {kind = #nn.reduce_kind<mean>, axes = array<i64: 2, 3>, keepdims} : (tensor<1x2x4x4xf32>) -> tensor<1x2x1x1xf32>
  %2 = nn.reshape %1 : tensor<1x2x1x1xf32> to tensor<1x2xf32>
  return %2 : tensor<1x2xf32>
}

// -----

// A sum with a tensor that comes channels first: one transpose of it, once.
// CHECK-LABEL: @mixed
// CHECK-COUNT-1: nn.transpose %arg
// CHECK-NOT: nn.transpose %arg
// CHECK: nn.add {{.*}} : tensor<1x4x4x2xf32>, tensor<1x4x4x2xf32>
// CHECK: return
func.func @mixed(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
  %0 = nn.pool %x {kind = #nn.pool_kind<max>, kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %1 = nn.add %0, %x : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>
  %2 = nn.pool %1 {kind = #nn.pool_kind<max>, kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  return %2 : tensor<1x2x4x4xf32>
}

// -----

// One spatial dimension, and three.
// CHECK-LABEL: @ranks
// CHECK: nn.transpose %arg0 {permutation = array<i64: 0, 2, 1>}
// CHECK: nn.transpose %arg1 {permutation = array<i64: 0, 2, 3, 4, 1>}
func.func @ranks(%x: tensor<2x3x4xf32>, %y: tensor<1x2x3x4x5xf32>) -> (tensor<2x3x4xf32>, tensor<1x2x3x4x5xf32>) {
  %0 = nn.pool %x {kind = #nn.pool_kind<max>, kernel = array<i64: 1>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, layout = #nn.layout<channels_first>} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  %1 = nn.pool %y {kind = #nn.pool_kind<max>, kernel = array<i64: 1, 1, 1>, strides = array<i64: 1, 1, 1>, pads = array<i64: 0, 0, 0, 0, 0, 0>, dilations = array<i64: 1, 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x2x3x4x5xf32>) -> tensor<1x2x3x4x5xf32>
  return %0, %1 : tensor<2x3x4xf32>, tensor<1x2x3x4x5xf32>
}

// -----

// A shuffle written as slices: some operands of a concatenation come before others
// have been visited. Each op is visited once, so the transposes do not go around.
// CHECK-LABEL: @some_operands_behind
// CHECK: nn.transpose %arg0
// CHECK-NOT: nn.transpose
// CHECK: nn.concat {{.*}} {axis = 3 : i64}
// CHECK-NEXT: nn.pool
// CHECK-NEXT: nn.transpose
// CHECK-NEXT: return
func.func @some_operands_behind(%x: tensor<1x4x4x4xf32>) -> tensor<1x8x4x4xf32> {
  %0 = nn.pool %x {kind = #nn.pool_kind<max>, kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  %1 = nn.slice %0 {starts = array<i64: 0, 2, 0, 0>, sizes = array<i64: 1, 2, 4, 4>, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x4x4x4xf32>) -> tensor<1x2x4x4xf32>
  %2 = nn.slice %0 {starts = array<i64: 0, 0, 0, 0>, sizes = array<i64: 1, 2, 4, 4>, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x4x4x4xf32>) -> tensor<1x2x4x4xf32>
  %p = nn.pool %1 {kind = #nn.pool_kind<max>, kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %q = nn.slice %p {starts = array<i64: 0, 0, 0, 0>, sizes = array<i64: 1, 1, 4, 4>, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x2x4x4xf32>) -> tensor<1x1x4x4xf32>
  %r = nn.slice %p {starts = array<i64: 0, 1, 0, 0>, sizes = array<i64: 1, 1, 4, 4>, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x2x4x4xf32>) -> tensor<1x1x4x4xf32>
  %c = nn.concat %1, %2, %q, %p, %r {axis = 1 : i64} : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>, tensor<1x1x4x4xf32>, tensor<1x2x4x4xf32>, tensor<1x1x4x4xf32>) -> tensor<1x8x4x4xf32>
  %4 = nn.pool %c {kind = #nn.pool_kind<max>, kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  return %4 : tensor<1x8x4x4xf32>
}

// -----

// A sum of two tensors of one size, one of them behind a transpose, whose result
// leaves the graph: sinking would only add a transpose.
// CHECK-LABEL: @no_inverse
// CHECK: nn.pool
// CHECK-NEXT: %[[T:.*]] = nn.transpose
// CHECK-NEXT: nn.add %[[T]], %arg0
// CHECK-NEXT: return
func.func @no_inverse(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
  %0 = nn.pool %x {kind = #nn.pool_kind<max>, kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %1 = nn.add %0, %x : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>
  return %1 : tensor<1x2x4x4xf32>
}

// -----

// Integers lie as floats do: convolutions with a zero point, functions by table, what an nn.map computes.
// CHECK-LABEL: @integers
// CHECK: %[[IN:.*]] = nn.transpose %arg0
// CHECK-NEXT: %[[C:.*]] = nn.conv %[[IN]], {{.*}}input_zero_point = 3 : i32, layout = #nn.layout<channels_last>
// CHECK: %[[G:.*]] = nn.gather %arg1, %[[C]]
// CHECK-NEXT: %[[M:.*]] = nn.map(%[[G]], %[[C]]) : (tensor<1x4x4x2xi8>, tensor<1x4x4x2xi8>) -> tensor<1x4x4x2xi8>
// CHECK: nn.transpose %[[M]]
// CHECK-NEXT: return
func.func @integers(%x: tensor<1x3x4x4xi8>, %table: tensor<256xi8>) -> tensor<1x2x4x4xi8> {
  %w = nn.constant dense<1> : tensor<2x3x1x1xi8>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>, input_zero_point = 3 : i32} : (tensor<1x3x4x4xi8>, tensor<2x3x1x1xi8>) -> tensor<1x2x4x4xi8> {
  ^bb0(%acc: i32):
    %t = arith.trunci %acc : i32 to i8
    nn.yield %t : i8
  }
  %1 = nn.gather %table, %0 {axis = 0 : i64} : (tensor<256xi8>, tensor<1x2x4x4xi8>) -> tensor<1x2x4x4xi8>
  %2 = nn.map(%1, %0) : (tensor<1x2x4x4xi8>, tensor<1x2x4x4xi8>) -> tensor<1x2x4x4xi8> {
  ^bb0(%a: i8, %b: i8):
    %s = arith.addi %a, %b : i8
    nn.yield %s : i8
  }
  return %2 : tensor<1x2x4x4xi8>
}

// -----

// Interpolation runs along an axis, wherever that is.
// CHECK-LABEL: @resample
// CHECK: nn.conv
// CHECK: nn.resample {{.*}}axis = 1
// CHECK: nn.resample {{.*}}axis = 2
// CHECK: nn.transpose
// CHECK-NEXT: return
func.func @resample(%x: tensor<1x4x3x3xf32>, %w: tensor<8x4x1x1xf32>, %i: tensor<6x2xi64>, %t: tensor<6x2xf32>) -> tensor<1x8x6x6xf32> {
  %c = nn.conv %x, %w {dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x4x3x3xf32>, tensor<8x4x1x1xf32>) -> tensor<1x8x3x3xf32>
  %h = nn.resample %c, %i, %t {axis = 2 : i64} : (tensor<1x8x3x3xf32>, tensor<6x2xi64>, tensor<6x2xf32>) -> tensor<1x8x6x3xf32>
  %y = nn.resample %h, %i, %t {axis = 3 : i64} : (tensor<1x8x6x3xf32>, tensor<6x2xi64>, tensor<6x2xf32>) -> tensor<1x8x6x6xf32>
  return %y : tensor<1x8x6x6xf32>
}
