// RUN: mlc-opt %s --kernel-emit="target=x86-64-v4+fp16 triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s

// Every field of #kernel.schedule, set by hand to what nobody would choose here, is what the code does.

// `lanes`, `tile`: 3 pixels by one vector of 8, eight chunks of channels.
// CHECK-LABEL: func @lanes_and_tile
// CHECK: scf.for %{{.*}} = %c0 to %c4 step %c1
// CHECK: scf.for %{{.*}} = %c0 to %c54 step %c3
// CHECK-COUNT-12: vector.fma {{.*}} : vector<8xf32>
// CHECK-NOT: vector.fma
// CHECK: scf.yield
func.func @lanes_and_tile(%x: memref<1x7x8x16xf32>, %w: memref<1x1x1x1x16x32xf32>, %o: memref<1x7x8x32xf32>) {
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 8, tile = [3, 1], merge = images>,
               strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x7x8x16xf32>, memref<1x1x1x1x16x32xf32>) outs(%o : memref<1x7x8x32xf32>)
  return
}

// `rest`: three vectors as a tile of two and one of one, each with its own pixels.
// CHECK-LABEL: func @rest
// CHECK: scf.for %{{.*}} = %c0 to %c56 step %c4
// CHECK-COUNT-32: vector.fma
// CHECK-NOT: vector.fma
// CHECK: scf.for %{{.*}} = %c0 to %c56 step %c7
// CHECK-COUNT-28: vector.fma
// CHECK-NOT: vector.fma
// CHECK: return
func.func @rest(%x: memref<1x7x8x16xf32>, %w: memref<1x2x1x1x16x32xf32>, %o: memref<1x7x8x48xf32>) {
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [4, 2], rest = [4, 2, 7, 1], merge = images>,
               strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x7x8x16xf32>, memref<1x2x1x1x16x32xf32>) outs(%o : memref<1x7x8x48xf32>)
  return
}

// `merge`: rows of 8 pixels stay apart.
// CHECK-LABEL: func @unmerged
// CHECK: scf.for %{{.*}} = %c0 to %c7 step %c1
// CHECK: scf.for %{{.*}} = %c0 to %c8 step %c4
func.func @unmerged(%x: memref<1x7x8x16xf32>, %w: memref<1x1x1x1x16x32xf32>, %o: memref<1x7x8x32xf32>) {
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [4, 2], rest = [4, 2]>,
               strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x7x8x16xf32>, memref<1x1x1x1x16x32xf32>) outs(%o : memref<1x7x8x32xf32>)
  return
}

// `order`: the loop over rows is outside of the one over chunks.
// CHECK-LABEL: func @rows_outside
// CHECK: scf.for %{{.*}} = %c0 to %c7 step %c1
// CHECK: scf.for %{{.*}} = %c0 to %c2 step %c1
// CHECK: scf.for %{{.*}} = %c0 to %c8 step %c4
func.func @rows_outside(%x: memref<1x7x8x16xf32>, %w: memref<1x2x1x1x16x32xf32>, %o: memref<1x7x8x64xf32>) {
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [4, 2], order = rows>,
               strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x7x8x16xf32>, memref<1x2x1x1x16x32xf32>) outs(%o : memref<1x7x8x64xf32>)
  return
}

// `divide`: threads divide pixels alone, the loop over chunks is no parallel one; or chunks too.
// CHECK-LABEL: func @divide_pixels
// CHECK: scf.for %{{.*}} = %c0 to %c2 step %c1 {
// CHECK: mlc.parallel
// CHECK-NOT: mlc.parallel
// CHECK: return
func.func @divide_pixels(%x: memref<1x7x8x16xf32>, %w: memref<1x2x1x1x16x32xf32>, %o: memref<1x7x8x64xf32>) {
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [4, 2], merge = images, divide = pixels>,
               strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x7x8x16xf32>, memref<1x2x1x1x16x32xf32>) outs(%o : memref<1x7x8x64xf32>)
  return
}
// CHECK-LABEL: func @divide_channels
// CHECK-COUNT-2: mlc.parallel
// CHECK: return
func.func @divide_channels(%x: memref<1x7x8x16xf32>, %w: memref<1x2x1x1x16x32xf32>, %o: memref<1x7x8x64xf32>) {
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [4, 2], merge = images>,
               strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x7x8x16xf32>, memref<1x2x1x1x16x32xf32>) outs(%o : memref<1x7x8x64xf32>)
  return
}

