// RUN: mlc-opt %s --nn-fuse --split-input-file | FileCheck %s

// The example of the pass's description.
// CHECK-LABEL: @example
// CHECK: %[[W:.*]] = nn.constant dense<{{\[}}{{\[}}{{\[}}{{\[}}2.000000e+00{{.*}}4.000000e+00{{.*}}9.000000e+00{{.*}}1.200000e+01
// CHECK: nn.conv %arg0, %[[W]] epilogue(%arg1)
// CHECK-NEXT: ^bb0(%[[V:.*]]: f32, %[[R:.*]]: f32):
// CHECK: %[[S:.*]] = arith.addf %[[V]], %[[R]]
// CHECK: %[[M:.*]] = arith.maximumf %[[S]]
// CHECK-NEXT: nn.yield %[[M]]
// CHECK-NOT: nn.mul
func.func @example(%x: tensor<1x2x4x4xf32>, %residual: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
  %w = nn.constant dense<[[[[1.0]], [[2.0]]], [[[3.0]], [[4.0]]]]> : tensor<2x2x1x1xf32>
  %scale = nn.constant dense<[[[2.0]], [[3.0]]]> : tensor<2x1x1xf32>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32>
  %1 = nn.mul %0, %scale : tensor<1x2x4x4xf32>, tensor<2x1x1xf32>
  %2 = nn.add %1, %residual : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>
  %3 = nn.relu %2 : tensor<1x2x4x4xf32>
  return %3 : tensor<1x2x4x4xf32>
}

// -----

