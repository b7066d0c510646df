// One case a constraint of KernelBase.td and KernelOps.td.
// RUN: mlc-opt %s -split-input-file -verify-diagnostics

func.func @conv_c1(%x: tensor<1x4x4x3xf32>, %w: tensor<1x1x1x1x3x8xf32>, %o: memref<1x4x4x8xf32>) {
  // expected-error @+1 {{(C1) 2 of 3 operands are tensors, all or none is required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : tensor<1x4x4x3xf32>, tensor<1x1x1x1x3x8xf32>) outs(%o : memref<1x4x4x8xf32>)
  return
}

// -----

func.func @conv_c2_kinds(%x: memref<1x4x4x3xf32>, %w: memref<1x1x1x1x3x8xi8>, %o: memref<1x4x4x8xf32>) {
  // expected-error @+1 {{(C2) inputs are floats and integers, one kind is required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x3xf32>, memref<1x1x1x1x3x8xi8>) outs(%o : memref<1x4x4x8xf32>)
  return
}

// -----

func.func @conv_c2_zero_point(%x: memref<1x4x4x3xf32>, %w: memref<1x1x1x1x3x8xf32>, %o: memref<1x4x4x8xf32>) {
  // expected-error @+1 {{(C2) zero points and unsigned flags require integer inputs}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, input_zero_point = 1 : i32}
      ins(%x, %w : memref<1x4x4x3xf32>, memref<1x1x1x1x3x8xf32>) outs(%o : memref<1x4x4x8xf32>)
  return
}

// -----

func.func @conv_c3(%x: memref<1x4x4x5xf32>, %w: memref<2x1x1x1x3x8xf32>, %o: memref<1x4x4x8xf32>) {
  // expected-error @+1 {{(C3) 5 input channels, a multiple of 3 is required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x5xf32>, memref<2x1x1x1x3x8xf32>) outs(%o : memref<1x4x4x8xf32>)
  return
}

// -----

func.func @conv_c3_channels_first(%x: memref<1x4x4x3xf32>, %w: memref<1x1x1x1x3x8xf32>, %o: memref<1x4x4x8xf32>) {
  // expected-error @+1 {{(C3) 4 input channels, a multiple of 3 is required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, input_channels_first}
      ins(%x, %w : memref<1x4x4x3xf32>, memref<1x1x1x1x3x8xf32>) outs(%o : memref<1x4x4x8xf32>)
  return
}

// -----

func.func @conv_c4_batch(%x: memref<2x4x4x3xf32>, %w: memref<1x1x1x1x3x8xf32>, %o: memref<1x4x4x8xf32>) {
  // expected-error @+1 {{(C4) batch of the out is 1, 2 is required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<2x4x4x3xf32>, memref<1x1x1x1x3x8xf32>) outs(%o : memref<1x4x4x8xf32>)
  return
}

// -----

func.func @conv_c4_groups(%x: memref<1x4x4x6xf32>, %w: memref<2x1x1x1x3x8xf32>, %o: memref<1x4x4x7xf32>) {
  // expected-error @+1 {{(C4) 7 output channels in 2 groups, a multiple is required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x6xf32>, memref<2x1x1x1x3x8xf32>) outs(%o : memref<1x4x4x7xf32>)
  return
}

// -----

func.func @conv_c5(%x: memref<1x4x4x3xf32>, %w: memref<1x1x1x1x3x8xf32>, %o: memref<1x4x4x9xf32>) {
  // expected-error @+1 {{(C5) number of packed blocks is 1, 2 is required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x3xf32>, memref<1x1x1x1x3x8xf32>) outs(%o : memref<1x4x4x9xf32>)
  return
}

// -----

// Groups share a block only if they are of a power of two of channels.
func.func @conv_c5_shared(%x: memref<1x4x4x12xf32>, %w: memref<2x1x1x1x3x8xf32>, %o: memref<1x4x4x12xf32>) {
  // expected-error @+1 {{(C5) weights are 2 x 1 blocks of 8 for 4 groups of 3 filters, one or more blocks a group or several groups a block are required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x12xf32>, memref<2x1x1x1x3x8xf32>) outs(%o : memref<1x4x4x12xf32>)
  return
}

// -----

func.func @conv_c7_rows(%x: memref<1x4x4x5xi8>, %w: memref<1x1x1x1x2x8x4xi8>, %o: memref<1x4x4x8xi32>) {
  // expected-error @+1 {{(C7) number of rows of quads is 2, 3 is required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x5xi8>, memref<1x1x1x1x2x8x4xi8>) outs(%o : memref<1x4x4x8xi32>)
  return
}

