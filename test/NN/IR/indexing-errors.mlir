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

func.func @scatter_c5(%x: tensor<4x3xf32>, %i: tensor<2xi64>, %u: tensor<2x3xf32>, %n: tensor<1xi64>) {
  // expected-error @+2 {{(C5) count is 'tensor<1xi64>', tensor<i64> is required}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.scatter %x, %i, %u count(%n) {kind = #nn.scatter_kind<add>} : (tensor<4x3xf32>, tensor<2xi64>, tensor<2x3xf32>, tensor<1xi64>) -> tensor<4x3xf32>
  return
}

// -----

func.func @order_c1(%x: tensor<4x3xf32>) {
  // expected-error @+2 {{(C1) axis is 2, one in [0, 2) is required}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.order %x {axis = 2 : i64, count = 1 : i64} : (tensor<4x3xf32>) -> tensor<4x3xi64>
  return
}

// -----

func.func @order_c2(%x: tensor<4x3xf32>) {
  // expected-error @+2 {{(C2) count is 4, one in [0, 3] is required}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.order %x {axis = 1 : i64, count = 4 : i64} : (tensor<4x3xf32>) -> tensor<4x4xi64>
  return
}

// -----

func.func @roi_align_c1(%x: tensor<2x9x8x3xf32>, %r: tensor<5x4xf32>, %i: tensor<4xi64>) {
  // expected-error @+2 {{(C1) input is 'tensor<2x9x8x3xf32>', rois 'tensor<5x4xf32>' and indices 'tensor<4xi64>'; [N, H, W, C], [R, 4] and [R] are required}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.roi_align %x, %r, %i {height = 3 : i64, sampling_ratio = 0 : i64, spatial_scale = 0.5 : f64, width = 2 : i64} : (tensor<2x9x8x3xf32>, tensor<5x4xf32>, tensor<4xi64>) -> tensor<5x3x2x3xf32>
  return
}

// -----

func.func @roi_align_c2(%x: tensor<2x9x8x3xf32>, %r: tensor<5x4xf32>, %i: tensor<5xi64>) {
  // expected-error @+2 {{(C2) takes 0 x 2 bins of 1 samples}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.roi_align %x, %r, %i {height = 0 : i64, sampling_ratio = 1 : i64, spatial_scale = 0.5 : f64, width = 2 : i64} : (tensor<2x9x8x3xf32>, tensor<5x4xf32>, tensor<5xi64>) -> tensor<5x0x2x3xf32>
  return
}

// -----

func.func @roi_align_c3(%x: tensor<2x0x8x3xf32>, %r: tensor<5x4xf32>, %i: tensor<5xi64>) {
  // expected-error @+2 {{(C3) input is 'tensor<2x0x8x3xf32>', which is empty}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.roi_align %x, %r, %i {height = 3 : i64, sampling_ratio = 1 : i64, spatial_scale = 0.5 : f64, width = 2 : i64} : (tensor<2x0x8x3xf32>, tensor<5x4xf32>, tensor<5xi64>) -> tensor<5x3x2x3xf32>
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
