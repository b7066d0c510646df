// RUN: mlc-opt %s --nn-quantize --split-input-file | FileCheck %s
// RUN: mlc-opt %s --nn-quantize=mode=integer --split-input-file | FileCheck %s

// A function of one byte has 256 values, in the order of the bytes: 0 ... 127, then -128 ... -1. sigmoid(0) = 64 / 128.
// CHECK-LABEL: @table
// CHECK: %[[T:.*]] = nn.constant dense<"0x40505E{{.*}}172230"> : tensor<256xi8>
// CHECK: %[[R:.*]] = nn.gather %[[T]], %arg0 {axis = 0 : i64} : (tensor<256xi8>, tensor<2x3xi8>) -> tensor<2x3xi8>
// CHECK-NOT: nn.sigmoid
// CHECK: return %[[R]]
func.func @table(%q: tensor<2x3xi8>) -> tensor<2x3xi8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %t = nn.constant dense<0.0078125> : tensor<f32>
  %z = nn.constant dense<0> : tensor<i8>
  %x = nn.dequantize %q, %s, %z : tensor<2x3xi8>, tensor<f32>, tensor<i8>
  %0 = nn.sigmoid %x : tensor<2x3xf32>
  %r = nn.quantize %0, %t, %z : tensor<2x3xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<2x3xi8>
}

// -----

// Several ops, and several ways from the same byte, are one table.
// CHECK-LABEL: @silu
// CHECK: nn.gather
// CHECK-NOT: nn.mul
func.func @silu(%q: tensor<4xui8>) -> tensor<4xui8> {
  %s = nn.constant dense<0.1> : tensor<f32>
  %z = nn.constant dense<128> : tensor<ui8>
  %x = nn.dequantize %q, %s, %z : tensor<4xui8>, tensor<f32>, tensor<ui8>
  %0 = nn.sigmoid %x : tensor<4xf32>
  %1 = nn.mul %x, %0 : tensor<4xf32>, tensor<4xf32>
  %r = nn.quantize %1, %s, %z : tensor<4xf32>, tensor<f32>, tensor<ui8>
  return %r : tensor<4xui8>
}
