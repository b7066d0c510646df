// RUN: mlc-opt %s --kernel-emit="target=x86-64-v4 triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,WIDE
// RUN: mlc-opt %s --kernel-emit="target=znver4 triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,TURNS

// Two groups of 8 channels fill a vector of 16. Where a unit takes a vector in two turns, a vector is a group.
// Pixels are 1 KiB apart: those of the next vector of channels are fetched before their turn, a part in each step.
// CHECK-LABEL: func @groups_of_8
// CHECK-DAG: %[[IN:.*]] = memref.reinterpret_cast %arg0
// WIDE: scf.for %{{.*}} = %c0 to %c256 step %c16
// WIDE: memref.prefetch %[[IN]][
// WIDE: vector.shuffle
// WIDE: vector.fma {{.*}} : vector<16xf32>
// TURNS: scf.for %{{.*}} = %c0 to %c256 step %c8
// TURNS-NOT: vector.shuffle
// TURNS: memref.prefetch %[[IN]][
// TURNS: vector.fma {{.*}} : vector<8xf32>
// CHECK: return
func.func @groups_of_8(%x: memref<1x14x14x256xf32>, %w: memref<8x1x3x3x8x32xf32>, %o: memref<1x14x14x256xf32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 32 : i64}
      ins(%x, %w : memref<1x14x14x256xf32>, memref<8x1x3x3x8x32xf32>) outs(%o : memref<1x14x14x256xf32>)
  return
}

// Next to each other, they come by themselves.
// CHECK-LABEL: func @near
// CHECK: %[[IN:.*]] = memref.reinterpret_cast %arg0
// CHECK-NOT: memref.prefetch %[[IN]][
// CHECK: return
func.func @near(%x: memref<1x14x14x64xf32>, %w: memref<2x1x3x3x8x32xf32>, %o: memref<1x14x14x64xf32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 8 : i64}
      ins(%x, %w : memref<1x14x14x64xf32>, memref<2x1x3x3x8x32xf32>) outs(%o : memref<1x14x14x64xf32>)
  return
}
