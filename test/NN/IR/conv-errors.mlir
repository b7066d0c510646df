// RUN: mlc-opt %s --split-input-file --verify-diagnostics

func.func @conv_c1(%x: tensor<3x8xf32>, %w: tensor<4x3xf32>) -> tensor<3x4xf32> {
  // expected-error @+2 {{(C1) input has rank 2, at least 3 is required}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.conv %x, %w {strides = array<i64>, pads = array<i64>, dilations = array<i64>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<3x8xf32>, tensor<4x3xf32>) -> tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}