// -----

func.func @conv_c7_quad(%x: memref<1x4x4x4xi8>, %w: memref<1x1x1x1x2x8x2xi8>, %o: memref<1x4x4x8xi32>) {
  // expected-error @+1 {{(C7) size of a quad is 2, 4 is required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x4xi8>, memref<1x1x1x1x2x8x2xi8>) outs(%o : memref<1x4x4x8xi32>)
  return
}

// -----

func.func @conv_c7_octets(%x: memref<1x4x4x9xi8>, %w: memref<1x1x1x1x2x8x8xi8>, %o: memref<1x4x4x8xi32>) {
  // expected-error @+1 {{(C7) number of rows of quads is 2, 3 is required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x9xi8>, memref<1x1x1x1x2x8x8xi8>) outs(%o : memref<1x4x4x8xi32>)
  return
}

// -----

func.func @conv_c7_nibbles_in_octets(%x: memref<1x4x4x9xi8>, %w: memref<1x1x1x1x3x8x8xi8>, %o: memref<1x4x4x8xi32>) {
  // expected-error @+1 {{(C7) size of a quad is 8, 4 is required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, nibbles}
      ins(%x, %w : memref<1x4x4x9xi8>, memref<1x1x1x1x3x8x8xi8>) outs(%o : memref<1x4x4x8xi32>)
  return
}

// -----

func.func @conv_c7_type(%x: memref<1x4x4x4xi16>, %w: memref<1x1x1x1x2x8x4xi8>, %o: memref<1x4x4x8xi32>) {
  // expected-error @+1 {{(C7) weights in quads of 'i8' on an input of 'i16', signed weights of i8 on i8 are required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x4xi16>, memref<1x1x1x1x2x8x4xi8>) outs(%o : memref<1x4x4x8xi32>)
  return
}

// -----

func.func @conv_c3_quads(%x: memref<1x4x4x5xi8>, %w: memref<2x1x1x1x2x8x4xi8>, %o: memref<1x4x4x16xi32>) {
  // expected-error @+1 {{(C3) 5 input channels, a multiple of 2 is required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x5xi8>, memref<2x1x1x1x2x8x4xi8>) outs(%o : memref<1x4x4x16xi32>)
  return
}

// -----

func.func @conv_c6_height(%x: memref<1x4x4x3xf32>, %w: memref<1x1x3x3x3x8xf32>, %o: memref<1x3x4x8xf32>) {
  // expected-error @+1 {{(C6) height of the out is 3, 4 is required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x3xf32>, memref<1x1x3x3x3x8xf32>) outs(%o : memref<1x3x4x8xf32>)
  return
}

// -----

func.func @conv_c6_width(%x: memref<1x4x4x3xf32>, %w: memref<1x1x3x3x3x8xf32>, %o: memref<1x4x4x8xf32>) {
  // expected-error @+1 {{(C6) width of the out is 4, 3 is required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x3xf32>, memref<1x1x3x3x3x8xf32>) outs(%o : memref<1x4x4x8xf32>)
  return
}

// -----

func.func @conv_w1_strides(%x: memref<1x4x4x3xf32>, %w: memref<1x1x1x1x3x8xf32>, %o: memref<1x4x4x8xf32>) {
  // expected-error @+1 {{(W1) strides must have 2 entries >= 1}}
  kernel.conv {strides = array<i64: 0, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x3xf32>, memref<1x1x1x1x3x8xf32>) outs(%o : memref<1x4x4x8xf32>)
  return
}

// -----

func.func @conv_w1_dilations(%x: memref<1x4x4x3xf32>, %w: memref<1x1x1x1x3x8xf32>, %o: memref<1x4x4x8xf32>) {
  // expected-error @+1 {{(W1) dilations must have 2 entries >= 1}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1>}
      ins(%x, %w : memref<1x4x4x3xf32>, memref<1x1x1x1x3x8xf32>) outs(%o : memref<1x4x4x8xf32>)
  return
}

// -----

func.func @conv_w1_pads(%x: memref<1x4x4x3xf32>, %w: memref<1x1x1x1x3x8xf32>, %o: memref<1x4x4x8xf32>) {
  // expected-error @+1 {{(W1) pads must have 4 entries >= 0}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, -1>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x3xf32>, memref<1x1x1x1x3x8xf32>) outs(%o : memref<1x4x4x8xf32>)
  return
}

// -----

