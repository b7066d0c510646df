// RUN: mlc-opt %s --nn-simplify --nn-group-convs --nn-simplify | FileCheck %s
// RUN: mlc-opt %s --nn-simplify --nn-group-convs=max-shuffles=0 --nn-simplify | FileCheck %s --check-prefix=NONE

// The example of the pass's description.
// CHECK-LABEL: @example
func.func @example(%x: tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> {
  // CHECK: %[[W:.*]] = nn.constant dense<{{\[\[\[\[}}2.000000e+00]]], {{\[\[\[}}3.000000e+00]]]]> : tensor<2x1x1x1xf32>
  // CHECK: nn.conv %arg0, %[[W]] {{.*}}groups = 2 : i64
  %w = nn.constant dense<[[[[2.0]], [[0.0]]], [[[0.0]], [[3.0]]]]> : tensor<2x2x1x1xf32>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x2x2xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x2x2xf32>
  return %0 : tensor<1x2x2x2xf32>
}

// Both permutations go into the neighbours' weights: input channels 0 and 2, 1 and 3
// belong together.
// CHECK-LABEL: @neighbours
func.func @neighbours(%x: tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32> {
  %w0 = nn.constant dense<[[[[1.0]]], [[[2.0]]], [[[3.0]]], [[[4.0]]]]> : tensor<4x1x1x1xf32>
  %b0 = nn.constant dense<[10.0, 20.0, 30.0, 40.0]> : tensor<4xf32>
  %w1 = nn.constant dense<[[[[0.0]], [[5.0]], [[0.0]], [[6.0]]], [[[7.0]], [[0.0]], [[8.0]], [[0.0]]]]> : tensor<2x4x1x1xf32>
  %w2 = nn.constant dense<[[[[1.0]], [[2.0]]]]> : tensor<1x2x1x1xf32>
  // CHECK-NOT: nn.gather
  // CHECK-DAG: %[[B0:.*]] = nn.constant dense<[1.000000e+01, 3.000000e+01, 2.000000e+01, 4.000000e+01]>
  // CHECK-DAG: %[[W0:.*]] = nn.constant dense<{{\[\[\[\[}}1.000000e+00]]], {{\[\[\[}}3.000000e+00]]], {{\[\[\[}}2.000000e+00]]], {{\[\[\[}}4.000000e+00]]]]>
  // CHECK-DAG: %[[W1:.*]] = nn.constant dense<{{\[\[\[\[}}7.000000e+00]], {{\[\[}}8.000000e+00]]], {{\[\[\[}}5.000000e+00]], {{\[\[}}6.000000e+00]]]]>
  // CHECK-DAG: %[[W2:.*]] = nn.constant dense<{{\[\[\[\[}}2.000000e+00]], {{\[\[}}1.000000e+00]]]]>
  // CHECK: nn.conv %arg0, %[[W0]] bias(%[[B0]])
  // CHECK: nn.conv %{{.*}}, %[[W1]] {{.*}}groups = 2 : i64
  // CHECK: nn.conv %{{.*}}, %[[W2]]
  // CHECK-NOT: nn.gather
  %0 = nn.conv %x, %w0 bias(%b0) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x1x2x2xf32>, tensor<4x1x1x1xf32>, tensor<4xf32>) -> tensor<1x4x2x2xf32>
  %1 = nn.relu %0 : tensor<1x4x2x2xf32>
  %2 = nn.conv %1, %w1 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x4x2x2xf32>, tensor<2x4x1x1xf32>) -> tensor<1x2x2x2xf32>
  %3 = nn.conv %2, %w2 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x2x2xf32>, tensor<1x2x1x1xf32>) -> tensor<1x1x2x2xf32>
  return %3 : tensor<1x1x2x2xf32>
}

// The model's input keeps its order, so its channels are gathered, if that is allowed
// and pays.
// CHECK-LABEL: @gathers
// NONE-LABEL: @gathers
func.func @gathers(%x: tensor<1x4x2x2xf32>) -> tensor<1x32x2x2xf32> {
  // CHECK: %[[I:.*]] = nn.constant dense<[0, 2, 1, 3]>
  // CHECK: %[[G:.*]] = nn.gather %arg0, %[[I]] {axis = 1 : i64}
  // CHECK: nn.conv %[[G]], {{.*}}groups = 2 : i64
  // NONE-NOT: nn.gather
  // NONE: nn.conv %arg0, {{.*}}groups = 1 : i64
  %a = nn.constant dense<1.0> : tensor<16x1x1x1xf32>
  %z = nn.constant dense<0.0> : tensor<16x1x1x1xf32>
  %top = nn.concat %a, %z, %a, %z {axis = 1 : i64} : (tensor<16x1x1x1xf32>, tensor<16x1x1x1xf32>, tensor<16x1x1x1xf32>, tensor<16x1x1x1xf32>) -> tensor<16x4x1x1xf32>
  %bottom = nn.concat %z, %a, %z, %a {axis = 1 : i64} : (tensor<16x1x1x1xf32>, tensor<16x1x1x1xf32>, tensor<16x1x1x1xf32>, tensor<16x1x1x1xf32>) -> tensor<16x4x1x1xf32>
  %w = nn.concat %top, %bottom {axis = 0 : i64} : (tensor<16x4x1x1xf32>, tensor<16x4x1x1xf32>) -> tensor<32x4x1x1xf32>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x4x2x2xf32>, tensor<32x4x1x1xf32>) -> tensor<1x32x2x2xf32>
  return %0 : tensor<1x32x2x2xf32>
}

// Components of sizes 3 and 1 make no two groups of the same size.
// CHECK-LABEL: @uneven
func.func @uneven(%x: tensor<1x4x2x2xf32>) -> tensor<1x2x2x2xf32> {
  // CHECK: nn.conv {{.*}}groups = 1 : i64
  %w = nn.constant dense<[[[[1.0]], [[5.0]], [[2.0]], [[0.0]]], [[[0.0]], [[0.0]], [[0.0]], [[1.0]]]]> : tensor<2x4x1x1xf32>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x4x2x2xf32>, tensor<2x4x1x1xf32>) -> tensor<1x2x2x2xf32>
  return %0 : tensor<1x2x2x2xf32>
}

// A group convolution may have more groups than it says.
// CHECK-LABEL: @more_groups
func.func @more_groups(%x: tensor<1x4x2x2xf32>) -> tensor<1x4x2x2xf32> {
  // CHECK: nn.conv {{.*}}groups = 4 : i64
  %w = nn.constant dense<[[[[1.0]], [[0.0]]], [[[0.0]], [[2.0]]], [[[3.0]], [[0.0]]], [[[0.0]], [[4.0]]]]> : tensor<4x2x1x1xf32>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 2 : i64, layout = #nn.layout<channels_first>} : (tensor<1x4x2x2xf32>, tensor<4x2x1x1xf32>) -> tensor<1x4x2x2xf32>
  return %0 : tensor<1x4x2x2xf32>
}

// One input channel: nothing to divide.
// CHECK-LABEL: @one_channel
func.func @one_channel(%x: tensor<1x1x2x2xf32>) -> tensor<1x2x2x2xf32> {
  // CHECK: nn.conv {{.*}}groups = 1 : i64
  %w = nn.constant dense<[[[[1.0]]], [[[2.0]]]]> : tensor<2x1x1x1xf32>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x1x2x2xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x2x2xf32>
  return %0 : tensor<1x2x2x2xf32>
}
