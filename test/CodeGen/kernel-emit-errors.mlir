// RUN: mlc-opt %s --kernel-emit="target=x86-64-v3 triple=x86_64-linux-gnu" -split-input-file -verify-diagnostics
// RUN: not mlc-opt %s --kernel-emit="target=nonesuch triple=x86_64-linux-gnu" 2>&1 | FileCheck %s
// CHECK: nonesuch

func.func @tensors(%x: tensor<4x4xf32>, %o: tensor<4x4xf32>) -> tensor<4x4xf32> {
  // expected-error @+1 {{cannot be emitted: operands must be memrefs}}
  %0 = kernel.softmax ins(%x : tensor<4x4xf32>) outs(%o : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}

// -----

func.func @dynamic_stride(%x: memref<4x4xf32, strided<[?, 1]>>, %o: memref<4x4xf32>) {
  // expected-error @+1 {{cannot be emitted: strides must be static, the innermost stride 1}}
  kernel.softmax ins(%x : memref<4x4xf32, strided<[?, 1]>>) outs(%o : memref<4x4xf32>)
  return
}
