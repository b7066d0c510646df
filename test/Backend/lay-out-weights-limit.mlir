// RUN: mlc-opt %s --plan-arena --lay-out-weights=most=128 | FileCheck %s
// RUN: not mlc-opt %s --plan-arena --lay-out-weights=most=100 2>&1 | FileCheck %s --check-prefix=REFUSED

// Constants beyond what code can reach are refused before there is code; equal
// ones count once.

// CHECK: memref.global constant @mlc_weights : memref<128xi8>
// REFUSED: error: weights take 128 bytes, and at most 100 can be linked for this target: keep them as f16 or int8 (--fc-weights=f16, or a quantised model), or divide the model
memref.global "private" constant @a : memref<16xf32> = dense<1.0>
memref.global "private" constant @b : memref<16xf32> = dense<2.0>
memref.global "private" constant @c : memref<16xf32> = dense<1.0>
func.func @main(%out: memref<16xf32>) {
  %a = memref.get_global @a : memref<16xf32>
  %b = memref.get_global @b : memref<16xf32>
  %c = memref.get_global @c : memref<16xf32>
  linalg.add ins(%a, %b : memref<16xf32>, memref<16xf32>) outs(%out : memref<16xf32>)
  linalg.add ins(%b, %c : memref<16xf32>, memref<16xf32>) outs(%out : memref<16xf32>)
  return
}
