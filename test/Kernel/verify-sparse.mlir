// One case a constraint of kernel.sparse_conv.
// RUN: mlc-opt %s -split-input-file -verify-diagnostics

func.func @block(%x: memref<1x4x4x300xf32>, %v: memref<8xf32>, %t: memref<64xi8>, %o: memref<1x4x4x8xf32>, %s: memref<5040xf32>) {
  // expected-error @+1 {{(C3) blocks of 256 channels and tiles of 16 pixels found, 1 to 255 and 1 or more are required}}
  kernel.sparse_conv {block = 256 : i64, pixels = 16 : i64}
      ins(%x, %v, %t : memref<1x4x4x300xf32>, memref<8xf32>, memref<64xi8>) outs(%o, %s : memref<1x4x4x8xf32>, memref<5040xf32>)
  return
}

// -----

func.func @pixels(%x: memref<1x4x4x30xf32>, %v: memref<8xf32>, %t: memref<64xi8>, %o: memref<1x4x4x8xf32>, %s: memref<624xf32>) {
  // expected-error @+1 {{(C3) blocks of 30 channels and tiles of 0 pixels found, 1 to 255 and 1 or more are required}}
  kernel.sparse_conv {block = 30 : i64, pixels = 0 : i64}
      ins(%x, %v, %t : memref<1x4x4x30xf32>, memref<8xf32>, memref<64xi8>) outs(%o, %s : memref<1x4x4x8xf32>, memref<624xf32>)
  return
}

// -----

func.func @sizes(%x: memref<1x4x4x30xf32>, %v: memref<8xf32>, %t: memref<64xi8>, %o: memref<1x4x5x8xf32>, %s: memref<624xf32>) {
  // expected-error @+1 {{(C4) the out is 'memref<1x4x5x8xf32>' for an input of 'memref<1x4x4x30xf32>', the same N, H and W are required}}
  kernel.sparse_conv {block = 30 : i64, pixels = 16 : i64}
      ins(%x, %v, %t : memref<1x4x4x30xf32>, memref<8xf32>, memref<64xi8>) outs(%o, %s : memref<1x4x5x8xf32>, memref<624xf32>)
  return
}

// -----

// Two blocks of five pairs each: the last output channel is one of a pair.

func.func @heads(%x: memref<1x4x4x30xf32>, %v: memref<8xf32>, %t: memref<59xi8>, %o: memref<1x4x4x9xf32>, %s: memref<416xf32>) {
  // expected-error @+1 {{(C5) the table has 59 bytes, 60 are required for 10 pairs}}
  kernel.sparse_conv {block = 16 : i64, pixels = 16 : i64}
      ins(%x, %v, %t : memref<1x4x4x30xf32>, memref<8xf32>, memref<59xi8>) outs(%o, %s : memref<1x4x4x9xf32>, memref<416xf32>)
  return
}

// -----

func.func @scratch(%x: memref<1x4x4x30xf32>, %v: memref<8xf32>, %t: memref<60xi8>, %o: memref<1x4x4x9xf32>, %s: memref<416xf32>) {
  // expected-error @+1 {{(C8) scratch memory of a thread is 416, 432 is required}}
  kernel.sparse_conv {block = 16 : i64, pixels = 16 : i64}
      ins(%x, %v, %t : memref<1x4x4x30xf32>, memref<8xf32>, memref<60xi8>) outs(%o, %s : memref<1x4x4x9xf32>, memref<416xf32>)
  return
}

// -----

func.func @kinds(%x: tensor<1x4x4x30xf32>, %v: memref<8xf32>, %t: memref<60xi8>, %o: memref<1x4x4x9xf32>, %s: memref<432xf32>) {
  // expected-error @+1 {{(C1)}}
  kernel.sparse_conv {block = 16 : i64, pixels = 16 : i64}
      ins(%x, %v, %t : tensor<1x4x4x30xf32>, memref<8xf32>, memref<60xi8>) outs(%o, %s : memref<1x4x4x9xf32>, memref<432xf32>)
  return
}

// -----

func.func @epilogue(%x: memref<1x4x4x30xf32>, %v: memref<8xf32>, %t: memref<60xi8>, %b: memref<8xf32>, %o: memref<1x4x4x9xf32>, %s: memref<432xf32>) {
  // expected-error @+1 {{(E2) epilogue operand is 'memref<8xf32>', the out's shape, [9] or rank 0 is required}}
  kernel.sparse_conv {block = 16 : i64, pixels = 16 : i64}
      ins(%x, %v, %t : memref<1x4x4x30xf32>, memref<8xf32>, memref<60xi8>) epilogue(%b : memref<8xf32>)
      outs(%o, %s : memref<1x4x4x9xf32>, memref<432xf32>) {
  ^bb0(%acc: f32, %c: f32):
    %0 = arith.addf %acc, %c : f32
    kernel.yield %0 : f32
  }
  return
}
