// RUN: mlc-opt %s --make-entries="prefix=digits" | FileCheck %s

// What the runtime calls has its four pointers, whatever the model's inputs; the
// rest is internal. A run that may be invalid says so by its status.

// CHECK-LABEL: llvm.func internal @k0_v0(
// CHECK-SAME: no_inline
// CHECK-LABEL: llvm.func @digits_main_v0(
// CHECK-SAME: %[[ARENA:[^:]*]]: !llvm.ptr, %[[IN:[^:]*]]: !llvm.ptr, %[[OUT:[^:]*]]: !llvm.ptr, %[[EXECUTOR:[^:]*]]: !llvm.ptr) -> i32
// CHECK-SAME: mlc.entry, mlc.variant = 0 : i64
// CHECK: %[[VALID:.*]] = llvm.alloca %{{.*}} x i8
// CHECK: %[[SLOT:.*]] = llvm.getelementptr %[[IN]][0]
// CHECK: %[[X:.*]] = llvm.load %[[SLOT]]
// CHECK: %[[SLOT:.*]] = llvm.getelementptr %[[OUT]][0]
// CHECK: %[[Y:.*]] = llvm.load %[[SLOT]]
// CHECK: llvm.call @k0_v0(%[[X]], %[[Y]], %[[VALID]], %[[ARENA]])
// CHECK: %[[IS:.*]] = llvm.load %[[VALID]]
// CHECK: %[[BAD:.*]] = llvm.icmp "eq" %[[IS]]
// CHECK: %[[STATUS:.*]] = llvm.select %[[BAD]]
// CHECK: llvm.return %[[STATUS]] : i32
llvm.func @k0_v0(%x: !llvm.ptr, %y: !llvm.ptr, %v: !llvm.ptr, %a: !llvm.ptr) attributes {mlc.variant = 0 : i64} {
  llvm.return
}
llvm.func @main_v0(%x: !llvm.ptr, %y: !llvm.ptr, %valid: !llvm.ptr, %arena: !llvm.ptr)
    attributes {mlc.inputs = 1 : i64, mlc.outputs = 1 : i64, mlc.valid, mlc.variant = 0 : i64} {
  llvm.call @k0_v0(%x, %y, %valid, %arena) : (!llvm.ptr, !llvm.ptr, !llvm.ptr, !llvm.ptr) -> ()
  llvm.return
}
