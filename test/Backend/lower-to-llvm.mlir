// RUN: mlc-opt %s --lower-to-llvm="prefix=digits" | FileCheck %s

// Memrefs are pointers; the entry takes tables of them.

// CHECK-LABEL: llvm.func internal @k0_copy_v0(
// CHECK-SAME: !llvm.ptr {llvm.align = 64 : i64, llvm.noalias}, %{{[^:]*}}: !llvm.ptr)
// CHECK: llvm.intr.memcpy
// CHECK-LABEL: llvm.func @digits_main_v0(
// CHECK-SAME: %[[ARENA:[^:]*]]: !llvm.ptr, %[[INS:[^:]*]]: !llvm.ptr, %[[OUTS:[^:]*]]: !llvm.ptr, %{{[^:]*}}: !llvm.ptr) -> i32
// CHECK-DAG: llvm.getelementptr %[[INS]][0]
// CHECK-DAG: llvm.getelementptr %[[OUTS]][0]
// CHECK: %[[ZERO:.*]] = llvm.mlir.constant(0 : i32)
// CHECK: llvm.return %[[ZERO]] : i32
func.func private @k0_copy_v0(%a: memref<8xf32> {llvm.align = 64 : i64, llvm.noalias}, %b: memref<8xf32>) attributes {mlc.variant = 0 : i64} {
  memref.copy %a, %b : memref<8xf32> to memref<8xf32>
  return
}
func.func @main_v0(%in: memref<32xi8>, %out: memref<32xi8>, %arena: memref<64xi8>)
    attributes {mlc.inputs = 1 : i64, mlc.outputs = 1 : i64, mlc.variant = 0 : i64} {
  %c0 = arith.constant 0 : index
  %a = memref.view %in[%c0][] : memref<32xi8> to memref<8xf32>
  %b = memref.view %arena[%c0][] : memref<64xi8> to memref<8xf32>
  call @k0_copy_v0(%a, %b) : (memref<8xf32>, memref<8xf32>) -> ()
  %c = memref.view %out[%c0][] : memref<32xi8> to memref<8xf32>
  call @k0_copy_v0(%b, %c) : (memref<8xf32>, memref<8xf32>) -> ()
  return
}

// Bits take a byte an element in memory, in vectors as alone.
// CHECK-LABEL: llvm.func internal @k1_bits_v0(
// CHECK: %[[BYTES:.*]] = llvm.load %{{.*}} {alignment = 1 : i64} : !llvm.ptr -> vector<7xi8>
// CHECK: %[[BITS:.*]] = llvm.icmp "ne" %[[BYTES]], %{{.*}} : vector<7xi8>
// CHECK: llvm.getelementptr %{{.*}} -> !llvm.ptr, i8
// CHECK: %[[WIDE:.*]] = llvm.zext %[[BITS]] : vector<7xi1> to vector<7xi8>
// CHECK: llvm.store %[[WIDE]], %{{.*}} {alignment = 1 : i64} : vector<7xi8>, !llvm.ptr
func.func private @k1_bits_v0(%a: memref<9xi1>, %b: memref<9xi1>) attributes {mlc.variant = 0 : i64} {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %v = vector.load %a[%c0] : memref<9xi1>, vector<7xi1>
  vector.store %v, %b[%c2] : memref<9xi1>, vector<7xi1>
  return
}
