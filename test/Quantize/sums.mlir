// RUN: mlc-opt %s --nn-quantize --split-input-file | FileCheck %s
// RUN: mlc-opt %s --nn-quantize=mode=integer --split-input-file | FileCheck %s --check-prefix=INT

// CHECK-LABEL: @add
// CHECK: %[[R:.*]] = nn.map(%arg0, %arg1) : (tensor<2x3xi8>, tensor<3xi8>) -> tensor<2x3xi8> {
// CHECK: arith.addf
// CHECK: return %[[R]]
// INT-LABEL: @add
// INT: nn.map
// INT: arith.shrsi {{.*}} : i32
// INT-NOT: f32
func.func @add(%a: tensor<2x3xi8>, %b: tensor<3xi8>) -> tensor<2x3xi8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %t = nn.constant dense<0.75> : tensor<f32>
  %z = nn.constant dense<3> : tensor<i8>
  %x = nn.dequantize %a, %s, %z : tensor<2x3xi8>, tensor<f32>, tensor<i8>
  %y = nn.dequantize %b, %t, %z : tensor<3xi8>, tensor<f32>, tensor<i8>
  %0 = nn.add %x, %y : tensor<2x3xf32>, tensor<3xf32>
  %r = nn.quantize %0, %t, %z : tensor<2x3xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<2x3xi8>
}

// -----

// One integer product, requantised as an accumulator is.
// CHECK-LABEL: @mul
// CHECK: nn.map
// CHECK: arith.muli {{.*}} : i32
// CHECK: arith.mulf
// INT-LABEL: @mul
// INT: arith.muli {{.*}} : i32
// INT: arith.muli {{.*}} : i64
// INT-NOT: f32
func.func @mul(%a: tensor<4xi8>, %b: tensor<4xi8>) -> tensor<4xi8> {
  %s = nn.constant dense<0.3> : tensor<f32>
  %z = nn.constant dense<0> : tensor<i8>
  %x = nn.dequantize %a, %s, %z : tensor<4xi8>, tensor<f32>, tensor<i8>
  %y = nn.dequantize %b, %s, %z : tensor<4xi8>, tensor<f32>, tensor<i8>
  %0 = nn.mul %x, %y : tensor<4xf32>, tensor<4xf32>
  %r = nn.quantize %0, %s, %z : tensor<4xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<4xi8>
}
