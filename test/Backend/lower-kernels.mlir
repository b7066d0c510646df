// RUN: mlc-opt %s --clone-variants="targets=2" --lower-kernels="triple=x86_64-linux-gnu cpus=x86-64-v3,x86-64" | FileCheck %s

// Two loops that run through all operands as one would are one; the sum along
// contiguous rows stays in a register.

// CHECK-LABEL: func.func private @k0_add_v0(
// CHECK: scf.for
// CHECK-NOT: scf.for
// CHECK: arith.addf %{{[^ ]*}}, %{{[^ ]*}} : f32
// CHECK: memref.store
// CHECK-LABEL: func.func private @k1_reduce_v0(
// CHECK: scf.for
// CHECK: memref.load
// CHECK: %[[SUM:.*]] = scf.for {{.*}} iter_args(
// CHECK: arith.addf {{.*}} fastmath<reassoc,contract> : f32
// CHECK: scf.yield
// CHECK: memref.store %[[SUM]]
// CHECK-LABEL: func.func private @k2_floor_v0(
// CHECK: math.floor
// CHECK-LABEL: func.func private @k3_slice_v0(
// CHECK: scf.for
// CHECK-NOT: scf.for
// CHECK: %[[ROW:.*]] = vector.load {{.*}} vector<8xf32>
// CHECK: vector.store %[[ROW]]
// CHECK: %[[REST:.*]] = vector.load {{.*}} vector<4xf32>
// CHECK: vector.store %[[REST]]
// CHECK-LABEL: func.func @main_v0(
// CHECK: call @k0_add_v0
// CHECK-LABEL: func.func private @k0_add_v1(
// CHECK-LABEL: func.func private @k2_floor_v1(
// CHECK-NOT: math.floor
// CHECK-LABEL: func.func @main_v1(
// CHECK: call @k0_add_v1
func.func private @k0_add(%a: memref<4x8xf32>, %b: memref<4x8xf32>) {
  linalg.add ins(%a, %b : memref<4x8xf32>, memref<4x8xf32>) outs(%b : memref<4x8xf32>)
  return
}
func.func private @k1_reduce(%a: memref<4x8xf32>, %b: memref<4xf32>) {
  linalg.reduce { arith.addf } ins(%a : memref<4x8xf32>) outs(%b : memref<4xf32>) dimensions = [1]
  return
}
func.func private @k2_floor(%a: memref<4xf32>) {
  linalg.floor ins(%a : memref<4xf32>) outs(%a : memref<4xf32>)
  return
}
// Twelve channels of twenty: one vector and a half a pixel.
func.func private @k3_slice(%a: memref<6x20xf32>, %b: memref<6x12xf32>) {
  %part = memref.subview %a[0, 0] [6, 12] [1, 1] : memref<6x20xf32> to memref<6x12xf32, strided<[20, 1]>>
  memref.copy %part, %b : memref<6x12xf32, strided<[20, 1]>> to memref<6x12xf32>
  return
}
func.func @main(%a: memref<4x8xf32>, %b: memref<4x8xf32>, %c: memref<4xf32>) {
  call @k0_add(%a, %b) : (memref<4x8xf32>, memref<4x8xf32>) -> ()
  call @k1_reduce(%b, %c) : (memref<4x8xf32>, memref<4xf32>) -> ()
  call @k2_floor(%c) : (memref<4xf32>) -> ()
  return
}
