func.func @main(%image: tensor<1x3x8x10xf32> {nn.name = "image"}, %flat: tensor<2x5xf32> {nn.name = "flat"},
                %pixels: tensor<1x6x8x3xui8> {nn.name = "pixels"}, %grey: tensor<1x1x4x4xf32> {nn.name = "grey"},
                %mask: tensor<1x4x4x1xi1> {nn.name = "mask"})
    -> (tensor<1x3x8x10xf32> {nn.name = "seen"}, tensor<2x5xf32> {nn.name = "scores"},
        tensor<1x6x8x3xui8> {nn.name = "same"}, tensor<1x1x4x4xf32> {nn.name = "dots"},
        tensor<1x4x4x1xi1> {nn.name = "not"}, tensor<f32> {nn.name = "one"}) {
  %0 = nn.relu %image : tensor<1x3x8x10xf32>
  %1 = nn.neg %flat : tensor<2x5xf32>
  %2 = nn.relu %grey : tensor<1x1x4x4xf32>
  %3 = nn.not %mask : tensor<1x4x4x1xi1>
  %4 = nn.constant dense<1.0> : tensor<f32>
  return %0, %1, %pixels, %2, %3, %4 : tensor<1x3x8x10xf32>, tensor<2x5xf32>, tensor<1x6x8x3xui8>, tensor<1x1x4x4xf32>, tensor<1x4x4x1xi1>, tensor<f32>
}