// `prefetch`: weights of the next chunk for reading, lines of the out for writing; neither where it is not said.
// CHECK-LABEL: func @prefetch
// CHECK-COUNT-8: memref.prefetch %{{.*}}, write
// CHECK: memref.prefetch %{{.*}}, read, locality<2>, data : memref<1024xf32>
// CHECK: vector.fma
// CHECK: return
func.func @prefetch(%x: memref<1x7x8x16xf32>, %w: memref<1x2x1x1x16x32xf32>, %o: memref<1x7x8x64xf32>) {
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [4, 2], merge = images, prefetch = weights|outputs>,
               strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x7x8x16xf32>, memref<1x2x1x1x16x32xf32>) outs(%o : memref<1x7x8x64xf32>)
  return
}
// CHECK-LABEL: func @prefetch_rows
// CHECK: memref.prefetch %{{.*}}, read
// CHECK: vector.fma
// CHECK: return
func.func @prefetch_rows(%x: memref<1x8x8x16xf32>, %w: memref<1x2x1x1x16x32xf32>, %o: memref<1x4x4x64xf32>) {
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [4, 2], order = rows, prefetch = rows>,
               strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x8x8x16xf32>, memref<1x2x1x1x16x32xf32>) outs(%o : memref<1x4x4x64xf32>)
  return
}
// CHECK-LABEL: func @prefetch_inputs
// CHECK: memref.prefetch %{{.*}}, read, {{.*}} : memref<1792xf32>
// CHECK: return
func.func @prefetch_inputs(%x: memref<1x7x8x32xf32>, %w: memref<2x1x1x1x16x16xf32>, %o: memref<1x7x8x32xf32>) {
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [4, 1], rest = [4, 1], window_registers = 29, prefetch = inputs>,
               strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x7x8x32xf32>, memref<2x1x1x1x16x16xf32>) outs(%o : memref<1x7x8x32xf32>)
  return
}
// CHECK-LABEL: func @no_prefetch
// CHECK-NOT: memref.prefetch
// CHECK: return
func.func @no_prefetch(%x: memref<1x7x8x16xf32>, %w: memref<1x2x1x1x16x32xf32>, %o: memref<1x7x8x64xf32>) {
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [4, 2], merge = images>,
               strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x7x8x16xf32>, memref<1x2x1x1x16x32xf32>) outs(%o : memref<1x7x8x64xf32>)
  return
}

// `window_registers`: a step over one input channel takes three kernel columns, whose inputs come once; without, each
// column has a loop of its own.
// CHECK-LABEL: func @shared
// CHECK: scf.for %{{.*}} = %c0 to %c16 step %c1
// CHECK-COUNT-12: vector.fma
// CHECK-NOT: vector.fma
// CHECK: scf.yield
func.func @shared(%x: memref<1x6x6x16xf32>, %w: memref<1x1x3x3x16x16xf32>, %o: memref<1x4x4x16xf32>) {
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [4, 1], rest = [4, 1], window_registers = 7>,
               strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x6x6x16xf32>, memref<1x1x3x3x16x16xf32>) outs(%o : memref<1x4x4x16xf32>)
  return
}
// CHECK-LABEL: func @apart
// CHECK: scf.for %{{.*}} = %c0 to %c48 step %c4
// CHECK-COUNT-16: vector.fma
// CHECK-NOT: vector.fma
// CHECK: scf.yield
func.func @apart(%x: memref<1x6x6x16xf32>, %w: memref<1x1x3x3x16x16xf32>, %o: memref<1x4x4x16xf32>) {
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [4, 1], rest = [4, 1], window_registers = 6>,
               strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x6x6x16xf32>, memref<1x1x3x3x16x16xf32>) outs(%o : memref<1x4x4x16xf32>)
  return
}

// `least_sums`, `unroll`: two sets of one sum, two steps written out.
// CHECK-LABEL: func @sums
// CHECK: scf.for %{{.*}} = %c0 to %c64 step %c2 iter_args({{.*}}) -> (vector<16xf32>, vector<16xf32>)
// CHECK-COUNT-2: vector.fma
// CHECK-NOT: vector.fma
// CHECK: arith.addf {{.*}} : vector<16xf32>
func.func @sums(%x: memref<1x1x1x64xf32>, %w: memref<1x1x1x1x64x16xf32>, %o: memref<1x1x1x16xf32>) {
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [1, 1], rest = [1, 1], least_sums = 2, unroll = 2>,
               strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x1x1x64xf32>, memref<1x1x1x1x64x16xf32>) outs(%o : memref<1x1x1x16xf32>)
  return
}

