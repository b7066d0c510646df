// RUN: mlc-opt %s --nn-quantize --split-input-file | FileCheck %s

// Arguments and results say what their integers stand for.
// CHECK-LABEL: @interface
// CHECK-SAME: %arg0: tensor<4xf32> {nn.quantized = !quant.uniform<i8:f32, 5.000000e-01:3>}
// CHECK-SAME: -> (tensor<4xui8> {nn.quantized = !quant.uniform<u8:f32, 2.500000e-01:128>})
func.func @interface(%x: tensor<4xf32>) -> tensor<4xui8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %t = nn.constant dense<0.25> : tensor<f32>
  %z = nn.constant dense<3> : tensor<i8>
  %u = nn.constant dense<128> : tensor<ui8>
  %0 = nn.quantize %x, %s, %z : tensor<4xf32>, tensor<f32>, tensor<i8>
  %1 = nn.dequantize %0, %s, %z : tensor<4xi8>, tensor<f32>, tensor<i8>
  %2 = nn.tanh %1 : tensor<4xf32>
  %3 = nn.quantize %2, %t, %u : tensor<4xf32>, tensor<f32>, tensor<ui8>
  return %3 : tensor<4xui8>
}

// -----

// A float model is left alone.
// CHECK-LABEL: @float
// CHECK-SAME: (%arg0: tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT: nn.tanh
func.func @float(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = nn.tanh %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}
