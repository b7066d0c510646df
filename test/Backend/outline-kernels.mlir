// RUN: mlc-opt %s --to-destinations --bufferize-model --plan-arena --lay-out-weights --outline-kernels | FileCheck %s

// Both products share a function; what is computed over its input has one
// argument for both.

// CHECK: memref.global constant @mlc_weights : memref<32xi8>
// CHECK: func.func private @k0_mul(
// CHECK-SAME: memref<8xf32> {llvm.align = 4 : i64, llvm.noalias, llvm.nocapture, llvm.readonly}
// CHECK-SAME: memref<8xf32> {llvm.align = 64 : i64, llvm.noalias, llvm.nocapture, llvm.readonly}
// CHECK-SAME: memref<8xf32> {llvm.align = 64 : i64, llvm.noalias, llvm.nocapture})
// CHECK-SAME: mlc.kernel = {calls = 2 : i64, {{.*}}function = "k0_mul", input_bytes = 64 : i64, kind = "mul", {{.*}}nodes = [{index = 0 : i64, name = "first", op = "Mul", opset = 17 : i64}]
// CHECK: func.func private @k1_abs(%[[ONE:[^,]*]]: memref<8xf32> {llvm.align = 64 : i64, llvm.noalias, llvm.nocapture})
// CHECK: linalg.abs ins(%[[ONE]] : memref<8xf32>) outs(%[[ONE]] : memref<8xf32>)
// CHECK: func.func private @k2_add(
// CHECK-LABEL: func.func @main(
// CHECK: call @k0_mul
// CHECK: call @k0_mul
// CHECK: call @k1_abs
// CHECK-NOT: linalg
func.func @main(%x: tensor<8xf32>, %z: tensor<8xf32>) -> tensor<8xf32> {
  %w = arith.constant dense<[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]> : tensor<8xf32>
  %e = tensor.empty() : tensor<8xf32>
  %a = linalg.mul ins(%x, %w : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32> loc("n1"(fused<{index = 0 : i64, name = "first", op = "Mul", opset = 17 : i64}>["m.onnx":1:0]))
  %b = linalg.mul ins(%z, %w : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  %c = linalg.abs ins(%b : tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  %d = linalg.add ins(%a, %c : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  return %d : tensor<8xf32>
}
