// What the code of a chain by rows looks like; what it computes is tested in test/unit/CodeGen.
// RUN: mlc-opt %s --kernel-emit="target=x86-64-v4 triple=x86_64-linux-gnu" --split-input-file | FileCheck %s

// Steps are what threads divide; nothing inside one is. The rows that the step before has left are carried over, those
// above the image are zeros, and those that are missing are computed one by one.

// CHECK-LABEL: func.func @steps
// CHECK: scf.for
// CHECK: memref.store %{{.*}} : memref<1xi64>
// CHECK: } {mlc.per_part}
// CHECK: scf.for %[[STEP:.*]] = %c0{{[_0-9]*}} to %c4
// CHECK: %[[LAST:.*]] = memref.load
// CHECK: %[[NEXT:.*]] = arith.addi %[[LAST]]
// CHECK: %[[CONTINUES:.*]] = arith.cmpi eq, %[[NEXT]]
// CHECK: scf.if %[[CONTINUES]] {
// CHECK: vector.load
// CHECK: vector.store
// CHECK: }
// CHECK: arith.select %[[CONTINUES]]
// CHECK: vector.store %{{cst.*}}, %
// CHECK: scf.for
// CHECK: vector.fma
// CHECK: scf.for
// CHECK: vector.fma
// CHECK-NOT: mlc.parallel
// CHECK: } {mlc.parallel}
// CHECK-NEXT: return
// CHECK-NOT: kernel.
func.func @steps(%x: memref<1x8x8x4xf32>, %w: memref<1x1x1x1x4x32xf32>, %v: memref<3x3x32xf32>, %o: memref<1x8x8x32xf32>,
                 %s: memref<4160xi8>) {
  kernel.stream {rows = 2 : i64} outs(%o, %s : memref<1x8x8x32xf32>, memref<4160xi8>) {
  ^bb0(%wide: memref<1x8x8x32xf32>):
    kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
        ins(%x, %w : memref<1x8x8x4xf32>, memref<1x1x1x1x4x32xf32>) outs(%wide : memref<1x8x8x32xf32>)
    kernel.depthwise {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
        ins(%wide, %v : memref<1x8x8x32xf32>, memref<3x3x32xf32>) outs(%o : memref<1x8x8x32xf32>)
  }
  return
}
