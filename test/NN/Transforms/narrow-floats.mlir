// RUN: mlc-opt %s -nn-narrow-floats | FileCheck %s
// RUN: mlc-opt %s -nn-narrow-floats="type=f16" | FileCheck %s --check-prefix=F16
// RUN: mlc-opt %s -nn-narrow-floats="few-channels=true" | FileCheck %s --check-prefix=FEW
// RUN: not mlc-opt %s -nn-narrow-floats="type=f32" 2>&1 | FileCheck %s --check-prefix=TYPE
// TYPE: error: type is 'f32', bf16 or f16 is required

// The first convolution has few channels: it stays, and stores 16 bits for the others. Pools and concatenations carry
// them. The model's result is not rounded.
// CHECK-LABEL: func @network
// CHECK-SAME: nn.float_ops = [{{.*}}op = "nn.conv"{{.*}}reason = "its input has few channels"
// CHECK: %[[W:.*]] = nn.constant dense<{{.*}}> : tensor<8x8x1x1xbf16>
// CHECK: %[[FIRST:.*]] = nn.conv %arg0, {{.*}} : (tensor<1x4x4x3xf32>, tensor<8x3x1x1xf32>) -> tensor<1x4x4x8xbf16> {
// CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32):
// CHECK-NEXT: %[[ROUNDED:.*]] = arith.truncf %[[SUM]] : f32 to bf16
// CHECK-NEXT: nn.yield %[[ROUNDED]] : bf16
// CHECK: %[[POOL:.*]] = nn.pool %[[FIRST]] {{.*}} -> tensor<1x4x4x8xbf16>
// CHECK: %[[SECOND:.*]] = nn.conv %[[POOL]], %[[W]] epilogue(%[[FIRST]]) {{.*}} -> tensor<1x4x4x8xbf16> {
// CHECK-NEXT: ^bb0(%[[ACC:.*]]: f32, %[[R:.*]]: bf16):
// CHECK-NEXT: %[[WIDE:.*]] = arith.extf %[[R]] : bf16 to f32
// CHECK-NEXT: %[[ADD:.*]] = arith.addf %[[ACC]], %[[WIDE]] : f32
// CHECK-NEXT: %[[NARROW:.*]] = arith.truncf %[[ADD]] : f32 to bf16
// CHECK-NEXT: nn.yield %[[NARROW]] : bf16
// CHECK: %[[BOTH:.*]] = nn.concat %[[FIRST]], %[[SECOND]] {{.*}} -> tensor<1x4x4x16xbf16>
// CHECK: nn.conv %[[BOTH]], {{.*}} : (tensor<1x4x4x16xbf16>, tensor<4x16x1x1xbf16>) -> tensor<1x4x4x4xf32> {
// CHECK-NEXT: ^bb0(%[[LAST:.*]]: f32):
// CHECK-NEXT: nn.yield %[[LAST]] : f32
// F16: nn.conv {{.*}} -> tensor<1x4x4x8xf16>
// FEW: nn.conv {{.*}} : (tensor<1x4x4x3xbf16>, tensor<8x3x1x1xbf16>) -> tensor<1x4x4x8xbf16>
func.func @network(%x: tensor<1x4x4x3xf32>) -> tensor<1x4x4x4xf32> {
  %w0 = nn.constant dense<0.5> : tensor<8x3x1x1xf32>
  %w1 = nn.constant dense<0.5> : tensor<8x8x1x1xf32>
  %w2 = nn.constant dense<0.5> : tensor<4x16x1x1xf32>
  %0 = nn.conv %x, %w0 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_last>}
      : (tensor<1x4x4x3xf32>, tensor<8x3x1x1xf32>) -> tensor<1x4x4x8xf32>
  %1 = nn.pool %0 {kind = #nn.pool_kind<max>, kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_last>}
      : (tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32>
  %2 = nn.conv %1, %w1 epilogue(%0) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_last>}
      : (tensor<1x4x4x8xf32>, tensor<8x8x1x1xf32>, tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32> {
  ^bb0(%acc: f32, %r: f32):
    %s = arith.addf %acc, %r : f32
    nn.yield %s : f32
  }
  %3 = nn.concat %0, %2 {axis = 3 : i64} : (tensor<1x4x4x8xf32>, tensor<1x4x4x8xf32>) -> tensor<1x4x4x16xf32>
  %4 = nn.conv %3, %w2 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_last>}
      : (tensor<1x4x4x16xf32>, tensor<4x16x1x1xf32>) -> tensor<1x4x4x4xf32>
  return %4 : tensor<1x4x4x4xf32>
}

