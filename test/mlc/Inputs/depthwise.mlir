func.func @main(%x: tensor<1x14x14x512xf32> {nn.name = "x"}, %w: tensor<512x1x3x3xf32> {nn.name = "w"}) -> (tensor<1x14x14x512xf32> {nn.name = "y"}) {
  %y = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 512 : i64, layout = #nn.layout<channels_last>} : (tensor<1x14x14x512xf32>, tensor<512x1x3x3xf32>) -> tensor<1x14x14x512xf32>
  return %y : tensor<1x14x14x512xf32>
}
