// RUN: mlc-opt %s --pad-pixels --split-input-file | FileCheck %s

// Both images of a depthwise convolution, whose pixels are 1 KiB long.

// CHECK-LABEL: func.func @main(
// CHECK: %[[A:.*]] = memref.alloc() : memref<1x4x4x272xf32>
// CHECK: %[[X:.*]] = memref.subview %[[A]][0, 0, 0, 0] [1, 4, 4, 256] [1, 1, 1, 1]
// CHECK: kernel.conv {{.*}} outs(%[[X]] : memref<1x4x4x256xf32, strided<[4352, 1088, 272, 1]>>)
// CHECK: %[[B:.*]] = memref.alloc() : memref<1x4x4x272xf32>
// CHECK: %[[Y:.*]] = memref.subview %[[B]]
// CHECK: kernel.depthwise {{.*}} ins(%[[X]], {{.*}} outs(%[[Y]]
// CHECK: kernel.conv {{.*}} ins(%[[Y]], {{.*}} outs(%arg
func.func @main(%in: memref<1x4x4x8xf32>, %w0: memref<1x8x1x1x8x32xf32>, %w1: memref<3x3x256xf32>,
    %w2: memref<1x1x1x1x256x32xf32>, %out: memref<1x4x4x8xf32>) {
  %x = memref.alloc() : memref<1x4x4x256xf32>
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%in, %w0 : memref<1x4x4x8xf32>, memref<1x8x1x1x8x32xf32>) outs(%x : memref<1x4x4x256xf32>)
  %y = memref.alloc() : memref<1x4x4x256xf32>
  kernel.depthwise {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
      ins(%x, %w1 : memref<1x4x4x256xf32>, memref<3x3x256xf32>) outs(%y : memref<1x4x4x256xf32>)
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%y, %w2 : memref<1x4x4x256xf32>, memref<1x1x1x1x256x32xf32>) outs(%out : memref<1x4x4x8xf32>)
  return
}

// -----

// Pixels of 960 bytes do not collide, and a copy takes the image as it is.

// CHECK-LABEL: func.func @main(
// CHECK-NOT: subview
// CHECK: return
func.func @main(%in: memref<1x4x4x256xf32>, %w: memref<3x3x240xf32>, %v: memref<3x3x256xf32>, %out: memref<1x4x4x256xf32>) {
  %x = memref.alloc() : memref<1x4x4x240xf32>
  %y = memref.alloc() : memref<1x4x4x240xf32>
  kernel.depthwise {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x240xf32>, memref<3x3x240xf32>) outs(%y : memref<1x4x4x240xf32>)
  %z = memref.alloc() : memref<1x4x4x256xf32>
  kernel.depthwise {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
      ins(%in, %v : memref<1x4x4x256xf32>, memref<3x3x256xf32>) outs(%z : memref<1x4x4x256xf32>)
  memref.copy %z, %out : memref<1x4x4x256xf32> to memref<1x4x4x256xf32>
  return
}