func.func @conv_e1_count(%x: memref<1x4x4x3xf32>, %w: memref<1x1x1x1x3x8xf32>, %b: memref<8xf32>, %o: memref<1x4x4x8xf32>) {
  // expected-error @+1 {{(E1) epilogue takes 1 values, 2 are required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x3xf32>, memref<1x1x1x1x3x8xf32>) epilogue(%b : memref<8xf32>) outs(%o : memref<1x4x4x8xf32>) {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @conv_e1_accumulator(%x: memref<1x4x4x3xf16>, %w: memref<1x1x1x1x3x8xf16>, %o: memref<1x4x4x8xf16>) {
  // expected-error @+1 {{(E1) epilogue takes an accumulator of 'f16', 'f32' is required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x3xf16>, memref<1x1x1x1x3x8xf16>) outs(%o : memref<1x4x4x8xf16>) {
  ^bb0(%acc: f16):
    kernel.yield %acc : f16
  }
  return
}

// -----

func.func @conv_e1_operand(%x: memref<1x4x4x3xf32>, %w: memref<1x1x1x1x3x8xf32>, %b: memref<8xf32>, %o: memref<1x4x4x8xf32>) {
  // expected-error @+1 {{(E1) epilogue argument is 'f16' for an operand of 'f32'}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x3xf32>, memref<1x1x1x1x3x8xf32>) epilogue(%b : memref<8xf32>) outs(%o : memref<1x4x4x8xf32>) {
  ^bb0(%acc: f32, %bias: f16):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @conv_e2(%x: memref<1x4x4x3xf32>, %w: memref<1x1x1x1x3x8xf32>, %b: memref<7xf32>, %o: memref<1x4x4x8xf32>) {
  // expected-error @+1 {{(E2) epilogue operand is 'memref<7xf32>', the out's shape, [8] or rank 0 is required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x3xf32>, memref<1x1x1x1x3x8xf32>) epilogue(%b : memref<7xf32>) outs(%o : memref<1x4x4x8xf32>) {
  ^bb0(%acc: f32, %bias: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @conv_e3(%x: memref<1x4x4x3xf32>, %w: memref<1x1x1x1x3x8xf32>, %t: memref<8xf32>, %o: memref<1x4x4x8xf32>) {
  %i = arith.constant 0 : index
  // expected-error @+1 {{(E3) epilogue holds 'memref.load', elementwise ops on scalars are required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x3xf32>, memref<1x1x1x1x3x8xf32>) outs(%o : memref<1x4x4x8xf32>) {
  ^bb0(%acc: f32):
    %0 = memref.load %t[%i] : memref<8xf32>
    kernel.yield %0 : f32
  }
  return
}

// -----

func.func @conv_e4(%x: memref<1x4x4x3xf32>, %w: memref<1x1x1x1x3x8xf32>, %o: memref<1x4x4x8xf16>) {
  // expected-error @+1 {{(E4) epilogue yields 'f32', 'f16' is required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x3xf32>, memref<1x1x1x1x3x8xf32>) outs(%o : memref<1x4x4x8xf16>) {
  ^bb0(%acc: f32):
    kernel.yield %acc : f32
  }
  return
}

// -----

func.func @conv_e4_end(%x: memref<1x4x4x3xf32>, %w: memref<1x1x1x1x3x8xf32>, %o: memref<1x4x4x8xf32>) {
  // expected-error @+1 {{(E4) epilogue must end with kernel.yield}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x3xf32>, memref<1x1x1x1x3x8xf32>) outs(%o : memref<1x4x4x8xf32>) {
  ^bb0(%acc: f32):
    scf.yield %acc : f32
  }
  return
}

// -----

func.func @conv_e5_operands(%x: memref<1x4x4x3xf32>, %w: memref<1x1x1x1x3x8xf32>, %b: memref<8xf32>, %o: memref<1x4x4x8xf32>) {
  // expected-error @+1 {{(E5) has 1 epilogue operands but no epilogue}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x3xf32>, memref<1x1x1x1x3x8xf32>) epilogue(%b : memref<8xf32>) outs(%o : memref<1x4x4x8xf32>)
  return
}

// -----

func.func @conv_e5_type(%x: memref<1x4x4x3xi8>, %w: memref<1x1x1x1x3x8xi8>, %o: memref<1x4x4x8xi8>) {
  // expected-error @+1 {{(E5) the out's element type is 'i8' without epilogue, i32 is required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x3xi8>, memref<1x1x1x1x3x8xi8>) outs(%o : memref<1x4x4x8xi8>)
  return
}

// -----

