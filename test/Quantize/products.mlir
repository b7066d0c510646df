// RUN: mlc-opt %s --nn-quantize --split-input-file | FileCheck %s
// RUN: mlc-opt %s --nn-quantize=mode=integer --split-input-file | FileCheck %s --check-prefix=INT

// The example of the pass: a matrix product, its bias in units of the accumulator.
// CHECK-LABEL: @matmul
// CHECK-DAG: %[[W:.*]] = nn.constant {{.*}} : tensor<4x2xi8>
// CHECK-DAG: %[[B:.*]] = nn.constant dense<[7, -9]> : tensor<2xi32>
// CHECK: %[[R:.*]] = nn.matmul %arg0, %[[W]] bias(%[[B]]) {lhs_zero_point = 3 : i32} : (tensor<1x4xi8>, tensor<4x2xi8>, tensor<2xi32>) -> tensor<1x2xi8> {
// CHECK-NEXT: ^bb0(%[[ACC:.*]]: i32):
// CHECK: arith.sitofp %[[ACC]] : i32 to f32
// CHECK: arith.mulf
// CHECK: arith.trunci {{.*}} : i32 to i8
// CHECK: return %[[R]]
// INT-LABEL: @matmul
// INT: nn.matmul
// INT: arith.muli {{.*}} : i64
// INT: arith.shrsi {{.*}} : i64
// INT-NOT: f32
func.func @matmul(%q: tensor<1x4xi8>) -> tensor<1x2xi8> {
  %weights = nn.constant dense<[[1, -2], [3, 4], [-5, 6], [7, 8]]> : tensor<4x2xi8>
  %xs = nn.constant dense<0.5> : tensor<f32>
  %xz = nn.constant dense<3> : tensor<i8>
  %ws = nn.constant dense<0.25> : tensor<f32>
  %wz = nn.constant dense<0> : tensor<i8>
  %bias = nn.constant dense<[7, -9]> : tensor<2xi32>
  %bs = nn.constant dense<0.125> : tensor<f32>
  %bz = nn.constant dense<0> : tensor<i32>
  %rs = nn.constant dense<0.7> : tensor<f32>
  %rz = nn.constant dense<-1> : tensor<i8>
  %x = nn.dequantize %q, %xs, %xz : tensor<1x4xi8>, tensor<f32>, tensor<i8>
  %w = nn.dequantize %weights, %ws, %wz : tensor<4x2xi8>, tensor<f32>, tensor<i8>
  %b = nn.dequantize %bias, %bs, %bz : tensor<2xi32>, tensor<f32>, tensor<i32>
  %0 = nn.matmul %x, %w bias(%b) : (tensor<1x4xf32>, tensor<4x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %r = nn.quantize %0, %rs, %rz : tensor<1x2xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<1x2xi8>
}

// -----

// A scale for each filter is an operand of the epilogue, in integer mode two; relu is the range's low end.
// No product of integers is listed among what computes with floats.
// CHECK-LABEL: @conv(
// CHECK-SAME: -> (tensor<1x2x3x3xui8> {nn.quantized = !quant.uniform<u8:f32, {{[0-9.]+}}>}) {{[{]$}}
// CHECK: nn.conv %arg0, %{{[^ ]*}} epilogue(%{{.*}}) {{.*}}input_zero_point = 128 : i32{{.*}} : (tensor<1x1x3x3xui8>, tensor<2x1x1x1xi8>, tensor<2xf32>) -> tensor<1x2x3x3xui8> {
// CHECK-NOT: nn.relu
// INT-LABEL: @conv
// INT: nn.conv %arg0, %{{.*}} : (tensor<1x1x3x3xui8>, tensor<2x1x1x1xi8>, tensor<2xi32>, tensor<2xi32>) -> tensor<1x2x3x3xui8> {
// INT: ^bb0(%{{.*}}: i32, %{{.*}}: i32, %{{.*}}: i32):
func.func @conv(%q: tensor<1x1x3x3xui8>) -> tensor<1x2x3x3xui8> {
  %weights = nn.constant dense<[[[[1]]], [[[-2]]]]> : tensor<2x1x1x1xi8>
  %xs = nn.constant dense<0.5> : tensor<f32>
  %xz = nn.constant dense<128> : tensor<ui8>
  %ws = nn.constant dense<[[[[0.25]]], [[[0.75]]]]> : tensor<2x1x1x1xf32>
  %wz = nn.constant dense<0> : tensor<2x1x1x1xi8>
  %rs = nn.constant dense<0.7> : tensor<f32>
  %rz = nn.constant dense<0> : tensor<ui8>
  %x = nn.dequantize %q, %xs, %xz : tensor<1x1x3x3xui8>, tensor<f32>, tensor<ui8>
  %w = nn.dequantize %weights, %ws, %wz : tensor<2x1x1x1xi8>, tensor<2x1x1x1xf32>, tensor<2x1x1x1xi8>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x1x3x3xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x3x3xf32>
  %1 = nn.relu %0 : tensor<1x2x3x3xf32>
  %r = nn.quantize %1, %rs, %rz : tensor<1x2x3x3xf32>, tensor<f32>, tensor<ui8>
  return %r : tensor<1x2x3x3xui8>
}

// -----

// Unsigned weights lose their zero point; where the rest does not fit a byte, it takes 16 bits.
// CHECK-LABEL: @unsigned_weights
// CHECK-DAG: nn.constant dense<{{\[\[}}-1], [1]]> : tensor<2x1xi8>
// CHECK-DAG: nn.constant dense<{{\[\[}}-1], [254]]> : tensor<2x1xi16>
// CHECK: nn.matmul {{.*}} : (tensor<1x2xi8>, tensor<2x1xi8>) -> tensor<1x1xi8>
// CHECK: nn.matmul {{.*}} : (tensor<1x2xi8>, tensor<2x1xi16>) -> tensor<1x1xi8>
func.func @unsigned_weights(%q: tensor<1x2xi8>) -> (tensor<1x1xi8>, tensor<1x1xi8>) {
  %narrow = nn.constant dense<[[127], [129]]> : tensor<2x1xui8>
  %wide = nn.constant dense<[[0], [255]]> : tensor<2x1xui8>
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<0> : tensor<i8>
  %middle = nn.constant dense<128> : tensor<ui8>
  %one = nn.constant dense<1> : tensor<ui8>
  %x = nn.dequantize %q, %s, %z : tensor<1x2xi8>, tensor<f32>, tensor<i8>
  %a = nn.dequantize %narrow, %s, %middle : tensor<2x1xui8>, tensor<f32>, tensor<ui8>
  %b = nn.dequantize %wide, %s, %one : tensor<2x1xui8>, tensor<f32>, tensor<ui8>
  %0 = nn.matmul %x, %a : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  %1 = nn.matmul %x, %b : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  %2 = nn.quantize %0, %s, %z : tensor<1x1xf32>, tensor<f32>, tensor<i8>
  %3 = nn.quantize %1, %s, %z : tensor<1x1xf32>, tensor<f32>, tensor<i8>
  return %2, %3 : tensor<1x1xi8>, tensor<1x1xi8>
}

// -----

// A product that ends in floats multiplies integers all the same; both sides may be computed.
// CHECK-LABEL: @float_end
// CHECK: nn.matmul %arg0, %arg1 {rhs_zero_point = 5 : i32} : (tensor<2x3xi8>, tensor<3x4xui8>) -> tensor<2x4xf32> {
// CHECK: arith.sitofp
// CHECK: arith.mulf
func.func @float_end(%a: tensor<2x3xi8>, %b: tensor<3x4xui8>) -> tensor<2x4xf32> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %az = nn.constant dense<0> : tensor<i8>
  %bz = nn.constant dense<5> : tensor<ui8>
  %x = nn.dequantize %a, %s, %az : tensor<2x3xi8>, tensor<f32>, tensor<i8>
  %y = nn.dequantize %b, %s, %bz : tensor<3x4xui8>, tensor<f32>, tensor<ui8>
  %0 = nn.matmul %x, %y : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// -----

// Sums of products that i32 may not hold stay on floats; so do scales that are computed.
// CHECK-LABEL: @left
// CHECK: nn.matmul {{.*}} -> tensor<1x1xf32>
// CHECK: nn.quantize
// CHECK: nn.matmul {{.*}} -> tensor<1x1xf32>
// CHECK: nn.quantize
func.func @left(%long: tensor<1x200000xi8>, %rhs: tensor<200000x1xi8>, %q: tensor<1x1xi8>, %s: tensor<f32>) -> (tensor<1x1xi8>, tensor<1x1xi8>) {
  %one = nn.constant dense<1.0> : tensor<f32>
  %z = nn.constant dense<0> : tensor<i8>
  %x = nn.dequantize %long, %one, %z : tensor<1x200000xi8>, tensor<f32>, tensor<i8>
  %y = nn.dequantize %rhs, %one, %z : tensor<200000x1xi8>, tensor<f32>, tensor<i8>
  %0 = nn.matmul %x, %y : (tensor<1x200000xf32>, tensor<200000x1xf32>) -> tensor<1x1xf32>
  %1 = nn.quantize %0, %one, %z : tensor<1x1xf32>, tensor<f32>, tensor<i8>
  %v = nn.dequantize %q, %s, %z : tensor<1x1xi8>, tensor<f32>, tensor<i8>
  %2 = nn.matmul %v, %v : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  %3 = nn.quantize %2, %one, %z : tensor<1x1xf32>, tensor<f32>, tensor<i8>
  return %1, %3 : tensor<1x1xi8>, tensor<1x1xi8>
}
