// RUN: mlc-opt %s -split-input-file -verify-diagnostics

func.func @normalize_c3(%x: memref<4x3xf32>, %o: memref<4x4xf32>) {
  // expected-error @+1 {{(C3) the out is 'memref<4x4xf32>', the shape of 'memref<4x3xf32>' is required}}
  kernel.normalize {epsilon = 0.0 : f64} ins(%x : memref<4x3xf32>) outs(%o : memref<4x4xf32>)
  return
}

// -----

func.func @normalize_c4(%x: memref<4x0xf32>, %o: memref<4x0xf32>) {
  // expected-error @+1 {{(C4) input is 'memref<4x0xf32>', one element or more to take a mean of are required}}
  kernel.normalize {epsilon = 0.0 : f64} ins(%x : memref<4x0xf32>) outs(%o : memref<4x0xf32>)
  return
}
