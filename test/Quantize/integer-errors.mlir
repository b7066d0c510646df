// RUN: mlc-opt %s --nn-quantize=mode=integer --split-input-file --verify-diagnostics

// What mode integer has to leave to floats is said, an op a line.
func.func @product(%q: tensor<1x4xi8>) -> tensor<1xi8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<0> : tensor<i8>
  %x = nn.dequantize %q, %s, %z : tensor<1x4xi8>, tensor<f32>, tensor<i8>
  // expected-warning @+1 {{'nn.reduce' stays on floats in mode integer}}
  %0 = nn.reduce %x {axes = array<i64: 1>, kind = #nn.reduce_kind<prod>} : (tensor<1x4xf32>) -> tensor<1xf32>
  %r = nn.quantize %0, %s, %z : tensor<1xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<1xi8>
}

// -----

// The greater of two ratios must be in [2^-10, 2^20).
func.func @far_apart(%a: tensor<4xi8>, %b: tensor<4xi8>) -> tensor<4xi8> {
  %s = nn.constant dense<1.0e-6> : tensor<f32>
  %t = nn.constant dense<1.0> : tensor<f32>
  %z = nn.constant dense<0> : tensor<i8>
  %x = nn.dequantize %a, %s, %z : tensor<4xi8>, tensor<f32>, tensor<i8>
  %y = nn.dequantize %b, %s, %z : tensor<4xi8>, tensor<f32>, tensor<i8>
  // expected-warning @+1 {{'nn.add' stays on floats in mode integer}}
  %0 = nn.add %x, %y : tensor<4xf32>, tensor<4xf32>
  %r = nn.quantize %0, %t, %z : tensor<4xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<4xi8>
}

// -----

// A result that nothing quantises is a float, though integers are multiplied.
func.func @float_end(%a: tensor<2x3xi8>, %b: tensor<3x4xi8>) -> tensor<2x4xf32> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<0> : tensor<i8>
  %x = nn.dequantize %a, %s, %z : tensor<2x3xi8>, tensor<f32>, tensor<i8>
  %y = nn.dequantize %b, %s, %z : tensor<3x4xi8>, tensor<f32>, tensor<i8>
  // expected-warning @+1 {{'nn.matmul' ends in floats in mode integer}}
  %0 = nn.matmul %x, %y : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}