// `terms`: f16 become f32 with 0 of them, whatever the CPU computes in; in f16 by eights, pieces are as long as it says.
// CHECK-LABEL: func @no_terms
// CHECK: arith.extf {{.*}} : vector<8xf16> to vector<8xf32>
// CHECK: vector.fma {{.*}} : vector<8xf32>
// CHECK-LABEL: func @terms
// CHECK: scf.for %{{.*}} = %c0 to %c64 step %c16 {
// CHECK: scf.for %{{.*}} = %c0 to %c16 step %c4 iter_args({{.*}}) -> (vector<8xf16>)
// CHECK: vector.fma {{.*}} : vector<8xf16>
func.func @no_terms(%x: memref<1x1x1x64xf16>, %w: memref<1x1x1x1x64x8xf16>, %o: memref<1x1x1x8xf32>) {
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 8, tile = [1, 1], rest = [1, 1]>,
               strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x1x1x64xf16>, memref<1x1x1x1x64x8xf16>) outs(%o : memref<1x1x1x8xf32>)
  return
}
func.func @terms(%x: memref<1x1x1x64xf16>, %w: memref<1x1x1x1x64x8xf16>, %o: memref<1x1x1x8xf32>) {
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 8, tile = [1, 1], rest = [1, 1], terms = 16>,
               strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x1x1x64xf16>, memref<1x1x1x1x64x8xf16>) outs(%o : memref<1x1x1x8xf32>)
  return
}

// Of a product of two activations whose right side is transposed, each lane of a piece has so many terms.
// CHECK-LABEL: func @terms_of_dots
// CHECK: scf.for %{{.*}} = %c0 to %c128 step %c64 iter_args({{.*}}) -> (vector<8xf32>)
// CHECK: scf.for %{{.*}} = %c0 to %c64 step %c8 iter_args({{.*}}) -> (vector<8xf16>)
// CHECK: vector.fma {{.*}} : vector<8xf16>
// CHECK: arith.extf {{.*}} : vector<8xf16> to vector<8xf32>
// CHECK: arith.addf {{.*}} : vector<8xf32>
func.func @terms_of_dots(%l: memref<1x130xf16>, %r: memref<1x130xf16>, %o: memref<1x1xf32>) {
  kernel.matmul {kernel.schedule = #kernel.schedule<lanes = 8, tile = [1, 1], terms = 8>, transpose_rhs}
      ins(%l, %r : memref<1x130xf16>, memref<1x130xf16>) outs(%o : memref<1x1xf32>)
  return
}

// `epilogue`: of two vectors with a long epilogue, one at a time.
// CHECK-LABEL: func @epilogue
// CHECK-COUNT-2: math.exp %{{.*}} : vector<16xf32>
// CHECK-NOT: math.exp
// CHECK: return
func.func @epilogue(%x: memref<1x1x1x64xf32>, %w: memref<1x1x1x1x64x32xf32>, %o: memref<1x1x1x32xf32>) {
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [1, 2], rest = [1, 2], epilogue = [1, 1]>,
               strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x1x1x64xf32>, memref<1x1x1x1x64x32xf32>) outs(%o : memref<1x1x1x32xf32>) {
  ^bb0(%a: f32):
    %e = math.exp %a : f32
    kernel.yield %e : f32
  }
  return
}
// CHECK-LABEL: func @epilogue_at_once
// CHECK-COUNT-1: math.exp %{{.*}} : vector<32xf32>
// CHECK: return
func.func @epilogue_at_once(%x: memref<1x1x1x64xf32>, %w: memref<1x1x1x1x64x32xf32>, %o: memref<1x1x1x32xf32>) {
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16, tile = [1, 2], rest = [1, 2], epilogue = [1, 2]>,
               strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x1x1x64xf32>, memref<1x1x1x1x64x32xf32>) outs(%o : memref<1x1x1x32xf32>) {
  ^bb0(%a: f32):
    %e = math.exp %a : f32
    kernel.yield %e : f32
  }
  return
}

