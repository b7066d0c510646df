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

// -----

// Where each step is quantised, as exporters do, they are one table all the same; the product is the integers' own.
// CHECK-LABEL: @quantized_silu
// CHECK: %[[T:.*]] = nn.constant dense<"0x{{.*}}"> : tensor<256xui8>
// CHECK-NEXT: %[[R:.*]] = nn.gather %[[T]], %arg0
// CHECK-NEXT: return %[[R]]
func.func @quantized_silu(%q: tensor<4xui8>) -> tensor<4xui8> {
  %s = nn.constant dense<0.1> : tensor<f32>
  %p = nn.constant dense<0.00390625> : tensor<f32>
  %z = nn.constant dense<128> : tensor<ui8>
  %zero = nn.constant dense<0> : tensor<ui8>
  %x = nn.dequantize %q, %s, %z : tensor<4xui8>, tensor<f32>, tensor<ui8>
  %0 = nn.sigmoid %x : tensor<4xf32>
  %1 = nn.quantize %0, %p, %zero : tensor<4xf32>, tensor<f32>, tensor<ui8>
  %2 = nn.dequantize %1, %p, %zero : tensor<4xui8>, tensor<f32>, tensor<ui8>
  %3 = nn.mul %x, %2 : tensor<4xf32>, tensor<4xf32>
  %r = nn.quantize %3, %s, %z : tensor<4xf32>, tensor<f32>, tensor<ui8>
  return %r : tensor<4xui8>
}

// -----

// So is a table of a table: -sigmoid of what tanh gives.
// CHECK-LABEL: @table_of_table
// CHECK: %[[T:.*]] = nn.constant dense<"0x{{.*}}"> : tensor<256xi8>
// CHECK-NEXT: %[[R:.*]] = nn.gather %[[T]], %arg0
// CHECK-NEXT: return %[[R]]
func.func @table_of_table(%q: tensor<4xi8>) -> tensor<4xi8> {
  %s = nn.constant dense<0.0078125> : tensor<f32>
  %z = nn.constant dense<0> : tensor<i8>
  %x = nn.dequantize %q, %s, %z : tensor<4xi8>, tensor<f32>, tensor<i8>
  %0 = nn.tanh %x : tensor<4xf32>
  %1 = nn.quantize %0, %s, %z : tensor<4xf32>, tensor<f32>, tensor<i8>
  %2 = nn.dequantize %1, %s, %z : tensor<4xi8>, tensor<f32>, tensor<i8>
  %3 = nn.sigmoid %2 : tensor<4xf32>
  %4 = nn.neg %3 : tensor<4xf32>
  %r = nn.quantize %4, %s, %z : tensor<4xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<4xi8>
}

// -----

// Another tensor's bytes are not decided by these.
// CHECK-LABEL: @two_tensors
// CHECK: nn.gather
// CHECK: nn.map
func.func @two_tensors(%q: tensor<4xui8>, %other: tensor<4xui8>) -> tensor<4xui8> {
  %s = nn.constant dense<0.1> : tensor<f32>
  %z = nn.constant dense<128> : tensor<ui8>
  %x = nn.dequantize %q, %s, %z : tensor<4xui8>, tensor<f32>, tensor<ui8>
  %y = nn.dequantize %other, %s, %z : tensor<4xui8>, tensor<f32>, tensor<ui8>
  %0 = nn.sigmoid %x : tensor<4xf32>
  %1 = nn.quantize %0, %s, %z : tensor<4xf32>, tensor<f32>, tensor<ui8>
  %2 = nn.dequantize %1, %s, %z : tensor<4xui8>, tensor<f32>, tensor<ui8>
  %3 = nn.mul %y, %2 : tensor<4xf32>, tensor<4xf32>
  %r = nn.quantize %3, %s, %z : tensor<4xf32>, tensor<f32>, tensor<ui8>
  return %r : tensor<4xui8>
}
