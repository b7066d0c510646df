// RUN: mlc-opt %s --lower-to-llvm="prefix=m triple=x86_64-linux-gnu" | FileCheck %s

// Part 0 has the scratch memory of the call. That of the others lies behind the planned 100 bytes, at the next cache line,
// and the pieces of one part begin at cache lines too.

// CHECK: module attributes {mlc.arena_size = 100 : i64, mlc.thread_bytes = 192 : i64}
// CHECK-LABEL: llvm.func internal @k_v0_fork(
// CHECK-SAME: %[[EXECUTOR:[^:]*]]: !llvm.ptr, %[[FURTHER:[^:]*]]: !llvm.ptr)
// CHECK: llvm.store %[[FURTHER]]
// CHECK: llvm.call @mlc_parallel_for(%[[EXECUTOR]]

// CHECK-LABEL: llvm.func internal @k_v0_task(
// CHECK-SAME: %{{.*}}: !llvm.ptr, %[[INDEX:.*]]: i32)
// CHECK-DAG: %[[PART:.*]] = llvm.zext %[[INDEX]] : i32 to i64
// CHECK-DAG: %[[FIRST:.*]] = llvm.icmp "eq" %[[PART]], %{{.*}}
// CHECK: %[[BEFORE:.*]] = llvm.sub %[[PART]]
// CHECK: %[[BYTES:.*]] = llvm.mlir.constant(192 : i64)
// CHECK: %[[AT:.*]] = llvm.mul %[[BEFORE]], %[[BYTES]]
// CHECK: %[[A0:.*]] = llvm.mlir.constant(0 : i64)
// CHECK: %[[A1:.*]] = llvm.add %[[AT]], %[[A0]]
// CHECK: %[[A2:.*]] = llvm.getelementptr %[[MEMORY:.*]][%[[A1]]]
// CHECK: %[[A:.*]] = llvm.select %[[FIRST]], %{{.*}}, %[[A2]]
// CHECK: %[[B0:.*]] = llvm.mlir.constant(128 : i64)
// CHECK: %[[B1:.*]] = llvm.add %[[AT]], %[[B0]]
// CHECK: %[[B2:.*]] = llvm.getelementptr %[[MEMORY]][%[[B1]]]
// CHECK: %[[B:.*]] = llvm.select %[[FIRST]], %{{.*}}, %[[B2]]
// CHECK: llvm.call @k_v0(%[[A]], %{{[^,]*}}, %[[B]], %[[PART]]
module attributes {mlc.arena_size = 100 : i64} {
func.func private @k_v0(%a: memref<100xi8> {mlc.scratch = 100 : i64}, %x: memref<64xf32>,
                        %b: memref<16xf32> {mlc.scratch = 64 : i64}, %part: index {mlc.part}, %parts: index {mlc.parts})
    attributes {mlc.variant = 0 : i64, mlc.most_parts = 4 : i64} {
  return
}

// CHECK-LABEL: llvm.func @m_main_v0(
// CHECK-SAME: %[[ARENA:[^:]*]]: !llvm.ptr
// CHECK: %[[END:.*]] = llvm.mlir.constant(128 : i64)
// CHECK: %[[BEHIND:.*]] = llvm.getelementptr %[[ARENA]][%[[END]]]
// CHECK: llvm.call @k_v0_fork({{.*}}, %[[BEHIND]])
func.func @main_v0(%o: memref<256xi8>, %arena: memref<100xi8>)
    attributes {mlc.inputs = 0 : i64, mlc.outputs = 1 : i64, mlc.variant = 0 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.view %arena[%c0][] : memref<100xi8> to memref<100xi8>
  %b = memref.view %arena[%c0][] : memref<100xi8> to memref<16xf32>
  %x = memref.view %o[%c0][] : memref<256xi8> to memref<64xf32>
  call @k_v0(%a, %x, %b, %c0, %c1) : (memref<100xi8>, memref<64xf32>, memref<16xf32>, index, index) -> ()
  return
}
}