// `steps`: two of a group's four input channels at once, which one load serves.
// CHECK-LABEL: func @steps
// CHECK: vector.shuffle %{{.*}} [0, 0, 0, 0, 4, 4, 4, 4]
// CHECK-NEXT: vector.shuffle %{{.*}} [1, 1, 1, 1, 5, 5, 5, 5]
// CHECK-NEXT: vector.fma
// CHECK-NEXT: vector.fma
// CHECK: vector.shuffle %{{.*}} [2, 2, 2, 2, 6, 6, 6, 6]
func.func @steps(%x: memref<1x2x2x8xf32>, %w: memref<1x1x1x1x4x8xf32>, %o: memref<1x2x2x8xf32>) {
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 8, tile = [2, 1], steps = [2]>,
               strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x2x2x8xf32>, memref<1x1x1x1x4x8xf32>) outs(%o : memref<1x2x2x8xf32>)
  return
}

// Depthwise: 2 rows by 3 columns; with `unroll` below the window's elements, kernel rows are a loop.
// CHECK-LABEL: func @depthwise
// CHECK: scf.for %{{.*}} = %c0 to %c6 step %c2
// CHECK: scf.for %{{.*}} = %c0 to %c6 step %c3
// CHECK-COUNT-6: vector.store %{{.*}} : memref<288xf32>, vector<4xf32>
// CHECK-NOT: vector.store
// CHECK: return
func.func @depthwise(%x: memref<1x8x8x8xf32>, %w: memref<3x3x8xf32>, %o: memref<1x6x6x8xf32>) {
  kernel.depthwise {kernel.schedule = #kernel.schedule<lanes = 4, tile = [2, 3], unroll = 9>,
                    strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x8x8x8xf32>, memref<3x3x8xf32>) outs(%o : memref<1x6x6x8xf32>)
  return
}
// CHECK-LABEL: func @depthwise_loop
// CHECK: scf.for %{{.*}} = %c0 to %c3 step %c1 iter_args
func.func @depthwise_loop(%x: memref<1x8x8x8xf32>, %w: memref<3x3x8xf32>, %o: memref<1x6x6x8xf32>) {
  kernel.depthwise {kernel.schedule = #kernel.schedule<lanes = 4, tile = [1, 3], unroll = 8>,
                    strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x8x8x8xf32>, memref<3x3x8xf32>) outs(%o : memref<1x6x6x8xf32>)
  return
}