func.func @depthwise_c3(%x: memref<1x4x4x3xf32>, %w: memref<1x1x4xf32>, %o: memref<1x4x4x3xf32>) {
  // expected-error @+1 {{(C3) channels of the weights is 4, 3 is required}}
  kernel.depthwise {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x3xf32>, memref<1x1x4xf32>) outs(%o : memref<1x4x4x3xf32>)
  return
}

// -----

func.func @depthwise_c4(%x: memref<1x4x4x3xf32>, %w: memref<1x1x3xf32>, %o: memref<1x4x4x4xf32>) {
  // expected-error @+1 {{(C4) channels of the out is 4, 3 is required}}
  kernel.depthwise {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x3xf32>, memref<1x1x3xf32>) outs(%o : memref<1x4x4x4xf32>)
  return
}

// -----

func.func @depthwise_c6(%x: memref<1x4x4x3xf32>, %w: memref<3x3x3xf32>, %o: memref<1x4x4x3xf32>) {
  // expected-error @+1 {{(C6) height of the out is 4, 2 is required}}
  kernel.depthwise {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x3xf32>, memref<3x3x3xf32>) outs(%o : memref<1x4x4x3xf32>)
  return
}

// -----

func.func @matmul_c3_k(%l: memref<2x3xf32>, %r: memref<4x5xf32>, %o: memref<2x5xf32>) {
  // expected-error @+1 {{(C3) K of rhs is 4, 3 is required}}
  kernel.matmul ins(%l, %r : memref<2x3xf32>, memref<4x5xf32>) outs(%o : memref<2x5xf32>)
  return
}

// -----

func.func @matmul_c3_m(%l: memref<2x3xf32>, %r: memref<3x5xf32>, %o: memref<4x5xf32>) {
  // expected-error @+1 {{(C3) M of the out is 4, 2 is required}}
  kernel.matmul ins(%l, %r : memref<2x3xf32>, memref<3x5xf32>) outs(%o : memref<4x5xf32>)
  return
}

// -----

func.func @matmul_c3_n(%l: memref<2x3xf32>, %r: memref<5x3xf32>, %o: memref<2x4xf32>) {
  // expected-error @+1 {{(C3) N of the out is 4, 5 is required}}
  kernel.matmul {transpose_rhs} ins(%l, %r : memref<2x3xf32>, memref<5x3xf32>) outs(%o : memref<2x4xf32>)
  return
}

// -----

func.func @matmul_c4_size(%l: memref<4x2x3xf32>, %r: memref<2x3x5xf32>, %o: memref<4x2x5xf32>) {
  // expected-error @+1 {{(C4) batch dim of rhs is 2, 1 or 4 is required}}
  kernel.matmul ins(%l, %r : memref<4x2x3xf32>, memref<2x3x5xf32>) outs(%o : memref<4x2x5xf32>)
  return
}

// -----

func.func @matmul_c4_rank(%l: memref<4x2x3xf32>, %r: memref<3x5xf32>, %o: memref<2x5xf32>) {
  // expected-error @+1 {{(C4) lhs has 1 batch dims, at most 0 are required}}
  kernel.matmul ins(%l, %r : memref<4x2x3xf32>, memref<3x5xf32>) outs(%o : memref<2x5xf32>)
  return
}

// -----

