// A quantised softmax, which mode onnx leaves to floats.
func.func @main(%q: tensor<1x4xi8> {nn.name = "x"}) -> (tensor<1x4xi8> {nn.name = "y"}) {
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<0> : tensor<i8>
  %x = nn.dequantize %q, %s, %z : tensor<1x4xi8>, tensor<f32>, tensor<i8>
  %0 = nn.softmax %x {axis = 1 : i64} : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %r = nn.quantize %0, %s, %z : tensor<1x4xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<1x4xi8>
}
