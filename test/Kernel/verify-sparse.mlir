// One case a constraint of kernel.sparse_conv.
// RUN: mlc-opt %s -split-input-file -verify-diagnostics

func.func @block(%x: memref<1x4x4x300xf32>, %v: memref<8xf32>, %t: memref<64xi8>, %o: memref<1x4x4x8xf32>, %s: memref<5040xf32>) {
  // expected-error @+1 {{(C3) blocks of 256 rows and tiles of 16 pixels found, 1 to 255 and 1 or more are required}}
  kernel.sparse_conv {block = 256 : i64, pixels = 16 : i64, parts = 1 : i64}
      ins(%x, %v, %t : memref<1x4x4x300xf32>, memref<8xf32>, memref<64xi8>) outs(%o, %s : memref<1x4x4x8xf32>, memref<5040xf32>)
  return
}

// -----

func.func @pixels(%x: memref<1x4x4x30xf32>, %v: memref<8xf32>, %t: memref<64xi8>, %o: memref<1x4x4x8xf32>, %s: memref<624xf32>) {
  // expected-error @+1 {{(C3) blocks of 30 rows and tiles of 0 pixels found, 1 to 255 and 1 or more are required}}
  kernel.sparse_conv {block = 30 : i64, pixels = 0 : i64, parts = 1 : i64}
      ins(%x, %v, %t : memref<1x4x4x30xf32>, memref<8xf32>, memref<64xi8>) outs(%o, %s : memref<1x4x4x8xf32>, memref<624xf32>)
  return
}

// -----

func.func @sizes(%x: memref<1x4x4x30xf32>, %v: memref<8xf32>, %t: memref<64xi8>, %o: memref<1x4x5x8xf32>, %s: memref<624xf32>) {
  // expected-error @+1 {{(C4) the out is 'memref<1x4x5x8xf32>' for an input of 'memref<1x4x4x30xf32>', 1x4x4x8 is required}}
  kernel.sparse_conv {block = 30 : i64, pixels = 16 : i64, parts = 1 : i64}
      ins(%x, %v, %t : memref<1x4x4x30xf32>, memref<8xf32>, memref<64xi8>) outs(%o, %s : memref<1x4x5x8xf32>, memref<624xf32>)
  return
}

// -----

func.func @window_sizes(%x: memref<1x8x9x16xf32>, %v: memref<8xf32>, %t: memref<64xi8>, %o: memref<1x3x3x8xf32>, %s: memref<2448xf32>) {
  // expected-error @+1 {{(C4) the out is 'memref<1x3x3x8xf32>' for an input of 'memref<1x8x9x16xf32>', 1x3x4x8 is required}}
  kernel.sparse_conv {block = 16 : i64, pixels = 16 : i64, parts = 1 : i64, window = array<i64: 3, 3>, strides = array<i64: 2, 2>}
      ins(%x, %v, %t : memref<1x8x9x16xf32>, memref<8xf32>, memref<64xi8>) outs(%o, %s : memref<1x3x3x8xf32>, memref<2448xf32>)
  return
}

// -----

func.func @window(%x: memref<1x8x9x16xf32>, %v: memref<8xf32>, %t: memref<64xi8>, %o: memref<1x3x4x8xf32>, %s: memref<2448xf32>) {
  // expected-error @+1 {{(C4) window and strides must have 2 entries, 1 to 255}}
  kernel.sparse_conv {block = 16 : i64, pixels = 16 : i64, parts = 1 : i64, window = array<i64: 3>}
      ins(%x, %v, %t : memref<1x8x9x16xf32>, memref<8xf32>, memref<64xi8>) outs(%o, %s : memref<1x3x4x8xf32>, memref<2448xf32>)
  return
}

// -----

