// RUN: mlc-opt %s --kernel-emit="target=x86-64-v4 triple=x86_64-linux-gnu" -split-input-file -verify-diagnostics

// A schedule that the op cannot have is an error at the op, never wrong code.

func.func @on_no_kernel(%x: memref<4xf32>) {
  // expected-error @+1 {{'kernel.schedule' must be a #kernel.schedule on a kernel op}}
  %c = arith.constant {kernel.schedule = #kernel.schedule<lanes = 8>} 0 : index
  return
}

// -----

func.func @other_attribute(%x: memref<4x4xf32>, %o: memref<4x4xf32>) {
  // expected-error @+1 {{has 'kernel.tile', the only attribute of the dialect for operations is 'kernel.schedule'}}
  kernel.softmax {kernel.tile = 4 : i64} ins(%x : memref<4x4xf32>) outs(%o : memref<4x4xf32>)
  return
}

// -----

func.func @no_tile(%x: memref<1x8x8x16xf32>, %w: memref<1x1x1x1x16x32xf32>, %o: memref<1x8x8x32xf32>) {
  // expected-error @+1 {{the schedule has no tile}}
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x8x8x16xf32>, memref<1x1x1x1x16x32xf32>) outs(%o : memref<1x8x8x32xf32>)
  return
}

// -----

func.func @lanes_beyond_block(%x: memref<1x8x8x16xf32>, %w: memref<1x2x1x1x16x16xf32>, %o: memref<1x8x8x32xf32>) {
  // expected-error @+1 {{the schedule's lanes do not divide the packed blocks}}
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 32, tile = [1, 1], rest = [1, 1]>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x8x8x16xf32>, memref<1x2x1x1x16x16xf32>) outs(%o : memref<1x8x8x32xf32>)
  return
}

// -----

func.func @too_few(%x: memref<1x8x8x16xf32>, %w: memref<1x1x1x1x16x32xf32>, %o: memref<1x8x8x32xf32>) {
  // expected-error @+1 {{the schedule's tiles are for 1 vectors of channels, the op has 2}}
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [4, 2], rest = [4, 1]>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x8x8x16xf32>, memref<1x1x1x1x16x32xf32>) outs(%o : memref<1x8x8x32xf32>)
  return
}

// -----

func.func @across_blocks(%x: memref<1x8x8x16xf32>, %w: memref<1x3x1x1x16x32xf32>, %o: memref<1x8x8x96xf32>) {
  // expected-error @+1 {{the schedule's tiles begin at different places of packed blocks}}
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [4, 3]>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x8x8x16xf32>, memref<1x3x1x1x16x32xf32>) outs(%o : memref<1x8x8x96xf32>)
  return
}

// -----

func.func @merged_window(%x: memref<1x8x8x16xf32>, %w: memref<1x1x3x3x16x32xf32>, %o: memref<1x6x6x32xf32>) {
  // expected-error @+1 {{the schedule merges pixels that are not one row}}
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [4, 2], rest = [4, 2], merge = rows>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x8x8x16xf32>, memref<1x1x3x3x16x32xf32>) outs(%o : memref<1x6x6x32xf32>)
  return
}

// -----

func.func @rows_and_groups(%x: memref<1x8x8x32xf32>, %w: memref<2x1x1x1x16x16xf32>, %o: memref<1x8x8x32xf32>) {
  // expected-error @+1 {{the schedule has rows outside of groups}}
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [4, 1], rest = [4, 1], order = rows>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x8x8x32xf32>, memref<2x1x1x1x16x16xf32>) outs(%o : memref<1x8x8x32xf32>)
  return
}

// -----

func.func @shared_planes(%x: memref<1x3x8x8xf32>, %w: memref<1x1x3x3x3x16xf32>, %o: memref<1x6x6x16xf32>) {
  // expected-error @+1 {{the schedule shares inputs whose channels are not side by side}}
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [4, 1], rest = [4, 1], window_registers = 20>, input_channels_first, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x3x8x8xf32>, memref<1x1x3x3x3x16xf32>) outs(%o : memref<1x6x6x16xf32>)
  return
}

// -----

func.func @group_steps(%x: memref<1x2x2x8xf32>, %w: memref<1x1x1x1x4x8xf32>, %o: memref<1x2x2x8xf32>) {
  // expected-error @+1 {{the schedule's lanes, tiles and steps are not for these groups}}
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 8, tile = [2, 1], steps = [3]>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x2x2x8xf32>, memref<1x1x1x1x4x8xf32>) outs(%o : memref<1x2x2x8xf32>)
  return
}

// -----

