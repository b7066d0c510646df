// RUN: mlc-opt %s --nn-fold-shuffles=min-run=2 --nn-simplify | FileCheck %s

// The example of the pass's description.
// CHECK-LABEL: @example
func.func @example(%x: tensor<1x2x2x2xf32>) -> tensor<1x1x2x2xf32> {
  // CHECK: %[[W:.*]] = nn.constant dense<{{\[\[\[\[}}7.000000e+00]], {{\[\[}}5.000000e+00]]]]>
  // CHECK: nn.conv %arg0, %[[W]]
  %order = nn.constant dense<[1, 0]> : tensor<2xi64>
  %w = nn.constant dense<[[[[5.0]], [[7.0]]]]> : tensor<1x2x1x1xf32>
  %0 = nn.gather %x, %order {axis = 1 : i64} : (tensor<1x2x2x2xf32>, tensor<2xi64>) -> tensor<1x2x2x2xf32>
  %1 = nn.conv %0, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x2x2xf32>, tensor<1x2x1x1xf32>) -> tensor<1x1x2x2xf32>
  return %1 : tensor<1x1x2x2xf32>
}

// ShuffleNet's shuffle, through a depthwise convolution with a bias and a pool.
// CHECK-LABEL: @depthwise
func.func @depthwise(%x: tensor<1x4x2x2xf32>) -> tensor<1x1x1x1xf32> {
  // CHECK-DAG: %[[B:.*]] = nn.constant dense<[1.000000e+01, 1.200000e+01, 1.100000e+01, 1.300000e+01]>
  // CHECK-DAG: %[[D:.*]] = nn.constant dense<{{\[\[\[\[}}1.000000e+00]]], {{\[\[\[}}3.000000e+00]]], {{\[\[\[}}2.000000e+00]]], {{\[\[\[}}4.000000e+00]]]]>
  // CHECK-DAG: %[[W:.*]] = nn.constant dense<{{\[\[\[\[}}5.000000e+00]], {{\[\[}}7.000000e+00]], {{\[\[}}6.000000e+00]], {{\[\[}}8.000000e+00]]]]>
  // CHECK-NOT: nn.transpose
  // CHECK: nn.conv %arg0, %[[D]] bias(%[[B]])
  // CHECK: nn.conv %{{.*}}, %[[W]]
  %d = nn.constant dense<[[[[1.0]]], [[[2.0]]], [[[3.0]]], [[[4.0]]]]> : tensor<4x1x1x1xf32>
  %b = nn.constant dense<[10.0, 11.0, 12.0, 13.0]> : tensor<4xf32>
  %w = nn.constant dense<[[[[5.0]], [[6.0]], [[7.0]], [[8.0]]]]> : tensor<1x4x1x1xf32>
  %0 = nn.reshape %x : tensor<1x4x2x2xf32> to tensor<1x2x2x2x2xf32>
  %1 = nn.transpose %0 {permutation = array<i64: 0, 2, 1, 3, 4>} : (tensor<1x2x2x2x2xf32>) -> tensor<1x2x2x2x2xf32>
  %2 = nn.reshape %1 : tensor<1x2x2x2x2xf32> to tensor<1x4x2x2xf32>
  %3 = nn.conv %2, %d bias(%b) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 4 : i64, layout = #nn.layout<channels_first>} : (tensor<1x4x2x2xf32>, tensor<4x1x1x1xf32>, tensor<4xf32>) -> tensor<1x4x2x2xf32>
  %4 = nn.pool %3 {kind = #nn.pool_kind<max>, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x4x2x2xf32>) -> tensor<1x4x1x1xf32>
  %5 = nn.conv %4, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x4x1x1xf32>, tensor<1x4x1x1xf32>) -> tensor<1x1x1x1xf32>
  return %5 : tensor<1x1x1x1xf32>
}

