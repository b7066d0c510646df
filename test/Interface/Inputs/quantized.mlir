func.func @main(%image: tensor<1x3x8x10xf32> {nn.name = "image"}) -> (tensor<1x3x8x10xf32> {nn.name = "y"}) {
  %s = nn.constant dense<0.0625> : tensor<f32>
  %z = nn.constant dense<3> : tensor<i8>
  %0 = nn.quantize %image, %s, %z : tensor<1x3x8x10xf32>, tensor<f32>, tensor<i8>
  %1 = nn.relu %0 : tensor<1x3x8x10xi8>
  %2 = nn.dequantize %1, %s, %z : tensor<1x3x8x10xi8>, tensor<f32>, tensor<i8>
  return %2 : tensor<1x3x8x10xf32>
}
