// RUN: mlc-opt %s --to-destinations --bufferize-model --plan-arena --lay-out-weights --outline-kernels --profile-kernels | FileCheck %s
// RUN: mlc-opt %s --to-destinations --bufferize-model --plan-arena --lay-out-weights --outline-kernels --profile-kernels --clone-variants --schedule --lower-kernels --lower-to-llvm | FileCheck %s --check-prefix=LLVM

// Each kernel is followed by a mark of its own; all CPUs share the callback.

// CHECK: func.func private @mlc_profile_mark(i64) attributes {mlc.calls = [{function = "k0_exp", node = {index = -1 : i64, {{.*}}}, place = ""}, {function = "k1_add", {{.*}}}]}
// CHECK-LABEL: func.func @main(
// CHECK-NEXT: %[[START:.*]] = arith.constant -1 : i64
// CHECK-NEXT: call @mlc_profile_mark(%[[START]])
// CHECK: call @k0_exp
// CHECK-NEXT: %[[FIRST:.*]] = arith.constant 0 : i64
// CHECK-NEXT: call @mlc_profile_mark(%[[FIRST]])
// CHECK: call @k1_add
// CHECK-NEXT: %[[SECOND:.*]] = arith.constant 1 : i64
// CHECK-NEXT: call @mlc_profile_mark(%[[SECOND]])

// LLVM: llvm.func @mlc_profile_mark(i64)
// LLVM-LABEL: llvm.func @model_main_v0(
// LLVM: llvm.call @mlc_profile_mark
// LLVM: llvm.call @k0_exp_v0
func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  %e = tensor.empty() : tensor<8xf32>
  %a = linalg.exp ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  %b = linalg.add ins(%a, %x : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  return %b : tensor<8xf32>
}
