// Inputs and outputs of all kinds that --io meets.
module {
  func.func @main(%x: tensor<2x3xf32> {nn.name = "x"},
                  %plain: tensor<2x3xf32> {nn.name = "plain"},
                  %both: tensor<2x3xf32> {nn.name = "both"},
                  %ids: tensor<2xi64> {nn.name = "ids"},
                  %mask: tensor<2xi1> {nn.name = "mask"})
      -> (tensor<3x2xf32> {nn.name = "y"}, tensor<2x3xf32> {nn.name = "sum"},
          tensor<2xi64> {nn.name = "next"}, tensor<2xi1> {nn.name = "not"}) {
    %s = nn.constant dense<0.5> : tensor<f32>
    %t = nn.constant dense<0.25> : tensor<f32>
    %z = nn.constant dense<3> : tensor<i8>
    %u = nn.constant dense<128> : tensor<ui8>
    %one = nn.constant dense<1> : tensor<i64>
    // Quantised behind a transposition.
    %0 = nn.transpose %x {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
    %1 = nn.quantize %0, %s, %z : tensor<3x2xf32>, tensor<f32>, tensor<i8>
    %2 = nn.dequantize %1, %s, %z : tensor<3x2xi8>, tensor<f32>, tensor<i8>
    %3 = nn.tanh %2 : tensor<3x2xf32>
    %4 = nn.quantize %3, %t, %u : tensor<3x2xf32>, tensor<f32>, tensor<ui8>
    %y = nn.dequantize %4, %t, %u : tensor<3x2xui8>, tensor<f32>, tensor<ui8>
    // Quantised, and read as it is.
    %5 = nn.quantize %both, %s, %z : tensor<2x3xf32>, tensor<f32>, tensor<i8>
    %6 = nn.dequantize %5, %s, %z : tensor<2x3xi8>, tensor<f32>, tensor<i8>
    %7 = nn.add %6, %both : tensor<2x3xf32>, tensor<2x3xf32>
    %sum = nn.add %7, %plain : tensor<2x3xf32>, tensor<2x3xf32>
    %next = nn.add %ids, %one : tensor<2xi64>, tensor<i64>
    %not = nn.not %mask : tensor<2xi1>
    return %y, %sum, %next, %not : tensor<3x2xf32>, tensor<2x3xf32>, tensor<2xi64>, tensor<2xi1>
  }
}
