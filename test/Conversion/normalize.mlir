// RUN: mlc-opt %s --nn-to-linalg --canonicalize | FileCheck %s

// Rows: mean and deviation of the last dimensions, and what scales and shifts them, as one kernel.

// CHECK-LABEL: func.func @layer(
// CHECK-SAME: %[[X:.*]]: tensor<2x3x8xf32>, %[[S:.*]]: tensor<8xf32>, %[[B:.*]]: tensor<1x1x8xf32>
// CHECK: %[[ROWS:.*]] = tensor.collapse_shape %[[X]] {{.*}} into tensor<6x8xf32>
// CHECK: %[[Y:.*]] = kernel.normalize {epsilon = {{9.99[0-9]+}}E-6 : f64} ins(%[[ROWS]] : tensor<6x8xf32>) epilogue(%[[S]], %{{.*}} : tensor<8xf32>, tensor<8xf32>) outs({{.*}} : tensor<6x8xf32>)
// CHECK: ^bb0(%[[V:.*]]: f32, %[[SCALE:.*]]: f32, %[[BIAS:.*]]: f32):
// CHECK: %[[M:.*]] = arith.mulf %[[V]], %[[SCALE]]
// CHECK: %[[A:.*]] = arith.addf %[[M]], %[[BIAS]]
// CHECK: kernel.yield %[[A]]
// CHECK-NOT: linalg.generic
// CHECK-NOT: kernel.
// CHECK: return
func.func @layer(%x: tensor<2x3x8xf32>, %s: tensor<8xf32>, %b: tensor<1x1x8xf32>) -> tensor<2x3x8xf32> {
  %e = nn.constant dense<9.99999974E-6> : tensor<f32>
  %m = nn.reduce %x {axes = array<i64: 2>, keepdims, kind = #nn.reduce_kind<mean>} : (tensor<2x3x8xf32>) -> tensor<2x3x1xf32>
  %d = nn.sub %x, %m : tensor<2x3x8xf32>, tensor<2x3x1xf32>
  %q = nn.mul %d, %d : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  %v = nn.reduce %q {axes = array<i64: 2>, keepdims, kind = #nn.reduce_kind<mean>} : (tensor<2x3x8xf32>) -> tensor<2x3x1xf32>
  %w = nn.add %v, %e : tensor<2x3x1xf32>, tensor<f32>
  %r = nn.sqrt %w : tensor<2x3x1xf32>
  %i = nn.reciprocal %r : tensor<2x3x1xf32>
  %n = nn.mul %d, %i : tensor<2x3x8xf32>, tensor<2x3x1xf32>
  %k = nn.mul %n, %s : tensor<2x3x8xf32>, tensor<8xf32>
  %y = nn.add %k, %b : tensor<2x3x8xf32>, tensor<1x1x8xf32>
  return %y : tensor<2x3x8xf32>
}

// Columns: of dimensions in the middle; a quotient as well as a product, no mean, two dimensions at once, an operand of the
// result's shape and a scalar, and what comes behind.

// CHECK-LABEL: func.func @columns(
// CHECK: kernel.normalize {epsilon = 5.000000e-01 : f64, squares} ins(%{{.*}} : tensor<2x12x8xf32>) epilogue(%{{.*}}, %{{.*}} : tensor<f32>, tensor<2x12x8xf32>) outs({{.*}} : tensor<2x12x8xf32>)
// CHECK: arith.mulf
// CHECK: arith.addf
// CHECK: arith.maximumf
// CHECK: kernel.yield
// CHECK-NOT: linalg.generic
// CHECK-NOT: kernel.
// CHECK: return
func.func @columns(%x: tensor<2x3x4x8xf32>, %s: tensor<f32>, %o: tensor<2x3x4x8xf32>) -> tensor<2x3x4x8xf32> {
  %e = nn.constant dense<0.5> : tensor<1x1x1x8xf32>
  %q = nn.mul %x, %x : tensor<2x3x4x8xf32>, tensor<2x3x4x8xf32>
  %v = nn.reduce %q {axes = array<i64: 1, 2>, keepdims, kind = #nn.reduce_kind<mean>} : (tensor<2x3x4x8xf32>) -> tensor<2x1x1x8xf32>
  %w = nn.add %e, %v : tensor<1x1x1x8xf32>, tensor<2x1x1x8xf32>
  %r = nn.sqrt %w : tensor<2x1x1x8xf32>
  %n = nn.div %x, %r : tensor<2x3x4x8xf32>, tensor<2x1x1x8xf32>
  %k = nn.mul %s, %n : tensor<f32>, tensor<2x3x4x8xf32>
  %a = nn.add %k, %o : tensor<2x3x4x8xf32>, tensor<2x3x4x8xf32>
  %y = nn.relu %a : tensor<2x3x4x8xf32>
  return %y : tensor<2x3x4x8xf32>
}

// A value an image of each channel has no place in the epilogue.

// CHECK-LABEL: func.func @images(
// CHECK: %[[N:.*]] = kernel.normalize {{.*}} ins(%{{.*}} : tensor<6x8xf32>) outs(
// CHECK: linalg.generic
func.func @images(%x: tensor<2x3x8xf32>, %s: tensor<3x1xf32>) -> tensor<2x3x8xf32> {
  %e = nn.constant dense<0.5> : tensor<f32>
  %q = nn.mul %x, %x : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  %v = nn.reduce %q {axes = array<i64: 2>, keepdims, kind = #nn.reduce_kind<mean>} : (tensor<2x3x8xf32>) -> tensor<2x3x1xf32>
  %w = nn.add %v, %e : tensor<2x3x1xf32>, tensor<f32>
  %r = nn.sqrt %w : tensor<2x3x1xf32>
  %n = nn.div %x, %r : tensor<2x3x8xf32>, tensor<2x3x1xf32>
  %y = nn.mul %n, %s : tensor<2x3x8xf32>, tensor<3x1xf32>
  return %y : tensor<2x3x8xf32>
}

// What another op reads as well is there anyhow: no kernel computes it again. Axes that are apart make no rows.

// CHECK-LABEL: func.func @shared(
// CHECK-NOT: kernel.normalize
// CHECK: return
func.func @shared(%x: tensor<2x3x8xf32>, %z: tensor<2x3x8xf32>) -> (tensor<2x3x8xf32>, tensor<2x3x1xf32>, tensor<2x3x8xf32>) {
  %e = nn.constant dense<0.5> : tensor<f32>
  %q = nn.mul %x, %x : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  %v = nn.reduce %q {axes = array<i64: 2>, keepdims, kind = #nn.reduce_kind<mean>} : (tensor<2x3x8xf32>) -> tensor<2x3x1xf32>
  %w = nn.add %v, %e : tensor<2x3x1xf32>, tensor<f32>
  %r = nn.sqrt %w : tensor<2x3x1xf32>
  %n = nn.div %x, %r : tensor<2x3x8xf32>, tensor<2x3x1xf32>
  %q2 = nn.mul %z, %z : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  %v2 = nn.reduce %q2 {axes = array<i64: 0, 2>, keepdims, kind = #nn.reduce_kind<mean>} : (tensor<2x3x8xf32>) -> tensor<1x3x1xf32>
  %w2 = nn.add %v2, %e : tensor<1x3x1xf32>, tensor<f32>
  %r2 = nn.sqrt %w2 : tensor<1x3x1xf32>
  %n2 = nn.div %z, %r2 : tensor<2x3x8xf32>, tensor<1x3x1xf32>
  return %n, %r, %n2 : tensor<2x3x8xf32>, tensor<2x3x1xf32>, tensor<2x3x8xf32>
}

// What is stored in 16 bits is widened for each op that reads it.

// CHECK-LABEL: func.func @widened(
// CHECK: kernel.normalize {epsilon = 5.000000e-01 : f64} ins(%{{.*}} : tensor<2x8xf32>)
// CHECK-NOT: kernel.
// CHECK: return
func.func @widened(%h: tensor<2x8xf16>) -> tensor<2x8xf32> {
  %e = nn.constant dense<0.5> : tensor<f32>
  %a = nn.cast %h : tensor<2x8xf16> to tensor<2x8xf32>
  %b = nn.cast %h : tensor<2x8xf16> to tensor<2x8xf32>
  %m = nn.reduce %a {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<mean>} : (tensor<2x8xf32>) -> tensor<2x1xf32>
  %d = nn.sub %b, %m : tensor<2x8xf32>, tensor<2x1xf32>
  %q = nn.mul %d, %d : tensor<2x8xf32>, tensor<2x8xf32>
  %v = nn.reduce %q {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<mean>} : (tensor<2x8xf32>) -> tensor<2x1xf32>
  %w = nn.add %v, %e : tensor<2x1xf32>, tensor<f32>
  %r = nn.sqrt %w : tensor<2x1xf32>
  %n = nn.div %d, %r : tensor<2x8xf32>, tensor<2x1xf32>
  return %n : tensor<2x8xf32>
}
