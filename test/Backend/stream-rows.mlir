// RUN: mlc-opt %s --stream-rows="cache=65536 threads=2" --split-input-file | FileCheck %s

// Two of the three images are larger than the cache: one chain, at the place of its last kernel, whose residual is what
// the chain begins with.

// CHECK-LABEL: func.func @main(
// CHECK-SAME: %[[X:[^:]*]]: memref<1x32x32x4xf32>, %[[OUT:[^:]*]]: memref<1x32x32x4xf32>)
// CHECK-NOT: memref.alloc() : memref<1x32x32x64xf32>
// CHECK: %[[SCRATCH:.*]] = memref.alloc() : memref<[[BYTES:[0-9]*]]xi8>
// CHECK: kernel.stream {rows = 1 : i64} outs(%[[OUT]], %[[SCRATCH]] : memref<1x32x32x4xf32>, memref<[[BYTES]]xi8>) {
// CHECK-NEXT: ^bb0(%[[WIDE:.*]]: memref<1x32x32x64xf32>, %[[SPREAD:.*]]: memref<1x32x32x64xf32>):
// CHECK: kernel.conv {{.*}} ins(%[[X]], {{.*}} outs(%[[WIDE]] :
// CHECK: kernel.depthwise {{.*}} ins(%[[WIDE]], {{.*}} outs(%[[SPREAD]] :
// CHECK: kernel.conv {{.*}} ins(%[[SPREAD]], {{.*}} epilogue(%[[X]] : {{.*}} outs(%[[OUT]] :
// CHECK: return
memref.global "private" constant @w : memref<1x2x1x1x4x32xf32> = dense<1.0>
memref.global "private" constant @v : memref<3x3x64xf32> = dense<1.0>
memref.global "private" constant @u : memref<1x1x1x1x64x8xf32> = dense<1.0>
func.func @main(%x: memref<1x32x32x4xf32>, %out: memref<1x32x32x4xf32>) {
  %w = memref.get_global @w : memref<1x2x1x1x4x32xf32>
  %v = memref.get_global @v : memref<3x3x64xf32>
  %u = memref.get_global @u : memref<1x1x1x1x64x8xf32>
  %wide = memref.alloc() : memref<1x32x32x64xf32>
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x32x32x4xf32>, memref<1x2x1x1x4x32xf32>) outs(%wide : memref<1x32x32x64xf32>)
  %spread = memref.alloc() : memref<1x32x32x64xf32>
  kernel.depthwise {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
      ins(%wide, %v : memref<1x32x32x64xf32>, memref<3x3x64xf32>) outs(%spread : memref<1x32x32x64xf32>)
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%spread, %u : memref<1x32x32x64xf32>, memref<1x1x1x1x64x8xf32>)
      epilogue(%x : memref<1x32x32x4xf32>) outs(%out : memref<1x32x32x4xf32>) {
  ^bb0(%acc: f32, %r: f32):
    %sum = arith.addf %acc, %r : f32
    kernel.yield %sum : f32
  }
  return
}

// -----

// A convolution with a window of its own, and the pooling behind it.

