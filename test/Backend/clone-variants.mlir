// RUN: mlc-opt %s --clone-variants="targets=2 threads=4" | FileCheck %s
// RUN: not mlc-opt %s --clone-variants="targets=0" 2>&1 | FileCheck %s --check-prefix=NONE

// Copies call each other; a report tells of a kernel once.

// NONE: error: no target found, at least one is required

// CHECK: func.func private @k0_exp_v0(
// CHECK-SAME: index {mlc.part}, %{{[^:]*}}: index {mlc.parts}) attributes {mlc.kernel = {function = "k0_exp"}, mlc.variant = 0 : i64}
// CHECK: func.func @main_v0(
// CHECK: call @k0_exp_v0(%{{[^,]*}}, %{{[^,]*}}, %c0, %c1)
// CHECK: func.func private @k0_exp_v1(
// CHECK-SAME: attributes {mlc.variant = 1 : i64}
// CHECK: func.func @main_v1(
// CHECK: call @k0_exp_v1(
func.func private @k0_exp(%x: memref<4xf32>, %y: memref<4xf32>) attributes {mlc.kernel = {function = "k0_exp"}} {
  linalg.exp ins(%x : memref<4xf32>) outs(%y : memref<4xf32>)
  return
}
func.func @main(%x: memref<4xf32>, %y: memref<4xf32>) attributes {mlc.inputs = 1 : i64, mlc.outputs = 1 : i64} {
  call @k0_exp(%x, %y) : (memref<4xf32>, memref<4xf32>) -> ()
  return
}
