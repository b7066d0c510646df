// RUN: mlc-opt %s --kernel-emit="target=x86-64-v3 triple=x86_64-linux-gnu" -split-input-file -verify-diagnostics
// RUN: not mlc-opt %s --kernel-emit="target=nonesuch triple=x86_64-linux-gnu" 2>&1 | FileCheck %s
// CHECK: nonesuch

func.func @tensors(%x: tensor<4x4xf32>, %o: tensor<4x4xf32>) -> tensor<4x4xf32> {
  // expected-error @+1 {{cannot be emitted: operands must be memrefs}}
  %0 = kernel.softmax ins(%x : tensor<4x4xf32>) outs(%o : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}

// -----

func.func @dynamic_stride(%x: memref<4x4xf32, strided<[?, 1]>>, %o: memref<4x4xf32>) {
  // expected-error @+1 {{cannot be emitted: strides must be static, the innermost stride 1}}
  kernel.softmax ins(%x : memref<4x4xf32, strided<[?, 1]>>) outs(%o : memref<4x4xf32>)
  return
}

// -----

func.func @winograd_strides(%x: memref<1x4x4x3xf32, strided<[?, 12, 3, 1]>>, %w: memref<1x1x3x3x3x8xf32>, %o: memref<1x4x4x8xf32>, %s: memref<4032xf32>) {
  // expected-error @+1 {{cannot be emitted: strides must be static, the innermost stride 1, and packed weights and scratch memory contiguous}}
  kernel.winograd {kernel.schedule = #kernel.schedule<lanes = 8, tile = [4, 1]>, tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>}
      ins(%x, %w : memref<1x4x4x3xf32, strided<[?, 12, 3, 1]>>, memref<1x1x3x3x3x8xf32>) outs(%o, %s : memref<1x4x4x8xf32>, memref<4032xf32>)
  return
}

// -----

func.func @winograd_lanes(%x: memref<1x4x4x8xi8>, %w: memref<1x1x3x3x3x8x4xi8>, %o: memref<1x4x4x8xi32>, %s: memref<4032xi32>) {
  // expected-error @+1 {{cannot be emitted: bytes need vectors of 4 lanes or more and an instruction that adds products of words}}
  kernel.winograd {kernel.schedule = #kernel.schedule<lanes = 2, tile = [4, 1]>, tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>}
      ins(%x, %w : memref<1x4x4x8xi8>, memref<1x1x3x3x3x8x4xi8>) outs(%o, %s : memref<1x4x4x8xi32>, memref<4032xi32>)
  return
}

// -----

func.func @pairs_blocks(%x: memref<1x1x4x32xi8>, %w: memref<1x2x1x1x13x16x4xi8>, %o: memref<1x1x4x32xi32>) {
  // expected-error @+1 {{cannot be emitted: weights in pairs need channels side by side, and tiles within their blocks}}
  kernel.conv {kernel.schedule = #kernel.schedule<lanes = 8, tile = [2, 3], rest = [2, 3, 2, 1]>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, extra_quads = 2 : i64}
      ins(%x, %w : memref<1x1x4x32xi8>, memref<1x2x1x1x13x16x4xi8>) outs(%o : memref<1x1x4x32xi32>)
  return
}