// What is not a product converts; a constant operand has no narrow form worth storing. Depthwise weights stay.
// CHECK-LABEL: func @others
// CHECK: %[[IN:.*]] = nn.cast %arg0 : tensor<1x4x4x8xf32> to tensor<1x4x4x8xbf16>
// CHECK: %[[DEEP:.*]] = nn.conv %[[IN]], {{.*}} : (tensor<1x4x4x8xbf16>, tensor<8x1x1x1xf32>) -> tensor<1x4x4x8xbf16>
// CHECK: %[[F32:.*]] = nn.cast %[[DEEP]] : tensor<1x4x4x8xbf16> to tensor<1x4x4x8xf32>
// CHECK: %[[SOFT:.*]] = nn.softmax %[[F32]]
// CHECK: %[[BACK:.*]] = nn.cast %[[SOFT]] : tensor<1x4x4x8xf32> to tensor<1x4x4x8xbf16>
// CHECK: %[[FLAT:.*]] = nn.reshape %[[BACK]] : tensor<1x4x4x8xbf16> to tensor<1x128xbf16>
// CHECK: nn.matmul %[[FLAT]], {{.*}} : (tensor<1x128xbf16>, tensor<128x4xbf16>) -> tensor<1x4xf32>
// CHECK: nn.conv %[[DEEP]], {{.*}} -> tensor<1x4x4x4xf32>
func.func @others(%x: tensor<1x4x4x8xf32>) -> (tensor<1x4xf32>, tensor<1x4x4x4xf32>) {
  %w0 = nn.constant dense<0.5> : tensor<8x1x1x1xf32>
  %w1 = nn.constant dense<0.5> : tensor<128x4xf32>
  %w2 = nn.constant dense<0.5> : tensor<4x8x1x1xf32>
  %0 = nn.conv %x, %w0 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 8 : i64, layout = #nn.layout<channels_last>}
      : (tensor<1x4x4x8xf32>, tensor<8x1x1x1xf32>) -> tensor<1x4x4x8xf32>
  %1 = nn.softmax %0 {axis = 3 : i64} : (tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32>
  %2 = nn.reshape %1 : tensor<1x4x4x8xf32> to tensor<1x128xf32>
  %3 = nn.matmul %2, %w1 : (tensor<1x128xf32>, tensor<128x4xf32>) -> tensor<1x4xf32>
  %4 = nn.conv %0, %w2 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_last>}
      : (tensor<1x4x4x8xf32>, tensor<4x8x1x1xf32>) -> tensor<1x4x4x4xf32>
  return %3, %4 : tensor<1x4xf32>, tensor<1x4x4x4xf32>
}

// A weight that f16 cannot hold.
// F16-LABEL: func @large
// F16-SAME: reason = "a weight is too large for 16 bits"
// F16: nn.matmul %arg0, {{.*}} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
// CHECK-LABEL: func @large
// CHECK: nn.matmul {{.*}} : (tensor<1x2xbf16>, tensor<2x2xbf16>) -> tensor<1x2xf32>
func.func @large(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w = nn.constant dense<[[1.0e5, 1.0], [2.0, 3.0]]> : tensor<2x2xf32>
  %0 = nn.matmul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// Rounding is to the nearest, ties to even; NaNs and infinities stay.
// CHECK-LABEL: func @rounding
// CHECK: nn.constant dense<{{\[\[}}1.000000e+00, 1.015630e+00], [0x7FC0, 0x7F80]]> : tensor<2x2xbf16>
func.func @rounding(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w = nn.constant dense<[[1.00390625, 1.01171875], [0x7FC00001, 0x7F800000]]> : tensor<2x2xf32>
  %0 = nn.matmul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// Weights that are narrower already: the product stays on f32.
// CHECK-LABEL: func @integers
// CHECK-SAME: reason = "its weights are narrow integers"
// CHECK: nn.matmul %arg0, %{{.*}} -> tensor<1x2xf32>
func.func @integers(%x: tensor<1x3xf32>) -> tensor<1x2xf32> {
  %q = nn.constant dense<[[1, 2, 3], [-2, -1, -1]]> : tensor<2x3xi8>
  %s = nn.constant dense<[[0.5], [0.25]]> : tensor<2x1xf32>
  %w = nn.blocked_dequantize %q, %s {bits = 4 : i64, block = 3 : i64} : (tensor<2x3xi8>, tensor<2x1xf32>) -> tensor<2x3xf32>
  %0 = nn.matmul %x, %w {transpose_rhs} : (tensor<1x3xf32>, tensor<2x3xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// Two activations are multiplied in f16, and what makes both stores them so; not what is computed between. bf16 of both sides no
// kernel multiplies by the instruction for it.
// CHECK-LABEL: func @attention
// CHECK-SAME: reason = "its weights are not constant"
// CHECK: nn.matmul {{.*}} : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x4xf32>
// F16-LABEL: func @attention
// F16-NOT: nn.float_ops
// F16: %[[Q:.*]] = nn.matmul {{.*}} -> tensor<4x8xf16>
// F16: %[[K:.*]] = nn.matmul {{.*}} -> tensor<4x8xf16>
// F16: %[[S:.*]] = nn.matmul %[[Q]], %[[K]] {transpose_rhs} : (tensor<4x8xf16>, tensor<4x8xf16>) -> tensor<4x4xf32> {
// F16-NEXT: ^bb0(%[[SUM:.*]]: f32):
// F16-NEXT: nn.yield %[[SUM]] : f32
// F16: %[[P:.*]] = nn.softmax %[[S]] {{.*}} -> tensor<4x4xf32>
// F16: %[[NARROW:.*]] = nn.cast %[[P]] : tensor<4x4xf32> to tensor<4x4xf16>
// F16: nn.matmul %[[NARROW]], %[[K]] : (tensor<4x4xf16>, tensor<4x8xf16>) -> tensor<4x8xf32> {
func.func @attention(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %w = nn.constant dense<0.5> : tensor<8x8xf32>
  %u = nn.constant dense<0.25> : tensor<8x8xf32>
  %q = nn.matmul %x, %w : (tensor<4x8xf32>, tensor<8x8xf32>) -> tensor<4x8xf32>
  %k = nn.matmul %x, %u : (tensor<4x8xf32>, tensor<8x8xf32>) -> tensor<4x8xf32>
  %s = nn.matmul %q, %k {transpose_rhs} : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x4xf32>
  %p = nn.softmax %s {axis = 1 : i64} : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %y = nn.matmul %p, %k : (tensor<4x4xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}