// scale / sqrt(variance + epsilon) = 2, 3; offset - mean * that = 10 - 2, 20 - 6.
// CHECK-LABEL: @conv_batch_norm
// CHECK-DAG: %[[W:.*]] = nn.constant dense<{{.*}}2.000000e+00{{.*}}4.000000e+00{{.*}}9.000000e+00{{.*}}1.200000e+01
// CHECK-DAG: %[[B:.*]] = nn.constant dense<[1.000000e+01, 2.000000e+01]>
// CHECK: %[[Y:.*]] = nn.conv %arg0, %[[W]] bias(%[[B]])
// CHECK-NEXT: return %[[Y]]
func.func @conv_batch_norm(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
  %w = nn.constant dense<[[[[1.0]], [[2.0]]], [[[3.0]], [[4.0]]]]> : tensor<2x2x1x1xf32>
  %bias = nn.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %scale = nn.constant dense<[4.0, 6.0]> : tensor<2xf32>
  %offset = nn.constant dense<[10.0, 20.0]> : tensor<2xf32>
  %mean = nn.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %variance = nn.constant dense<3.0> : tensor<2xf32>
  %0 = nn.conv %x, %w bias(%bias) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32>
  %1 = nn.batch_norm %0, %scale, %offset, %mean, %variance {epsilon = 1.0 : f64, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32>
  return %1 : tensor<1x2x4x4xf32>
}

// -----

// Channels last: the per-channel constant lies along the last dimension.
// CHECK-LABEL: @channels_last
// CHECK-DAG: nn.constant dense<{{.*}}2.000000e+00{{.*}}2.000000e+00{{.*}}3.000000e+00{{.*}}3.000000e+00
// CHECK: %[[Y:.*]] = nn.conv
// CHECK-NEXT: return %[[Y]]
func.func @channels_last(%x: tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32> {
  %w = nn.constant dense<1.0> : tensor<2x2x1x1xf32>
  %scale = nn.constant dense<[2.0, 3.0]> : tensor<2xf32>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_last>} : (tensor<1x4x4x2xf32>, tensor<2x2x1x1xf32>) -> tensor<1x4x4x2xf32>
  %1 = nn.mul %0, %scale : tensor<1x4x4x2xf32>, tensor<2xf32>
  return %1 : tensor<1x4x4x2xf32>
}

// -----

// Two uses: the sum may not go into weights.
// CHECK-LABEL: @two_uses
// CHECK: nn.conv
// CHECK: nn.mul
func.func @two_uses(%x: tensor<1x2x4x4xf32>) -> (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) {
  %w = nn.constant dense<1.0> : tensor<2x2x1x1xf32>
  %scale = nn.constant dense<[[[2.0]], [[3.0]]]> : tensor<2x1x1xf32>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32>
  %1 = nn.mul %0, %scale : tensor<1x2x4x4xf32>, tensor<2x1x1xf32>
  return %0, %1 : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>
}

// -----

// c - y and y / c; groups: each filter reads its own channel.
// CHECK-LABEL: @sub_div_groups
// CHECK-DAG: %[[W:.*]] = nn.constant dense<-5.000000e-01> : tensor<2x1x1x1xf32>
// CHECK-DAG: %[[B:.*]] = nn.constant dense<[5.000000e-01, 1.000000e+00]>
// CHECK: nn.conv %arg0, %[[W]] bias(%[[B]])
func.func @sub_div_groups(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
  %w = nn.constant dense<1.0> : tensor<2x1x1x1xf32>
  %c = nn.constant dense<[[[1.0]], [[2.0]]]> : tensor<2x1x1xf32>
  %two = nn.constant dense<2.0> : tensor<f32>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 2 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x4x4xf32>
  %1 = nn.sub %c, %0 : tensor<2x1x1xf32>, tensor<1x2x4x4xf32>
  %2 = nn.div %1, %two : tensor<1x2x4x4xf32>, tensor<f32>
  return %2 : tensor<1x2x4x4xf32>
}

// -----

// Backwards, without padding: w * a, and the sum of w * b as bias.
// CHECK-LABEL: @backwards
// CHECK-DAG: %[[W:.*]] = nn.constant dense<{{.*}}2.000000e+00{{.*}}6.000000e+00{{.*}}6.000000e+00{{.*}}1.200000e+01
// CHECK-DAG: %[[B:.*]] = nn.constant dense<[5.000000e+01, 1.100000e+02]>
// CHECK: nn.conv %arg0, %[[W]] bias(%[[B]])
func.func @backwards(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
  %w = nn.constant dense<[[[[1.0]], [[2.0]]], [[[3.0]], [[4.0]]]]> : tensor<2x2x1x1xf32>
  %a = nn.constant dense<[[[2.0]], [[3.0]]]> : tensor<2x1x1xf32>
  %b = nn.constant dense<[[[10.0]], [[20.0]]]> : tensor<2x1x1xf32>
  %0 = nn.mul %x, %a : tensor<1x2x4x4xf32>, tensor<2x1x1xf32>
  %1 = nn.add %0, %b : tensor<1x2x4x4xf32>, tensor<2x1x1xf32>
  %2 = nn.conv %1, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32>
  return %2 : tensor<1x2x4x4xf32>
}

// -----

// With padding a scale passes, an offset does not.
// CHECK-LABEL: @backwards_padded
// CHECK: %[[W:.*]] = nn.constant dense<{{.*}}2.000000e+00{{.*}}6.000000e+00
// CHECK: %[[S:.*]] = nn.add %arg0
// CHECK: nn.conv %[[S]], %[[W]]
func.func @backwards_padded(%x: tensor<1x2x4x4xf32>) -> tensor<1x1x6x6xf32> {
  %w = nn.constant dense<[[[[1.0]], [[2.0]]]]> : tensor<1x2x1x1xf32>
  %a = nn.constant dense<[[[2.0]], [[3.0]]]> : tensor<2x1x1xf32>
  %b = nn.constant dense<[[[10.0]], [[20.0]]]> : tensor<2x1x1xf32>
  %0 = nn.add %x, %b : tensor<1x2x4x4xf32>, tensor<2x1x1xf32>
  %1 = nn.mul %0, %a : tensor<1x2x4x4xf32>, tensor<2x1x1xf32>
  %2 = nn.conv %1, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>, tensor<1x2x1x1xf32>) -> tensor<1x1x6x6xf32>
  return %2 : tensor<1x1x6x6xf32>
}