func.func @pool_c3(%x: memref<1x4x4x3xf32>, %o: memref<1x4x4x3xf32>) {
  // expected-error @+1 {{(C3) kernel must have 2 entries >= 1}}
  kernel.pool {kind = #kernel.pool_kind<max>, kernel = array<i64: 0, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x : memref<1x4x4x3xf32>) outs(%o : memref<1x4x4x3xf32>)
  return
}

// -----

func.func @pool_c4_type(%x: memref<1x4x4x3xf32>, %o: memref<1x4x4x3xf16>) {
  // expected-error @+1 {{(C4) the out's element type is 'f16', 'f32' is required}}
  kernel.pool {kind = #kernel.pool_kind<max>, kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x : memref<1x4x4x3xf32>) outs(%o : memref<1x4x4x3xf16>)
  return
}

// -----

func.func @pool_c4_channels(%x: memref<1x4x4x3xf32>, %o: memref<1x4x4x2xf32>) {
  // expected-error @+1 {{(C4) channels of the out is 2, 3 is required}}
  kernel.pool {kind = #kernel.pool_kind<max>, kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x : memref<1x4x4x3xf32>) outs(%o : memref<1x4x4x2xf32>)
  return
}

// -----

func.func @pool_c5(%x: memref<1x4x4x3xf32>, %o: memref<1x5x5x3xf32>) {
  // expected-error @+1 {{(C5) pad is 2, less than the dilated kernel of 2 is required}}
  kernel.pool {kind = #kernel.pool_kind<max>, kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 2, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x : memref<1x4x4x3xf32>) outs(%o : memref<1x5x5x3xf32>)
  return
}

// -----

func.func @pool_c6(%x: memref<1x4x4x3xf32>, %o: memref<1x3x2x3xf32>) {
  // expected-error @+1 {{(C6) last window starts at 4, less than 4 is required}}
  kernel.pool {kind = #kernel.pool_kind<max>, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x : memref<1x4x4x3xf32>) outs(%o : memref<1x3x2x3xf32>)
  return
}

// -----

func.func @depthwise_c7(%x: memref<1x4x4x5xi8>, %w: memref<1x4x1x4x16x4xi8>, %o: memref<1x2x2x5xi32>) {
  // expected-error @+1 {{(C7) weights in quads are 'memref<1x4x1x4x16x4xi8>' for an input of 'i8' and 5 columns, signed i8 of 1x4x2x4x16x4 are required}}
  kernel.depthwise {columns = 5 : i64, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 2>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x5xi8>, memref<1x4x1x4x16x4xi8>) outs(%o : memref<1x2x2x5xi32>)
  return
}

// -----

func.func @depthwise_c7_zero(%x: memref<1x4x4x5xi8>, %w: memref<1x2x1x4x16x4xi8>, %o: memref<1x4x4x5xi32>) {
  // expected-error @+1 {{(C7) zero point is -1, 0 to 255 is required}}
  kernel.depthwise {columns = 1 : i64, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, input_zero_point = -1 : i32, input_unsigned}
      ins(%x, %w : memref<1x4x4x5xi8>, memref<1x2x1x4x16x4xi8>) outs(%o : memref<1x4x4x5xi32>)
  return
}

// -----

func.func @lookup_c3(%x: memref<4x3xi8>, %t: memref<256xi8>, %o: memref<4x4xi8>) {
  // expected-error @+1 {{(C3) input is 'memref<4x3xi8>', the out's shape is required, 'memref<4x4xi8>'}}
  kernel.lookup ins(%x, %t : memref<4x3xi8>, memref<256xi8>) outs(%o : memref<4x4xi8>)
  return
}

// -----

func.func @lookup_c4(%x: memref<4xi8>, %t: memref<255xi8>, %o: memref<4xi8>) {
  // expected-error @+1 {{(C4) table is 'memref<255xi8>', 256 entries are required}}
  kernel.lookup ins(%x, %t : memref<4xi8>, memref<255xi8>) outs(%o : memref<4xi8>)
  return
}

// -----

func.func @softmax_c3(%x: memref<4x3xf32>, %o: memref<4x4xf32>) {
  // expected-error @+1 {{(C3) the out is 'memref<4x4xf32>', the shape and element type of 'memref<4x3xf32>' are required}}
  kernel.softmax ins(%x : memref<4x3xf32>) outs(%o : memref<4x4xf32>)
  return
}

// -----

func.func @reduce_c3(%x: memref<4x3x2xf32>, %o: memref<4x3xf32>) {
  // expected-error @+1 {{(C3) inner of the out is 3, 2 is required}}
  kernel.reduce {kind = #kernel.reduce_kind<sum>} ins(%x : memref<4x3x2xf32>) outs(%o : memref<4x3xf32>)
  return
}

// -----

func.func @conv_c7_pairs_rows(%x: memref<1x1x4x32xi8>, %w: memref<1x1x1x1x9x16x4xi8>, %o: memref<1x1x4x16xi32>) {
  // expected-error @+1 {{(C7) number of rows of quads is 9, 13 is required}}
  kernel.conv {extra_quads = 2 : i64, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x1x4x32xi8>, memref<1x1x1x1x9x16x4xi8>) outs(%o : memref<1x1x4x16xi32>)
  return
}

// -----

func.func @conv_c7_pairs_channels(%x: memref<1x1x4x8xi8>, %w: memref<1x1x1x1x3x16x4xi8>, %o: memref<1x1x4x16xi32>) {
  // expected-error @+1 {{(C7) 0 extra quads of 8 channels found, no more than quads, of 16 channels or more that are last, are required}}
  kernel.conv {extra_quads = 0 : i64, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x1x4x8xi8>, memref<1x1x1x1x3x16x4xi8>) outs(%o : memref<1x1x4x16xi32>)
  return
}

// -----

func.func @conv_c7_pairs_floats(%x: memref<1x1x4x16xf32>, %w: memref<1x1x1x1x16x16xf32>, %o: memref<1x1x4x16xf32>) {
  // expected-error @+1 {{(C7) extra quads of weights that have none found, weights in quads are required}}
  kernel.conv {extra_quads = 0 : i64, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x1x4x16xf32>, memref<1x1x1x1x16x16xf32>) outs(%o : memref<1x1x4x16xf32>)
  return
}

// -----

func.func @conv_c7_nibbles_rows(%x: memref<1x1x4x32xi8>, %w: memref<1x1x1x1x9x16x4xi8>, %o: memref<1x1x4x16xi32>) {
  // expected-error @+1 {{(C7) number of rows of quads is 9, 5 is required}}
  kernel.conv {nibbles, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x1x4x32xi8>, memref<1x1x1x1x9x16x4xi8>) outs(%o : memref<1x1x4x16xi32>)
  return
}

// -----

func.func @conv_c7_nibbles_pairs(%x: memref<1x1x4x32xi8>, %w: memref<1x1x1x1x13x16x4xi8>, %o: memref<1x1x4x16xi32>) {
  // expected-error @+1 {{(C7) nibbles of weights in pairs found, plain quads are required}}
  kernel.conv {nibbles, extra_quads = 2 : i64, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x1x4x32xi8>, memref<1x1x1x1x13x16x4xi8>) outs(%o : memref<1x1x4x16xi32>)
  return
}

// -----

func.func @conv_c7_nibbles_floats(%x: memref<1x1x4x16xf32>, %w: memref<1x1x1x1x16x16xf32>, %o: memref<1x1x4x16xf32>) {
  // expected-error @+1 {{(C7) nibbles of weights without quads found, plain quads are required}}
  kernel.conv {nibbles, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x1x4x16xf32>, memref<1x1x1x1x16x16xf32>) outs(%o : memref<1x1x4x16xf32>)
  return
}

// -----

func.func @stream_c1(%x: memref<1x8x8x3xf32>, %w: memref<1x1x3x3x3x32xf32>, %o: tensor<1x8x8x32xf32>, %s: tensor<5184xi8>) {
  // expected-error @+1 {{(C1) operands are tensors, memrefs are required}}
  kernel.stream {rows = 2 : i64} outs(%o, %s : tensor<1x8x8x32xf32>, tensor<5184xi8>) {
  ^bb0(%wide: memref<1x8x8x32xf32>):
    kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
        ins(%x, %w : memref<1x8x8x3xf32>, memref<1x1x3x3x3x32xf32>) outs(%wide : memref<1x8x8x32xf32>)
  }
  return
}

// -----

func.func @stream_c3(%x: memref<1x8x8x3xf32>, %w: memref<1x1x3x3x3x32xf32>, %o: memref<1x4x4x32xf32>, %s: memref<5184xi8>) {
  // expected-error @+1 {{(C3) 1 of 1 ops are kernels with a window on one image, with 1 block arguments: two or more, and one argument less than ops, are required}}
  kernel.stream {rows = 2 : i64} outs(%o, %s : memref<1x4x4x32xf32>, memref<5184xi8>) {
  ^bb0(%wide: memref<1x8x8x32xf32>):
    kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
        ins(%x, %w : memref<1x8x8x3xf32>, memref<1x1x3x3x3x32xf32>) outs(%wide : memref<1x8x8x32xf32>)
  }
  return
}

// -----

func.func @stream_c4(%x: memref<1x8x8x32xf32>, %o: memref<1x2x2x32xf32>, %s: memref<5184xi8>) {
  kernel.stream {rows = 2 : i64} outs(%o, %s : memref<1x2x2x32xf32>, memref<5184xi8>) {
  ^bb0(%wide: memref<1x4x4x32xf32>):
    // expected-error @+1 {{(C4) of kernel.stream: a kernel.conv whose groups share no blocks, or a kernel.winograd, is required as the first stage}}
    kernel.pool {kind = #kernel.pool_kind<max>, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>,
                 pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
        ins(%x : memref<1x8x8x32xf32>) outs(%wide : memref<1x4x4x32xf32>)
    kernel.pool {kind = #kernel.pool_kind<max>, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>,
                 pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
        ins(%wide : memref<1x4x4x32xf32>) outs(%o : memref<1x2x2x32xf32>)
  }
  return
}

// -----

func.func @stream_c5(%x: memref<1x8x8x3xf32>, %w: memref<1x1x3x3x3x32xf32>, %o: memref<1x4x4x32xf32>, %s: memref<5184xi8>) {
  kernel.stream {rows = 2 : i64} outs(%o, %s : memref<1x4x4x32xf32>, memref<5184xi8>) {
  ^bb0(%wide: memref<1x8x8x32xf32>):
    kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
        ins(%x, %w : memref<1x8x8x3xf32>, memref<1x1x3x3x3x32xf32>) outs(%wide : memref<1x8x8x32xf32>)
    // expected-error @+1 {{(C5) of kernel.stream: channels last, no kernel.winograd and no average that reads padding are required behind the first stage}}
    kernel.pool {kind = #kernel.pool_kind<average>, kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>,
                 pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
        ins(%wide : memref<1x8x8x32xf32>) outs(%o : memref<1x4x4x32xf32>)
  }
  return
}

// -----

func.func @stream_c6(%x: memref<1x8x8x3xf32>, %w: memref<1x1x3x3x3x32xf32>, %z: memref<1x8x8x32xf32>, %o: memref<1x4x4x32xf32>, %s: memref<5184xi8>) {
  kernel.stream {rows = 2 : i64} outs(%o, %s : memref<1x4x4x32xf32>, memref<5184xi8>) {
  ^bb0(%wide: memref<1x8x8x32xf32>):
    // expected-error @+1 {{(C6) of kernel.stream: operand 2 is not as required: each stage reads what the one before it writes, and nothing else touches that or the init}}
    kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
        ins(%x, %w : memref<1x8x8x3xf32>, memref<1x1x3x3x3x32xf32>) outs(%z : memref<1x8x8x32xf32>)
    kernel.pool {kind = #kernel.pool_kind<max>, kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>,
                 pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
        ins(%wide : memref<1x8x8x32xf32>) outs(%o : memref<1x4x4x32xf32>)
  }
  return
}

// -----

func.func @stream_c7(%x: memref<1x8x8x3xf32>, %w: memref<1x1x3x3x3x32xf32>, %o: memref<1x4x4x32xf32>, %s: memref<5184xi8>) {
  // expected-error @+1 {{(C7) steps of 3 rows found, a divisor of 4 is required}}
  kernel.stream {rows = 3 : i64} outs(%o, %s : memref<1x4x4x32xf32>, memref<5184xi8>) {
  ^bb0(%wide: memref<1x8x8x32xf32>):
    kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
        ins(%x, %w : memref<1x8x8x3xf32>, memref<1x1x3x3x3x32xf32>) outs(%wide : memref<1x8x8x32xf32>)
    kernel.pool {kind = #kernel.pool_kind<max>, kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>,
                 pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
        ins(%wide : memref<1x8x8x32xf32>) outs(%o : memref<1x4x4x32xf32>)
  }
  return
}

// -----

func.func @stream_c8(%x: memref<1x8x8x3xf32>, %w: memref<1x1x3x3x3x32xf32>, %o: memref<1x4x4x32xf32>, %s: memref<8xi8>) {
  // expected-error @+1 {{(C8) scratch memory of a thread is 8, 5184 is required}}
  kernel.stream {rows = 2 : i64} outs(%o, %s : memref<1x4x4x32xf32>, memref<8xi8>) {
  ^bb0(%wide: memref<1x8x8x32xf32>):
    kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
        ins(%x, %w : memref<1x8x8x3xf32>, memref<1x1x3x3x3x32xf32>) outs(%wide : memref<1x8x8x32xf32>)
    kernel.pool {kind = #kernel.pool_kind<max>, kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>,
                 pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
        ins(%wide : memref<1x8x8x32xf32>) outs(%o : memref<1x4x4x32xf32>)
  }
  return
}

// -----

func.func @stream_c7_winograd(%x: memref<1x8x8x3xf32>, %w: memref<1x1x3x3x3x32xf32>, %o: memref<1x4x4x32xf32>, %t: memref<9xf32>, %s: memref<5184xi8>) {
  // expected-error @+1 {{(C7) steps of 1 rows found, whole blocks of tiles of kernel.winograd, none twice, are required}}
  kernel.stream {rows = 1 : i64} outs(%o, %s : memref<1x4x4x32xf32>, memref<5184xi8>) {
  ^bb0(%wide: memref<1x8x8x32xf32>):
    kernel.winograd {tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>}
        ins(%x, %w : memref<1x8x8x3xf32>, memref<1x1x3x3x3x32xf32>) outs(%wide, %t : memref<1x8x8x32xf32>, memref<9xf32>)
    kernel.pool {kind = #kernel.pool_kind<max>, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>,
                 pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
        ins(%wide : memref<1x8x8x32xf32>) outs(%o : memref<1x4x4x32xf32>)
  }
  return
}

// -----

func.func @conv_c8_type(%x: memref<1x4x4x4xf32>, %w: memref<1x1x1x1x2x8x2xbf16>, %o: memref<1x4x4x8xf32>) {
  // expected-error @+1 {{(C8) weights in halves of 'bf16' on an input of 'f32', bf16 on bf16 is required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x4xf32>, memref<1x1x1x1x2x8x2xbf16>) outs(%o : memref<1x4x4x8xf32>)
  return
}

// -----

func.func @conv_c8_count(%x: memref<1x4x4x5xbf16>, %w: memref<1x1x1x1x2x8x2xbf16>, %o: memref<1x4x4x8xf32>) {
  // expected-error @+1 {{(C8) number of halves is 2, 3 is required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x5xbf16>, memref<1x1x1x1x2x8x2xbf16>) outs(%o : memref<1x4x4x8xf32>)
  return
}

// -----

func.func @conv_c8_step(%x: memref<1x4x4x4xbf16>, %w: memref<1x1x1x1x2x8x4xbf16>, %o: memref<1x4x4x8xf32>) {
  // expected-error @+1 {{(C8) channels side by side is 4, 2 is required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x4xbf16>, memref<1x1x1x1x2x8x4xbf16>) outs(%o : memref<1x4x4x8xf32>)
  return
}

// -----

func.func @conv_c3_halves(%x: memref<1x4x4x5xbf16>, %w: memref<2x1x1x1x2x8x2xbf16>, %o: memref<1x4x4x16xf32>) {
  // expected-error @+1 {{(C3) 5 input channels, a multiple of 2 is required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x5xbf16>, memref<2x1x1x1x2x8x2xbf16>) outs(%o : memref<1x4x4x16xf32>)
  return
}

// -----

func.func @conv_c9_type(%x: memref<1x4x4x3xi16>, %w: memref<1x1x1x1x3x8xf32>, %t: memref<3x256xf32>, %o: memref<1x4x4x8xf32>) {
  // expected-error @+1 {{(C9) a table for an input of 'i16' and weights of 'memref<1x1x1x1x3x8xf32>', i8 and single f32 are required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x3xi16>, memref<1x1x1x1x3x8xf32>) table(%t : memref<3x256xf32>) outs(%o : memref<1x4x4x8xf32>)
  return
}

// -----

func.func @conv_c9_rows(%x: memref<1x4x4x3xi8>, %w: memref<1x1x1x1x3x8xf32>, %t: memref<2x256xf32>, %o: memref<1x4x4x8xf32>) {
  // expected-error @+1 {{(C9) a table of 2 rows, 1 or 3 are required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x3xi8>, memref<1x1x1x1x3x8xf32>) table(%t : memref<2x256xf32>) outs(%o : memref<1x4x4x8xf32>)
  return
}

// -----

func.func @conv_c9_entries(%x: memref<1x4x4x3xi8>, %w: memref<1x1x1x1x3x8xf32>, %t: memref<3x255xf32>, %o: memref<1x4x4x8xf32>) {
  // expected-error @+1 {{(C9) number of entries of a table is 255, 256 is required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x3xi8>, memref<1x1x1x1x3x8xf32>) table(%t : memref<3x255xf32>) outs(%o : memref<1x4x4x8xf32>)
  return
}

// -----

func.func @conv_c9_groups(%x: memref<1x4x4x4xi8>, %w: memref<2x1x1x1x2x8xf32>, %t: memref<1x256xf32>, %o: memref<1x4x4x8xf32>) {
  // expected-error @+1 {{(C9) channels of weights that have a table is 2, 4 is required}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x4xi8>, memref<2x1x1x1x2x8xf32>) table(%t : memref<1x256xf32>) outs(%o : memref<1x4x4x8xf32>)
  return
}

// -----

func.func @conv_c9_unsigned(%x: memref<1x4x4x3xi8>, %w: memref<1x1x1x1x3x8xf32>, %t: memref<3x256xf32>, %o: memref<1x4x4x8xf32>) {
  // expected-error @+1 {{(C2) zero points and unsigned flags require integer inputs}}
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, input_unsigned}
      ins(%x, %w : memref<1x4x4x3xi8>, memref<1x1x1x1x3x8xf32>) table(%t : memref<3x256xf32>) outs(%o : memref<1x4x4x8xf32>)
  return
}