// A product of two matrices: 2 rows by 2 vectors, the last vector by 5 rows.
// CHECK-LABEL: func @matmul
// CHECK: scf.for %{{.*}} = %c0 to %c10 step %c2
// CHECK-COUNT-16: vector.fma
// CHECK-NOT: vector.fma
// CHECK: scf.for %{{.*}} = %c0 to %c10 step %c5
// CHECK-COUNT-20: vector.fma
// CHECK-NOT: vector.fma
// CHECK: return
func.func @matmul(%a: memref<10x16xf32>, %b: memref<16x24xf32>, %o: memref<10x24xf32>) {
  kernel.matmul {kernel.schedule = #kernel.schedule<lanes = 8, tile = [2, 2], rest = [5, 1]>}
      ins(%a, %b : memref<10x16xf32>, memref<16x24xf32>) outs(%o : memref<10x24xf32>)
  return
}
// With a transposed right side, 3 rows by 2 columns.
// CHECK-LABEL: func @transposed
// CHECK: scf.for %{{.*}} = %c0 to %c9 step %c3
// CHECK: scf.for %{{.*}} = %c0 to %c24 step %c2
// CHECK-COUNT-6: vector.fma
// CHECK-NOT: vector.fma
// CHECK: scf.yield
func.func @transposed(%a: memref<9x16xf32>, %b: memref<24x16xf32>, %o: memref<9x24xf32>) {
  kernel.matmul {kernel.schedule = #kernel.schedule<lanes = 8, tile = [3, 2]>, transpose_rhs}
      ins(%a, %b : memref<9x16xf32>, memref<24x16xf32>) outs(%o : memref<9x24xf32>)
  return
}

// Two vectors of a pool's channels side by side, then the one that is left.
// CHECK-LABEL: func @pool
// CHECK: scf.for %{{.*}} = %c0 to %c16 step %c8
// CHECK: vector.store {{.*}} vector<4xf32>
// CHECK: vector.store {{.*}} vector<4xf32>
// CHECK: vector.store {{.*}} vector<4xf32>
// CHECK-NOT: vector.store
// CHECK: return
func.func @pool(%x: memref<1x4x4x20xf32>, %o: memref<1x2x2x20xf32>) {
  kernel.pool {kernel.schedule = #kernel.schedule<lanes = 4, tile = [1, 2]>, kind = #kernel.pool_kind<max>,
               kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x : memref<1x4x4x20xf32>) outs(%o : memref<1x2x2x20xf32>)
  return
}

// CHECK-LABEL: func @reduce
// CHECK: scf.for %{{.*}} = %c0 to %c16 step %c8
// CHECK: return
func.func @reduce(%x: memref<1x4x16xf32>, %o: memref<1x16xf32>) {
  kernel.reduce {kernel.schedule = #kernel.schedule<lanes = 4, tile = [1, 2]>, kind = #kernel.reduce_kind<sum>}
      ins(%x : memref<1x4x16xf32>) outs(%o : memref<1x16xf32>)
  return
}

// CHECK-LABEL: func @softmax
// CHECK: scf.for %{{.*}} = %c0 to %c16 step %c2 iter_args(%{{.*}}) -> (vector<2xf32>)
func.func @softmax(%x: memref<4x16xf32>, %o: memref<4x16xf32>) {
  kernel.softmax {kernel.schedule = #kernel.schedule<lanes = 2, tile = [1, 1]>}
      ins(%x : memref<4x16xf32>) outs(%o : memref<4x16xf32>)
  return
}

// `tile` of a normalisation: sums of a row that take turns; of columns rows at a time by vectors, and single vectors behind.
// CHECK-LABEL: func @normalize_rows
// CHECK: scf.for %{{.*}} = %c0 to %c18 step %c6 iter_args({{.*}}) -> (vector<2xf32>, vector<2xf32>, vector<2xf32>)
// CHECK: scf.for %{{.*}} = %c0 to %c18 step %c6 iter_args({{.*}}) -> (vector<2xf32>, vector<2xf32>, vector<2xf32>)
// CHECK: scf.for %{{.*}} = %c0 to %c20 step %c2
func.func @normalize_rows(%x: memref<4x20xf32>, %o: memref<4x20xf32>) {
  kernel.normalize {kernel.schedule = #kernel.schedule<lanes = 2, tile = [1, 3]>, epsilon = 0.5 : f64}
      ins(%x : memref<4x20xf32>) outs(%o : memref<4x20xf32>)
  return
}

// CHECK-LABEL: func @normalize_columns
// CHECK: scf.for %{{.*}} = %c0 to %c16 step %c8
// CHECK: scf.for %{{.*}} = %c0 to %c6 step %c3 iter_args({{.*}}) -> (vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>, vector<4xf32>)
// CHECK: scf.for %{{.*}} = %c0 to %c7 step %c1
// CHECK: scf.for %{{.*}} = %c0 to %c6 step %c3 iter_args({{.*}}) -> (vector<4xf32>, vector<4xf32>, vector<4xf32>)
func.func @normalize_columns(%x: memref<1x7x20xf32>, %o: memref<1x7x20xf32>) {
  kernel.normalize {kernel.schedule = #kernel.schedule<lanes = 4, tile = [3, 2]>, epsilon = 0.5 : f64, squares}
      ins(%x : memref<1x7x20xf32>) outs(%o : memref<1x7x20xf32>)
  return
}

// `tile` of a convolution without its zeros: three vectors of 4 pixels by two channels.
// CHECK-LABEL: func @sparse_tile
// CHECK: scf.for %{{.*}} = %c0 to %c108 step %c12
// CHECK: scf.for {{.*}} iter_args
// CHECK: scf.for {{.*}} iter_args
// CHECK-COUNT-6: vector.fma {{.*}} : vector<4xf32>
// CHECK-NOT: vector.fma
// CHECK: scf.yield
func.func @sparse_tile(%x: memref<1x10x11x16xf32>, %v: memref<80xf32>, %t: memref<200xi8>, %o: memref<1x10x11x32xf32>, %s: memref<588xf32>) {
  kernel.sparse_conv {kernel.schedule = #kernel.schedule<lanes = 4, tile = [3, 2], merge = images>, block = 16 : i64, pixels = 12 : i64, parts = 1 : i64}
      ins(%x, %v, %t : memref<1x10x11x16xf32>, memref<80xf32>, memref<200xi8>) outs(%o, %s : memref<1x10x11x32xf32>, memref<588xf32>)
  return
}
