// RUN: mlc-opt %s --nn-count-zeros --verify-diagnostics

func.func @no_data(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w = nn.constant dense_resource<absent> : tensor<2x2xf32>
  // expected-error@+1 {{weights are a resource without data, its bytes are required to count zeros}}
  %0 = nn.matmul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}
