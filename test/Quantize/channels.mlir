// RUN: mlc-opt %s --nn-quantize --split-input-file | FileCheck %s
// RUN: mlc-opt %s --nn-quantize=mode=integer --split-input-file | FileCheck %s

// Each channel is a line: one product, one sum, one shift for all of them; saturation is the type's. No float is left, in
// either mode.
// CHECK-LABEL: @batch_norm
// CHECK-NOT: {{[^:]}}f32
// CHECK: %[[R:.*]] = nn.map(%arg0, %{{.*}}, %{{.*}}) : (tensor<1x3x2x2xui8>, tensor<3x1x1xi32>, tensor<3x1x1xi32>) -> tensor<1x3x2x2xui8> {
// CHECK-NEXT: ^bb0(%[[X:.*]]: i8, %[[FACTOR:.*]]: i32, %[[OFFSET:.*]]: i32):
// CHECK: %[[WIDE:.*]] = arith.extui %[[X]] : i8 to i32
// CHECK: %[[PRODUCT:.*]] = arith.muli %[[WIDE]], %[[FACTOR]] : i32
// CHECK: %[[SUM:.*]] = arith.addi %[[PRODUCT]], %[[OFFSET]] : i32
// CHECK: arith.shrsi %[[SUM]], %{{.*}} : i32
// CHECK: nn.yield
// CHECK-NOT: {{[^:]}}f32
// CHECK: return %[[R]]
func.func @batch_norm(%q: tensor<1x3x2x2xui8>) -> tensor<1x3x2x2xui8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %t = nn.constant dense<0.3> : tensor<f32>
  %z = nn.constant dense<128> : tensor<ui8>
  %scale = nn.constant dense<[1.1, -0.7, 0.9]> : tensor<3xf32>
  %offset = nn.constant dense<[0.1, 0.2, -3.0]> : tensor<3xf32>
  %mean = nn.constant dense<[0.4, -5.0, 0.0]> : tensor<3xf32>
  %variance = nn.constant dense<[1.3, 0.2, 2.0]> : tensor<3xf32>
  %x = nn.dequantize %q, %s, %z : tensor<1x3x2x2xui8>, tensor<f32>, tensor<ui8>
  %0 = nn.batch_norm %x, %scale, %offset, %mean, %variance {epsilon = 1.0e-5 : f64, layout = #nn.layout<channels_first>} : (tensor<1x3x2x2xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<1x3x2x2xf32>
  %r = nn.quantize %0, %t, %z : tensor<1x3x2x2xf32>, tensor<f32>, tensor<ui8>
  return %r : tensor<1x3x2x2xui8>
}

// -----

// A rectifier with a slope a channel is two lines; constants may be quantised themselves.
// CHECK-LABEL: @prelu
// CHECK: nn.map(%arg0, {{.*}}) : (tensor<1x2x4xi8>, tensor<2x1xi32>, tensor<2x1xi32>, tensor<2x1xi32>, tensor<2x1xi32>, tensor<2x1xi32>) -> tensor<1x2x4xi8> {
// CHECK: %[[BELOW:.*]] = arith.cmpi sgt
// CHECK: arith.select %[[BELOW]]
// CHECK: arith.select %[[BELOW]]
// CHECK: arith.muli
// CHECK-NOT: {{[^:]}}f32
// CHECK: return
func.func @prelu(%q: tensor<1x2x4xi8>) -> tensor<1x2x4xi8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %t = nn.constant dense<0.41> : tensor<f32>
  %z = nn.constant dense<3> : tensor<i8>
  %slopes = nn.constant dense<[[10], [40]]> : tensor<2x1xi8>
  %u = nn.constant dense<0.013> : tensor<f32>
  %x = nn.dequantize %q, %s, %z : tensor<1x2x4xi8>, tensor<f32>, tensor<i8>
  %a = nn.dequantize %slopes, %u, %z : tensor<2x1xi8>, tensor<f32>, tensor<i8>
  %0 = nn.prelu %x, %a : tensor<1x2x4xf32>, tensor<2x1xf32>
  %r = nn.quantize %0, %t, %z : tensor<1x2x4xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<1x2x4xi8>
}

// -----

// Halves are ties, that go to even ones: 256 entries for each channel that differs from others.
// CHECK-LABEL: @ties
// CHECK-DAG: %[[T:.*]] = nn.constant dense{{.*}} : tensor<512xui8>
// CHECK-DAG: %[[ROWS:.*]] = nn.constant dense<{{\[\[}}0], [256], [0{{\]\]}}> : tensor<3x1xi32>
// CHECK: %[[I:.*]] = nn.map(%arg0, %[[ROWS]])
// CHECK: %[[R:.*]] = nn.gather %[[T]], %[[I]] {axis = 0 : i64} : (tensor<512xui8>, tensor<3x4xi32>) -> tensor<3x4xui8>
// CHECK: return %[[R]]
func.func @ties(%q: tensor<3x4xui8>) -> tensor<3x4xui8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<0> : tensor<ui8>
  %factors = nn.constant dense<[[0.5], [0.25], [0.5]]> : tensor<3x1xf32>
  %x = nn.dequantize %q, %s, %z : tensor<3x4xui8>, tensor<f32>, tensor<ui8>
  %0 = nn.mul %x, %factors : tensor<3x4xf32>, tensor<3x1xf32>
  %r = nn.quantize %0, %s, %z : tensor<3x4xf32>, tensor<f32>, tensor<ui8>
  return %r : tensor<3x4xui8>
}

// -----

// Channels that do the same are one function.
// CHECK-LABEL: @same
// CHECK: %[[T:.*]] = nn.constant {{.*}} : tensor<256xui8>
// CHECK: nn.gather %[[T]], %arg0
func.func @same(%q: tensor<2x4xui8>) -> tensor<2x4xui8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<0> : tensor<ui8>
  %terms = nn.constant dense<[[0.01], [0.02]]> : tensor<2x1xf32>
  %x = nn.dequantize %q, %s, %z : tensor<2x4xui8>, tensor<f32>, tensor<ui8>
  %0 = nn.add %x, %terms : tensor<2x4xf32>, tensor<2x1xf32>
  %r = nn.quantize %0, %s, %z : tensor<2x4xf32>, tensor<f32>, tensor<ui8>
  return %r : tensor<2x4xui8>
}

// -----

// Constants along two dimensions are no channels.
// CHECK-LABEL: @two_dimensions
// CHECK: nn.dequantize
// CHECK: nn.quantize
func.func @two_dimensions(%q: tensor<2x2xui8>) -> tensor<2x2xui8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<0> : tensor<ui8>
  %a = nn.constant dense<[[0.1], [2.0]]> : tensor<2x1xf32>
  %b = nn.constant dense<[0.3, 7.0]> : tensor<2xf32>
  %x = nn.dequantize %q, %s, %z : tensor<2x2xui8>, tensor<f32>, tensor<ui8>
  %0 = nn.add %x, %a : tensor<2x2xf32>, tensor<2x1xf32>
  %1 = nn.mul %0, %b : tensor<2x2xf32>, tensor<2xf32>
  %r = nn.quantize %1, %s, %z : tensor<2x2xf32>, tensor<f32>, tensor<ui8>
  return %r : tensor<2x2xui8>
}
