// What the code of a product by narrow weights looks like; what it computes is tested in test/unit/CodeGen.
// RUN: mlc-opt %s --kernel-emit="target=x86-64-v3 triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s
// RUN: mlc-opt %s --kernel-emit="target=cortex-a76 triple=aarch64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefix=NEON

// One row: masks leave weights where they are, for inputs that scratch memory has divided; a scale a block.
// CHECK-LABEL: func.func @row
// CHECK: arith.mulf %{{.*}}, %{{.*}} : vector<8xf32>
// CHECK: vector.reduction <add>
// CHECK: arith.negf
// CHECK: scf.for
// CHECK: scf.for {{.*}} iter_args
// CHECK: scf.for {{.*}} iter_args
// CHECK-NOT: arith.shli
// CHECK-COUNT-28: arith.andi
// CHECK-COUNT-4: arith.shrui
// CHECK-NOT: vector.fma
// CHECK-COUNT-4: vector.fma {{.*}} : vector<8xf32>
// CHECK: scf.yield
// CHECK-COUNT-4: vector.fma
// NEON-LABEL: func.func @row
// NEON: scf.for {{.*}} iter_args
// NEON: scf.for {{.*}} iter_args
// NEON-COUNT-2: vector.load {{.*}} vector<4xf32>
func.func @row(%x: memref<1x64xf32>, %w: memref<2x8x32x4xi8>, %s: memref<2x2x32xf32>, %o: memref<1x64xf32>, %m: memref<66xf32>) {
  kernel.blocked_matmul {block = 32 : i64}
      ins(%x, %w, %s : memref<1x64xf32>, memref<2x8x32x4xi8>, memref<2x2x32xf32>) outs(%o : memref<1x64xf32>) scratch(%m : memref<66xf32>)
  return
}

// Many rows: shifts give numbers with a sign, once for all rows of a tile.
// CHECK-LABEL: func.func @rows
// CHECK-NOT: vector.reduction
// CHECK: arith.xori
// CHECK: arith.shli
// CHECK-NEXT: arith.shrsi
// CHECK-COUNT-12: vector.fma
func.func @rows(%x: memref<24x64xf32>, %w: memref<2x8x32x4xi8>, %s: memref<2x2x32xf32>, %o: memref<24x64xf32>) {
  kernel.blocked_matmul {block = 32 : i64}
      ins(%x, %w, %s : memref<24x64xf32>, memref<2x8x32x4xi8>, memref<2x2x32xf32>) outs(%o : memref<24x64xf32>)
  return
}

// One scale a channel is multiplied by once.
// CHECK-LABEL: func.func @channels
// CHECK: scf.for {{.*}} iter_args
// CHECK-COUNT-32: arith.extsi {{.*}} vector<8xi8> to vector<8xi32>
// CHECK: scf.yield
// CHECK-NEXT: }
// CHECK-COUNT-4: arith.mulf
// CHECK-NOT: vector.fma
// CHECK: return
func.func @channels(%x: memref<1x64xf32>, %w: memref<1x64x32xi8>, %s: memref<1x1x32xf32>, %o: memref<1x32xf32>) {
  kernel.blocked_matmul {block = 64 : i64}
      ins(%x, %w, %s : memref<1x64xf32>, memref<1x64x32xi8>, memref<1x1x32xf32>) outs(%o : memref<1x32xf32>)
  return
}