// Channels last, into the matrix behind a flatten.
// CHECK-LABEL: @channels_last
func.func @channels_last(%x: tensor<1x1x2x4xf32>) -> tensor<1x1xf32> {
  // CHECK: %[[M:.*]] = nn.constant dense<{{\[\[}}1.000000e+00], [3.000000e+00], [2.000000e+00], [4.000000e+00], [5.000000e+00], [7.000000e+00], [6.000000e+00], [8.000000e+00]]>
  // CHECK-NOT: nn.transpose
  // CHECK: nn.matmul %{{.*}}, %[[M]]
  %m = nn.constant dense<[[1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [7.0], [8.0]]> : tensor<8x1xf32>
  %0 = nn.reshape %x : tensor<1x1x2x4xf32> to tensor<1x1x2x2x2xf32>
  %1 = nn.transpose %0 {permutation = array<i64: 0, 1, 2, 4, 3>} : (tensor<1x1x2x2x2xf32>) -> tensor<1x1x2x2x2xf32>
  %2 = nn.reshape %1 : tensor<1x1x2x2x2xf32> to tensor<1x8xf32>
  %3 = nn.matmul %2, %m : (tensor<1x8xf32>, tensor<8x1xf32>) -> tensor<1x1xf32>
  return %3 : tensor<1x1xf32>
}

// The model's output keeps its order, so the filters are reordered.
// CHECK-LABEL: @backward
func.func @backward(%x: tensor<1x1x2x2xf32>) -> tensor<1x2x2x2xf32> {
  // CHECK-DAG: %[[W:.*]] = nn.constant dense<{{\[\[\[\[}}7.000000e+00]]], {{\[\[\[}}5.000000e+00]]]]>
  // CHECK-DAG: %[[B:.*]] = nn.constant dense<[2.000000e+00, 1.000000e+00]>
  // CHECK: nn.conv %arg0, %[[W]] bias(%[[B]])
  // CHECK-NOT: nn.gather
  %order = nn.constant dense<[1, 0]> : tensor<2xi64>
  %w = nn.constant dense<[[[[5.0]]], [[[7.0]]]]> : tensor<2x1x1x1xf32>
  %b = nn.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %0 = nn.conv %x, %w bias(%b) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x1x2x2xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>) -> tensor<1x2x2x2xf32>
  %1 = nn.relu %0 : tensor<1x2x2x2xf32>
  %2 = nn.gather %1, %order {axis = 1 : i64} : (tensor<1x2x2x2xf32>, tensor<2xi64>) -> tensor<1x2x2x2xf32>
  return %2 : tensor<1x2x2x2xf32>
}

// Filters are reordered for a group convolution, whose weights stay as they are.
// CHECK-LABEL: @backward_to_groups
func.func @backward_to_groups(%x: tensor<1x1x2x2xf32>) -> tensor<1x4x2x2xf32> {
  // CHECK-NOT: nn.gather
  // CHECK-DAG: %[[A:.*]] = nn.constant dense<{{\[\[\[\[}}3.000000e+00]]], {{\[\[\[}}1.000000e+00]]], {{\[\[\[}}4.000000e+00]]], {{\[\[\[}}2.000000e+00]]]]>
  // CHECK-DAG: %[[W:.*]] = nn.constant dense<{{\[\[\[\[}}1.000000e+00]], {{\[\[}}2.000000e+00]]], {{\[\[\[}}3.000000e+00]], {{\[\[}}4.000000e+00]]], {{\[\[\[}}5.000000e+00]], {{\[\[}}6.000000e+00]]], {{\[\[\[}}7.000000e+00]], {{\[\[}}8.000000e+00]]]]>
  // CHECK: nn.conv %arg0, %[[A]]
  // CHECK: nn.conv %{{.*}}, %[[W]] {{.*}}groups = 2
  %a = nn.constant dense<[[[[1.0]]], [[[2.0]]], [[[3.0]]], [[[4.0]]]]> : tensor<4x1x1x1xf32>
  %order = nn.constant dense<[2, 0, 3, 1]> : tensor<4xi64>
  %w = nn.constant dense<[[[[1.0]], [[2.0]]], [[[3.0]], [[4.0]]], [[[5.0]], [[6.0]]], [[[7.0]], [[8.0]]]]> : tensor<4x2x1x1xf32>
  %0 = nn.conv %x, %a {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x1x2x2xf32>, tensor<4x1x1x1xf32>) -> tensor<1x4x2x2xf32>
  %1 = nn.gather %0, %order {axis = 1 : i64} : (tensor<1x4x2x2xf32>, tensor<4xi64>) -> tensor<1x4x2x2xf32>
  %2 = nn.conv %1, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 2 : i64, layout = #nn.layout<channels_first>} : (tensor<1x4x2x2xf32>, tensor<4x2x1x1xf32>) -> tensor<1x4x2x2xf32>
  return %2 : tensor<1x4x2x2xf32>
}