func.func @window_block(%x: memref<1x8x9x32xf32>, %v: memref<8xf32>, %t: memref<64xi8>, %o: memref<1x6x7x8xf32>, %s: memref<2448xf32>) {
  // expected-error @+1 {{(C3) blocks of 288 rows and tiles of 16 pixels found, 1 to 255 and 1 or more are required}}
  kernel.sparse_conv {block = 32 : i64, pixels = 16 : i64, parts = 1 : i64, window = array<i64: 3, 3>}
      ins(%x, %v, %t : memref<1x8x9x32xf32>, memref<8xf32>, memref<64xi8>) outs(%o, %s : memref<1x6x7x8xf32>, memref<2448xf32>)
  return
}

// -----

// Two blocks of five pairs each: the last output channel is one of a pair.

func.func @heads(%x: memref<1x4x4x30xf32>, %v: memref<8xf32>, %t: memref<67xi8>, %o: memref<1x4x4x9xf32>, %s: memref<416xf32>) {
  // expected-error @+1 {{(C5) the table has 67 bytes, 68 are required for 10 pairs}}
  kernel.sparse_conv {block = 16 : i64, pixels = 16 : i64, parts = 1 : i64}
      ins(%x, %v, %t : memref<1x4x4x30xf32>, memref<8xf32>, memref<67xi8>) outs(%o, %s : memref<1x4x4x9xf32>, memref<416xf32>)
  return
}

// -----

func.func @scratch(%x: memref<1x4x4x30xf32>, %v: memref<8xf32>, %t: memref<68xi8>, %o: memref<1x4x4x9xf32>, %s: memref<416xf32>) {
  // expected-error @+1 {{(C8) scratch memory of a thread is 416, 432 is required}}
  kernel.sparse_conv {block = 16 : i64, pixels = 16 : i64, parts = 1 : i64}
      ins(%x, %v, %t : memref<1x4x4x30xf32>, memref<8xf32>, memref<68xi8>) outs(%o, %s : memref<1x4x4x9xf32>, memref<416xf32>)
  return
}

// -----

func.func @kinds(%x: tensor<1x4x4x30xf32>, %v: memref<8xf32>, %t: memref<68xi8>, %o: memref<1x4x4x9xf32>, %s: memref<432xf32>) {
  // expected-error @+1 {{(C1)}}
  kernel.sparse_conv {block = 16 : i64, pixels = 16 : i64, parts = 1 : i64}
      ins(%x, %v, %t : tensor<1x4x4x30xf32>, memref<8xf32>, memref<68xi8>) outs(%o, %s : memref<1x4x4x9xf32>, memref<432xf32>)
  return
}

// -----

func.func @epilogue(%x: memref<1x4x4x30xf32>, %v: memref<8xf32>, %t: memref<68xi8>, %b: memref<8xf32>, %o: memref<1x4x4x9xf32>, %s: memref<432xf32>) {
  // expected-error @+1 {{(E2) epilogue operand is 'memref<8xf32>', the out's shape, [9] or rank 0 is required}}
  kernel.sparse_conv {block = 16 : i64, pixels = 16 : i64, parts = 1 : i64}
      ins(%x, %v, %t : memref<1x4x4x30xf32>, memref<8xf32>, memref<68xi8>) epilogue(%b : memref<8xf32>)
      outs(%o, %s : memref<1x4x4x9xf32>, memref<432xf32>) {
  ^bb0(%acc: f32, %c: f32):
    %0 = arith.addf %acc, %c : f32
    kernel.yield %0 : f32
  }
  return
}

// -----

// Parts are of 16 output channels or more: two would be 16 and none.

func.func @parts(%x: memref<1x4x4x30xf32>, %v: memref<8xf32>, %t: memref<76xi8>, %o: memref<1x4x4x16xf32>, %s: memref<800xf32>) {
  // expected-error @+1 {{(C3) 2 parts of 16 output channels found, one or more of 16 channels each, but for the last, are required}}
  kernel.sparse_conv {block = 16 : i64, pixels = 16 : i64, parts = 2 : i64}
      ins(%x, %v, %t : memref<1x4x4x30xf32>, memref<8xf32>, memref<76xi8>) outs(%o, %s : memref<1x4x4x16xf32>, memref<800xf32>)
  return
}
