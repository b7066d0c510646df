// RUN: mlc-opt %s --split-input-file --verify-diagnostics

func.func @quantize_c1(%x: tensor<2x3xf32>, %s: tensor<4xf32>, %z: tensor<i8>) -> tensor<2x3xi8> {
  // expected-error @+1 {{(C1) 'tensor<4xf32>' does not broadcast to the input's type 'tensor<2x3xf32>'}}
  %0 = nn.quantize %x, %s, %z : tensor<2x3xf32>, tensor<4xf32>, tensor<i8>
  return %0 : tensor<2x3xi8>
}

// -----

func.func @quantize_c1_grows(%x: tensor<3xf32>, %s: tensor<2x1xf32>, %z: tensor<i8>) -> tensor<3xi8> {
  // expected-error @+1 {{(C1) 'tensor<2x1xf32>' does not broadcast to the input's type 'tensor<3xf32>'}}
  %0 = nn.quantize %x, %s, %z : tensor<3xf32>, tensor<2x1xf32>, tensor<i8>
  return %0 : tensor<3xi8>
}

// -----

func.func @dequantize_c2(%x: tensor<3xi8>, %s: tensor<f32>, %z: tensor<ui8>) -> tensor<3xf32> {
  // expected-error @+1 {{(C2) input has element type 'i8' and zero_point 'ui8', they must be the same}}
  %0 = nn.dequantize %x, %s, %z : tensor<3xi8>, tensor<f32>, tensor<ui8>
  return %0 : tensor<3xf32>
}

// -----

func.func @map_c1(%x: tensor<3xi8>) -> tensor<4xi8> {
  // expected-error @+1 {{(C1) result is 'tensor<4xi8>', which is not the broadcast of the operands}}
  %0 = nn.map(%x) : (tensor<3xi8>) -> tensor<4xi8> {
  ^bb0(%a: i8):
    nn.yield %a : i8
  }
  return %0 : tensor<4xi8>
}

// -----

func.func @map_c1_broadcast(%x: tensor<3xi8>, %y: tensor<2xi8>) -> tensor<3xi8> {
  // expected-error @+1 {{(C1) operands do not broadcast}}
  %0 = nn.map(%x, %y) : (tensor<3xi8>, tensor<2xi8>) -> tensor<3xi8> {
  ^bb0(%a: i8, %b: i8):
    nn.yield %a : i8
  }
  return %0 : tensor<3xi8>
}

// -----

func.func @map_c2_count(%x: tensor<3xi8>) -> tensor<3xi8> {
  // expected-error @+1 {{(C2) body takes 2 values, 1 are required}}
  %0 = nn.map(%x) : (tensor<3xi8>) -> tensor<3xi8> {
  ^bb0(%a: i8, %b: i8):
    nn.yield %a : i8
  }
  return %0 : tensor<3xi8>
}

// -----

func.func @map_c2_type(%x: tensor<3xui8>) -> tensor<3xi8> {
  // expected-error @+1 {{(C2) body takes 'i32' for an operand of 'ui8'}}
  %0 = nn.map(%x) : (tensor<3xui8>) -> tensor<3xi8> {
  ^bb0(%a: i32):
    %t = arith.trunci %a : i32 to i8
    nn.yield %t : i8
  }
  return %0 : tensor<3xi8>
}

// -----

func.func @map_c3(%x: tensor<3xui8>) -> tensor<3xi32> {
  // expected-error @+1 {{(C3) body must yield one 'i32'}}
  %0 = nn.map(%x) : (tensor<3xui8>) -> tensor<3xi32> {
  ^bb0(%a: i8):
    nn.yield %a : i8
  }
  return %0 : tensor<3xi32>
}

// -----

func.func @conv_c9(%x: tensor<1x2x4xi8>, %w: tensor<3x2x1xf32>) -> tensor<1x3x4xi32> {
  // expected-error @+1 {{(C9) multiplies 'i8' by 'f32', both must be integers of 8 or 16 bits, or neither}}
  %0 = nn.conv %x, %w {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x4xi8>, tensor<3x2x1xf32>) -> tensor<1x3x4xi32>
  return %0 : tensor<1x3x4xi32>
}

// -----

func.func @conv_c9_bias(%x: tensor<1x2x4xi8>, %w: tensor<3x2x1xi8>, %b: tensor<3xf32>) -> tensor<1x3x4xi32> {
  // expected-error @+1 {{(C9) bias is 'tensor<3xf32>', i32 is required}}
  %0 = nn.conv %x, %w bias(%b) {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x2x4xi8>, tensor<3x2x1xi8>, tensor<3xf32>) -> tensor<1x3x4xi32>
  return %0 : tensor<1x3x4xi32>
}

// -----

func.func @conv_c9_zero_point(%x: tensor<1x2x4xf32>, %w: tensor<3x2x1xf32>) -> tensor<1x3x4xf32> {
  // expected-error @+1 {{(C9) has a zero point but elements 'f32', integers of 8 or 16 bits are required}}
  %0 = nn.conv %x, %w {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, groups = 1 : i64, layout = #nn.layout<channels_first>, input_zero_point = 1 : i32} : (tensor<1x2x4xf32>, tensor<3x2x1xf32>) -> tensor<1x3x4xf32>
  return %0 : tensor<1x3x4xf32>
}

// -----

func.func @matmul_c6(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>) -> tensor<2x3xf32> {
  // expected-error @+1 {{(C6) has a zero point but elements 'f32', integers of 8 or 16 bits are required}}
  %0 = nn.matmul %a, %b {rhs_zero_point = 2 : i32} : (tensor<2x4xf32>, tensor<4x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

func.func @blocked_dequantize_c1(%q: tensor<4x64xi8>, %s: tensor<4x2xf32>) -> tensor<4x64xf32> {
  // expected-error @+2 {{(C1) 'tensor<4x64xi8>' of 3 bits in blocks of 32 found, [N, K] of 4 or 8 bits in blocks of 1 or more are required}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.blocked_dequantize %q, %s {bits = 3 : i64, block = 32 : i64} : (tensor<4x64xi8>, tensor<4x2xf32>) -> tensor<4x64xf32>
  return %0 : tensor<4x64xf32>
}

// -----

func.func @blocked_dequantize_c1_rank(%q: tensor<64xi8>, %s: tensor<4x2xf32>) -> tensor<64xf32> {
  // expected-error @+2 {{(C1) 'tensor<64xi8>' of 8 bits in blocks of 32 found}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.blocked_dequantize %q, %s {bits = 8 : i64, block = 32 : i64} : (tensor<64xi8>, tensor<4x2xf32>) -> tensor<64xf32>
  return %0 : tensor<64xf32>
}

// -----

func.func @blocked_dequantize_c2(%q: tensor<4x65xi8>, %s: tensor<4x3xf32>, %z: tensor<4x2xi8>) -> tensor<4x65xf32> {
  // expected-error @+2 {{(C2) 'tensor<4x2xi8>' found, [4, 3] is required}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.blocked_dequantize %q, %s, %z {bits = 8 : i64, block = 32 : i64} : (tensor<4x65xi8>, tensor<4x3xf32>, tensor<4x2xi8>) -> tensor<4x65xf32>
  return %0 : tensor<4x65xf32>
}
