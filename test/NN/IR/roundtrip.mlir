// RUN: mlc-opt %s | mlc-opt | FileCheck %s

// Every op is printed as it is read.
// CHECK-LABEL: @elementwise
func.func @elementwise(%x: tensor<2x3xf32>, %u: tensor<2x3xui8>, %b: tensor<2x3xi1>, %s: tensor<f32>) {
  // CHECK: nn.abs %arg0 : tensor<2x3xf32>
  %0 = nn.abs %x : tensor<2x3xf32>
  // CHECK: nn.neg %arg0 : tensor<2x3xf32>
  %1 = nn.neg %x : tensor<2x3xf32>
  // CHECK: nn.sign %arg0 : tensor<2x3xf32>
  %2 = nn.sign %x : tensor<2x3xf32>
  // CHECK: nn.ceil %arg0 : tensor<2x3xf32>
  %3 = nn.ceil %x : tensor<2x3xf32>
  // CHECK: nn.floor %arg0 : tensor<2x3xf32>
  %4 = nn.floor %x : tensor<2x3xf32>
  // CHECK: nn.round %arg0 : tensor<2x3xf32>
  %5 = nn.round %x : tensor<2x3xf32>
  // CHECK: nn.sqrt %arg0 : tensor<2x3xf32>
  %6 = nn.sqrt %x : tensor<2x3xf32>
  // CHECK: nn.reciprocal %arg0 : tensor<2x3xf32>
  %7 = nn.reciprocal %x : tensor<2x3xf32>
  // CHECK: nn.exp %arg0 : tensor<2x3xf32>
  %8 = nn.exp %x : tensor<2x3xf32>
  // CHECK: nn.log %arg0 : tensor<2x3xf32>
  %9 = nn.log %x : tensor<2x3xf32>
  // CHECK: nn.erf %arg0 : tensor<2x3xf32>
  %10 = nn.erf %x : tensor<2x3xf32>
  // CHECK: nn.sin %arg0 : tensor<2x3xf32>
  %11 = nn.sin %x : tensor<2x3xf32>
  // CHECK: nn.cos %arg0 : tensor<2x3xf32>
  %12 = nn.cos %x : tensor<2x3xf32>
  // CHECK: nn.tan %arg0 : tensor<2x3xf32>
  %13 = nn.tan %x : tensor<2x3xf32>
  // CHECK: nn.asin %arg0 : tensor<2x3xf32>
  %14 = nn.asin %x : tensor<2x3xf32>
  // CHECK: nn.acos %arg0 : tensor<2x3xf32>
  %15 = nn.acos %x : tensor<2x3xf32>
  // CHECK: nn.atan %arg0 : tensor<2x3xf32>
  %16 = nn.atan %x : tensor<2x3xf32>
  // CHECK: nn.sinh %arg0 : tensor<2x3xf32>
  %17 = nn.sinh %x : tensor<2x3xf32>
  // CHECK: nn.cosh %arg0 : tensor<2x3xf32>
  %18 = nn.cosh %x : tensor<2x3xf32>
  // CHECK: nn.tanh %arg0 : tensor<2x3xf32>
  %19 = nn.tanh %x : tensor<2x3xf32>
  // CHECK: nn.asinh %arg0 : tensor<2x3xf32>
  %20 = nn.asinh %x : tensor<2x3xf32>
  // CHECK: nn.acosh %arg0 : tensor<2x3xf32>
  %21 = nn.acosh %x : tensor<2x3xf32>
  // CHECK: nn.atanh %arg0 : tensor<2x3xf32>
  %22 = nn.atanh %x : tensor<2x3xf32>
  // CHECK: nn.sigmoid %arg0 : tensor<2x3xf32>
  %23 = nn.sigmoid %x : tensor<2x3xf32>
  // CHECK: nn.relu %arg0 : tensor<2x3xf32>
  %24 = nn.relu %x : tensor<2x3xf32>
  // CHECK: nn.leaky_relu %arg0 {alpha = 5.000000e-01 : f64} : tensor<2x3xf32>
  %25 = nn.leaky_relu %x {alpha = 5.000000e-01 : f64} : tensor<2x3xf32>
  // CHECK: nn.elu %arg0 {alpha = 5.000000e-01 : f64} : tensor<2x3xf32>
  %26 = nn.elu %x {alpha = 5.000000e-01 : f64} : tensor<2x3xf32>
  // CHECK: nn.selu %arg0 {alpha = 5.000000e-01 : f64, gamma = 5.000000e-01 : f64} : tensor<2x3xf32>
  %27 = nn.selu %x {alpha = 5.000000e-01 : f64, gamma = 5.000000e-01 : f64} : tensor<2x3xf32>
  // CHECK: nn.celu %arg0 {alpha = 5.000000e-01 : f64} : tensor<2x3xf32>
  %28 = nn.celu %x {alpha = 5.000000e-01 : f64} : tensor<2x3xf32>
  // CHECK: nn.thresholded_relu %arg0 {alpha = 5.000000e-01 : f64} : tensor<2x3xf32>
  %29 = nn.thresholded_relu %x {alpha = 5.000000e-01 : f64} : tensor<2x3xf32>
  // CHECK: nn.hard_sigmoid %arg0 {alpha = 5.000000e-01 : f64, beta = 5.000000e-01 : f64} : tensor<2x3xf32>
  %30 = nn.hard_sigmoid %x {alpha = 5.000000e-01 : f64, beta = 5.000000e-01 : f64} : tensor<2x3xf32>
  // CHECK: nn.hard_swish %arg0 : tensor<2x3xf32>
  %31 = nn.hard_swish %x : tensor<2x3xf32>
  // CHECK: nn.softplus %arg0 : tensor<2x3xf32>
  %32 = nn.softplus %x : tensor<2x3xf32>
  // CHECK: nn.softsign %arg0 : tensor<2x3xf32>
  %33 = nn.softsign %x : tensor<2x3xf32>
  // CHECK: nn.gelu %arg0 {approximate} : tensor<2x3xf32>
  %34 = nn.gelu %x {approximate} : tensor<2x3xf32>
  // CHECK: nn.mish %arg0 : tensor<2x3xf32>
  %35 = nn.mish %x : tensor<2x3xf32>
  // CHECK: nn.swish %arg0 {alpha = 5.000000e-01 : f64} : tensor<2x3xf32>
  %36 = nn.swish %x {alpha = 5.000000e-01 : f64} : tensor<2x3xf32>
  // CHECK: nn.shrink %arg0 {bias = 5.000000e-01 : f64, lambda = 5.000000e-01 : f64} : tensor<2x3xf32>
  %37 = nn.shrink %x {bias = 5.000000e-01 : f64, lambda = 5.000000e-01 : f64} : tensor<2x3xf32>
  // CHECK: nn.bitwise_not %arg1 : tensor<2x3xui8>
  %38 = nn.bitwise_not %u : tensor<2x3xui8>
  // CHECK: nn.add %arg0, %arg0 : tensor<2x3xf32>, tensor<2x3xf32>
  %39 = nn.add %x, %x : tensor<2x3xf32>, tensor<2x3xf32>
  // CHECK: nn.sub %arg0, %arg0 : tensor<2x3xf32>, tensor<2x3xf32>
  %40 = nn.sub %x, %x : tensor<2x3xf32>, tensor<2x3xf32>
  // CHECK: nn.mul %arg0, %arg0 : tensor<2x3xf32>, tensor<2x3xf32>
  %41 = nn.mul %x, %x : tensor<2x3xf32>, tensor<2x3xf32>
  // CHECK: nn.div %arg0, %arg0 : tensor<2x3xf32>, tensor<2x3xf32>
  %42 = nn.div %x, %x : tensor<2x3xf32>, tensor<2x3xf32>
  // CHECK: nn.mod %arg0, %arg0 {fmod} : tensor<2x3xf32>, tensor<2x3xf32>
  %43 = nn.mod %x, %x {fmod} : tensor<2x3xf32>, tensor<2x3xf32>
  // CHECK: nn.min %arg0, %arg0 : tensor<2x3xf32>, tensor<2x3xf32>
  %44 = nn.min %x, %x : tensor<2x3xf32>, tensor<2x3xf32>
  // CHECK: nn.max %arg0, %arg0 : tensor<2x3xf32>, tensor<2x3xf32>
  %45 = nn.max %x, %x : tensor<2x3xf32>, tensor<2x3xf32>
  // CHECK: nn.bitwise_and %arg1, %arg1 : tensor<2x3xui8>, tensor<2x3xui8>
  %46 = nn.bitwise_and %u, %u : tensor<2x3xui8>, tensor<2x3xui8>
  // CHECK: nn.bitwise_or %arg1, %arg1 : tensor<2x3xui8>, tensor<2x3xui8>
  %47 = nn.bitwise_or %u, %u : tensor<2x3xui8>, tensor<2x3xui8>
  // CHECK: nn.bitwise_xor %arg1, %arg1 : tensor<2x3xui8>, tensor<2x3xui8>
  %48 = nn.bitwise_xor %u, %u : tensor<2x3xui8>, tensor<2x3xui8>
  // CHECK: nn.shift_left %arg1, %arg1 : tensor<2x3xui8>, tensor<2x3xui8>
  %49 = nn.shift_left %u, %u : tensor<2x3xui8>, tensor<2x3xui8>
  // CHECK: nn.shift_right %arg1, %arg1 : tensor<2x3xui8>, tensor<2x3xui8>
  %50 = nn.shift_right %u, %u : tensor<2x3xui8>, tensor<2x3xui8>
  // CHECK: nn.prelu %arg0, %arg0 : tensor<2x3xf32>, tensor<2x3xf32>
  %51 = nn.prelu %x, %x : tensor<2x3xf32>, tensor<2x3xf32>
  // CHECK: nn.equal %arg0, %arg0 : tensor<2x3xf32>, tensor<2x3xf32>
  %52 = nn.equal %x, %x : tensor<2x3xf32>, tensor<2x3xf32>
  // CHECK: nn.greater %arg0, %arg0 : tensor<2x3xf32>, tensor<2x3xf32>
  %53 = nn.greater %x, %x : tensor<2x3xf32>, tensor<2x3xf32>
  // CHECK: nn.greater_or_equal %arg0, %arg0 : tensor<2x3xf32>, tensor<2x3xf32>
  %54 = nn.greater_or_equal %x, %x : tensor<2x3xf32>, tensor<2x3xf32>
  // CHECK: nn.less %arg0, %arg0 : tensor<2x3xf32>, tensor<2x3xf32>
  %55 = nn.less %x, %x : tensor<2x3xf32>, tensor<2x3xf32>
  // CHECK: nn.less_or_equal %arg0, %arg0 : tensor<2x3xf32>, tensor<2x3xf32>
  %56 = nn.less_or_equal %x, %x : tensor<2x3xf32>, tensor<2x3xf32>
  // CHECK: nn.and %arg2, %arg2 : tensor<2x3xi1>, tensor<2x3xi1>
  %57 = nn.and %b, %b : tensor<2x3xi1>, tensor<2x3xi1>
  // CHECK: nn.or %arg2, %arg2 : tensor<2x3xi1>, tensor<2x3xi1>
  %58 = nn.or %b, %b : tensor<2x3xi1>, tensor<2x3xi1>
  // CHECK: nn.xor %arg2, %arg2 : tensor<2x3xi1>, tensor<2x3xi1>
  %59 = nn.xor %b, %b : tensor<2x3xi1>, tensor<2x3xi1>
  // CHECK: nn.not %arg2 : tensor<2x3xi1>
  %60 = nn.not %b : tensor<2x3xi1>
  // CHECK: nn.is_nan %arg0 : tensor<2x3xf32>
  %61 = nn.is_nan %x : tensor<2x3xf32>
  // CHECK: nn.is_inf %arg0 : tensor<2x3xf32>
  %62 = nn.is_inf %x : tensor<2x3xf32>
  // CHECK: nn.swiglu %arg0, %arg0 {alpha = 1.702000e+00 : f64, beta = 1.000000e+00 : f64, limit = 7.000000e+00 : f64, rounds} : tensor<2x3xf32>, tensor<2x3xf32>
  %gated = nn.swiglu %x, %x {alpha = 1.702 : f64, beta = 1.0 : f64, limit = 7.0 : f64, rounds} : tensor<2x3xf32>, tensor<2x3xf32>
  // CHECK: nn.pow %arg0, %arg1 : tensor<2x3xf32>, tensor<2x3xui8>
  %63 = nn.pow %x, %u : tensor<2x3xf32>, tensor<2x3xui8>
  // CHECK: nn.select %arg2, %arg0, %arg3 : tensor<2x3xi1>, tensor<2x3xf32>, tensor<f32>
  %64 = nn.select %b, %x, %s : tensor<2x3xi1>, tensor<2x3xf32>, tensor<f32>
  // CHECK: nn.clamp %arg0, %arg3, %arg3 : tensor<2x3xf32>, tensor<f32>, tensor<f32>
  %65 = nn.clamp %x, %s, %s : tensor<2x3xf32>, tensor<f32>, tensor<f32>
  // CHECK: nn.cast %arg0 {saturate} : tensor<2x3xf32> to tensor<2x3xi8>
  %66 = nn.cast %x {saturate} : tensor<2x3xf32> to tensor<2x3xi8>
  // CHECK: nn.cast %arg2 : tensor<2x3xi1> to tensor<2x3xf16>
  %67 = nn.cast %b : tensor<2x3xi1> to tensor<2x3xf16>
  // CHECK: nn.is_inf %arg0 {negative = false} : tensor<2x3xf32>
  %68 = nn.is_inf %x {negative = false} : tensor<2x3xf32>
  return
}

