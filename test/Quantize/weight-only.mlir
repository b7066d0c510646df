// RUN: mlc-opt %s --nn-quantize --split-input-file | FileCheck %s

// Weights of products by floats stay integers: rows of output channels, of the fewest bits.

// One scale a column of [K, N]; 8 bits.
// CHECK-LABEL: @channels
// CHECK: %[[Q:.*]] = nn.constant dense<{{\[\[}}100, -2, 7], [-3, 0, 127]]> : tensor<2x3xi8>
// CHECK: %[[S:.*]] = nn.constant dense<{{\[\[}}5.000000e-01], [2.500000e-01]]> : tensor<2x1xf32>
// CHECK: %[[W:.*]] = nn.blocked_dequantize %[[Q]], %[[S]] {bits = 8 : i64, block = 3 : i64}
// CHECK: nn.matmul %arg0, %[[W]] {transpose_rhs}
func.func @channels(%x: tensor<1x3xf32>) -> tensor<1x2xf32> {
  %q = nn.constant dense<[[100, -3], [-2, 0], [7, 127]]> : tensor<3x2xi8>
  %s = nn.constant dense<[0.5, 0.25]> : tensor<2xf32>
  %z = nn.constant dense<0> : tensor<i8>
  %w = nn.dequantize %q, %s, %z : tensor<3x2xi8>, tensor<2xf32>, tensor<i8>
  %0 = nn.matmul %x, %w : (tensor<1x3xf32>, tensor<3x2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// -----

// One zero point in the middle: none is left. The values say that 4 bits will do.
// CHECK-LABEL: @centred
// CHECK: nn.constant dense<{{\[\[}}-8, 7, 0]]> : tensor<1x3xi8>
// CHECK: nn.blocked_dequantize %{{.*}}, %{{[^,]*}} {bits = 4 : i64, block = 3 : i64}
func.func @centred(%x: tensor<1x3xf32>) -> tensor<1x1xf32> {
  %q = nn.constant dense<[[120, 135, 128]]> : tensor<1x3xui8>
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<128> : tensor<ui8>
  %w = nn.dequantize %q, %s, %z : tensor<1x3xui8>, tensor<f32>, tensor<ui8>
  %0 = nn.matmul %x, %w {transpose_rhs} : (tensor<1x3xf32>, tensor<1x3xf32>) -> tensor<1x1xf32>
  return %0 : tensor<1x1xf32>
}

// -----

// Sixteen values and a zero point that is none of the middle ones: 0 to 15, which have no sign.
// CHECK-LABEL: @nibbles_with_points
// CHECK: nn.constant dense<{{\[\[}}0, 15, 3], [1, 2, 4]]> : tensor<2x3xi8>
// CHECK: %[[Z:.*]] = nn.constant dense<{{\[\[}}1], [14]]> : tensor<2x1xi8>
// CHECK: nn.blocked_dequantize %{{.*}}, %{{.*}}, %[[Z]] {bits = 4 : i64, block = 3 : i64}
func.func @nibbles_with_points(%x: tensor<1x3xf32>) -> tensor<1x2xf32> {
  %q = nn.constant dense<[[-8, 7, -5], [-7, -6, -4]]> : tensor<2x3xi8>
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<[[-7], [6]]> : tensor<2x1xi8>
  %w = nn.dequantize %q, %s, %z : tensor<2x3xi8>, tensor<f32>, tensor<2x1xi8>
  %0 = nn.matmul %x, %w {transpose_rhs} : (tensor<1x3xf32>, tensor<2x3xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// -----

// Bytes without a sign that lie far from their zero point: both less 128.
// CHECK-LABEL: @bytes_with_points
// CHECK: nn.constant dense<{{\[\[}}-128, 127, 0]]> : tensor<1x3xi8>
// CHECK: nn.constant dense<-125> : tensor<1x1xi8>
// CHECK: nn.blocked_dequantize {{.*}} {bits = 8 : i64, block = 3 : i64}
func.func @bytes_with_points(%x: tensor<1x3xf32>) -> tensor<1x1xf32> {
  %q = nn.constant dense<[[0, 255, 128]]> : tensor<1x3xui8>
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<3> : tensor<ui8>
  %w = nn.dequantize %q, %s, %z : tensor<1x3xui8>, tensor<f32>, tensor<ui8>
  %0 = nn.matmul %x, %w {transpose_rhs} : (tensor<1x3xf32>, tensor<1x3xf32>) -> tensor<1x1xf32>
  return %0 : tensor<1x1xf32>
}

// -----

// Blocks of K as they are imported, the last one cut off; negative scales, as MatMulNBits has them.
// CHECK-LABEL: @blocks
// CHECK: %[[S:.*]] = nn.constant dense<{{\[\[}}5.000000e-01, -2.500000e-01], [1.000000e+00, 2.000000e+00]]> : tensor<2x2xf32>
// CHECK: nn.blocked_dequantize %{{.*}}, %[[S]] {bits = 4 : i64, block = 16 : i64}
// CHECK-NOT: nn.broadcast %
func.func @blocks(%x: tensor<1x24xf32>) -> tensor<1x2xf32> {
  %q = nn.constant dense<3> : tensor<2x24xi8>
  %s = nn.constant dense<[[[0.5], [-0.25]], [[1.0], [2.0]]]> : tensor<2x2x1xf32>
  %z = nn.constant dense<0> : tensor<i8>
  %0 = nn.broadcast %s : tensor<2x2x1xf32> to tensor<2x2x16xf32>
  %1 = nn.reshape %0 : tensor<2x2x16xf32> to tensor<2x32xf32>
  %2 = nn.slice %1 {starts = array<i64: 0, 0>, sizes = array<i64: 2, 24>, steps = array<i64: 1, 1>} : (tensor<2x32xf32>) -> tensor<2x24xf32>
  %w = nn.dequantize %q, %2, %z : tensor<2x24xi8>, tensor<2x24xf32>, tensor<i8>
  %y = nn.matmul %x, %w {transpose_rhs} : (tensor<1x24xf32>, tensor<2x24xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// -----

// Blocks along the output channels are a scale a channel; scales that are written out have the blocks that they have.
// CHECK-LABEL: @found_blocks
// CHECK: nn.blocked_dequantize %{{.*}}, %{{.*}} {bits = 4 : i64, block = 40 : i64} : (tensor<2x40xi8>, tensor<2x1xf32>)
// CHECK: nn.blocked_dequantize %{{.*}}, %{{.*}} {bits = 4 : i64, block = 16 : i64} : (tensor<1x32xi8>, tensor<1x2xf32>)
func.func @found_blocks(%x: tensor<1x40xf32>, %v: tensor<1x32xf32>) -> (tensor<1x2xf32>, tensor<1x1xf32>) {
  %q = nn.constant dense<3> : tensor<2x40xi8>
  %s = nn.constant dense<0.5> : tensor<1x1x40xf32>
  %z = nn.constant dense<0> : tensor<i8>
  %0 = nn.broadcast %s : tensor<1x1x40xf32> to tensor<1x2x40xf32>
  %1 = nn.reshape %0 : tensor<1x2x40xf32> to tensor<2x40xf32>
  %w = nn.dequantize %q, %1, %z : tensor<2x40xi8>, tensor<2x40xf32>, tensor<i8>
  %y = nn.matmul %x, %w {transpose_rhs} : (tensor<1x40xf32>, tensor<2x40xf32>) -> tensor<1x2xf32>
  %p = nn.constant dense<3> : tensor<32x1xi8>
  %t = nn.constant dense<[[1.0], [1.0], [1.0], [1.0], [1.0], [1.0], [1.0], [1.0], [1.0], [1.0], [1.0], [1.0], [1.0], [1.0], [1.0], [1.0],
                          [2.0], [2.0], [2.0], [2.0], [2.0], [2.0], [2.0], [2.0], [2.0], [2.0], [2.0], [2.0], [2.0], [2.0], [2.0], [2.0]]> : tensor<32x1xf32>
  %u = nn.dequantize %p, %t, %z : tensor<32x1xi8>, tensor<32x1xf32>, tensor<i8>
  %r = nn.matmul %v, %u : (tensor<1x32xf32>, tensor<32x1xf32>) -> tensor<1x1xf32>
  return %y, %r : tensor<1x2xf32>, tensor<1x1xf32>
}

// -----

// Scales that change sooner, and scales that are computed: weights become floats, here or in each run.
// CHECK-LABEL: @others
// CHECK-NOT: nn.blocked_dequantize
// CHECK: nn.matmul %arg0, %{{.*}} : (tensor<1x2xf32>, tensor<2x1xf32>)
// CHECK: %[[W:.*]] = nn.dequantize %{{.*}}, %arg1
// CHECK: nn.matmul %arg0, %[[W]]
func.func @others(%x: tensor<1x2xf32>, %s: tensor<f32>) -> (tensor<1x1xf32>, tensor<1x1xf32>) {
  %q = nn.constant dense<[[3], [4]]> : tensor<2x1xi8>
  %t = nn.constant dense<[[0.5], [1.0]]> : tensor<2x1xf32>
  %z = nn.constant dense<0> : tensor<i8>
  %w = nn.dequantize %q, %t, %z : tensor<2x1xi8>, tensor<2x1xf32>, tensor<i8>
  %0 = nn.matmul %x, %w : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  %v = nn.dequantize %q, %s, %z : tensor<2x1xi8>, tensor<f32>, tensor<i8>
  %1 = nn.matmul %x, %v : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  return %0, %1 : tensor<1x1xf32>, tensor<1x1xf32>
}

// -----

// Why products stay on floats, where a model quantises more than weights.
// CHECK-LABEL: @reasons
// CHECK-SAME: nn.float_ops = [
// CHECK-SAME: reason = "its weights alone are quantised"
// CHECK-SAME: reason = "its weights have scales of blocks that are no multiple of 8 from 16 on"
func.func @reasons(%x: tensor<1x2xf32>, %i: tensor<4xi8>) -> (tensor<1x1xf32>, tensor<1x1xf32>, tensor<4xf32>) {
  %q = nn.constant dense<[[3], [4]]> : tensor<2x1xi8>
  %s = nn.constant dense<0.5> : tensor<f32>
  %t = nn.constant dense<[[0.5], [1.0]]> : tensor<2x1xf32>
  %z = nn.constant dense<0> : tensor<i8>
  %w = nn.dequantize %q, %s, %z : tensor<2x1xi8>, tensor<f32>, tensor<i8>
  %0 = nn.matmul %x, %w : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32> loc("a")
  %v = nn.dequantize %q, %t, %z : tensor<2x1xi8>, tensor<2x1xf32>, tensor<i8>
  %1 = nn.matmul %x, %v : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32> loc("b")
  %2 = nn.dequantize %i, %s, %z : tensor<4xi8>, tensor<f32>, tensor<i8>
  return %0, %1, %2 : tensor<1x1xf32>, tensor<1x1xf32>, tensor<4xf32>
}
