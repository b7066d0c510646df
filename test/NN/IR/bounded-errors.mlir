// RUN: mlc-opt %s --split-input-file --verify-diagnostics

func.func @compact_c1(%m: tensor<3x3xi1>) {
  // expected-error @+1 {{(C1) mask is 'tensor<3x3xi1>', rank 1 is required}}
  %p:2 = nn.compact %m : (tensor<3x3xi1>) -> (tensor<5xi64>, tensor<i64>)
  return
}

// -----

func.func @compact_c2(%m: tensor<9xi1>) {
  // expected-error @+1 {{(C2) gives 'tensor<5xi32>' and 'tensor<i64>', tensor<Bxi64> and tensor<i64> are required}}
  %p:2 = nn.compact %m : (tensor<9xi1>) -> (tensor<5xi32>, tensor<i64>)
  return
}

// -----

func.func @nms_c1(%b: tensor<2x7x4xf32>, %s: tensor<2x3x6xf32>, %n: tensor<i64>, %t: tensor<f32>) {
  // expected-error @+1 {{(C1) boxes are 'tensor<2x7x4xf32>' and scores 'tensor<2x3x6xf32>', [N, S, 4] and [N, C, S] are required}}
  %q:2 = nn.nms %b, %s, %n, %t : (tensor<2x7x4xf32>, tensor<2x3x6xf32>, tensor<i64>, tensor<f32>) -> (tensor<4x3xi64>, tensor<i64>)
  return
}

// -----

func.func @nms_c2(%b: tensor<2x7x4xf32>, %s: tensor<2x3x7xf32>, %n: tensor<1xi64>, %t: tensor<f32>) {
  // expected-error @+1 {{(C2) counts must be tensor<i64>, and thresholds rank 0 of the boxes' element type}}
  %q:2 = nn.nms %b, %s, %n, %t : (tensor<2x7x4xf32>, tensor<2x3x7xf32>, tensor<1xi64>, tensor<f32>) -> (tensor<4x3xi64>, tensor<i64>)
  return
}

// -----

func.func @nms_c3(%b: tensor<2x7x4xf32>, %s: tensor<2x3x7xf32>, %n: tensor<i64>, %t: tensor<f32>) {
  // expected-error @+1 {{(C3) gives 'tensor<4x2xi64>' and 'tensor<i64>', tensor<Bx3xi64> and tensor<i64> are required}}
  %q:2 = nn.nms %b, %s, %n, %t : (tensor<2x7x4xf32>, tensor<2x3x7xf32>, tensor<i64>, tensor<f32>) -> (tensor<4x2xi64>, tensor<i64>)
  return
}

// -----

func.func @bitcast_c1(%x: tensor<4xf32>) {
  // expected-error @+1 {{(C1) takes 'f32' as 'i64', as many bytes are required}}
  %y = nn.bitcast %x : tensor<4xf32> to tensor<4xi64>
  return
}
