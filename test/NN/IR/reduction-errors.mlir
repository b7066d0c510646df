// RUN: mlc-opt %s --split-input-file --verify-diagnostics

func.func @reduce_c1(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{(C1) axes are not strictly increasing in [0, 2)}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.reduce %x {kind = #nn.reduce_kind<sum>, axes = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<f32>
  return
}

// -----

func.func @reduce_c1_range(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{(C1) axes are not strictly increasing in [0, 2)}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.reduce %x {kind = #nn.reduce_kind<sum>, axes = array<i64: 2>} : (tensor<2x3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @softmax_c1(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{(C1) axis is 2, one in [0, 2) is required}}
  %y = nn.softmax %x {axis = 2 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}
