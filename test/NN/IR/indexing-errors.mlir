// RUN: mlc-opt %s --split-input-file --verify-diagnostics

func.func @scatter_c1(%x: tensor<4xf32>, %i: tensor<2xi64>, %u: tensor<2x3xf32>) {
  // expected-error @+2 {{(C1) ranks are 1, 1 and 2, 2, 1 and 2 are required}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.scatter %x, %i, %u {kind = #nn.scatter_kind<assign>} : (tensor<4xf32>, tensor<2xi64>, tensor<2x3xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @scatter_c2_rows(%x: tensor<4x3xf32>, %i: tensor<2xi64>, %u: tensor<1x3xf32>) {
  // expected-error @+2 {{(C2) updates are 'tensor<1x3xf32>', 2 rows of 3 are required}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.scatter %x, %i, %u {kind = #nn.scatter_kind<assign>} : (tensor<4x3xf32>, tensor<2xi64>, tensor<1x3xf32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @scatter_c2_columns(%x: tensor<4x3xf32>, %i: tensor<2xi64>, %u: tensor<2x4xf32>) {
  // expected-error @+2 {{(C2) updates are 'tensor<2x4xf32>', 2 rows of 3 are required}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.scatter %x, %i, %u {kind = #nn.scatter_kind<assign>} : (tensor<4x3xf32>, tensor<2xi64>, tensor<2x4xf32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @scatter_c3(%x: tensor<4x3xf32>, %i: tensor<2xi64>, %u: tensor<2x3xf16>) {
  // expected-error @+2 {{(C3) writes 'f16' into 'f32'}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.scatter %x, %i, %u {kind = #nn.scatter_kind<add>} : (tensor<4x3xf32>, tensor<2xi64>, tensor<2x3xf16>) -> tensor<4x3xf32>
  return
}

// -----

func.func @scatter_c4(%x: tensor<4x3xf32>, %u: tensor<2x3xf32>) {
  %i = nn.constant dense<[-4, -5]> : tensor<2xi64>
  // expected-error @+1 {{(C4) index -5 is outside of 4 rows, one in [-4, 4) is required}}
  %y = nn.scatter %x, %i, %u {kind = #nn.scatter_kind<add>} : (tensor<4x3xf32>, tensor<2xi64>, tensor<2x3xf32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @rank_c1(%x: tensor<4x3xf32>) {
  // expected-error @+2 {{(C1) axis is 2, one in [0, 2) is required}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.rank %x {axis = 2 : i64} : (tensor<4x3xf32>) -> tensor<4x3xi64>
  return
}

// -----

func.func @resample_c1(%x: tensor<4x3xf32>, %i: tensor<5x2xi64>, %w: tensor<5x2xf32>) {
  // expected-error @+2 {{(C1) axis is -1, one in [0, 2) is required}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.resample %x, %i, %w {axis = -1 : i64} : (tensor<4x3xf32>, tensor<5x2xi64>, tensor<5x2xf32>) -> tensor<4x5xf32>
  return
}

// -----

func.func @resample_c2_agree(%x: tensor<4x3xf32>, %i: tensor<5x2xi64>, %w: tensor<5x3xf32>) {
  // expected-error @+2 {{(C2) indices are 'tensor<5x2xi64>' and weights 'tensor<5x3xf32>', both [size, taps] is required}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.resample %x, %i, %w {axis = 1 : i64} : (tensor<4x3xf32>, tensor<5x2xi64>, tensor<5x3xf32>) -> tensor<4x5xf32>
  return
}

// -----

func.func @resample_c2_taps(%x: tensor<4x3xf32>, %i: tensor<5x0xi64>, %w: tensor<5x0xf32>) {
  // expected-error @+2 {{(C2) indices are 'tensor<5x0xi64>' and weights 'tensor<5x0xf32>', both [size, taps] is required}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.resample %x, %i, %w {axis = 1 : i64} : (tensor<4x3xf32>, tensor<5x0xi64>, tensor<5x0xf32>) -> tensor<4x5xf32>
  return
}

// -----

func.func @resample_c4(%x: tensor<4x3xf32>, %w: tensor<2x1xf32>) {
  %i = nn.constant dense<[[0], [-1]]> : tensor<2x1xi64>
  // expected-error @+1 {{(C4) index -1 is outside of axis 1 of size 3}}
  %y = nn.resample %x, %i, %w {axis = 1 : i64} : (tensor<4x3xf32>, tensor<2x1xi64>, tensor<2x1xf32>) -> tensor<4x2xf32>
  return
}

// -----

func.func @resample_c3(%x: tensor<4x3xf32>, %i: tensor<5x2xi64>, %w: tensor<5x2xf64>) {
  // expected-error @+2 {{(C3) weighs 'f32' by 'f64'}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.resample %x, %i, %w {axis = 1 : i64} : (tensor<4x3xf32>, tensor<5x2xi64>, tensor<5x2xf64>) -> tensor<4x5xf32>
  return
}