// A sum whose other side cannot be reordered keeps the shuffle.
// CHECK-LABEL: @residual
func.func @residual(%x: tensor<1x4x2x2xf32>) -> tensor<1x4x2x2xf32> {
  // CHECK: nn.gather
  %order = nn.constant dense<[1, 3, 0, 2]> : tensor<4xi64>
  %0 = nn.gather %x, %order {axis = 1 : i64} : (tensor<1x4x2x2xf32>, tensor<4xi64>) -> tensor<1x4x2x2xf32>
  %1 = nn.add %0, %x : tensor<1x4x2x2xf32>, tensor<1x4x2x2xf32>
  return %1 : tensor<1x4x2x2xf32>
}

// Between two group convolutions a shuffle mixes groups: it stays as it was.
// CHECK-LABEL: @groups
func.func @groups(%x: tensor<1x4x2x2xf32>) -> tensor<1x4x2x2xf32> {
  // CHECK: nn.reshape %{{.*}} to tensor<1x2x2x2x2xf32>
  // CHECK: nn.transpose %{{.*}} {permutation = array<i64: 0, 2, 1, 3, 4>}
  %w = nn.constant dense<[[[[1.0]], [[2.0]]], [[[3.0]], [[4.0]]], [[[5.0]], [[6.0]]], [[[7.0]], [[8.0]]]]> : tensor<4x2x1x1xf32>
  %p = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 2 : i64, layout = #nn.layout<channels_first>} : (tensor<1x4x2x2xf32>, tensor<4x2x1x1xf32>) -> tensor<1x4x2x2xf32>
  %0 = nn.reshape %p : tensor<1x4x2x2xf32> to tensor<1x2x2x2x2xf32>
  %1 = nn.transpose %0 {permutation = array<i64: 0, 2, 1, 3, 4>} : (tensor<1x2x2x2x2xf32>) -> tensor<1x2x2x2x2xf32>
  %2 = nn.reshape %1 : tensor<1x2x2x2x2xf32> to tensor<1x4x2x2xf32>
  %3 = nn.conv %2, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 2 : i64, layout = #nn.layout<channels_first>} : (tensor<1x4x2x2xf32>, tensor<4x2x1x1xf32>) -> tensor<1x4x2x2xf32>
  return %3 : tensor<1x4x2x2xf32>
}

