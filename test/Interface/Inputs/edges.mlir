func.func @main(%empty: tensor<1x3x0x4xf32> {nn.name = "empty"}, %x: tensor<4xf32> {nn.name = "x"},
                %n: tensor<i64> {nn.name = "n"}, %grey: tensor<1x1x4x4xf32> {nn.name = "grey"},
                %more: tensor<1x1x4x4xf32> {nn.name = "more"})
    -> (tensor<4xf32> {nn.name = "found", nn.counted = array<i64: 0, 1>}, tensor<i64> {nn.name = "found_count"}) {
  return %x, %n : tensor<4xf32>, tensor<i64>
}
