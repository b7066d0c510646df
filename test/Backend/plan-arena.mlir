// RUN: mlc-opt %s --plan-arena --split-input-file | FileCheck %s

// A product may not write over its input; below, exp may, since that dies there.

// CHECK: module attributes {mlc.arena_lower_bound = 128 : i64, mlc.arena_plan = {alignment = 64 : i64, buffers = [
// CHECK-SAME: {first = 1 : i64, last = 3 : i64, name = "buffer0", offset = 0 : i64, size = 64 : i64},
// CHECK-SAME: {first = 3 : i64, last = 4 : i64, name = "buffer1", offset = 64 : i64, size = 64 : i64}], solver = "{{.*}}"},
// CHECK-SAME: mlc.arena_size = 128 : i64}
// CHECK-LABEL: func.func @main(
// CHECK-SAME: memref<64xi8>, %{{[^:]*}}: memref<64xi8>, %[[ARENA:[^:]*]]: memref<128xi8>)
// CHECK: %[[A:.*]] = memref.view %[[ARENA]][%[[AT_A:.*]]][] :
// CHECK: linalg.exp ins(%{{.*}}) outs(%[[A]]
// CHECK: memref.view %[[ARENA]][
// CHECK: linalg.matmul
// CHECK-NOT: memref.alloc
// CHECK: return
func.func @main(%x: memref<4x4xf32>, %out: memref<4x4xf32>) attributes {mlc.inputs = 1 : i64, mlc.outputs = 1 : i64} {
  %a = memref.alloc() : memref<4x4xf32>
  linalg.exp ins(%x : memref<4x4xf32>) outs(%a : memref<4x4xf32>)
  %b = memref.alloc() : memref<4x4xf32>
  linalg.matmul ins(%a, %x : memref<4x4xf32>, memref<4x4xf32>) outs(%b : memref<4x4xf32>)
  linalg.matmul ins(%b, %x : memref<4x4xf32>, memref<4x4xf32>) outs(%out : memref<4x4xf32>)
  return
}

// -----

// CHECK: module attributes {mlc.arena_lower_bound = 64 : i64,
// CHECK-SAME: {first = 3 : i64, in_place_of = 0 : i64, last = 4 : i64, name = "buffer1", offset = 0 : i64,
// CHECK-SAME: mlc.arena_size = 64 : i64}
func.func @main(%x: memref<4x4xf32>, %out: memref<4x4xf32>) attributes {mlc.inputs = 1 : i64, mlc.outputs = 1 : i64} {
  %a = memref.alloc() : memref<4x4xf32>
  linalg.matmul ins(%x, %x : memref<4x4xf32>, memref<4x4xf32>) outs(%a : memref<4x4xf32>)
  %b = memref.alloc() : memref<4x4xf32>
  linalg.exp ins(%a : memref<4x4xf32>) outs(%b : memref<4x4xf32>)
  linalg.matmul ins(%b, %x : memref<4x4xf32>, memref<4x4xf32>) outs(%out : memref<4x4xf32>)
  return
}

// -----

// A buffer from outside a loop lives as long as the loop: three at a time,
// though in program order %a dies before %c is born.

// CHECK: module attributes {mlc.arena_lower_bound = 192 : i64,
// CHECK-SAME: mlc.arena_size = 192 : i64}
func.func @main(%x: memref<4x4xf32>, %out: memref<4x4xf32>) attributes {mlc.inputs = 1 : i64, mlc.outputs = 1 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %a = memref.alloc() : memref<4x4xf32>
  linalg.exp ins(%x : memref<4x4xf32>) outs(%a : memref<4x4xf32>)
  scf.for %i = %c0 to %c8 step %c1 {
    %b = memref.alloc() : memref<4x4xf32>
    linalg.matmul ins(%a, %x : memref<4x4xf32>, memref<4x4xf32>) outs(%b : memref<4x4xf32>)
    %c = memref.alloc() : memref<4x4xf32>
    linalg.matmul ins(%b, %b : memref<4x4xf32>, memref<4x4xf32>) outs(%c : memref<4x4xf32>)
    linalg.matmul ins(%c, %c : memref<4x4xf32>, memref<4x4xf32>) outs(%out : memref<4x4xf32>)
  }
  return
}
