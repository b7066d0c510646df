// RUN: mlc-opt %s --share-kernels="threads=4" --canonicalize | FileCheck %s
// RUN: mlc-opt %s --share-kernels="threads=4" --lower-to-llvm="prefix=m triple=x86_64-linux-gnu" | FileCheck %s --check-prefix=FORK
// RUN: mlc-opt %s --share-kernels="threads=4" --lower-to-llvm="prefix=m triple=riscv64-linux-gnu" | FileCheck %s --check-prefix=RISCV

// 56 iterations of 2000 vectors are about 28 microseconds: enough for four parts. The line has 896000 places; leaves
// belong to the part that their middle is in.

// CHECK-LABEL: func.func private @k0_v0(
// CHECK-SAME: %[[PART:[^:]*]]: index {mlc.part}, %[[PARTS:[^:]*]]: index {mlc.parts})
// CHECK-SAME: mlc.most_parts = 4
// CHECK: %[[SHARE:.*]] = arith.divui %c896000, %[[PARTS]]
// CHECK: %[[REST:.*]] = arith.remui %c896000, %[[PARTS]]
// CHECK: %[[WHOLE:.*]] = arith.muli %[[SHARE]], %[[PART]]
// CHECK: %[[MORE:.*]] = arith.minui %[[PART]], %[[REST]]
// CHECK: %[[FROM:.*]] = arith.addi %[[WHOLE]], %[[MORE]]
// CHECK: arith.divui %{{.*}}, %c16000
// CHECK: %[[FIRST:.*]] = arith.minui %{{.*}}, %c56
// CHECK: arith.divui %{{.*}}, %c16000
// CHECK: %[[LAST:.*]] = arith.minui %{{.*}}, %c56
// CHECK: scf.for %{{.*}} = %[[FIRST]] to %[[LAST]] step %c1 {
// CHECK-NOT: mlc.parallel
func.func private @k0_v0(%a: memref<64xf32>, %n: i64, %part: index {mlc.part}, %parts: index {mlc.parts}) attributes {mlc.variant = 0 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c56 = arith.constant 56 : index
  %c1999 = arith.constant 1999 : index
  %f = arith.constant dense<1.0> : vector<8xf32>
  scf.for %i = %c0 to %c56 step %c1 {
    %v = scf.for %k = %c0 to %c1999 step %c1 iter_args(%s = %f) -> (vector<8xf32>) {
      %t = arith.addf %s, %s : vector<8xf32>
      scf.yield %t : vector<8xf32>
    }
    vector.store %v, %a[%i] : memref<64xf32>, vector<8xf32>
  } {mlc.parallel}
  return
}

// Too little: nothing is left of parts, marks and single iterations.

// CHECK-LABEL: func.func private @k1_v0(
// CHECK-SAME: %[[A:[^:]*]]: memref<64xf32>)
// CHECK-NOT: scf.for
// CHECK: memref.store %{{.*}}, %[[A]][%c7]
// CHECK-NOT: mlc.parallel
func.func private @k1_v0(%a: memref<64xf32>, %part: index {mlc.part}, %parts: index {mlc.parts}) attributes {mlc.variant = 0 : i64} {
  %c1 = arith.constant 1 : index
  %c7 = arith.constant 7 : index
  %c8 = arith.constant 8 : index
  %f = arith.constant 1.0 : f32
  scf.for %i = %c7 to %c8 step %c1 {
    memref.store %f, %a[%i] : memref<64xf32>
  } {mlc.parallel}
  return
}

// CHECK-LABEL: func.func @main_v0(
// CHECK: call @k0_v0({{.*}}, %c0, %c1) : (memref<64xf32>, i64, index, index) -> ()
// CHECK: call @k1_v0({{.*}}) : (memref<64xf32>) -> ()

// FORK: llvm.func @mlc_parallel_for(!llvm.ptr, !llvm.ptr, !llvm.ptr, i32) attributes {{.*}}no_unwind
// FORK-LABEL: llvm.func internal @k0_v0_fork(
// FORK-SAME: %[[A:[^:]*]]: !llvm.ptr, %[[N:[^:]*]]: i64, %[[EXECUTOR:[^:]*]]: !llvm.ptr)
// FORK: %[[DATA:.*]] = llvm.alloca
// FORK: llvm.icmp "ne" %[[EXECUTOR]]
// FORK: llvm.getelementptr %[[EXECUTOR]][0, 1]
// FORK: %[[PARTS:.*]] = llvm.intr.umin(%{{.*}}, %{{.*}}) : (i32, i32) -> i32
// FORK: llvm.icmp "ugt" %[[PARTS]]
// FORK: llvm.store %[[A]]
// FORK: llvm.store %[[N]]
// FORK: llvm.store %[[PARTS]]
// FORK: %[[TASK:.*]] = llvm.mlir.addressof @k0_v0_task
// FORK: llvm.call @mlc_parallel_for(%[[EXECUTOR]], %[[TASK]], %[[DATA]], %[[PARTS]])
// FORK: llvm.call @k0_v0(%[[A]], %[[N]], %{{.*}}, %{{.*}})
// FORK-LABEL: llvm.func internal @k0_v0_task(
// FORK-SAME: %{{.*}}: !llvm.ptr, %[[INDEX:.*]]: i32)
// FORK: %[[PART:.*]] = llvm.zext %[[INDEX]] : i32 to i64
// FORK: llvm.call @k0_v0(%{{.*}}, %{{.*}}, %[[PART]], %{{.*}})
// FORK-LABEL: llvm.func @m_main_v0(
// FORK-SAME: %[[EXECUTOR:[^:]*]]: !llvm.ptr) -> i32
// FORK: llvm.call @k0_v0_fork(%{{.*}}, %{{.*}}, %[[EXECUTOR]])
// FORK: llvm.call @k1_v0(%{{[^,]*}}) :

// RISCV: llvm.func @mlc_parallel_for(!llvm.ptr, !llvm.ptr, !llvm.ptr, i32 {llvm.signext})
func.func @main_v0(%in: memref<256xi8>, %out: memref<256xi8>, %arena: memref<64xi8>)
    attributes {mlc.inputs = 1 : i64, mlc.outputs = 1 : i64, mlc.variant = 0 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 5 : i64
  %a = memref.view %out[%c0][] : memref<256xi8> to memref<64xf32>
  call @k0_v0(%a, %n, %c0, %c1) : (memref<64xf32>, i64, index, index) -> ()
  call @k1_v0(%a, %c0, %c1) : (memref<64xf32>, index, index) -> ()
  return
}
