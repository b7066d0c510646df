// RUN: mlc-opt %s --nn-quantize --split-input-file | FileCheck %s
// RUN: mlc-opt %s --nn-quantize=mode=integer --split-input-file | FileCheck %s --check-prefix=INT

// Both operands as they are stored, the second one and the zero points first. Fusing may make no difference: then it is left open.
// CHECK-LABEL: @add(
// CHECK: %[[R:.*]] = nn.map(%arg0, %arg1) : (tensor<2x3xi8>, tensor<3xi8>) -> tensor<2x3xi8> {
// CHECK: ^bb0(%[[X:.*]]: i8, %[[Y:.*]]: i8):
// CHECK-DAG: %[[RATIO:.*]] = arith.constant 0.666666686 : f32
// CHECK-DAG: %[[REST:.*]] = arith.constant -2.000000e+00 : f32
// CHECK-NOT: arith.divf
// CHECK: %[[OTHERS:.*]] = arith.addf %{{.*}}, %[[REST]] fastmath<contract>
// CHECK: %[[FIRST:.*]] = arith.mulf %{{.*}}, %[[RATIO]] fastmath<contract>
// CHECK: arith.addf %[[FIRST]], %[[OTHERS]] fastmath<contract>
// CHECK: return %[[R]]
// INT-LABEL: @add(
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

// Rounding each step would give another sum of some bytes.
// CHECK-LABEL: @add_fused
// CHECK: ^bb0(%[[X:.*]]: i8, %[[Y:.*]]: i8):
// CHECK: %[[WIDE:.*]] = arith.extui %[[X]]
// CHECK: %[[FIRST:.*]] = arith.sitofp %[[WIDE]]
// CHECK: %[[REST:.*]] = math.fma
// CHECK: math.fma %[[FIRST]], %{{.*}}, %[[REST]]
// INT-LABEL: @add_fused
// INT: nn.map
// INT-NOT: f32
func.func @add_fused(%a: tensor<8xui8>, %b: tensor<8xui8>) -> tensor<8xui8> {
  %s = nn.constant dense<0x3CB8F176> : tensor<f32>
  %t = nn.constant dense<0x3C19A0CC> : tensor<f32>
  %u = nn.constant dense<0x3D2C63EB> : tensor<f32>
  %zs = nn.constant dense<96> : tensor<ui8>
  %zt = nn.constant dense<23> : tensor<ui8>
  %zu = nn.constant dense<155> : tensor<ui8>
  %x = nn.dequantize %a, %s, %zs : tensor<8xui8>, tensor<f32>, tensor<ui8>
  %y = nn.dequantize %b, %t, %zt : tensor<8xui8>, tensor<f32>, tensor<ui8>
  %0 = nn.add %x, %y : tensor<8xf32>, tensor<8xf32>
  %r = nn.quantize %0, %u, %zu : tensor<8xf32>, tensor<f32>, tensor<ui8>
  return %r : tensor<8xui8>
}

// -----

// onnxruntime has no operator for a difference: dequantised, subtracted, quantised.
// CHECK-LABEL: @sub
// CHECK: nn.map
// CHECK: arith.subf
// CHECK: arith.divf
// INT-LABEL: @sub
// INT: nn.map
// INT: arith.shrsi {{.*}} : i32
// INT-NOT: f32
func.func @sub(%a: tensor<4xi8>, %b: tensor<4xi8>) -> tensor<4xi8> {
  %s = nn.constant dense<0.3> : tensor<f32>
  %z = nn.constant dense<1> : tensor<i8>
  %x = nn.dequantize %a, %s, %z : tensor<4xi8>, tensor<f32>, tensor<i8>
  %y = nn.dequantize %b, %s, %z : tensor<4xi8>, tensor<f32>, tensor<i8>
  %0 = nn.sub %x, %y : tensor<4xf32>, tensor<4xf32>
  %r = nn.quantize %0, %s, %z : tensor<4xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<4xi8>
}

// -----

// A sum that is needed as a number, too, stays one; without floats it is computed again.
// CHECK-LABEL: @add_of_two_uses
// CHECK: nn.add
// CHECK: nn.quantize
// CHECK: nn.quantize
// INT-LABEL: @add_of_two_uses
// INT: nn.map
// INT: nn.map
func.func @add_of_two_uses(%a: tensor<4xi8>, %b: tensor<4xi8>) -> (tensor<4xi8>, tensor<4xi8>) {
  %s = nn.constant dense<0.3> : tensor<f32>
  %t = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<1> : tensor<i8>
  %x = nn.dequantize %a, %s, %z : tensor<4xi8>, tensor<f32>, tensor<i8>
  %y = nn.dequantize %b, %s, %z : tensor<4xi8>, tensor<f32>, tensor<i8>
  %0 = nn.add %x, %y : tensor<4xf32>, tensor<4xf32>
  %r = nn.quantize %0, %s, %z : tensor<4xf32>, tensor<f32>, tensor<i8>
  %q = nn.quantize %0, %t, %z : tensor<4xf32>, tensor<f32>, tensor<i8>
  return %r, %q : tensor<4xi8>, tensor<4xi8>
}

// -----

// One integer product, scaled; the zero point comes before the rounding. Without floats, as an accumulator.
// CHECK-LABEL: @mul
// CHECK: nn.map
// CHECK: arith.muli {{.*}} : i32
// CHECK: %[[SCALED:.*]] = arith.mulf
// CHECK: arith.addf %[[SCALED]]
// INT-LABEL: @mul
// INT: arith.muli {{.*}} : i32
// INT: arith.muli {{.*}} : i64
// INT-NOT: f32
func.func @mul(%a: tensor<4xi8>, %b: tensor<4xi8>) -> tensor<4xi8> {
  %s = nn.constant dense<0.3> : tensor<f32>
  %z = nn.constant dense<2> : tensor<i8>
  %x = nn.dequantize %a, %s, %z : tensor<4xi8>, tensor<f32>, tensor<i8>
  %y = nn.dequantize %b, %s, %z : tensor<4xi8>, tensor<f32>, tensor<i8>
  %0 = nn.mul %x, %y : tensor<4xf32>, tensor<4xf32>
  %r = nn.quantize %0, %s, %z : tensor<4xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<4xi8>
}