// CHECK-LABEL: @spatial
func.func @spatial(%x: tensor<1x4x8x8xf32>, %w: tensor<6x2x3x3xf32>, %c: tensor<6xf32>, %r: tensor<1x6x4x8xf32>, %n: tensor<4xf32>, %z: tensor<1x8x8x4xf32>) {
  // CHECK: nn.conv %arg0, %arg1 {dilations = array<i64: 1, 2>, groups = 2 : i64, layout = #nn.layout<channels_first>, pads = array<i64: 0, 1, 2, 3>, strides = array<i64: 2, 1>} : (tensor<1x4x8x8xf32>, tensor<6x2x3x3xf32>) -> tensor<1x6x4x8xf32>
  %0 = nn.conv %x, %w {dilations = array<i64: 1, 2>, groups = 2 : i64, layout = #nn.layout<channels_first>, pads = array<i64: 0, 1, 2, 3>, strides = array<i64: 2, 1>} : (tensor<1x4x8x8xf32>, tensor<6x2x3x3xf32>) -> tensor<1x6x4x8xf32>
  // CHECK: nn.conv %arg0, %arg1 bias(%arg2) epilogue(%arg3, %arg2) {dilations = array<i64: 1, 2>, groups = 2 : i64, layout = #nn.layout<channels_first>, pads = array<i64: 0, 1, 2, 3>, strides = array<i64: 2, 1>} : (tensor<1x4x8x8xf32>, tensor<6x2x3x3xf32>, tensor<6xf32>, tensor<1x6x4x8xf32>, tensor<6xf32>) -> tensor<1x6x4x8xf32> {
  %1 = nn.conv %x, %w bias(%c) epilogue(%r, %c) {dilations = array<i64: 1, 2>, groups = 2 : i64, layout = #nn.layout<channels_first>, pads = array<i64: 0, 1, 2, 3>, strides = array<i64: 2, 1>} : (tensor<1x4x8x8xf32>, tensor<6x2x3x3xf32>, tensor<6xf32>, tensor<1x6x4x8xf32>, tensor<6xf32>) -> tensor<1x6x4x8xf32> {
  ^bb0(%v: f32, %p: f32, %q: f32):
    %t = arith.addf %v, %p : f32
    nn.yield %t : f32
  }
  // CHECK: nn.pool %arg0 {ceil_mode, count_include_pad, dilations = array<i64: 1, 1>, kernel = array<i64: 3, 3>, kind = #nn.pool_kind<average>, layout = #nn.layout<channels_first>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x5x5xf32>
  %2 = nn.pool %x {ceil_mode, count_include_pad, dilations = array<i64: 1, 1>, kernel = array<i64: 3, 3>, kind = #nn.pool_kind<average>, layout = #nn.layout<channels_first>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x5x5xf32>
  // CHECK: nn.batch_norm %arg5, %arg4, %arg4, %arg4, %arg4 {epsilon = 1.000000e-05 : f64, layout = #nn.layout<channels_last>} : (tensor<1x8x8x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x8x8x4xf32>
  %3 = nn.batch_norm %z, %n, %n, %n, %n {epsilon = 1.000000e-05 : f64, layout = #nn.layout<channels_last>} : (tensor<1x8x8x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x8x8x4xf32>
  return
}

// CHECK-LABEL: @linear
func.func @linear(%a: tensor<5x2x3xf32>, %b: tensor<4x3xf32>, %c: tensor<4xf32>, %s: tensor<f32>) {
  // CHECK: nn.matmul %arg0, %arg1 {transpose_rhs} : (tensor<5x2x3xf32>, tensor<4x3xf32>) -> tensor<5x2x4xf32>
  %0 = nn.matmul %a, %b {transpose_rhs} : (tensor<5x2x3xf32>, tensor<4x3xf32>) -> tensor<5x2x4xf32>
  // CHECK: nn.matmul %arg0, %arg1 bias(%arg2) epilogue(%arg3) {transpose_rhs} : (tensor<5x2x3xf32>, tensor<4x3xf32>, tensor<4xf32>, tensor<f32>) -> tensor<5x2x4xf32> {
  %1 = nn.matmul %a, %b bias(%c) epilogue(%s) {transpose_rhs} : (tensor<5x2x3xf32>, tensor<4x3xf32>, tensor<4xf32>, tensor<f32>) -> tensor<5x2x4xf32> {
  ^bb0(%v: f32, %p: f32):
    %t = arith.mulf %v, %p : f32
    nn.yield %t : f32
  }
  return
}

// CHECK-LABEL: @movement
func.func @movement(%x: tensor<2x3xf32>, %i: tensor<4xi64>, %s: tensor<f32>) {
  // CHECK: nn.reshape %arg0 : tensor<2x3xf32> to tensor<3x2xf32>
  %0 = nn.reshape %x : tensor<2x3xf32> to tensor<3x2xf32>
  // CHECK: nn.transpose %arg0 {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %1 = nn.transpose %x {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  // CHECK: nn.concat %arg0, %arg0 {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x6xf32>
  %2 = nn.concat %x, %x {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x6xf32>
  // CHECK: nn.slice %arg0 {sizes = array<i64: 1, 2>, starts = array<i64: 1, 2>, steps = array<i64: 1, -2>} : (tensor<2x3xf32>) -> tensor<1x2xf32>
  %3 = nn.slice %x {sizes = array<i64: 1, 2>, starts = array<i64: 1, 2>, steps = array<i64: 1, -2>} : (tensor<2x3xf32>) -> tensor<1x2xf32>
  // CHECK: nn.pad %arg0 value(%arg2) {mode = #nn.pad_mode<constant>, pads = array<i64: 1, 0, 0, -1>} : (tensor<2x3xf32>, tensor<f32>) -> tensor<3x2xf32>
  %4 = nn.pad %x value(%s) {mode = #nn.pad_mode<constant>, pads = array<i64: 1, 0, 0, -1>} : (tensor<2x3xf32>, tensor<f32>) -> tensor<3x2xf32>
  // CHECK: nn.pad %arg0 {mode = #nn.pad_mode<reflect>, pads = array<i64: 1, 0, 0, 2>} : (tensor<2x3xf32>) -> tensor<3x5xf32>
  %5 = nn.pad %x {mode = #nn.pad_mode<reflect>, pads = array<i64: 1, 0, 0, 2>} : (tensor<2x3xf32>) -> tensor<3x5xf32>
  // CHECK: nn.broadcast %arg0 : tensor<2x3xf32> to tensor<4x2x3xf32>
  %6 = nn.broadcast %x : tensor<2x3xf32> to tensor<4x2x3xf32>
  // CHECK: nn.gather %arg0, %arg1 {axis = 1 : i64} : (tensor<2x3xf32>, tensor<4xi64>) -> tensor<2x4xf32>
  %7 = nn.gather %x, %i {axis = 1 : i64} : (tensor<2x3xf32>, tensor<4xi64>) -> tensor<2x4xf32>
  return
}

// CHECK-LABEL: @reduction
func.func @reduction(%x: tensor<2x3xf32>) {
  // CHECK: nn.reduce %arg0 {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<sum>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  %0 = nn.reduce %x {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<sum>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  // CHECK: nn.reduce %arg0 {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<mean>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  %1 = nn.reduce %x {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<mean>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  // CHECK: nn.reduce %arg0 {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<max>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  %2 = nn.reduce %x {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<max>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  // CHECK: nn.reduce %arg0 {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<min>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  %3 = nn.reduce %x {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<min>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  // CHECK: nn.reduce %arg0 {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<prod>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  %4 = nn.reduce %x {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<prod>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  // CHECK: nn.reduce %arg0 {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<l1>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  %5 = nn.reduce %x {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<l1>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  // CHECK: nn.reduce %arg0 {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<l2>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  %6 = nn.reduce %x {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<l2>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  // CHECK: nn.reduce %arg0 {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<log_sum>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  %7 = nn.reduce %x {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<log_sum>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  // CHECK: nn.reduce %arg0 {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<log_sum_exp>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  %8 = nn.reduce %x {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<log_sum_exp>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  // CHECK: nn.reduce %arg0 {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<sum_square>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  %9 = nn.reduce %x {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<sum_square>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  // CHECK: nn.reduce %arg0 {axes = array<i64: 0, 1>, kind = #nn.reduce_kind<sum>} : (tensor<2x3xf32>) -> tensor<f32>
  %10 = nn.reduce %x {axes = array<i64: 0, 1>, kind = #nn.reduce_kind<sum>} : (tensor<2x3xf32>) -> tensor<f32>
  // CHECK: nn.softmax %arg0 {axis = 1 : i64, log} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %11 = nn.softmax %x {axis = 1 : i64, log} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// CHECK-LABEL: @indexing
func.func @indexing(%x: tensor<4x3xf32>, %i: tensor<2xi64>, %u: tensor<2x3xf32>, %t: tensor<5x2xi64>, %w: tensor<5x2xf32>, %n: tensor<i64>,
    %image: tensor<2x9x8x3xf32>, %rois: tensor<5x4xf32>, %which: tensor<5xi64>) {
  // CHECK: nn.scatter %arg0, %arg1, %arg2 {kind = #nn.scatter_kind<assign>} : (tensor<4x3xf32>, tensor<2xi64>, tensor<2x3xf32>) -> tensor<4x3xf32>
  %s_assign = nn.scatter %x, %i, %u {kind = #nn.scatter_kind<assign>} : (tensor<4x3xf32>, tensor<2xi64>, tensor<2x3xf32>) -> tensor<4x3xf32>
  // CHECK: nn.scatter %arg0, %arg1, %arg2 {kind = #nn.scatter_kind<add>} : (tensor<4x3xf32>, tensor<2xi64>, tensor<2x3xf32>) -> tensor<4x3xf32>
  %s_add = nn.scatter %x, %i, %u {kind = #nn.scatter_kind<add>} : (tensor<4x3xf32>, tensor<2xi64>, tensor<2x3xf32>) -> tensor<4x3xf32>
  // CHECK: nn.scatter %arg0, %arg1, %arg2 {kind = #nn.scatter_kind<mul>} : (tensor<4x3xf32>, tensor<2xi64>, tensor<2x3xf32>) -> tensor<4x3xf32>
  %s_mul = nn.scatter %x, %i, %u {kind = #nn.scatter_kind<mul>} : (tensor<4x3xf32>, tensor<2xi64>, tensor<2x3xf32>) -> tensor<4x3xf32>
  // CHECK: nn.scatter %arg0, %arg1, %arg2 {kind = #nn.scatter_kind<max>} : (tensor<4x3xf32>, tensor<2xi64>, tensor<2x3xf32>) -> tensor<4x3xf32>
  %s_max = nn.scatter %x, %i, %u {kind = #nn.scatter_kind<max>} : (tensor<4x3xf32>, tensor<2xi64>, tensor<2x3xf32>) -> tensor<4x3xf32>
  // CHECK: nn.scatter %arg0, %arg1, %arg2 {kind = #nn.scatter_kind<min>} : (tensor<4x3xf32>, tensor<2xi64>, tensor<2x3xf32>) -> tensor<4x3xf32>
  %s_min = nn.scatter %x, %i, %u {kind = #nn.scatter_kind<min>} : (tensor<4x3xf32>, tensor<2xi64>, tensor<2x3xf32>) -> tensor<4x3xf32>
  // CHECK: nn.scatter %arg0, %arg1, %arg2 count(%arg5) {kind = #nn.scatter_kind<add>} : (tensor<4x3xf32>, tensor<2xi64>, tensor<2x3xf32>, tensor<i64>) -> tensor<4x3xf32>
  %s_count = nn.scatter %x, %i, %u count(%n) {kind = #nn.scatter_kind<add>} : (tensor<4x3xf32>, tensor<2xi64>, tensor<2x3xf32>, tensor<i64>) -> tensor<4x3xf32>
  // CHECK: nn.order %arg0 {axis = 1 : i64, count = 3 : i64} : (tensor<4x3xf32>) -> tensor<4x3xi64>
  %r0 = nn.order %x {axis = 1 : i64, count = 3 : i64} : (tensor<4x3xf32>) -> tensor<4x3xi64>
  // CHECK: nn.order %arg0 {axis = 0 : i64, count = 2 : i64, descending} : (tensor<4x3xf32>) -> tensor<2x3xi64>
  %r1 = nn.order %x {axis = 0 : i64, count = 2 : i64, descending} : (tensor<4x3xf32>) -> tensor<2x3xi64>
  // CHECK: nn.roi_align %arg6, %arg7, %arg8 {half_pixel, height = 3 : i64, max, sampling_ratio = 0 : i64, spatial_scale = 5.000000e-01 : f64, width = 2 : i64} : (tensor<2x9x8x3xf32>, tensor<5x4xf32>, tensor<5xi64>) -> tensor<5x3x2x3xf32>
  %r2 = nn.roi_align %image, %rois, %which {half_pixel, height = 3 : i64, max, sampling_ratio = 0 : i64, spatial_scale = 0.5 : f64, width = 2 : i64} : (tensor<2x9x8x3xf32>, tensor<5x4xf32>, tensor<5xi64>) -> tensor<5x3x2x3xf32>
  // CHECK: nn.resample %arg0, %arg3, %arg4 {axis = 1 : i64} : (tensor<4x3xf32>, tensor<5x2xi64>, tensor<5x2xf32>) -> tensor<4x5xf32>
  %y = nn.resample %x, %t, %w {axis = 1 : i64} : (tensor<4x3xf32>, tensor<5x2xi64>, tensor<5x2xf32>) -> tensor<4x5xf32>
  return
}

// CHECK-LABEL: @bounded
func.func @bounded(%m: tensor<9xi1>, %b: tensor<2x7x4xf32>, %s: tensor<2x3x7xf32>, %n: tensor<i64>, %t: tensor<f32>) {
  // CHECK: nn.compact %arg0 : (tensor<9xi1>) -> (tensor<5xi64>, tensor<i64>)
  %p:2 = nn.compact %m : (tensor<9xi1>) -> (tensor<5xi64>, tensor<i64>)
  // CHECK: nn.nms %arg1, %arg2, %arg3, %arg4 : (tensor<2x7x4xf32>, tensor<2x3x7xf32>, tensor<i64>, tensor<f32>) -> (tensor<42x3xi64>, tensor<i64>)
  %q:2 = nn.nms %b, %s, %n, %t : (tensor<2x7x4xf32>, tensor<2x3x7xf32>, tensor<i64>, tensor<f32>) -> (tensor<42x3xi64>, tensor<i64>)
  // CHECK: nn.nms %arg1, %arg2, %arg3, %arg4 score(%arg4) boxes(%arg3) {center_point} : (tensor<2x7x4xf32>, tensor<2x3x7xf32>, tensor<i64>, tensor<f32>, tensor<f32>, tensor<i64>) -> (tensor<4x3xi64>, tensor<i64>)
  %r:2 = nn.nms %b, %s, %n, %t score(%t) boxes(%n) {center_point} : (tensor<2x7x4xf32>, tensor<2x3x7xf32>, tensor<i64>, tensor<f32>, tensor<f32>, tensor<i64>) -> (tensor<4x3xi64>, tensor<i64>)
  return
}

// CHECK-LABEL: @bitcast
func.func @bitcast(%x: tensor<4xf32>, %m: tensor<3xi1>) {
  // CHECK: nn.bitcast %arg0 : tensor<4xf32> to tensor<4xui32>
  %y = nn.bitcast %x : tensor<4xf32> to tensor<4xui32>
  // CHECK: nn.bitcast %arg1 : tensor<3xi1> to tensor<3xi8>
  %z = nn.bitcast %m : tensor<3xi1> to tensor<3xi8>
  return
}

// CHECK-LABEL: @constants
func.func @constants() {
  // CHECK: nn.constant dense<[1, 2]> : tensor<2xui8>
  %0 = nn.constant dense<[1, 2]> : tensor<2xui8>
  // CHECK: nn.constant dense<1.000000e+00> : tensor<bf16>
  %1 = nn.constant dense<1.0> : tensor<bf16>
  // CHECK: nn.constant dense_resource<w> : tensor<2xf32>
  %2 = nn.constant dense_resource<w> : tensor<2xf32>
  return
}

{-#
  dialect_resources: {
    builtin: {
      w: "0x400000000000803F00000040"
    }
  }
#-}
