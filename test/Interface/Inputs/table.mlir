func.func @main(%image: tensor<1x3x8x10xf32> {nn.name = "image"}) -> (tensor<1x4x4x5xf32> {nn.name = "y"}) {
  %w = nn.constant dense<0.25> : tensor<4x3x3x3xf32>
  %0 = nn.conv %image, %w {strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x3x8x10xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x4x5xf32>
  return %0 : tensor<1x4x4x5xf32>
}
