// RUN: mlc-opt %s --split-input-file --verify-diagnostics

func.func @binary_c1(%x: tensor<2x3xf32>, %z: tensor<2x3xf16>) {
  // expected-error @+1 {{requires the same element type for all operands}}
  %y = nn.add %x, %z : tensor<2x3xf32>, tensor<2x3xf16>
  return
}

// -----

func.func @binary_c2(%x: tensor<2x3xf32>, %z: tensor<2x4xf32>) {
  // expected-error @+1 {{operand shapes do not broadcast: 'tensor<2x3xf32>' and 'tensor<2x4xf32>'}}
  %y = nn.add %x, %z : tensor<2x3xf32>, tensor<2x4xf32>
  return
}

// -----

func.func @compare_c1(%x: tensor<2x3xf32>, %z: tensor<2x3xi32>) {
  // expected-error @+1 {{requires the same element type for all operands}}
  %y = nn.less %x, %z : tensor<2x3xf32>, tensor<2x3xi32>
  return
}

// -----

func.func @select_c1(%c: tensor<i1>, %x: tensor<2x3xf32>, %z: tensor<2x3xf16>) {
  // expected-error @+1 {{(C1) chooses between element types 'f32' and 'f16', they must be the same}}
  %y = nn.select %c, %x, %z : tensor<i1>, tensor<2x3xf32>, tensor<2x3xf16>
  return
}

// -----

func.func @clamp_types(%x: tensor<2x3xf32>, %z: tensor<f16>) {
  // expected-error @+1 {{requires the same element type for all operands}}
  %y = nn.clamp %x, %z, %z : tensor<2x3xf32>, tensor<f16>, tensor<f16>
  return
}

// -----

func.func @cast_shape(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{requires the same shape for all operands and results}}
  %y = nn.cast %x : tensor<2x3xf32> to tensor<3x2xi32>
  return
}

// -----

func.func @sqrt_integers(%x: tensor<2xi32>) {
  // expected-error @+1 {{operand #0 must be statically shaped tensor of floats}}
  %y = nn.sqrt %x : tensor<2xi32>
  return
}

// -----

func.func @and_floats(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{operand #0 must be statically shaped tensor of booleans}}
  %y = nn.and %x, %x : tensor<2x3xf32>, tensor<2x3xf32>
  return
}
