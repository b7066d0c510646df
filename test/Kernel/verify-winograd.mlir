// One case a constraint of kernel.winograd.
// RUN: mlc-opt %s -split-input-file -verify-diagnostics

func.func @winograd_c3(%x: memref<1x4x4x4xf32>, %w: memref<1x1x3x3x3x8xf32>, %o: memref<1x4x4x8xf32>, %s: memref<4032xf32>) {
  // expected-error @+1 {{(C3) channels of the input is 4, 3 is required}}
  kernel.winograd {tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>}
      ins(%x, %w : memref<1x4x4x4xf32>, memref<1x1x3x3x3x8xf32>) outs(%o, %s : memref<1x4x4x8xf32>, memref<4032xf32>)
  return
}

// -----

func.func @winograd_c5(%x: memref<1x4x4x3xf32>, %w: memref<1x2x3x3x3x8xf32>, %o: memref<1x4x4x8xf32>, %s: memref<4032xf32>) {
  // expected-error @+1 {{(C5) number of packed blocks is 2, 1 is required}}
  kernel.winograd {tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>}
      ins(%x, %w : memref<1x4x4x3xf32>, memref<1x2x3x3x3x8xf32>) outs(%o, %s : memref<1x4x4x8xf32>, memref<4032xf32>)
  return
}

// -----

func.func @winograd_c6(%x: memref<1x4x4x3xf32>, %w: memref<1x1x3x3x3x8xf32>, %o: memref<1x5x4x8xf32>, %s: memref<4032xf32>) {
  // expected-error @+1 {{(C6) height of the out is 5, 4 is required}}
  kernel.winograd {tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>}
      ins(%x, %w : memref<1x4x4x3xf32>, memref<1x1x3x3x3x8xf32>) outs(%o, %s : memref<1x5x4x8xf32>, memref<4032xf32>)
  return
}

// -----

func.func @winograd_c4(%x: memref<1x4x4x9xf32>, %w: memref<3x1x3x3x3x8xf32>, %o: memref<1x4x4x8xf32>, %s: memref<4032xf32>) {
  // expected-error @+1 {{(C4) 8 output channels in 3 groups, a multiple is required}}
  kernel.winograd {tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>}
      ins(%x, %w : memref<1x4x4x9xf32>, memref<3x1x3x3x3x8xf32>) outs(%o, %s : memref<1x4x4x8xf32>, memref<4032xf32>)
  return
}

// -----

func.func @winograd_c7_tile(%x: memref<1x4x4x3xf32>, %w: memref<1x1x3x3x3x8xf32>, %o: memref<1x4x4x8xf32>, %s: memref<4032xf32>) {
  // expected-error @+1 {{(C7) F(3, 3) found, F(2, 3), F(4, 3) or F(2, 5) is required}}
  kernel.winograd {tile = 3 : i64, pads = array<i64: 1, 1, 1, 1>}
      ins(%x, %w : memref<1x4x4x3xf32>, memref<1x1x3x3x3x8xf32>) outs(%o, %s : memref<1x4x4x8xf32>, memref<4032xf32>)
  return
}

// -----

func.func @winograd_c7_window(%x: memref<1x4x4x3xf32>, %w: memref<1x1x3x2x3x8xf32>, %o: memref<1x4x4x8xf32>, %s: memref<4032xf32>) {
  // expected-error @+1 {{(C7) window is 3x2, a square one is required}}
  kernel.winograd {tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>}
      ins(%x, %w : memref<1x4x4x3xf32>, memref<1x1x3x2x3x8xf32>) outs(%o, %s : memref<1x4x4x8xf32>, memref<4032xf32>)
  return
}

// -----

func.func @winograd_c3_quads(%x: memref<1x4x4x6xi8>, %w: memref<1x1x3x3x3x8x4xi8>, %o: memref<1x4x4x8xi32>, %s: memref<4032xi32>) {
  // expected-error @+1 {{(C3) channels of the input is 6, 8 is required}}
  kernel.winograd {tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>}
      ins(%x, %w : memref<1x4x4x6xi8>, memref<1x1x3x3x3x8x4xi8>) outs(%o, %s : memref<1x4x4x8xi32>, memref<4032xi32>)
  return
}

