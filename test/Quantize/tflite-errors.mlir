// RUN: mlc-opt %s --nn-quantize=mode=tflite --split-input-file --verify-diagnostics

// What TFLite has no kernel of is said, an op a line.
func.func @quotient(%a: tensor<4xi8>, %b: tensor<4xi8>) -> tensor<4xi8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<0> : tensor<i8>
  %x = nn.dequantize %a, %s, %z : tensor<4xi8>, tensor<f32>, tensor<i8>
  %y = nn.dequantize %b, %s, %z : tensor<4xi8>, tensor<f32>, tensor<i8>
  // expected-warning @+1 {{'nn.div' is computed as in mode integer, TFLite has no kernel of it}}
  %0 = nn.div %x, %y : tensor<4xf32>, tensor<4xf32>
  %r = nn.quantize %0, %s, %z : tensor<4xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<4xi8>
}

// -----

// Its softmax gives 256ths.
func.func @softmax(%q: tensor<1x4xi8>) -> tensor<1x4xi8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %t = nn.constant dense<0.01> : tensor<f32>
  %z = nn.constant dense<-128> : tensor<i8>
  %x = nn.dequantize %q, %s, %z : tensor<1x4xi8>, tensor<f32>, tensor<i8>
  // expected-warning @+1 {{'nn.softmax' is computed as in mode integer, TFLite has no kernel of it}}
  %0 = nn.softmax %x {axis = 1 : i64} : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %r = nn.quantize %0, %t, %z : tensor<1x4xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<1x4xi8>
}

// -----

// Its pools leave the scale as it is.
func.func @pool(%q: tensor<1x1x4xi8>) -> tensor<1x1x2xi8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %t = nn.constant dense<0.25> : tensor<f32>
  %z = nn.constant dense<1> : tensor<i8>
  %x = nn.dequantize %q, %s, %z : tensor<1x1x4xi8>, tensor<f32>, tensor<i8>
  // expected-warning @+1 {{'nn.pool' is computed as in mode integer, TFLite has no kernel of it}}
  %0 = nn.pool %x {kind = #nn.pool_kind<average>, kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, layout = #nn.layout<channels_first>} : (tensor<1x1x4xf32>) -> tensor<1x1x2xf32>
  %r = nn.quantize %0, %t, %z : tensor<1x1x2xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<1x1x2xi8>
}

// -----

// What has no integers at all stays on floats.
func.func @product(%q: tensor<1x4xi8>) -> tensor<1xi8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<0> : tensor<i8>
  %x = nn.dequantize %q, %s, %z : tensor<1x4xi8>, tensor<f32>, tensor<i8>
  // expected-warning @+1 {{'nn.reduce' stays on floats in mode tflite}}
  %0 = nn.reduce %x {axes = array<i64: 1>, kind = #nn.reduce_kind<prod>} : (tensor<1x4xf32>) -> tensor<1xf32>
  %r = nn.quantize %0, %s, %z : tensor<1xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<1xi8>
}
