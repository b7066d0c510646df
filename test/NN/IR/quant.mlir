// RUN: mlc-opt %s --canonicalize | mlc-opt | FileCheck %s

// CHECK-LABEL: @ops
func.func @ops(%x: tensor<2x3xf32>, %q: tensor<2x3xui8>) -> (tensor<2x3xi8>, tensor<2x3xf32>, tensor<2x3xui8>) {
  %s = nn.constant dense<[[0.5], [0.25]]> : tensor<2x1xf32>
  %z = nn.constant dense<[[3], [-4]]> : tensor<2x1xi8>
  %us = nn.constant dense<0.5> : tensor<f32>
  %uz = nn.constant dense<128> : tensor<ui8>
  // CHECK: nn.quantize %{{.*}} : tensor<2x3xf32>, tensor<2x1xf32>, tensor<2x1xi8>
  %0 = nn.quantize %x, %s, %z : tensor<2x3xf32>, tensor<2x1xf32>, tensor<2x1xi8>
  // CHECK: nn.dequantize %{{.*}} : tensor<2x3xui8>, tensor<f32>, tensor<ui8>
  %1 = nn.dequantize %q, %us, %uz : tensor<2x3xui8>, tensor<f32>, tensor<ui8>
  // CHECK: nn.map(%{{.*}}, %{{.*}}) : (tensor<2x3xui8>, tensor<ui8>) -> tensor<2x3xui8> {
  %2 = nn.map(%q, %uz) : (tensor<2x3xui8>, tensor<ui8>) -> tensor<2x3xui8> {
  ^bb0(%a: i8, %b: i8):
    %max = arith.maxui %a, %b : i8
    nn.yield %max : i8
  }
  return %0, %1, %2 : tensor<2x3xi8>, tensor<2x3xf32>, tensor<2x3xui8>
}

// Ties go to even before the zero point is added, what is out of range saturates, NaN is the least value.
// CHECK-LABEL: @quantize_folds
// CHECK: dense<[3, 5, 5, 7, 3, 1, 127, -128, -128]> : tensor<9xi8>
func.func @quantize_folds() -> tensor<9xi8> {
  %x = nn.constant dense<[0.5, 1.5, 2.5, 3.5, -0.5, -1.5, 1.0e9, -1.0e9, 0x7FC00000]> : tensor<9xf32>
  %s = nn.constant dense<1.0> : tensor<f32>
  %z = nn.constant dense<3> : tensor<i8>
  %0 = nn.quantize %x, %s, %z : tensor<9xf32>, tensor<f32>, tensor<i8>
  return %0 : tensor<9xi8>
}

// CHECK-LABEL: @quantize_folds_unsigned
// CHECK: dense<[0, 128, 130, 255]> : tensor<4xui8>
func.func @quantize_folds_unsigned() -> tensor<4xui8> {
  %x = nn.constant dense<[-300.0, 0.25, 1.25, 1000.0]> : tensor<4xf32>
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<128> : tensor<ui8>
  %0 = nn.quantize %x, %s, %z : tensor<4xf32>, tensor<f32>, tensor<ui8>
  return %0 : tensor<4xui8>
}

// Weights must reach nn-quantize as the integers they are.
// CHECK-LABEL: @dequantize_stays
// CHECK: nn.dequantize
func.func @dequantize_stays() -> tensor<2xf32> {
  %q = nn.constant dense<[1, 2]> : tensor<2xi8>
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<0> : tensor<i8>
  %0 = nn.dequantize %q, %s, %z : tensor<2xi8>, tensor<f32>, tensor<i8>
  return %0 : tensor<2xf32>
}

// CHECK-LABEL: @map_folds
// CHECK: dense<[7, 12]> : tensor<2xi32>
func.func @map_folds() -> tensor<2xi32> {
  %q = nn.constant dense<[2, -3]> : tensor<2xi8>
  %0 = nn.map(%q) : (tensor<2xi8>) -> tensor<2xi32> {
  ^bb0(%a: i8):
    %w = arith.extsi %a : i8 to i32
    %s = arith.muli %w, %w : i32
    %three = arith.constant 3 : i32
    %r = arith.addi %s, %three : i32
    nn.yield %r : i32
  }
  return %0 : tensor<2xi32>
}

// Integers accumulate in i32; an epilogue says what they end as, the type with which sign.
// CHECK-LABEL: @integer_products
func.func @integer_products(%x: tensor<1x2x4x4xui8>, %w: tensor<3x2x1x1xi8>, %a: tensor<2x4xi8>, %b: tensor<4x3xi8>, %bias: tensor<3xi32>)
    -> (tensor<1x3x4x4xi32>, tensor<2x3xui8>) {
  // CHECK: nn.conv {{.*}}input_zero_point = 7 : i32{{.*}} -> tensor<1x3x4x4xi32>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>, input_zero_point = 7 : i32} : (tensor<1x2x4x4xui8>, tensor<3x2x1x1xi8>) -> tensor<1x3x4x4xi32>
  // CHECK: nn.matmul {{.*}}lhs_zero_point = 1 : i32, rhs_zero_point = 2 : i32{{.*}} -> tensor<2x3xui8>
  %1 = nn.matmul %a, %b bias(%bias) {lhs_zero_point = 1 : i32, rhs_zero_point = 2 : i32} : (tensor<2x4xi8>, tensor<4x3xi8>, tensor<3xi32>) -> tensor<2x3xui8> {
  ^bb0(%acc: i32):
    %t = arith.trunci %acc : i32 to i8
    nn.yield %t : i8
  }
  return %0, %1 : tensor<1x3x4x4xi32>, tensor<2x3xui8>
}

// Weights that stay narrow reach the lowering as they are.
// CHECK-LABEL: @blocked_dequantize_stays
// CHECK: nn.blocked_dequantize %{{.*}}, %{{.*}}, %{{.*}} {bits = 4 : i64, block = 2 : i64} : (tensor<1x3xi8>, tensor<1x2xf32>, tensor<1x2xi8>) -> tensor<1x3xf32>
func.func @blocked_dequantize_stays() -> tensor<1x3xf32> {
  %q = nn.constant dense<[[1, 2, 15]]> : tensor<1x3xi8>
  %s = nn.constant dense<[[0.5, 0.25]]> : tensor<1x2xf32>
  %z = nn.constant dense<[[3, 7]]> : tensor<1x2xi8>
  %0 = nn.blocked_dequantize %q, %s, %z {bits = 4 : i64, block = 2 : i64} : (tensor<1x3xi8>, tensor<1x2xf32>, tensor<1x2xi8>) -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}
