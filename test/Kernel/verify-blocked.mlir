// One case a constraint of kernel.blocked_matmul.
// RUN: mlc-opt %s -split-input-file -verify-diagnostics

func.func @lanes(%x: memref<1x64xf32>, %w: memref<1x64x12xi8>, %s: memref<1x1x12xf32>, %o: memref<1x10xf32>) {
  // expected-error @+1 {{(C3) 12 lanes found, a power of two is required}}
  kernel.blocked_matmul {block = 64 : i64} ins(%x, %w, %s : memref<1x64xf32>, memref<1x64x12xi8>, memref<1x1x12xf32>) outs(%o : memref<1x10xf32>)
  return
}

// -----

func.func @bytes(%x: memref<1x64xf32>, %w: memref<1x63x16xi8>, %s: memref<1x1x16xf32>, %o: memref<1x10xf32>) {
  // expected-error @+1 {{(C3) weights are 'memref<1x63x16xi8>', 1x64x16 is required}}
  kernel.blocked_matmul {block = 64 : i64} ins(%x, %w, %s : memref<1x64xf32>, memref<1x63x16xi8>, memref<1x1x16xf32>) outs(%o : memref<1x10xf32>)
  return
}

// -----

func.func @nibbles(%x: memref<1x65xf32>, %w: memref<2x8x16x4xi8>, %s: memref<2x3x16xf32>, %o: memref<1x20xf32>) {
  // expected-error @+1 {{(C3) weights are 'memref<2x8x16x4xi8>', 2x9x16x4 is required}}
  kernel.blocked_matmul {block = 32 : i64} ins(%x, %w, %s : memref<1x65xf32>, memref<2x8x16x4xi8>, memref<2x3x16xf32>) outs(%o : memref<1x20xf32>)
  return
}

// -----

func.func @rows(%x: memref<2x64xf32>, %w: memref<1x64x16xi8>, %s: memref<1x1x16xf32>, %o: memref<1x10xf32>) {
  // expected-error @+1 {{(C4) M of the out is 1, 2 is required}}
  kernel.blocked_matmul {block = 64 : i64} ins(%x, %w, %s : memref<2x64xf32>, memref<1x64x16xi8>, memref<1x1x16xf32>) outs(%o : memref<1x10xf32>)
  return
}

// -----

func.func @block(%x: memref<1x64xf32>, %w: memref<1x64x16xi8>, %s: memref<1x6x16xf32>, %o: memref<1x10xf32>) {
  // expected-error @+1 {{(C5) blocks of 12 found, a multiple of 8 or K is required}}
  kernel.blocked_matmul {block = 12 : i64} ins(%x, %w, %s : memref<1x64xf32>, memref<1x64x16xi8>, memref<1x6x16xf32>) outs(%o : memref<1x10xf32>)
  return
}

// -----

func.func @scales(%x: memref<1x64xf32>, %w: memref<1x64x16xi8>, %s: memref<1x1x16xf32>, %o: memref<1x10xf32>) {
  // expected-error @+1 {{(C5) scales are 'memref<1x1x16xf32>', 1x2x16 is required}}
  kernel.blocked_matmul {block = 32 : i64} ins(%x, %w, %s : memref<1x64xf32>, memref<1x64x16xi8>, memref<1x1x16xf32>) outs(%o : memref<1x10xf32>)
  return
}

// -----

func.func @points(%x: memref<1x64xf32>, %w: memref<1x64x16xi8>, %s: memref<1x2x16xf32>, %z: memref<1x1x16xi8>, %o: memref<1x10xf32>) {
  // expected-error @+1 {{(C5) zero points are 'memref<1x1x16xi8>', 1x2x16 is required}}
  kernel.blocked_matmul {block = 32 : i64}
      ins(%x, %w, %s, %z : memref<1x64xf32>, memref<1x64x16xi8>, memref<1x2x16xf32>, memref<1x1x16xi8>) outs(%o : memref<1x10xf32>)
  return
}

// -----

func.func @needless_scratch(%x: memref<1x64xf32>, %w: memref<1x64x16xi8>, %s: memref<1x2x16xf32>, %o: memref<1x10xf32>, %m: memref<2xf32>) {
  // expected-error @+1 {{(C6) has scratch memory, weights of 4 bits or zero points are required}}
  kernel.blocked_matmul {block = 32 : i64}
      ins(%x, %w, %s : memref<1x64xf32>, memref<1x64x16xi8>, memref<1x2x16xf32>) outs(%o : memref<1x10xf32>) scratch(%m : memref<2xf32>)
  return
}

// -----

func.func @scratch(%x: memref<2x60xf32>, %w: memref<1x8x16x4xi8>, %s: memref<1x2x16xf32>, %o: memref<2x10xf32>, %m: memref<124xf32>) {
  // expected-error @+1 {{(C6) elements of scratch memory are 'memref<124xf32>', 132 is required}}
  kernel.blocked_matmul {block = 32 : i64}
      ins(%x, %w, %s : memref<2x60xf32>, memref<1x8x16x4xi8>, memref<1x2x16xf32>) outs(%o : memref<2x10xf32>) scratch(%m : memref<124xf32>)
  return
}