// CHECK-LABEL: func.func @main(
// CHECK: kernel.stream {rows = 2 : i64}
// CHECK: kernel.conv
// CHECK: kernel.pool
memref.global "private" constant @w : memref<1x1x3x3x3x32xf32> = dense<1.0>
func.func @main(%x: memref<1x64x64x3xf32>, %out: memref<1x16x16x32xf32>) {
  %w = memref.get_global @w : memref<1x1x3x3x3x32xf32>
  %a = memref.alloc() : memref<1x32x32x32xf32>
  kernel.conv {strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x64x64x3xf32>, memref<1x1x3x3x3x32xf32>) outs(%a : memref<1x32x32x32xf32>)
  kernel.pool {kind = #kernel.pool_kind<max>, kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>,
               pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
      ins(%a : memref<1x32x32x32xf32>) outs(%out : memref<1x16x16x32xf32>)
  return
}

// -----

// What lies between is read once more.

// CHECK-LABEL: func.func @main(
// CHECK-NOT: kernel.stream
memref.global "private" constant @w : memref<1x1x3x3x3x32xf32> = dense<1.0>
func.func @main(%x: memref<1x64x64x3xf32>, %out: memref<1x16x16x32xf32>, %second: memref<1x32x32x32xf32>) {
  %w = memref.get_global @w : memref<1x1x3x3x3x32xf32>
  %a = memref.alloc() : memref<1x32x32x32xf32>
  kernel.conv {strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x64x64x3xf32>, memref<1x1x3x3x3x32xf32>) outs(%a : memref<1x32x32x32xf32>)
  kernel.pool {kind = #kernel.pool_kind<max>, kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>,
               pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
      ins(%a : memref<1x32x32x32xf32>) outs(%out : memref<1x16x16x32xf32>)
  linalg.exp ins(%a : memref<1x32x32x32xf32>) outs(%second : memref<1x32x32x32xf32>)
  return
}

// -----

// The input is overwritten before the last stage.

// CHECK-LABEL: func.func @main(
// CHECK-NOT: kernel.stream
memref.global "private" constant @w : memref<1x1x3x3x3x32xf32> = dense<1.0>
func.func @main(%y: memref<1x64x64x3xf32>, %out: memref<1x16x16x32xf32>, %second: memref<1x64x64x3xf32>) {
  %w = memref.get_global @w : memref<1x1x3x3x3x32xf32>
  %x = memref.alloc() : memref<1x64x64x3xf32>
  linalg.exp ins(%y : memref<1x64x64x3xf32>) outs(%x : memref<1x64x64x3xf32>)
  %a = memref.alloc() : memref<1x32x32x32xf32>
  kernel.conv {strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x64x64x3xf32>, memref<1x1x3x3x3x32xf32>) outs(%a : memref<1x32x32x32xf32>)
  linalg.tanh ins(%y : memref<1x64x64x3xf32>) outs(%x : memref<1x64x64x3xf32>)
  kernel.pool {kind = #kernel.pool_kind<max>, kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>,
               pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
      ins(%a : memref<1x32x32x32xf32>) outs(%out : memref<1x16x16x32xf32>)
  memref.copy %x, %second : memref<1x64x64x3xf32> to memref<1x64x64x3xf32>
  return
}

// -----

// Small images stay; so does the input of an average that counts what lies inside.

// CHECK-LABEL: func.func @main(
// CHECK-NOT: kernel.stream
memref.global "private" constant @w : memref<1x1x3x3x3x32xf32> = dense<1.0>
memref.global "private" constant @v : memref<3x3x32xf32> = dense<1.0>
func.func @main(%x: memref<1x64x64x3xf32>, %out: memref<1x8x8x32xf32>) {
  %w = memref.get_global @w : memref<1x1x3x3x3x32xf32>
  %v = memref.get_global @v : memref<3x3x32xf32>
  %a = memref.alloc() : memref<1x32x32x32xf32>
  kernel.conv {strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x64x64x3xf32>, memref<1x1x3x3x3x32xf32>) outs(%a : memref<1x32x32x32xf32>)
  %b = memref.alloc() : memref<1x16x16x32xf32>
  kernel.pool {kind = #kernel.pool_kind<average>, kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>,
               pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
      ins(%a : memref<1x32x32x32xf32>) outs(%b : memref<1x16x16x32xf32>)
  kernel.depthwise {strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
      ins(%b, %v : memref<1x16x16x32xf32>, memref<3x3x32xf32>) outs(%out : memref<1x8x8x32xf32>)
  return
}

// -----

// Winograd's algorithms compute whole blocks of tiles: four rows of the image, two of the pool's.

// CHECK-LABEL: func.func @main(
// CHECK: kernel.stream {rows = 2 : i64}
// CHECK: kernel.winograd
// CHECK: kernel.pool
memref.global "private" constant @w : memref<1x1x3x3x16x16xf32> = dense<1.0>
func.func @main(%x: memref<1x32x160x16xf32>, %out: memref<1x16x80x16xf32>) {
  %w = memref.get_global @w : memref<1x1x3x3x16x16xf32>
  %a = memref.alloc() : memref<1x32x160x16xf32>
  %s = memref.alloc() : memref<57024xf32>
  kernel.winograd {tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>}
      ins(%x, %w : memref<1x32x160x16xf32>, memref<1x1x3x3x16x16xf32>)
      outs(%a, %s : memref<1x32x160x16xf32>, memref<57024xf32>)
  kernel.pool {kind = #kernel.pool_kind<max>, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>,
               pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%a : memref<1x32x160x16xf32>) outs(%out : memref<1x16x80x16xf32>)
  return
}
