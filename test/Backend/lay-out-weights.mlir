// RUN: mlc-opt %s --lay-out-weights | FileCheck %s

// Equal bytes are stored once, whatever their shape; each constant starts at a
// multiple of 64 bytes. Bits are bytes.

// CHECK: module attributes {mlc.weights = dense_resource<mlc_weights> : tensor<131xi8>}
// CHECK: memref.global constant @mlc_weights : memref<131xi8> {alignment = 64 : i64}
// CHECK-NOT: memref.global
// CHECK: %[[W:.*]] = memref.get_global @mlc_weights
// CHECK: %[[C0:.*]] = arith.constant 0 : index
// CHECK: memref.view %[[W]][%[[C0]]][] : memref<131xi8> to memref<4xf32>
// CHECK: %[[D0:.*]] = arith.constant 0 : index
// CHECK: memref.view %{{.*}}[%[[D0]]][] : memref<131xi8> to memref<2x2xf32>
// CHECK: %[[C64:.*]] = arith.constant 64 : index
// CHECK: memref.view %{{.*}}[%[[C64]]][] : memref<131xi8> to memref<2xi64>
// CHECK: %[[C128:.*]] = arith.constant 128 : index
// CHECK: memref.view %{{.*}}[%[[C128]]][] : memref<131xi8> to memref<3xi1>
// CHECK: mlc_weights: "0x400000000000803F0000004000004040000080400{{0*}}1{{.*}}010001"
memref.global "private" constant @a : memref<4xf32> = dense<[1.0, 2.0, 3.0, 4.0]>
memref.global "private" constant @b : memref<2x2xf32> = dense<[[1.0, 2.0], [3.0, 4.0]]>
memref.global "private" constant @c : memref<2xi64> = dense_resource<numbers>
memref.global "private" constant @d : memref<3xi1> = dense<[true, false, true]>
func.func @main(%a: memref<4xf32>, %b: memref<2x2xf32>, %c: memref<2xi64>, %d: memref<3xi1>) {
  %0 = memref.get_global @a : memref<4xf32>
  memref.copy %0, %a : memref<4xf32> to memref<4xf32>
  %1 = memref.get_global @b : memref<2x2xf32>
  memref.copy %1, %b : memref<2x2xf32> to memref<2x2xf32>
  %2 = memref.get_global @c : memref<2xi64>
  memref.copy %2, %c : memref<2xi64> to memref<2xi64>
  %3 = memref.get_global @d : memref<3xi1>
  memref.copy %3, %d : memref<3xi1> to memref<3xi1>
  return
}

{-#
  dialect_resources: {
    builtin: {
      numbers: "0x0800000001000000000000000200000000000000"
    }
  }
#-}