// -----

func.func @winograd_c3_no_quads(%x: memref<1x4x4x8xi8>, %w: memref<1x1x3x3x1x8x4xi8>, %o: memref<1x4x4x8xi32>, %s: memref<4032xi32>) {
  // expected-error @+1 {{(C3) weights have no quads, one or more is required}}
  kernel.winograd {tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>}
      ins(%x, %w : memref<1x4x4x8xi8>, memref<1x1x3x3x1x8x4xi8>) outs(%o, %s : memref<1x4x4x8xi32>, memref<4032xi32>)
  return
}

// -----

func.func @winograd_c3_nibbles(%x: memref<1x4x4x8xi8>, %w: memref<1x1x3x3x3x8x4xi8>, %o: memref<1x4x4x8xi32>, %s: memref<4032xi32>) {
  // expected-error @+1 {{(C3) number of rows of nibbles is 3, 2 is required}}
  kernel.winograd {tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>, nibbles}
      ins(%x, %w : memref<1x4x4x8xi8>, memref<1x1x3x3x3x8x4xi8>) outs(%o, %s : memref<1x4x4x8xi32>, memref<4032xi32>)
  return
}

// -----

func.func @winograd_c3_nibbles_of_quads(%x: memref<1x4x4x6xi8>, %w: memref<1x1x3x3x2x8x4xi8>, %o: memref<1x4x4x8xi32>, %s: memref<4032xi32>) {
  // expected-error @+1 {{(C3) nibbles of 6 channels, a multiple of 4 is required}}
  kernel.winograd {tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>, nibbles}
      ins(%x, %w : memref<1x4x4x6xi8>, memref<1x1x3x3x2x8x4xi8>) outs(%o, %s : memref<1x4x4x8xi32>, memref<4032xi32>)
  return
}

// -----

func.func @winograd_c7_nibbles(%x: memref<1x4x4x8xf32>, %w: memref<1x1x3x3x8x8xf32>, %o: memref<1x4x4x8xf32>, %s: memref<4032xf32>) {
  // expected-error @+1 {{(C7) nibbles of weights without quads found, plain quads are required}}
  kernel.winograd {tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>, nibbles}
      ins(%x, %w : memref<1x4x4x8xf32>, memref<1x1x3x3x8x8xf32>) outs(%o, %s : memref<1x4x4x8xf32>, memref<4032xf32>)
  return
}

// -----

func.func @winograd_c7_quads(%x: memref<1x4x4x8xi8>, %w: memref<1x1x3x3x3x8x4xi8>, %o: memref<1x4x4x8xi32>, %s: memref<4032xi32>) {
  // expected-error @+1 {{(C7) F(2, 3) of quads found, F(4, 3) is required}}
  kernel.winograd {tile = 2 : i64, pads = array<i64: 1, 1, 1, 1>}
      ins(%x, %w : memref<1x4x4x8xi8>, memref<1x1x3x3x3x8x4xi8>) outs(%o, %s : memref<1x4x4x8xi32>, memref<4032xi32>)
  return
}

// -----

func.func @winograd_c7_quad(%x: memref<1x4x4x8xi8>, %w: memref<1x1x3x3x3x8x2xi8>, %o: memref<1x4x4x8xi32>, %s: memref<4032xi32>) {
  // expected-error @+1 {{(C7) size of a quad is 2, 4 is required}}
  kernel.winograd {tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>}
      ins(%x, %w : memref<1x4x4x8xi8>, memref<1x1x3x3x3x8x2xi8>) outs(%o, %s : memref<1x4x4x8xi32>, memref<4032xi32>)
  return
}

// -----

