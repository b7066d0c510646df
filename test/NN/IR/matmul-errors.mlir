// RUN: mlc-opt %s --split-input-file --verify-diagnostics

func.func @matmul_c1(%x: tensor<3xf32>, %w: tensor<3x4xf32>) {
  // expected-error @+2 {{(C1) multiplies ranks 1 and 2, at least 2 is required}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.matmul %x, %w : (tensor<3xf32>, tensor<3x4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @matmul_c1_scalar(%x: tensor<f32>, %w: tensor<3x4xf32>) {
  // expected-error @+2 {{(C1) multiplies ranks 0 and 2, at least 2 is required}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.matmul %x, %w : (tensor<f32>, tensor<3x4xf32>) -> tensor<f32>
  return
}

// -----

func.func @matmul_c2(%x: tensor<2x3xf32>, %w: tensor<4x3xf32>) {
  // expected-error @+2 {{(C2) inner dimensions are 3 and 4, they must be the same}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.matmul %x, %w : (tensor<2x3xf32>, tensor<4x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @matmul_c2_transposed(%x: tensor<2x3xf32>, %w: tensor<3x4xf32>) {
  // expected-error @+2 {{(C2) inner dimensions are 3 and 4, they must be the same}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.matmul %x, %w {transpose_rhs} : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @matmul_c3(%x: tensor<5x2x3xf32>, %w: tensor<6x3x4xf32>) {
  // expected-error @+2 {{(C3) leading dimensions of 'tensor<5x2x3xf32>' and 'tensor<6x3x4xf32>' do not broadcast}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.matmul %x, %w : (tensor<5x2x3xf32>, tensor<6x3x4xf32>) -> tensor<5x2x4xf32>
  return
}

// -----

func.func @matmul_c4(%x: tensor<2x3xf32>, %w: tensor<3x4xf32>, %b: tensor<2xf32>) {
  // expected-error @+1 {{(C4) bias is 'tensor<2xf32>', [4] is required}}
  %y = nn.matmul %x, %w bias(%b) : (tensor<2x3xf32>, tensor<3x4xf32>, tensor<2xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @matmul_c5_no_region(%x: tensor<2x3xf32>, %w: tensor<3x4xf32>, %b: tensor<4xf32>) {
  // expected-error @+1 {{(C5) has epilogue operands but no epilogue}}
  %y = nn.matmul %x, %w epilogue(%b) : (tensor<2x3xf32>, tensor<3x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @matmul_c5_shape(%x: tensor<2x3xf32>, %w: tensor<3x4xf32>, %b: tensor<2xf32>) {
  // expected-error @+1 {{(C5) epilogue operand is 'tensor<2xf32>', the result's shape, [4] or rank 0 is required}}
  %y = nn.matmul %x, %w epilogue(%b) : (tensor<2x3xf32>, tensor<3x4xf32>, tensor<2xf32>) -> tensor<2x4xf32> {
    ^bb0(%v: f32, %u: f32):
      nn.yield %v : f32
    }
  return
}
