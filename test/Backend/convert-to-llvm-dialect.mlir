// RUN: mlc-opt %s --convert-to-llvm-dialect="triple=x86_64-linux-gnu" | FileCheck %s --check-prefixes=CHECK,WIDE
// RUN: mlc-opt %s --convert-to-llvm-dialect="triple=arm-linux-gnueabihf" | FileCheck %s --check-prefixes=CHECK,NARROW

// A memref is a pointer, an index as wide as the target's, a bool a byte, and no
// field of a descriptor is left.

// CHECK-LABEL: llvm.func @k0_v0(
// WIDE-SAME: !llvm.ptr {llvm.noalias}, %{{[^:]*}}: i64)
// NARROW-SAME: !llvm.ptr {llvm.noalias}, %{{[^:]*}}: i32)
// CHECK-SAME: mlc.variant = 0 : i64
// CHECK-NOT: llvm.extractvalue
// CHECK: %[[BYTE:.*]] = llvm.load %{{.*}} -> i8
// CHECK: %[[BIT:.*]] = llvm.icmp "ne" %[[BYTE]]
// CHECK: %[[WIDE:.*]] = llvm.zext %{{.*}} : i1 to i8
// CHECK: llvm.store %[[WIDE]], %{{.*}} : i8, !llvm.ptr
func.func private @k0_v0(%x: memref<4xi1> {llvm.noalias}, %i: index) attributes {mlc.variant = 0 : i64} {
  %true = arith.constant true
  %b = memref.load %x[%i] : memref<4xi1>
  %n = arith.xori %b, %true : i1
  memref.store %n, %x[%i] : memref<4xi1>
  return
}
