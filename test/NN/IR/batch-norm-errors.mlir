// RUN: mlc-opt %s --split-input-file --verify-diagnostics

func.func @batch_norm_c1(%x: tensor<8xf32>, %s: tensor<8xf32>) {
  // expected-error @+1 {{(C2) statistic is 'tensor<8xf32>', [1] is required}}
  %y = nn.batch_norm %x, %s, %s, %s, %s {epsilon = 1.0e-05 : f64, layout = #nn.layout<channels_first>} : (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @batch_norm_c2(%x: tensor<1x4x8x8xf32>, %s: tensor<8xf32>) {
  // expected-error @+1 {{(C2) statistic is 'tensor<8xf32>', [4] is required}}
  %y = nn.batch_norm %x, %s, %s, %s, %s {epsilon = 1.0e-05 : f64, layout = #nn.layout<channels_first>} : (tensor<1x4x8x8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<1x4x8x8xf32>
  return
}

// -----

func.func @batch_norm_c2_rank(%x: tensor<1x4x8x8xf32>, %s: tensor<4x1xf32>) {
  // expected-error @+1 {{(C2) statistic is 'tensor<4x1xf32>', [4] is required}}
  %y = nn.batch_norm %x, %s, %s, %s, %s {epsilon = 1.0e-05 : f64, layout = #nn.layout<channels_first>} : (tensor<1x4x8x8xf32>, tensor<4x1xf32>, tensor<4x1xf32>, tensor<4x1xf32>, tensor<4x1xf32>) -> tensor<1x4x8x8xf32>
  return
}