// -----

// CHECK-LABEL: @gemm
// CHECK-DAG: %[[W:.*]] = nn.constant dense<{{.*}}2.000000e+00, 1.200000e+01{{.*}}6.000000e+00, 2.400000e+01
// CHECK-DAG: %[[B:.*]] = nn.constant dense<[1.000000e+00, 2.000000e+00]>
// CHECK: nn.matmul %arg0, %[[W]] bias(%[[B]])
func.func @gemm(%x: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %w = nn.constant dense<[[1.0, 3.0], [2.0, 4.0]]> : tensor<2x2xf32>
  %before = nn.constant dense<[2.0, 3.0]> : tensor<2xf32>
  %after = nn.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %bias = nn.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %0 = nn.mul %x, %before : tensor<3x2xf32>, tensor<2xf32>
  %1 = nn.matmul %0, %w : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32>
  %2 = nn.mul %1, %after : tensor<3x2xf32>, tensor<2xf32>
  %3 = nn.add %bias, %2 : tensor<2xf32>, tensor<3x2xf32>
  return %3 : tensor<3x2xf32>
}

// -----

// [N, K] weights: rows are results. A computed bias becomes the bias operand.
// CHECK-LABEL: @gemm_transposed
// CHECK: %[[W:.*]] = nn.constant dense<{{.*}}2.000000e+00, 6.000000e+00{{.*}}6.000000e+00, 1.200000e+01
// CHECK: nn.matmul %arg0, %[[W]] bias(%arg1) {transpose_rhs}
func.func @gemm_transposed(%x: tensor<3x2xf32>, %bias: tensor<2xf32>) -> tensor<3x2xf32> {
  %w = nn.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %before = nn.constant dense<[2.0, 3.0]> : tensor<2xf32>
  %0 = nn.mul %x, %before : tensor<3x2xf32>, tensor<2xf32>
  %1 = nn.matmul %0, %w {transpose_rhs} : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32>
  %2 = nn.add %1, %bias : tensor<3x2xf32>, tensor<2xf32>
  return %2 : tensor<3x2xf32>
}

// -----

// What no op takes in: seven ops become two.
// CHECK-LABEL: @merge
// CHECK-DAG: %[[A:.*]] = nn.constant dense<4.000000e+00>
// CHECK-DAG: %[[B:.*]] = nn.constant dense<[7.000000e+00, 9.000000e+00]>
// CHECK: %[[P:.*]] = nn.mul %arg0, %[[A]]
// CHECK-NEXT: %[[S:.*]] = nn.add %[[P]], %[[B]]
// CHECK-NEXT: return %[[S]]
func.func @merge(%x: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %two = nn.constant dense<2.0> : tensor<f32>
  %c = nn.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %three = nn.constant dense<3.0> : tensor<1xf32>
  %half = nn.constant dense<0.5> : tensor<f32>
  %0 = nn.mul %x, %two : tensor<3x2xf32>, tensor<f32>
  %1 = nn.add %0, %c : tensor<3x2xf32>, tensor<2xf32>
  %2 = nn.div %1, %half : tensor<3x2xf32>, tensor<f32>
  %3 = nn.add %2, %three : tensor<3x2xf32>, tensor<1xf32>
  %4 = nn.sub %3, %half : tensor<3x2xf32>, tensor<f32>
  %5 = nn.add %4, %two : tensor<3x2xf32>, tensor<f32>
  %6 = nn.add %5, %half : tensor<3x2xf32>, tensor<f32>
  return %6 : tensor<3x2xf32>
}

// -----

