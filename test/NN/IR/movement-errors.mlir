// RUN: mlc-opt %s --split-input-file --verify-diagnostics

func.func @reshape_c1(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{(C1) reshapes 6 elements to 8}}
  %y = nn.reshape %x : tensor<2x3xf32> to tensor<8xf32>
  return
}

// -----

func.func @transpose_c1(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{(C1) permutation is not one of [0, 2)}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.transpose %x {permutation = array<i64: 0, 0>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @transpose_c1_count(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{(C1) permutation is not one of [0, 2)}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.transpose %x {permutation = array<i64: 0>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @concat_c1(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{(C1) axis is 2, one in [0, 2) is required}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.concat %x {axis = 2 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @concat_c1_negative(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{(C1) axis is -1, one in [0, 2) is required}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.concat %x {axis = -1 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @concat_c2(%x: tensor<2x3xf32>, %z: tensor<2x3xf16>) {
  // expected-error @+2 {{(C2) joins element types 'f32' and 'f16'}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.concat %x, %z {axis = 0 : i64} : (tensor<2x3xf32>, tensor<2x3xf16>) -> tensor<4x3xf32>
  return
}

// -----

func.func @concat_c3(%x: tensor<2x3xf32>, %z: tensor<2x4xf32>) {
  // expected-error @+2 {{(C3) joins 'tensor<2x3xf32>' and 'tensor<2x4xf32>' along axis 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.concat %x, %z {axis = 0 : i64} : (tensor<2x3xf32>, tensor<2x4xf32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @slice_c1(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{(C1) has 1 starts, 2 sizes and 2 steps, 2 of each are required}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.slice %x {starts = array<i64: 0>, sizes = array<i64: 2, 3>, steps = array<i64: 1, 1>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @slice_c2(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{(C2) step of dimension 1 is 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.slice %x {starts = array<i64: 0, 0>, sizes = array<i64: 2, 3>, steps = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @slice_c3(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{(C3) elements 1 to 3 of dimension 1 are outside its size 3}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.slice %x {starts = array<i64: 0, 1>, sizes = array<i64: 2, 3>, steps = array<i64: 1, 1>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @slice_c3_backwards(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{(C3) elements 1 to -1 of dimension 1 are outside its size 3}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.slice %x {starts = array<i64: 0, 1>, sizes = array<i64: 2, 3>, steps = array<i64: 1, -1>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @pad_c1(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{(C1) has 2 pads, 4 are required}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.pad %x {pads = array<i64: 0, 0>, mode = #nn.pad_mode<edge>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @pad_c1_reflect(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{(C1) has 2 pads, 4 are required}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.pad %x {pads = array<i64: 0, 0>, mode = #nn.pad_mode<reflect>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @pad_c2(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{(C2) dimension 1 becomes -1}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.pad %x {pads = array<i64: 0, -2, 0, -2>, mode = #nn.pad_mode<edge>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @pad_c3(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{(C3) a value goes with constant mode, and only with it}}
  %y = nn.pad %x {pads = array<i64: 0, 0, 0, 0>, mode = #nn.pad_mode<constant>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @pad_c3_edge(%x: tensor<2x3xf32>, %z: tensor<f32>) {
  // expected-error @+1 {{(C3) a value goes with constant mode, and only with it}}
  %y = nn.pad %x value(%z) {pads = array<i64: 0, 0, 0, 0>, mode = #nn.pad_mode<edge>} : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @pad_c3_type(%x: tensor<2x3xf32>, %z: tensor<1xf32>) {
  // expected-error @+1 {{(C3) value is 'tensor<1xf32>', rank 0 of 'f32' is required}}
  %y = nn.pad %x value(%z) {pads = array<i64: 0, 0, 0, 0>, mode = #nn.pad_mode<constant>} : (tensor<2x3xf32>, tensor<1xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @pad_c4(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{(C4) reflects 3 elements of dimension 1 of size 3}}
  %y = nn.pad %x {pads = array<i64: 0, 3, 0, 0>, mode = #nn.pad_mode<reflect>} : (tensor<2x3xf32>) -> tensor<2x6xf32>
  return
}

// -----

func.func @pad_c4_of_nothing(%x: tensor<2x0xf32>) {
  // expected-error @+1 {{(C4) repeats 1 elements of dimension 1, which has none}}
  %y = nn.pad %x {pads = array<i64: 0, 1, 0, 0>, mode = #nn.pad_mode<wrap>} : (tensor<2x0xf32>) -> tensor<2x1xf32>
  return
}

// -----

func.func @broadcast_c1(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{(C1) 'tensor<2x3xf32>' does not broadcast to 'tensor<4x3xf32>'}}
  %y = nn.broadcast %x : tensor<2x3xf32> to tensor<4x3xf32>
  return
}

// -----

func.func @gather_c2(%x: tensor<2x3xf32>) {
  %i = nn.constant dense<[[0, 2]]> : tensor<1x2xi64>
  // expected-error @+1 {{(C2) index 2 is outside of axis 0 of size 2, one in [-2, 2) is required}}
  %y = nn.gather %x, %i {axis = 0 : i64} : (tensor<2x3xf32>, tensor<1x2xi64>) -> tensor<1x2x3xf32>
  return
}

// -----

func.func @gather_c2_many(%x: tensor<2x0xf32>) {
  %i = nn.constant dense<-1> : tensor<1000000000xi32>
  // expected-error @+1 {{(C2) index -1 is outside of axis 1 of size 0, one in [0, 0) is required}}
  %y = nn.gather %x, %i {axis = 1 : i64} : (tensor<2x0xf32>, tensor<1000000000xi32>) -> tensor<2x1000000000xf32>
  return
}

// -----

func.func @gather_c1(%x: tensor<2x3xf32>, %z: tensor<4xi64>) {
  // expected-error @+2 {{(C1) axis is 2, one in [0, 2) is required}}
  // expected-error @+1 {{failed to infer returned types}}
  %y = nn.gather %x, %z {axis = 2 : i64} : (tensor<2x3xf32>, tensor<4xi64>) -> tensor<2x4xf32>
  return
}