func.func @winograd_c7_zero(%x: memref<1x4x4x8xi8>, %w: memref<1x1x3x3x3x8x4xi8>, %o: memref<1x4x4x8xi32>, %s: memref<4032xi32>) {
  // expected-error @+1 {{(C7) zero point is 128, one of the input's bytes is required, and none of floats}}
  kernel.winograd {tile = 4 : i64, input_zero_point = 128 : i32, pads = array<i64: 1, 1, 1, 1>}
      ins(%x, %w : memref<1x4x4x8xi8>, memref<1x1x3x3x3x8x4xi8>) outs(%o, %s : memref<1x4x4x8xi32>, memref<4032xi32>)
  return
}

// -----

func.func @winograd_c7_zero_of_floats(%x: memref<1x4x4x3xf32>, %w: memref<1x1x3x3x3x8xf32>, %o: memref<1x4x4x8xf32>, %s: memref<4032xf32>) {
  // expected-error @+1 {{(C7) zero point is 1, one of the input's bytes is required, and none of floats}}
  kernel.winograd {tile = 4 : i64, input_zero_point = 1 : i32, pads = array<i64: 1, 1, 1, 1>}
      ins(%x, %w : memref<1x4x4x3xf32>, memref<1x1x3x3x3x8xf32>) outs(%o, %s : memref<1x4x4x8xf32>, memref<4032xf32>)
  return
}

// -----

func.func @winograd_c9(%x: memref<1x4x4x8xi8>, %w: memref<1x1x3x3x3x8x4xi8>, %o: memref<1x4x4x8xi32>, %s: memref<4032xf32>) {
  // expected-error @+1 {{(C9) input, weights and scratch are 'i8', 'i8' and 'f32', i8, i8 and i32 of quads are required}}
  kernel.winograd {tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>}
      ins(%x, %w : memref<1x4x4x8xi8>, memref<1x1x3x3x3x8x4xi8>) outs(%o, %s : memref<1x4x4x8xi32>, memref<4032xf32>)
  return
}

// -----

func.func @winograd_c9_floats(%x: memref<1x4x4x3xi8>, %w: memref<1x1x3x3x3x8xf32>, %o: memref<1x4x4x8xi32>, %s: memref<4032xf32>) {
  // expected-error @+1 {{(C9) input, weights and scratch are 'i8', 'f32' and 'f32', f32 is required}}
  kernel.winograd {tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>}
      ins(%x, %w : memref<1x4x4x3xi8>, memref<1x1x3x3x3x8xf32>) outs(%o, %s : memref<1x4x4x8xi32>, memref<4032xf32>)
  return
}

// -----

func.func @winograd_c8(%x: memref<1x4x4x3xf32>, %w: memref<1x1x3x3x3x8xf32>, %o: memref<1x4x4x8xf32>, %s: memref<8xf32>) {
  // expected-error @+1 {{(C8) scratch memory of a thread is 8, 4032 is required}}
  kernel.winograd {tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>}
      ins(%x, %w : memref<1x4x4x3xf32>, memref<1x1x3x3x3x8xf32>) outs(%o, %s : memref<1x4x4x8xf32>, memref<8xf32>)
  return
}

// -----

func.func @winograd_c9_halves(%x: memref<1x4x4x8xf32>, %w: memref<1x1x3x3x4x8x2xbf16>, %o: memref<1x4x4x8xf32>, %s: memref<4032xf32>) {
  // expected-error @+1 {{(C9) input, weights and scratch are 'f32', 'bf16' and 'f32', bf16, bf16 and f32 of halves are required}}
  kernel.winograd {tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>}
      ins(%x, %w : memref<1x4x4x8xf32>, memref<1x1x3x3x4x8x2xbf16>) outs(%o, %s : memref<1x4x4x8xf32>, memref<4032xf32>)
  return
}

// -----

func.func @winograd_c7_halves(%x: memref<1x4x4x8xbf16>, %w: memref<1x1x3x3x4x8x4xbf16>, %o: memref<1x4x4x8xf32>, %s: memref<4032xf32>) {
  // expected-error @+1 {{(C7) channels side by side is 4, 2 is required}}
  kernel.winograd {tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>}
      ins(%x, %w : memref<1x4x4x8xbf16>, memref<1x1x3x3x4x8x4xbf16>) outs(%o, %s : memref<1x4x4x8xf32>, memref<4032xf32>)
  return
}
