// RUN: mlc-opt %s --split-input-file --verify-diagnostics

func.func @pool_c1(%x: tensor<4x8xf32>) {
  // expected-error @+2 {{(C1) input has rank 2, at least 3 is required}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.pool %x {kind = #nn.pool_kind<max>, kernel = array<i64>, strides = array<i64>, pads = array<i64>, dilations = array<i64>, layout = #nn.layout<channels_first>} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @pool_c2_count(%x: tensor<1x4x8x8xf32>) {
  // expected-error @+2 {{(C2) has 2 strides, 1 dilations and a kernel of rank 2, 2 of each are required}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.pool %x {kind = #nn.pool_kind<max>, kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1>, layout = #nn.layout<channels_first>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x6x6xf32>
  return
}

// -----

func.func @pool_c2_strides(%x: tensor<1x4x8x8xf32>) {
  // expected-error @+2 {{(C2) strides has 0, at least 1 is required}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.pool %x {kind = #nn.pool_kind<max>, kernel = array<i64: 3, 3>, strides = array<i64: 0, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x6x6xf32>
  return
}

// -----

func.func @pool_c3_count(%x: tensor<1x4x8x8xf32>) {
  // expected-error @+2 {{(C3) has 3 pads, 4 are required}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.pool %x {kind = #nn.pool_kind<max>, kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x6x6xf32>
  return
}

// -----

func.func @pool_c3_negative(%x: tensor<1x4x8x8xf32>) {
  // expected-error @+2 {{(C3) pads has -2, at least 0 is required}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.pool %x {kind = #nn.pool_kind<max>, kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: -2, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x6x6xf32>
  return
}

// -----

func.func @pool_c4(%x: tensor<1x4x8x8xf32>) {
  // expected-error @+2 {{(C4) a window of 9 dilated by 1 does not fit dimension 3 of size 8}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.pool %x {kind = #nn.pool_kind<max>, kernel = array<i64: 3, 9>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x6x6xf32>
  return
}

// -----

func.func @pool_c5_count(%x: tensor<1x4x8x8xf32>) {
  // expected-error @+2 {{(C2) has 2 strides, 2 dilations and a kernel of rank 3, 2 of each are required}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.pool %x {kind = #nn.pool_kind<max>, kernel = array<i64: 3, 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x6x6xf32>
  return
}

// -----

func.func @pool_c5(%x: tensor<1x4x8x8xf32>) {
  // expected-error @+1 {{(C5) kernel has 0, at least 1 is required}}
  %y = nn.pool %x {kind = #nn.pool_kind<max>, kernel = array<i64: 0, 3>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x6x6xf32>
  return
}

// -----

func.func @pool_c6(%x: tensor<1x4x8x8xf32>) {
  // expected-error @+1 {{(C6) pad 3 is not less than the dilated kernel 3}}
  %y = nn.pool %x {kind = #nn.pool_kind<max>, kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 0, 3, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x6x9xf32>
  return
}
