// RUN: mlc-opt %s --nn-quantize --split-input-file | FileCheck %s

// Weights of what stays on floats are floats: dequantised here, one scale for the tensor, a channel or a block.
// CHECK-LABEL: @weights
// CHECK: nn.constant dense<{{\[\[}}-2.000000e+00, -5.000000e-01], [1.500000e+00, 2.000000e+00]]> : tensor<2x2xf32>
// CHECK-NOT: nn.dequantize
func.func @weights(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %q = nn.constant dense<[[-3, -2], [2, 1]]> : tensor<2x2xi8>
  %s = nn.constant dense<[[0.5, 0.5], [1.5, 1.0]]> : tensor<2x2xf32>
  %z = nn.constant dense<[1, -1]> : tensor<2xi8>
  %w = nn.dequantize %q, %s, %z : tensor<2x2xi8>, tensor<2x2xf32>, tensor<2xi8>
  %0 = nn.matmul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// -----

// What is quantised in the graph is stored as integers.
// CHECK-LABEL: @quantized_weights
// CHECK: %[[W:.*]] = nn.constant dense<{{\[\[}}2], [-3]]> : tensor<2x1xi8>
// CHECK: nn.matmul %arg0, %[[W]]
func.func @quantized_weights(%x: tensor<1x2xi8>) -> tensor<1x1xi8> {
  %w = nn.constant dense<[[1.0], [-1.5]]> : tensor<2x1xf32>
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<0> : tensor<i8>
  %q = nn.quantize %w, %s, %z : tensor<2x1xf32>, tensor<f32>, tensor<i8>
  %a = nn.dequantize %x, %s, %z : tensor<1x2xi8>, tensor<f32>, tensor<i8>
  %b = nn.dequantize %q, %s, %z : tensor<2x1xi8>, tensor<f32>, tensor<i8>
  %0 = nn.matmul %a, %b : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  %r = nn.quantize %0, %s, %z : tensor<1x1xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<1x1xi8>
}