func.func @rows_in_loop(%x: memref<1x8x8x8xf32>, %w: memref<3x3x8xf32>, %o: memref<1x6x6x8xf32>) {
  // expected-error @+1 {{the schedule needs a tile, of one row where windows are not written out}}
  kernel.depthwise {kernel.schedule = #kernel.schedule<lanes = 8, tile = [2, 3], unroll = 8>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x8x8x8xf32>, memref<3x3x8xf32>) outs(%o : memref<1x6x6x8xf32>)
  return
}

// -----

func.func @uncovered(%a: memref<8x16xf32>, %b: memref<16x24xf32>, %o: memref<8x24xf32>) {
  // expected-error @+1 {{the schedule's tiles do not cover the columns of the product}}
  kernel.matmul {kernel.schedule = #kernel.schedule<lanes = 8, tile = [2, 2]>}
      ins(%a, %b : memref<8x16xf32>, memref<16x24xf32>) outs(%o : memref<8x24xf32>)
  return
}

// -----

func.func @winograd_tile(%x: memref<1x8x8x16xf32>, %w: memref<1x1x3x3x16x32xf32>, %o: memref<1x8x8x20xf32>, %s: memref<27072xf32>) {
  // expected-error @+1 {{the schedule needs a tile, and lanes that divide the blocks}}
  kernel.winograd {kernel.schedule = #kernel.schedule<lanes = 16>, tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>}
      ins(%x, %w : memref<1x8x8x16xf32>, memref<1x1x3x3x16x32xf32>) outs(%o, %s : memref<1x8x8x20xf32>, memref<27072xf32>)
  return
}

// -----

func.func @sparse_tile(%x: memref<1x4x4x32xf32>, %v: memref<8xf32>, %t: memref<64xi8>, %o: memref<1x4x4x8xf32>, %s: memref<656xf32>) {
  // expected-error @+1 {{the schedule needs a tile of vectors of pixels by two channels, of no more pixels than the op's}}
  kernel.sparse_conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [2, 2]>, block = 32 : i64, pixels = 16 : i64, parts = 1 : i64}
      ins(%x, %v, %t : memref<1x4x4x32xf32>, memref<8xf32>, memref<64xi8>) outs(%o, %s : memref<1x4x4x8xf32>, memref<656xf32>)
  return
}

// -----

func.func @sparse_lanes(%x: memref<1x4x4x20xf32>, %v: memref<8xf32>, %t: memref<64xi8>, %o: memref<1x4x4x8xf32>, %s: memref<400xf32>) {
  // expected-error @+1 {{the schedule's lanes are more than the channels of a block}}
  kernel.sparse_conv {kernel.schedule = #kernel.schedule<lanes = 8, tile = [2, 2]>, block = 16 : i64, pixels = 16 : i64, parts = 1 : i64}
      ins(%x, %v, %t : memref<1x4x4x20xf32>, memref<8xf32>, memref<64xi8>) outs(%o, %s : memref<1x4x4x8xf32>, memref<400xf32>)
  return
}

// -----

func.func @sparse_merge(%x: memref<2x4x4x32xf32, strided<[600, 130, 32, 1]>>, %v: memref<8xf32>, %t: memref<64xi8>, %o: memref<2x4x4x8xf32>, %s: memref<656xf32>) {
  // expected-error @+1 {{the schedule merges pixels that are not one row}}
  kernel.sparse_conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [1, 2], merge = rows>, block = 32 : i64, pixels = 16 : i64, parts = 1 : i64}
      ins(%x, %v, %t : memref<2x4x4x32xf32, strided<[600, 130, 32, 1]>>, memref<8xf32>, memref<64xi8>) outs(%o, %s : memref<2x4x4x8xf32>, memref<656xf32>)
  return
}

// -----

func.func @blocked(%x: memref<4x64xf32>, %w: memref<3x64x32xi8>, %s: memref<3x1x32xf32>, %o: memref<4x96xf32>) {
  // expected-error @+1 {{the schedule's tiles do not cover the channels of the product, or begin at different places of packed blocks}}
  kernel.blocked_matmul {kernel.schedule = #kernel.schedule<lanes = 16, tile = [4, 3]>, block = 64 : i64}
      ins(%x, %w, %s : memref<4x64xf32>, memref<3x64x32xi8>, memref<3x1x32xf32>) outs(%o : memref<4x96xf32>)
  return
}

// -----

func.func @terms_without_f16(%x: memref<1x1x1x64xf16>, %w: memref<1x1x1x1x64x8xf16>, %o: memref<1x1x1x8xf32>) {
  // expected-error @+1 {{the schedule sums products of f16, which the CPU does not}}
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 8, tile = [1, 1], rest = [1, 1], terms = 16>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x1x1x64xf16>, memref<1x1x1x1x64x8xf16>) outs(%o : memref<1x1x1x8xf32>)
  return
}

// -----

func.func @terms_of_dots_of_f32(%l: memref<1x130xf32>, %r: memref<1x130xf16>, %o: memref<1x1xf32>) {
  // expected-error @+1 {{the schedule sums products of f16, the op's are others}}
  kernel.matmul {kernel.schedule = #kernel.schedule<lanes = 8, tile = [1, 1], terms = 8>, transpose_rhs}
      ins(%l, %r : memref<1x130xf32>, memref<1x130xf16>) outs(%o : memref<1x1xf32>)
  return
}

// -----

func.func @terms_of_f32(%x: memref<1x1x1x64xf32>, %w: memref<1x1x1x1x64x8xf16>, %o: memref<1x1x1x8xf32>) {
  // expected-error @+1 {{the schedule sums products of f16, the op's are others}}
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 8, tile = [1, 1], rest = [1, 1], terms = 16>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x1x1x64xf32>, memref<1x1x1x1x64x8xf16>) outs(%o : memref<1x1x1x8xf32>)
  return
}
