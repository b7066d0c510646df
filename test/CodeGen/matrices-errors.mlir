// RUN: mlc-opt %s --kernel-emit="target=sapphirerapids triple=x86_64-linux-gnu" -split-input-file -verify-diagnostics

// A schedule for a matrix unit that the op cannot have is an error at the op.

func.func @floats(%x: memref<1x8x16x64xf32>, %w: memref<1x1x1x1x64x32xf32>, %o: memref<1x8x16x32xf32>) {
  // expected-error @+1 {{cannot be emitted: matrices need a unit for the elements, and weights by quads or halves}}
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [2, 2], rest = [2, 2], steps = [16], unit = matrices>,
               strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x8x16x64xf32>, memref<1x1x1x1x64x32xf32>) outs(%o : memref<1x8x16x32xf32>)
  return
}

// -----

func.func @steps(%x: memref<1x8x16x64xi8>, %w: memref<1x1x1x1x17x32x4xi8>, %o: memref<1x8x16x32xi32>) {
  // expected-error @+1 {{matrices need steps of 1 to 16 words that divide those of the input}}
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [2, 2], rest = [2, 2], steps = [3], unit = matrices>,
               strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x8x16x64xi8>, memref<1x1x1x1x17x32x4xi8>) outs(%o : memref<1x8x16x32xi32>)
  return
}

// -----

func.func @lanes(%x: memref<1x8x16x64xi8>, %w: memref<1x1x1x1x17x32x4xi8>, %o: memref<1x8x16x32xi32>) {
  // expected-error @+1 {{matrices need 16 lanes, which divide the packed blocks}}
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 8, tile = [2, 2], rest = [2, 2], steps = [16], unit = matrices>,
               strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x8x16x64xi8>, memref<1x1x1x1x17x32x4xi8>) outs(%o : memref<1x8x16x32xi32>)
  return
}

// -----

func.func @registers(%x: memref<1x8x16x64xi8>, %w: memref<1x1x1x1x17x32x4xi8>, %o: memref<1x8x16x32xi32>) {
  // expected-error @+1 {{the schedule's tiles take more than 8 matrix registers}}
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [4, 2], rest = [4, 2], steps = [16], unit = matrices>,
               strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x8x16x64xi8>, memref<1x1x1x1x17x32x4xi8>) outs(%o : memref<1x8x16x32xi32>)
  return
}

// -----

func.func @channels(%x: memref<1x8x16x64xi8>, %w: memref<1x1x1x1x17x32x4xi8>, %o: memref<1x8x16x32xi32>) {
  // expected-error @+1 {{the schedule's tiles are for 1 vectors of channels, the op has 2}}
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [2, 2], rest = [4, 1], steps = [16], unit = matrices>,
               strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x8x16x64xi8>, memref<1x1x1x1x17x32x4xi8>) outs(%o : memref<1x8x16x32xi32>)
  return
}

// -----

func.func @padding(%x: memref<1x8x16x64xi8>, %w: memref<1x1x3x3x17x32x4xi8>, %o: memref<1x8x16x32xi32>) {
  // expected-error @+1 {{windows that reach into the padding need a band}}
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [2, 2], rest = [2, 2], steps = [16], unit = matrices>,
               strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x8x16x64xi8>, memref<1x1x3x3x17x32x4xi8>) outs(%o : memref<1x8x16x32xi32>)
  return
}

// -----

func.func @zero_point(%x: memref<1x8x16x64xi8>, %w: memref<1x1x3x3x17x32x4xi8>, %o: memref<1x8x16x32xi32>) {
  // expected-error @+1 {{padding cannot be filled with a zero point that is no element of the input}}
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [2, 2], rest = [2, 2], steps = [16], unit = matrices, band = 2>,
               strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, input_zero_point = 200 : i32}
      ins(%x, %w : memref<1x8x16x64xi8>, memref<1x1x3x3x17x32x4xi8>) outs(%o : memref<1x8x16x32xi32>)
  return
}

// -----

func.func @merged(%x: memref<1x8x16x64xi8>, %w: memref<1x1x3x3x17x32x4xi8>, %o: memref<1x8x16x32xi32>) {
  // expected-error @+1 {{the schedule merges pixels that are not one row}}
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [2, 2], rest = [2, 2], merge = images, steps = [16], unit = matrices, band = 2>,
               strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x8x16x64xi8>, memref<1x1x3x3x17x32x4xi8>) outs(%o : memref<1x8x16x32xi32>)
  return
}

// -----

func.func @rows_of_unlike_chunks(%x: memref<1x8x16x64xi8>, %w: memref<1x2x1x1x17x32x4xi8>, %o: memref<1x8x16x48xi32>) {
  // expected-error @+1 {{rows outside of chunks need chunks that are alike, of one group}}
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [2, 2], rest = [2, 2, 4, 1], order = rows, steps = [16], unit = matrices>,
               strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x8x16x64xi8>, memref<1x2x1x1x17x32x4xi8>) outs(%o : memref<1x8x16x48xi32>)
  return
}
