// RUN: mlc-opt %s --nn-quantize --split-input-file | FileCheck %s --check-prefixes=CHECK,ONNX
// RUN: mlc-opt %s --nn-quantize=mode=integer --split-input-file | FileCheck %s --check-prefixes=CHECK,INT

// Integers of 16 bits add up in 64, in mode integer; onnxruntime adds them as floats.
// CHECK-LABEL: @sum
// ONNX: nn.add
// INT: nn.map(%arg0, %arg1) : (tensor<4xi16>, tensor<4xui8>) -> tensor<4xi16> {
// INT-NEXT: ^bb0(%{{.*}}: i16, %{{.*}}: i8):
// INT: arith.muli {{.*}} : i64
// INT: arith.shrsi {{.*}} : i64
// INT-NOT: {{[^:]}}f32
// CHECK: return
func.func @sum(%a: tensor<4xi16>, %b: tensor<4xui8>) -> tensor<4xi16> {
  %s = nn.constant dense<0.1> : tensor<f32>
  %t = nn.constant dense<0.03> : tensor<f32>
  %z = nn.constant dense<5> : tensor<i16>
  %zb = nn.constant dense<5> : tensor<ui8>
  %x = nn.dequantize %a, %s, %z : tensor<4xi16>, tensor<f32>, tensor<i16>
  %y = nn.dequantize %b, %t, %zb : tensor<4xui8>, tensor<f32>, tensor<ui8>
  %0 = nn.add %x, %y : tensor<4xf32>, tensor<4xf32>
  %r = nn.quantize %0, %t, %z : tensor<4xf32>, tensor<f32>, tensor<i16>
  return %r : tensor<4xi16>
}

// -----

// CHECK-LABEL: @product
// ONNX: nn.mul
// INT-COUNT-2: arith.muli {{.*}} : i64
// INT-NOT: {{[^:]}}f32
// CHECK: return
func.func @product(%a: tensor<4xi16>, %b: tensor<4xi16>) -> tensor<4xi16> {
  %s = nn.constant dense<0.1> : tensor<f32>
  %z = nn.constant dense<5> : tensor<i16>
  %x = nn.dequantize %a, %s, %z : tensor<4xi16>, tensor<f32>, tensor<i16>
  %y = nn.dequantize %b, %s, %z : tensor<4xi16>, tensor<f32>, tensor<i16>
  %0 = nn.mul %x, %y : tensor<4xf32>, tensor<4xf32>
  %r = nn.quantize %0, %s, %z : tensor<4xf32>, tensor<f32>, tensor<i16>
  return %r : tensor<4xi16>
}

// -----

// A quotient of 16 bits has no form.
// CHECK-LABEL: @quotient
// CHECK: nn.div
func.func @quotient(%a: tensor<4xi16>, %b: tensor<4xi16>) -> tensor<4xi16> {
  %s = nn.constant dense<0.1> : tensor<f32>
  %z = nn.constant dense<5> : tensor<i16>
  %x = nn.dequantize %a, %s, %z : tensor<4xi16>, tensor<f32>, tensor<i16>
  %y = nn.dequantize %b, %s, %z : tensor<4xi16>, tensor<f32>, tensor<i16>
  %0 = nn.div %x, %y : tensor<4xf32>, tensor<4xf32>
  %r = nn.quantize %0, %s, %z : tensor<4xf32>, tensor<f32>, tensor<i16>
  return %r : tensor<4xi16>
}

// -----

// CHECK-LABEL: @table
// ONNX: nn.relu
// INT: nn.gather %{{.*}}, %arg0 {axis = 0 : i64} : (tensor<65536xi8>, tensor<4xi16>) -> tensor<4xi8>
// CHECK: return
func.func @table(%a: tensor<4xi16>) -> tensor<4xi8> {
  %s = nn.constant dense<0.001> : tensor<f32>
  %t = nn.constant dense<0.1> : tensor<f32>
  %z = nn.constant dense<5> : tensor<i16>
  %zr = nn.constant dense<5> : tensor<i8>
  %x = nn.dequantize %a, %s, %z : tensor<4xi16>, tensor<f32>, tensor<i16>
  %one = nn.constant dense<1.0> : tensor<f32>
  %0 = nn.add %x, %one : tensor<4xf32>, tensor<f32>
  %1 = nn.relu %0 : tensor<4xf32>
  %r = nn.quantize %1, %t, %zr : tensor<4xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<4xi8>
}
