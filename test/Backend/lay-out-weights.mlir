// RUN: mlc-opt %s --plan-arena | FileCheck %s --check-prefix=BYTES
// RUN: mlc-opt %s --plan-arena --lay-out-weights | FileCheck %s

// Equal bytes are stored once, whatever their shape; each constant starts at a
// multiple of 64 bytes. Bits are bytes. What is still to be packed is, to the
// bytes of a constant that was: @e to those of @a.

// BYTES: memref.global "private" constant @a : memref<16xi8> {mlc.constant = dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>}
// BYTES: memref.global "private" constant @d : memref<3xi8>
// BYTES: memref.global "private" constant @e : memref<16xi8> {mlc.constant = #kernel.packed<
// BYTES: %[[A:.*]] = memref.get_global @a : memref<16xi8>
// BYTES: memref.view %[[A]][%{{.*}}][] : memref<16xi8> to memref<4xf32>

// CHECK: module attributes {{{.*}}mlc.weights = dense_resource<mlc_weights> : tensor<224xi8>}
// CHECK: memref.global constant @mlc_weights : memref<224xi8> {alignment = 64 : i64}
// CHECK-NOT: memref.global
// CHECK: %[[W:.*]] = memref.get_global @mlc_weights
// CHECK: %[[C0:.*]] = arith.constant 0 : index
// CHECK: memref.view %[[W]][%[[C0]]][] : memref<224xi8> to memref<4xf32>
// CHECK: %[[D0:.*]] = arith.constant 0 : index
// CHECK: memref.view %{{.*}}[%[[D0]]][] : memref<224xi8> to memref<2x2xf32>
// CHECK: %[[C64:.*]] = arith.constant 64 : index
// CHECK: memref.view %{{.*}}[%[[C64]]][] : memref<224xi8> to memref<2xi64>
// CHECK: %[[C128:.*]] = arith.constant 128 : index
// CHECK: memref.view %{{.*}}[%[[C128]]][] : memref<224xi8> to memref<3xi1>
// CHECK: %[[E0:.*]] = arith.constant 0 : index
// CHECK: memref.view %{{.*}}[%[[E0]]][] : memref<224xi8> to memref<1x1x1x1x2x2xf32>
// CHECK: %[[C192:.*]] = arith.constant 192 : index
// CHECK: memref.view %{{.*}}[%[[C192]]][] : memref<224xi8> to memref<1x1x1x1x2x4x4xi8>
// CHECK: mlc_weights: "0x400000000000803F0000004000004040000080400{{0*}}1{{.*}}010001{{0*}}0102030004000200{{0*}}0600000006{{0*}}"
memref.global "private" constant @a : memref<4xf32> = dense<[1.0, 2.0, 3.0, 4.0]>
memref.global "private" constant @b : memref<2x2xf32> = dense<[[1.0, 2.0], [3.0, 4.0]]>
memref.global "private" constant @c : memref<2xi64> = dense_resource<numbers>
memref.global "private" constant @d : memref<3xi1> = dense<[true, false, true]>
memref.global "private" constant @e : memref<1x1x1x1x2x2xf32> = #kernel.packed<dense<[[1.0, 3.0], [2.0, 4.0]]> : tensor<2x2xf32>, <kind = matmul_transposed, block = 2>> : tensor<1x1x1x1x2x2xf32>
memref.global "private" constant @f : memref<1x1x1x1x2x4x4xi8> = #kernel.packed<dense_resource<bytes> : tensor<2x3x1x1xi8>, <kind = conv, step = quads, block = 4>> : tensor<1x1x1x1x2x4x4xi8>
func.func @main(%a: memref<4xf32>, %b: memref<2x2xf32>, %c: memref<2xi64>, %d: memref<3xi1>, %e: memref<1x1x1x1x2x2xf32>, %f: memref<1x1x1x1x2x4x4xi8>) {
  %0 = memref.get_global @a : memref<4xf32>
  memref.copy %0, %a : memref<4xf32> to memref<4xf32>
  %1 = memref.get_global @b : memref<2x2xf32>
  memref.copy %1, %b : memref<2x2xf32> to memref<2x2xf32>
  %2 = memref.get_global @c : memref<2xi64>
  memref.copy %2, %c : memref<2xi64> to memref<2xi64>
  %3 = memref.get_global @d : memref<3xi1>
  memref.copy %3, %d : memref<3xi1> to memref<3xi1>
  %4 = memref.get_global @e : memref<1x1x1x1x2x2xf32>
  memref.copy %4, %e : memref<1x1x1x1x2x2xf32> to memref<1x1x1x1x2x2xf32>
  %5 = memref.get_global @f : memref<1x1x1x1x2x4x4xi8>
  memref.copy %5, %f : memref<1x1x1x1x2x4x4xi8> to memref<1x1x1x1x2x4x4xi8>
  return
}

{-#
  dialect_resources: {
    builtin: {
      numbers: "0x0800000001000000000000000200000000000000",
      bytes: "0x01000000010203040002"
    }
  }
#-}