// A permutation inside groups goes into a group convolution's weights; one of whole
// groups goes through it, to the next weights.
// CHECK-LABEL: @whole_groups
func.func @whole_groups(%x: tensor<1x4x2x2xf32>) -> tensor<1x1x2x2xf32> {
  // CHECK-NOT: nn.gather
  // CHECK-DAG: %[[W:.*]] = nn.constant dense<{{\[\[\[\[}}6.000000e+00]], {{\[\[}}5.000000e+00]]], {{\[\[\[}}8.000000e+00]], {{\[\[}}7.000000e+00]]], {{\[\[\[}}2.000000e+00]], {{\[\[}}1.000000e+00]]], {{\[\[\[}}4.000000e+00]], {{\[\[}}3.000000e+00]]]]>
  // CHECK-DAG: %[[V:.*]] = nn.constant dense<{{\[\[\[\[}}3.000000e+00]], {{\[\[}}4.000000e+00]], {{\[\[}}1.000000e+00]], {{\[\[}}2.000000e+00]]]]>
  // CHECK: nn.conv %{{.*}}, %[[W]] {{.*}}groups = 2
  // CHECK: nn.conv %{{.*}}, %[[V]]
  // CHECK-NOT: nn.gather
  %a = nn.constant dense<1.0> : tensor<4x4x1x1xf32>
  %order = nn.constant dense<[3, 2, 1, 0]> : tensor<4xi64>
  %w = nn.constant dense<[[[[1.0]], [[2.0]]], [[[3.0]], [[4.0]]], [[[5.0]], [[6.0]]], [[[7.0]], [[8.0]]]]> : tensor<4x2x1x1xf32>
  %v = nn.constant dense<[[[[1.0]], [[2.0]], [[3.0]], [[4.0]]]]> : tensor<1x4x1x1xf32>
  %0 = nn.conv %x, %a {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x4x2x2xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x2x2xf32>
  %1 = nn.gather %0, %order {axis = 1 : i64} : (tensor<1x4x2x2xf32>, tensor<4xi64>) -> tensor<1x4x2x2xf32>
  %2 = nn.conv %1, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 2 : i64, layout = #nn.layout<channels_first>} : (tensor<1x4x2x2xf32>, tensor<4x2x1x1xf32>) -> tensor<1x4x2x2xf32>
  %3 = nn.conv %2, %v {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x4x2x2xf32>, tensor<1x4x1x1xf32>) -> tensor<1x1x2x2xf32>
  return %3 : tensor<1x1x2x2xf32>
}

// ShuffleNet v2: concat, shuffle, split. Each half takes its channels by slices from
// where they are computed.
// CHECK-LABEL: @concat_split
func.func @concat_split(%x: tensor<1x4x2x2xf32>, %y: tensor<1x4x2x2xf32>) -> tensor<1x1x2x2xf32> {
  // CHECK-NOT: nn.transpose
  // CHECK: %[[W:.*]] = nn.constant dense<{{\[\[\[\[}}1.000000e+00]], {{\[\[}}3.000000e+00]], {{\[\[}}2.000000e+00]], {{\[\[}}4.000000e+00]]]]>
  // CHECK: %[[X:.*]] = nn.slice %arg0 {sizes = array<i64: 1, 2, 2, 2>, starts = array<i64: 0, 2, 0, 0>
  // CHECK: %[[Y:.*]] = nn.slice %arg1 {sizes = array<i64: 1, 2, 2, 2>, starts = array<i64: 0, 2, 0, 0>
  // CHECK: %[[C:.*]] = nn.concat %[[X]], %[[Y]]
  // CHECK: nn.conv %[[C]], %[[W]]
  %w = nn.constant dense<[[[[1.0]], [[2.0]], [[3.0]], [[4.0]]]]> : tensor<1x4x1x1xf32>
  %0 = nn.concat %x, %y {axis = 1 : i64} : (tensor<1x4x2x2xf32>, tensor<1x4x2x2xf32>) -> tensor<1x8x2x2xf32>
  %1 = nn.reshape %0 : tensor<1x8x2x2xf32> to tensor<1x2x4x2x2xf32>
  %2 = nn.transpose %1 {permutation = array<i64: 0, 2, 1, 3, 4>} : (tensor<1x2x4x2x2xf32>) -> tensor<1x4x2x2x2xf32>
  %3 = nn.reshape %2 : tensor<1x4x2x2x2xf32> to tensor<1x8x2x2xf32>
  %4 = nn.slice %3 {starts = array<i64: 0, 4, 0, 0>, sizes = array<i64: 1, 4, 2, 2>, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x8x2x2xf32>) -> tensor<1x4x2x2xf32>
  %5 = nn.conv %4, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x4x2x2xf32>, tensor<1x4x1x1xf32>) -> tensor<1x1x2x2xf32>
  return %5 : tensor<1x1x2x2xf32>
}

// The sum ties a shuffle to a slice along two axes, through which no order is
// followed: the shuffle stays.
// CHECK-LABEL: @tied_to_slice
func.func @tied_to_slice(%x: tensor<1x4x2x2xf32>, %y: tensor<1x6x4x2xf32>) -> tensor<1x1x2x2xf32> {
  // CHECK: nn.slice %arg1 {sizes = array<i64: 1, 4, 2, 2>, starts = array<i64: 0, 2, 1, 0>
  // CHECK: nn.add
  // CHECK: nn.conv
  %w = nn.constant dense<[[[[1.0]], [[2.0]], [[3.0]], [[4.0]]]]> : tensor<1x4x1x1xf32>
  %order = nn.constant dense<[2, 3, 0, 1]> : tensor<4xi64>
  %0 = nn.gather %x, %order {axis = 1 : i64} : (tensor<1x4x2x2xf32>, tensor<4xi64>) -> tensor<1x4x2x2xf32>
  %1 = nn.slice %y {starts = array<i64: 0, 2, 1, 0>, sizes = array<i64: 1, 4, 2, 2>, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x6x4x2xf32>) -> tensor<1x4x2x2xf32>
  %2 = nn.add %0, %1 : tensor<1x4x2x2xf32>, tensor<1x4x2x2xf32>
  %3 = nn.conv %2, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x4x2x2xf32>, tensor<1x4x1x1xf32>) -> tensor<1x1x2x2xf32>
  return %3 : tensor<1x1x2x2xf32>
}
