// A product of quantised numbers, which mode integer has no integers for.
func.func @main(%q: tensor<1x4xi8> {nn.name = "x"}) -> (tensor<1xi8> {nn.name = "y"}) {
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<0> : tensor<i8>
  %x = nn.dequantize %q, %s, %z : tensor<1x4xi8>, tensor<f32>, tensor<i8>
  %0 = nn.reduce %x {axes = array<i64: 1>, kind = #nn.reduce_kind<prod>} : (tensor<1x4xf32>) -> tensor<1xf32>
  %r = nn.quantize %0, %s, %z : tensor<1xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<1xi8>
}