// CHECK-LABEL: @batch_norm_alone
// CHECK-DAG: %[[A:.*]] = nn.constant dense<{{.*}}2.000000e+00{{.*}}3.000000e+00{{.*}}> : tensor<2x1x1xf32>
// CHECK-DAG: %[[B:.*]] = nn.constant dense<{{.*}}8.000000e+00{{.*}}1.400000e+01{{.*}}> : tensor<2x1x1xf32>
// CHECK: %[[P:.*]] = nn.mul {{.*}}, %[[A]]
// CHECK: nn.add %[[P]], %[[B]]
func.func @batch_norm_alone(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
  %scale = nn.constant dense<[4.0, 6.0]> : tensor<2xf32>
  %offset = nn.constant dense<[10.0, 20.0]> : tensor<2xf32>
  %mean = nn.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %variance = nn.constant dense<3.0> : tensor<2xf32>
  %0 = nn.relu %x : tensor<1x2x4x4xf32>
  %1 = nn.batch_norm %0, %scale, %offset, %mean, %variance {epsilon = 1.0 : f64, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32>
  return %1 : tensor<1x2x4x4xf32>
}

// -----

// Statistics that are not constant: ops compute scale and offset.
// CHECK-LABEL: @batch_norm_computed
// CHECK: nn.sqrt
// CHECK: nn.div
// CHECK: nn.sub
// CHECK: nn.mul %arg0
// CHECK: nn.add
// CHECK-NOT: nn.batch_norm
func.func @batch_norm_computed(%x: tensor<1x2x4x4xf32>, %v: tensor<2xf32>) -> tensor<1x2x4x4xf32> {
  %0 = nn.batch_norm %x, %v, %v, %v, %v {epsilon = 1.0 : f64, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32>
  return %0 : tensor<1x2x4x4xf32>
}

// -----

// CHECK-LABEL: @pads
// CHECK-NOT: nn.pad
// CHECK: nn.conv %arg0{{.*}}pads = array<i64: 1, 2, 1, 2>
// CHECK-NOT: nn.pad
// CHECK: nn.pool {{.*}}count_include_pad{{.*}}pads = array<i64: 1, 1, 1, 1>
// CHECK-NOT: nn.pad
// CHECK: nn.pool {{.*}}max{{.*}}pads = array<i64: 1, 1, 1, 1>
func.func @pads(%x: tensor<1x2x4x4xf32>, %w: tensor<2x2x3x3xf32>) -> (tensor<1x2x4x6xf32>, tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) {
  %zero = nn.constant dense<0.0> : tensor<f32>
  %0 = nn.pad %x value(%zero) {pads = array<i64: 0, 0, 0, 1, 0, 0, 0, 1>, mode = #nn.pad_mode<constant>} : (tensor<1x2x4x4xf32>, tensor<f32>) -> tensor<1x2x4x6xf32>
  %1 = nn.conv %0, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x4x6xf32>, tensor<2x2x3x3xf32>) -> tensor<1x2x4x6xf32>
  %2 = nn.pad %x value(%zero) {pads = array<i64: 0, 0, 1, 1, 0, 0, 1, 1>, mode = #nn.pad_mode<constant>} : (tensor<1x2x4x4xf32>, tensor<f32>) -> tensor<1x2x6x6xf32>
  %3 = nn.pool %2 {kind = #nn.pool_kind<average>, kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x2x6x6xf32>) -> tensor<1x2x4x4xf32>
  %4 = nn.relu %x : tensor<1x2x4x4xf32>
  %5 = nn.pad %4 value(%zero) {pads = array<i64: 0, 0, 1, 1, 0, 0, 1, 1>, mode = #nn.pad_mode<constant>} : (tensor<1x2x4x4xf32>, tensor<f32>) -> tensor<1x2x6x6xf32>
  %6 = nn.pool %5 {kind = #nn.pool_kind<max>, kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x2x6x6xf32>) -> tensor<1x2x4x4xf32>
  return %1, %3, %6 : tensor<1x2x4x6xf32>, tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>
}

// -----

// Zeros may win a maximum over negative numbers; a pad of channels is no pad of a
// window; an average that counts only the input cannot take a pad in.
// CHECK-LABEL: @pads_that_stay
// CHECK-COUNT-3: nn.pad
func.func @pads_that_stay(%x: tensor<1x2x4x4xf32>, %w: tensor<2x4x1x1xf32>) -> (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>, tensor<1x2x6x6xf32>) {
  %zero = nn.constant dense<0.0> : tensor<f32>
  %0 = nn.pad %x value(%zero) {pads = array<i64: 0, 0, 1, 1, 0, 0, 1, 1>, mode = #nn.pad_mode<constant>} : (tensor<1x2x4x4xf32>, tensor<f32>) -> tensor<1x2x6x6xf32>
  %1 = nn.pool %0 {kind = #nn.pool_kind<max>, kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x2x6x6xf32>) -> tensor<1x2x4x4xf32>
  %2 = nn.pad %x value(%zero) {pads = array<i64: 0, 1, 0, 0, 0, 1, 0, 0>, mode = #nn.pad_mode<constant>} : (tensor<1x2x4x4xf32>, tensor<f32>) -> tensor<1x4x4x4xf32>
  %3 = nn.conv %2, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x4x4x4xf32>, tensor<2x4x1x1xf32>) -> tensor<1x2x4x4xf32>
  %4 = nn.pad %x value(%zero) {pads = array<i64: 0, 0, 1, 1, 0, 0, 1, 1>, mode = #nn.pad_mode<constant>} : (tensor<1x2x4x4xf32>, tensor<f32>) -> tensor<1x2x6x6xf32>
  %5 = nn.pool %4 {kind = #nn.pool_kind<average>, kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x2x6x6xf32>) -> tensor<1x2x6x6xf32>
  return %1, %3, %5 : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>, tensor<1x2x6x6xf32>
}

// -----

// A diamond: both uses are within the expression.
// CHECK-LABEL: @swish_diamond
// CHECK: %[[Y:.*]] = nn.conv
// CHECK-NEXT: ^bb0(%[[V:.*]]: f32):
// CHECK: %[[S:.*]] = arith.divf
// CHECK-NEXT: %[[P:.*]] = arith.mulf %[[V]], %[[S]]
// CHECK-NEXT: nn.yield %[[P]]
// CHECK: return %[[Y]]
func.func @swish_diamond(%x: tensor<1x2x4x4xf32>, %w: tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32> {
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32>
  %1 = nn.sigmoid %0 : tensor<1x2x4x4xf32>
  %2 = nn.mul %0, %1 : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>
  return %2 : tensor<1x2x4x4xf32>
}

// -----

// x * clip(x + 3, 0, 6) / 6: scalar constants are inline.
// CHECK-LABEL: @hard_swish
// CHECK: %[[Y:.*]] = nn.conv %arg0, %arg1 {
// CHECK: arith.addf
// CHECK: arith.maximumf
// CHECK: arith.minimumf
// CHECK: arith.mulf
// CHECK: arith.divf
// CHECK: return %[[Y]]
func.func @hard_swish(%x: tensor<1x2x4x4xf32>, %w: tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32> {
  %zero = nn.constant dense<0.0> : tensor<f32>
  %three = nn.constant dense<3.0> : tensor<f32>
  %six = nn.constant dense<6.0> : tensor<f32>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32>
  %1 = nn.add %0, %three : tensor<1x2x4x4xf32>, tensor<f32>
  %2 = nn.clamp %1, %zero, %six : tensor<1x2x4x4xf32>, tensor<f32>, tensor<f32>
  %3 = nn.mul %0, %2 : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>
  %4 = nn.div %3, %six : tensor<1x2x4x4xf32>, tensor<f32>
  return %4 : tensor<1x2x4x4xf32>
}

// -----

// GELU by erf behind a product.
// CHECK-LABEL: @gelu
// CHECK: %[[Y:.*]] = nn.matmul
// CHECK: math.erf
// CHECK: return %[[Y]]
func.func @gelu(%x: tensor<3x4xf32>, %w: tensor<4x4xf32>) -> tensor<3x4xf32> {
  %root = nn.constant dense<1.41421354> : tensor<f32>
  %one = nn.constant dense<1.0> : tensor<f32>
  %half = nn.constant dense<0.5> : tensor<f32>
  %0 = nn.matmul %x, %w : (tensor<3x4xf32>, tensor<4x4xf32>) -> tensor<3x4xf32>
  %1 = nn.div %0, %root : tensor<3x4xf32>, tensor<f32>
  %2 = nn.erf %1 : tensor<3x4xf32>
  %3 = nn.add %2, %one : tensor<3x4xf32>, tensor<f32>
  %4 = nn.mul %0, %3 : tensor<3x4xf32>, tensor<3x4xf32>
  %5 = nn.mul %4, %half : tensor<3x4xf32>, tensor<f32>
  return %5 : tensor<3x4xf32>
}

// -----

// The residual comes later in the block: the fused op moves behind it.
// CHECK-LABEL: @late_residual
// CHECK: %[[R:.*]] = nn.conv
// CHECK: nn.conv {{.*}} epilogue(%[[R]])
func.func @late_residual(%x: tensor<1x2x4x4xf32>, %w: tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32> {
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32>
  %1 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32>
  %2 = nn.exp %x : tensor<1x2x4x4xf32>
  %3 = nn.pool %2 {kind = #nn.pool_kind<max>, kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %4 = nn.relu %1 : tensor<1x2x4x4xf32>
  %5 = nn.mul %4, %3 : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>
  %6 = nn.add %0, %5 : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>
  return %6 : tensor<1x2x4x4xf32>
}

// -----

// A computed factor a channel, [1, C, 1, 1], is read as [C].
// CHECK-LABEL: @channel_factor
// CHECK: %[[S:.*]] = nn.reshape %arg2 : tensor<1x2x1x1xf32> to tensor<2xf32>
// CHECK: nn.conv {{.*}} epilogue(%[[S]])
func.func @channel_factor(%x: tensor<1x2x4x4xf32>, %w: tensor<2x2x1x1xf32>, %s: tensor<1x2x1x1xf32>) -> tensor<1x2x4x4xf32> {
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32>
  %1 = nn.mul %0, %s : tensor<1x2x4x4xf32>, tensor<1x2x1x1xf32>
  return %1 : tensor<1x2x4x4xf32>
}

// -----

// What would repeat work, or is used elsewhere, stays: the result before the relu has
// two uses; an operand makes the result larger.
// CHECK-LABEL: @not_fused
// CHECK: nn.conv
// CHECK: nn.relu
// CHECK: nn.matmul
// CHECK: nn.add
func.func @not_fused(%x: tensor<1x2x4x4xf32>, %w: tensor<2x2x1x1xf32>, %y: tensor<1x4xf32>, %m: tensor<4x4xf32>, %big: tensor<3x4xf32>) -> (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>, tensor<3x4xf32>) {
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32>
  %1 = nn.relu %0 : tensor<1x2x4x4xf32>
  %2 = nn.matmul %y, %m : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  %3 = nn.add %2, %big : tensor<1x4xf32>, tensor<3x4xf32>
  return %0, %1, %3 : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>, tensor<3x4xf32>
}

// -----

// Squeeze and excitation: the factor depends on the product's own result, so fusion
// ends before it.
// CHECK-LABEL: @excitation
// CHECK: %[[Y:.*]] = nn.conv
// CHECK: arith.maximumf
// CHECK: nn.reduce %[[Y]]
// CHECK: nn.mul %[[Y]]
func.func @excitation(%x: tensor<1x2x4x4xf32>, %w: tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32> {
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32>
  %1 = nn.relu %0 : tensor<1x2x4x4xf32>
  %2 = nn.reduce %1 {kind = #nn.reduce_kind<mean>, axes = array<i64: 2, 3>, keepdims} : (tensor<1x2x4x4xf32>) -> tensor<1x2x1x1xf32>
  %3 = nn.mul %1, %2 : tensor<1x2x4x4xf32>, tensor<1x2x1x1xf32>
  return %3 : tensor<1x2x4x4xf32>
}
